"""The log as JSON Lines: the format that `log verify` reads. Its text is in `export_text`."""

from __future__ import annotations

from collections.abc import Sequence

from facecli.audit.export_text import line_of


def lines(entries: Sequence[tuple[int, bytes, bytes]]) -> bytes:
    """Return the lines of some entries, each with its newline.

    Args:
        entries: `seq`, canonical JSON and leaf hash of each.

    Raises:
        ValueError: one of them is no entry.
    """
    return b"\n".join([*[line_of(record, leaf) for _, record, leaf in entries], b""])
