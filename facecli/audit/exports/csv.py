"""The log as CSV (RFC 4180): the names of the records, the actor's fields each in a column.

A cell that a spreadsheet would run as a formula gets an apostrophe in front, which spreadsheets
take for "this is text".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facecli.audit.exports import details_text
from facecli.printable import csv_cell

ACTOR = ("uid", "user", "slot", "host")
COLUMNS = (
    "seq", "at", *(f"actor_{name}" for name in ACTOR), "action", "outcome", "subject_id",
    "purpose", "details", "leaf_hash",
)  # fmt: skip


def header() -> str:
    """The names of the columns."""
    return ",".join(COLUMNS)


def line(entry: Mapping[str, Any]) -> str:
    """An entry as a row; `details` is JSON in one cell, what is null is an empty cell."""
    actor = {f"actor_{name}": entry["actor"][name] for name in ACTOR}
    row = {**entry, **actor, "details": details_text(entry)}
    return ",".join(cell(row[name]) for name in COLUMNS)


def cell(value: int | str | None) -> str:
    """One cell: text always in quotes, and never a formula."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    return '"' + csv_cell(value).replace('"', '""') + '"'
