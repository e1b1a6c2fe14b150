"""What a million customers cost: memory, pauses while they are created, pages, and the reset.

Run it by ``make bench-scale``; ``--customers N`` takes another number.
"""

from __future__ import annotations

import argparse
import gc
import resource
import sys
import time
from pathlib import Path
from statistics import median, quantiles

from calls import CUSTOMERS, answered, environ, page_body, seconds

from mockserver.settings import Settings
from mockserver.web import create_app

BATCH = 10_000
PAGES = 51


def resident() -> int:
    """Return the bytes of memory that this process has in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def main() -> None:
    """Create the customers, look at pages, reset, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    number = parser.parse_args().customers
    app = create_app(Settings())
    first = environ("POST", CUSTOMERS, page_body("warm"))
    answered(app, first)
    answered(app, environ("POST", "/__admin/reset"))
    gc.collect()
    before = resident()
    times: list[float] = []
    for start in range(0, number, BATCH):
        bodies = (page_body(f"customer-{n:07d}") for n in range(start, start + BATCH))
        times += seconds(app, (environ("POST", CUSTOMERS, body) for body in bodies))
        if sys.stderr.isatty():
            print(f"\r{start + BATCH:9,d} customers", end="", file=sys.stderr)
    each = (resident() - before) / number
    hundredths = quantiles(times, n=100)
    print(f"\n{number:,d} customers, the documented page's body")
    print(f"memory                {each:10.0f} bytes a customer")
    print(f"create, median        {1e6 * median(times):10.0f} us")
    print(f"create, p99           {1e6 * hundredths[98]:10.0f} us")
    print(f"create, longest pause {1e3 * max(times):10.1f} ms")
    last = max(1, number // 100)
    for name, page in (("first", 1), ("middle", (last + 1) // 2), ("last", last)):
        asked = (environ("GET", f"{CUSTOMERS}?page={page}") for _ in range(PAGES))
        print(f"{name + ' page':21} {1e6 * median(seconds(app, asked)):10.0f} us")
    began = time.perf_counter()
    answered(app, environ("POST", "/__admin/reset"))
    print(f"reset                 {1e3 * (time.perf_counter() - began):10.1f} ms")


if __name__ == "__main__":
    main()
