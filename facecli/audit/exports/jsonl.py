"""The log as JSON Lines: the format that `log verify --file` reads.

The layout of an export is in `audit.checkpoints`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from facecli.audit.canonical import canonical
from facecli.audit.merkle import Frontier
from facecli.audit.notes import encode_base64

ENTRY_SCHEMA = "facecli.log-entry/1"
EXPORT_SCHEMA = "facecli.log-export/1"

STRING = rb'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"'
# The members after `details`, which ends where `outcome` begins: between quotes a JSON string
# holds no bare quote, so that this matches at the end of an entry and nowhere else.
TAIL = re.compile(
    rb',"outcome":' + STRING + rb',"purpose":(?:null|' + STRING
    + rb')(,"seq":[0-9]+,"subject_id":(?:null|' + STRING + rb")\})"
)  # fmt: skip
SCHEMA = b',"schema":"%s"' % ENTRY_SCHEMA.encode()


def line_of(record: bytes, leaf: bytes) -> bytes:
    """The line of an entry, canonical JSON too, made without parsing the entry.

    Args:
        record: canonical JSON of the entry without `leaf_hash` and `schema`.
        leaf: its leaf hash, 32 bytes.

    Raises:
        ValueError: `record` is no entry's canonical JSON.
    """
    start = record.rfind(b',"outcome":"')
    found = TAIL.fullmatch(record, start) if start > 0 else None
    if found is None:
        raise ValueError("this is no entry's canonical JSON")
    middle = found.start(1)
    return b'%s,"leaf_hash":"%s"%s%s%s' % (
        record[:start], leaf.hex().encode(), record[start:middle], SCHEMA, record[middle:],
    )  # fmt: skip


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
