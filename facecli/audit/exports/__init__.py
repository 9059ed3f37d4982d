"""The log in formats that other systems read; one file a format.

Each has `header()`, a line to write first or None, and `line(entry)`, an entry as one line
without its newline. An entry is the record of cli.md as a mapping: `seq, at, actor {uid, user,
slot, host}, action, outcome, subject_id, purpose, details, leaf_hash`. JSON Lines is the format
that can be verified; the others carry each entry's leaf hash, so that a doubtful line can be
looked up in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def details_text(entry: Mapping[str, Any]) -> str:
    """The entry's details as JSON on one line, in ASCII: no terminal or parser trips over it."""
    return json.dumps(entry["details"], separators=(",", ":"), sort_keys=True)


def checkpoint_entry(note: str, size: int, at: str, actor: Mapping[str, Any]) -> dict[str, Any]:
    """The checkpoint that an export ends with, in an entry's shape, for formats other than JSONL.

    It is no entry of the log: it has no leaf hash, and `seq` is the size that it seals. What
    receives these lines holds a signed state of the log that nobody here can take back.

    Args:
        note: the checkpoint note (`checkpoints.checkpoint_note`).
        size: the size that it seals.
        at: when it was made, RFC 3339.
        actor: who made it, as in entries.
    """
    return {
        "seq": size,
        "at": at,
        "actor": dict(actor),
        "action": "log.checkpoint",
        "outcome": "done",
        "subject_id": None,
        "purpose": None,
        "details": {"checkpoint": note},
        "leaf_hash": "",
    }


def milliseconds(at: str) -> int:
    """An RFC 3339 moment as milliseconds since 1970, which CEF and OCSF count in."""
    return round(datetime.fromisoformat(at).timestamp() * 1000)
