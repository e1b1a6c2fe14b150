"""What is built: every file that belongs in it, nothing else; and it works once installed."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = {"mockserver": "mockserver", "schemas": "mockserver/schemas"}
SOURCES |= {"fixtures": "mockserver/fixtures"}


def test_the_wheel_is_tested_with_the_oldest_dependencies_that_are_allowed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    allowed = {each.replace(">=", "==") for each in project["dependencies"]}

    floors = (ROOT / "tests/floors.txt").read_text()
    tested = set(re.findall(r"^[^#\n].*==.*$", floors, re.MULTILINE))

    assert tested == allowed


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the sdist, and the wheel that was built of it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


def packaged(patterns=("*.py", "*.json", "py.typed", "page/*")):
    """The paths that files of the checkout have in the wheel."""
    for source, target in SOURCES.items():
        for pattern in patterns:
            for path in (ROOT / source).rglob(pattern):
                yield f"{target}/{path.relative_to(ROOT / source).as_posix()}"


def test_wheel_has_every_module_and_data_file_and_nothing_else(built):
    (wheel,) = built.glob("*.whl")

    names = zipfile.ZipFile(wheel).namelist()

    assert {name for name in names if ".dist-info/" not in name} == set(packaged())


def test_sdist_has_what_the_wheel_is_built_of(built):
    (sdist,) = built.glob("*.tar.gz")

    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "LICENSE", "schemas/v0.53/customer.json"} <= names
    assert "fixtures/organization.json" in names


def test_sdist_installs_in_a_clean_environment_and_serves(built, tmp_path):
    (sdist,) = built.glob("*.tar.gz")
    venv.create(tmp_path / "clean", with_pip=True)
    binaries = tmp_path / "clean" / "bin"
    install = [binaries / "python", "-m", "pip", "install", "--quiet", sdist]
    subprocess.run(install, check=True, capture_output=True, timeout=300)

    command = [binaries / "lago-mockserver", "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        url = server.stderr.readline().split(" on ")[1].split()[0]
        health = urllib.request.urlopen(f"{url}/health").read()
        server.terminate()

    assert b'"message":"Success"' in health
    assert server.returncode == 0
