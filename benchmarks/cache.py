"""Packages of other projects, in a cache of the checkout: ``.bench/``, a folder for each."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CACHE = Path(__file__).parent.parent / ".bench"


class Missing(Exception):
    """Something is not installed; the text says how to install it."""


def needed(command: str, package: str) -> str:
    """Return the path of *command*, which Debian's *package* brings."""
    path = shutil.which(command)
    if path is None:
        raise Missing(f"{command} is missing: install it with apt-get install {package}.")
    return path


def from_npm(package: str) -> Path:
    """Return the folder in whose node_modules *package* is, with its version behind an @."""
    npm = needed("npm", "npm")
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    return _installed(package, lambda folder: [npm, "install", *quiet, "--prefix", folder, package])


def from_pypi(requirement: str) -> Path:
    """Return the folder from which the package of *requirement* can be imported."""
    pip = (sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", "install")
    package = f"{requirement}-python{sys.version_info.major}.{sys.version_info.minor}"
    return _installed(package, lambda folder: [*pip, "--target", folder, requirement])


def _installed(package: str, command: Callable[[str], list[str]]) -> Path:
    folder = CACHE / re.sub(r"[^\w.]+", "-", package).strip("-")
    stamp = folder / ".ready"
    if not stamp.exists():
        print(f"Installing {package} into {folder.parent.name}/", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run(command(str(folder)), check=True, stdout=sys.stderr)
        stamp.touch()
    return folder
