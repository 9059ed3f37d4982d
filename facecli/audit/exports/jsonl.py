"""The log as JSON Lines: the format that `log verify` reads. Its text is in `export_text`."""

from __future__ import annotations

from collections.abc import Sequence

from facecli.audit.export_text import lines_of


def lines(entries: Sequence[tuple[int, bytes, bytes]]) -> bytes:
    """Return the lines of some entries, each with its newline.

    Args:
        entries: `seq`, canonical JSON and leaf hash of each.

    Raises:
        ValueError: one of them is no entry.
    """
    _, records, leaves = zip(*entries, strict=True)
    return lines_of(records, leaves)
