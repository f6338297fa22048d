"""`python -m exittui` is the command `exittui`."""

from __future__ import annotations

from exittui.cli.main import entry

if __name__ == "__main__":
    raise SystemExit(entry())
