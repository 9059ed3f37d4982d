"""The log as JSON Lines: the format that `log verify --file` reads.

The layout of an export is in `audit.checkpoints`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from facecli.audit.canonical import canonical
from facecli.audit.merkle import Frontier
from facecli.audit.notes import encode_base64

ENTRY_SCHEMA = "facecli.log-entry/1"
EXPORT_SCHEMA = "facecli.log-export/1"

STRING = r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"'
# The members after `details`, which ends where `outcome` begins: between quotes a JSON string
# holds no bare quote, so that this matches at the end of an entry and nowhere else.
TAIL = re.compile(
    rf',"outcome":{STRING},"purpose":(?:null|{STRING})(,"seq":[0-9]+,"subject_id":'
    rf"(?:null|{STRING})\}})\Z"
)


def header() -> None:
    """JSON Lines has no header."""


def line(entry: Mapping[str, Any]) -> str:
    """An entry with its `leaf_hash` as canonical JSON."""
    return canonical({**entry, "schema": ENTRY_SCHEMA}).decode()


def line_of(record: str, leaf: bytes) -> str:
    """The same line, from the entry's stored text and leaf hash, without parsing it.

    Args:
        record: canonical JSON of the entry without `leaf_hash` and `schema`.
        leaf: its leaf hash, 32 bytes.

    Raises:
        ValueError: `record` is no entry's canonical JSON.
    """
    start = record.rfind(',"outcome":"')
    found = TAIL.match(record, start) if start > 0 else None
    if found is None:
        raise ValueError("this is no entry's canonical JSON")
    middle = found.start(1)
    return (
        f'{record[:start]},"leaf_hash":"{leaf.hex()}"{record[start:middle]}'
        f',"schema":"{ENTRY_SCHEMA}"{record[middle:]}'
    )


def trailer(seal: str, *, frontier: Frontier, until: int, consistency: Sequence[bytes] = ()) -> str:
    """The last line of an export.

    Args:
        seal: the text of a seal of `until` entries or more (`checkpoints.make_seal`).
        frontier: the log's frontier before the export's first entry.
        until: `seq` of the export's last entry; the frontier's size if it holds none.
        consistency: the proof from size `until` to the seal's size; empty where equal.
    """
    record = {
        "schema": EXPORT_SCHEMA,
        "after": frontier.size,
        "until": until,
        "frontier": [encode_base64(value) for value in frontier.hashes],
        "consistency": [encode_base64(value) for value in consistency],
        "seal": seal,
    }
    return canonical(record).decode()
