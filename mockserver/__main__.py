"""``python -m mockserver`` is the command ``lago-mockserver``."""

from mockserver.cli import main

main()
