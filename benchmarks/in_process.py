"""What a request costs without a socket, beside a Flask route that does nothing.

Each figure is the median of single calls, taken in turns, so that what else the machine does hits
all alike. Run it by ``make bench-calls``.
"""

from __future__ import annotations

import json
from itertools import count
from statistics import median
from typing import TYPE_CHECKING

from calls import CUSTOMERS, answered, environ, page_body, seconds
from flask import Flask

from mockserver.settings import Settings
from mockserver.web import create_app

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 40
CALLS = 50  # of each kind, in each round
STORED = 10_000  # customers that pages are taken of
MADE_UP = "key-of-customers-made-up"  # many of their names have an &, which Rails escapes
REFUSED = {"country": "USA", "currency": "usd", "net_payment_term": -1}
ANSWER = "x" * 2048


def empty() -> Flask:
    """Return the floor: what Flask itself costs with a route that answers 2 kB."""
    app = Flask("empty")
    app.add_url_rule(CUSTOMERS, "post", lambda: ANSWER, methods=["POST"])
    app.add_url_rule(f"{CUSTOMERS}/<external_id>", "get", lambda **_: ANSWER)
    return app


def main() -> None:
    """Measure in turn, and print medians and ratios to the floor of the same method."""
    floor, ours = empty(), create_app(Settings())
    ours.extensions["mockserver"].opened(MADE_UP).populate(100)
    numbers = count()
    for _ in range(STORED):
        answered(ours, environ("POST", CUSTOMERS, page_body(f"stored-{next(numbers)}")))
    refused = json.dumps(
        {"customer": json.loads(page_body("refused"))["customer"] | REFUSED}
    ).encode()

    def updated() -> bytes:
        changes = {"external_id": "stored-0", "name": f"Name {next(numbers)}"}
        return json.dumps({"customer": changes}).encode()

    def listed(page: int) -> Callable[[], object]:
        return lambda: environ("GET", f"{CUSTOMERS}?page={page}")

    last = STORED // 100
    kinds = {
        "empty Flask route, POST": (
            floor,
            lambda: environ("POST", CUSTOMERS, b"{}"),
            "200 OK",
        ),
        "create": (
            ours,
            lambda: environ("POST", CUSTOMERS, page_body(f"c{next(numbers)}")),
            "200 OK",
        ),
        "update": (ours, lambda: environ("POST", CUSTOMERS, updated()), "200 OK"),
        "refused create": (
            ours,
            lambda: environ("POST", CUSTOMERS, refused),
            "422 Unprocessable Entity",
        ),
        "empty Flask route, GET": (
            floor,
            lambda: environ("GET", f"{CUSTOMERS}/a"),
            "200 OK",
        ),
        "get": (ours, lambda: environ("GET", f"{CUSTOMERS}/stored-7"), "200 OK"),
        "list, first page": (ours, listed(1), "200 OK"),
        "list, middle page": (ours, listed(last // 2), "200 OK"),
        "list, last page": (ours, listed(last), "200 OK"),
        "list, customers made up": (
            ours,
            lambda: environ("GET", f"{CUSTOMERS}?per_page=100", key=MADE_UP),
            "200 OK",
        ),
    }
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(ROUNDS):
        for kind, (app, ask, status) in kinds.items():
            times[kind] += seconds(app, (ask() for _ in range(CALLS)), status=status)
    print(f"| {'in process':24} | us | beside the empty route |\n| --- | ---: | ---: |")
    base = 0.0
    for kind, found in times.items():
        cost = 1e6 * median(found)
        base = cost if "Flask" in kind else base
        print(f"| {kind:24} | {cost:.0f} | {cost / base:.2f} |")


if __name__ == "__main__":
    main()
