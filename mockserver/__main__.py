"""The command ``lago-mockserver``, and ``python -m mockserver``: it hears a stop from the first.

A signal without a handler does not end process 1 of a container. What the commands import takes
a while, and a stop that came meanwhile would be lost.
"""

import signal
import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] == ["serve"]:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda *_: sys.exit(0))
    from mockserver.cli import main as command

    command()


if __name__ == "__main__":
    main()
