"""Numbers of entries in the log's messages."""

from __future__ import annotations

from facecli.printable import counted


def counted_entries(number: int) -> str:
    """Return a number of entries in words: `1 entry`, `2,000 entries`."""
    return counted(number, "entry", "entries")
