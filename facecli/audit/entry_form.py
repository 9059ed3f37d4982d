"""The form of entries: canonical JSON with exactly the members of an entry."""

from __future__ import annotations

import json
import re
from datetime import date

from facecli.audit.canonical import canonical
from facecli.audit.export_text import LOGIN, OUTCOME, STRING

UID = rb"(?:null|-?(?:0|[1-9][0-9]{0,15}))"
TEXT = rb"(?:null|" + STRING + rb")"
HEAD = re.compile(
    rb'\{"action":' + STRING + rb',"actor":\{"host":' + TEXT + b"," + LOGIN + rb'"slot":' + TEXT
    + rb',"uid":' + UID + rb',"user":' + TEXT
    + rb'\},"at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T'
    + rb'(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)","details":\{'
)  # fmt: skip
TAIL = re.compile(
    rb',"outcome":"(?:done|refused|failed)","purpose":' + TEXT
    + rb',"seq":[1-9][0-9]*,"subject_id":' + TEXT + rb"\}"
)  # fmt: skip
DAY = len("2026-11-23")
MEMBERS = {"action", "actor", "at", "details", "outcome", "purpose", "seq", "subject_id"}


def is_entry(record: bytes) -> bool:
    """Return True if a text is an entry's canonical JSON."""
    head = HEAD.match(record)
    if head is None or not TAIL.fullmatch(record, record.rfind(OUTCOME)):
        return False
    try:
        date.fromisoformat(head[1][:DAY].decode())
        entry = json.loads(record)
        return canonical(entry) == record and entry.keys() == MEMBERS
    except (ValueError, TypeError, RecursionError):
        return False
