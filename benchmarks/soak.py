"""Long life: hours of mixed traffic in minutes, and what they leave behind.

A window a line: requests, p99, memory and file descriptors of the server. Stored customers are at
most 2,000, so all of these should stay as they are. Run it by ``make soak``; needs wrk.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+")
_KIB, _UNITS = 1024, {"us": 0.001, "ms": 1.0, "s": 1000.0}


def resident(process: int) -> int:
    """Return the KiB of memory that *process* has in use."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def descriptors(process: int) -> int:
    """Return how many files *process* has open."""
    return sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())


def window(address: str, seconds: int) -> tuple[int, float]:
    """Return how many requests were answered in *seconds*, and their p99 in milliseconds."""
    body = HERE.parent / "fixtures" / "customer-create.json"
    command = ["wrk", "-t1", "-c8", f"-d{seconds}s", "--latency", "-s", HERE / "mixed.lua", address]
    done = subprocess.run(
        command, env={**os.environ, "PAGE_BODY": str(body)}, capture_output=True, check=True
    )
    text = done.stdout.decode()
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    requests = int(re.search(r"(\d+) requests in", text)[1])
    return requests, float(number) * _UNITS[unit]


def main() -> None:
    """Serve, load, and print a line for each window."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=18)
    parser.add_argument("--seconds", type=int, default=10, help="of each window")
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: install it, as in apt-get install wrk.")
    command = [sys.executable, "-Im", "mockserver", "serve", "--port", "0", "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as server:
        address = ADDRESS.search(server.stderr.readline())[0].decode()
        print("| window | requests | p99 ms | RSS MiB | open files |\n|" + " ---: |" * 5)
        total = 0
        for number in range(1, asked.windows + 1):
            requests, p99 = window(address, asked.seconds)
            total += requests
            memory = resident(server.pid) / _KIB
            files = descriptors(server.pid)
            print(f"| {number} | {requests:,d} | {p99:.2f} | {memory:.1f} | {files} |", flush=True)
        server.terminate()
    print(f"{total:,d} requests in all; the server ended with status {server.returncode}.")


if __name__ == "__main__":
    main()
