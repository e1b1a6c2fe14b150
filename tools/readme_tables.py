"""Write the README's tables from the data they speak of; ``--check`` only says if they differ."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path

from mockserver import data, options
from mockserver.openapi import document
from mockserver.settings import Settings, variable

README = Path(__file__).parent.parent / "README.md"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def endpoints() -> str:
    """Return the operations that are served, as the OpenAPI document lists them."""
    rows = [
        [
            f"`{method.upper()} {path}`",
            operation["summary"],
            ", ".join(sorted(operation["responses"])),
        ]
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    ]
    return table(["Request", "What it does", "Answers"], rows)


def settings() -> str:
    """Return the settings, as the command line and the environment know them."""
    rows = [
        [
            f"`{' '.join(filter(None, (options.flag(each), each.metadata['metavar'])))}`",
            f"`{variable(each.name)}`",
            options.default(each) and f"`{options.default(each)}`",
            each.metadata["text"],
        ]
        for each in fields(Settings)
    ]
    return table(["Option", "Environment", "Default", "Meaning"], rows)


def ledger() -> str:
    """Return the differences between the page, the server and us."""
    heads = ["Entry", "The documented page", "Lago v0.53", "lago-mockserver", "Source"]
    keys = ["page", "server", "ours", "source"]
    rows = [
        [entry["id"].replace("_", " "), *(entry[key] for key in keys)]
        for entry in data.schemas()["ledger"]
    ]
    return table(heads, rows)


def written(text: str) -> str:
    """Return *text*, a README, with each table between its markers made anew."""
    for make in (endpoints, settings, ledger):
        name = make.__name__
        pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(text):
            sys.exit(f"README.md has no place for {name}: <!-- {name} --> ... <!-- /{name} -->")
        text = pattern.sub(lambda found, make=make: f"{found[1]}{make()}\n{found[2]}", text)
    return text


def main() -> None:
    """Write the README, or with ``--check`` exit with 1 if that would change it."""
    before = README.read_text(encoding="utf-8")
    after = written(before)
    if "--check" in sys.argv:
        sys.exit("The README's tables are out of date: run make docs" if before != after else 0)
    README.write_text(after, encoding="utf-8")


main()
