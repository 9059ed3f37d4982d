"""The fields of an entry, taken out of its canonical JSON for the formats.

An entry is taken apart as text, not parsed, and what returns in entry after entry (the actor, the
action, the purpose) is put into a format's words once: an export of a million entries would take
several times as long otherwise.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from facecli.audit.entries import Actor

FEW = 1024  # texts that are kept in a format's words; there are as many actors, actions, purposes

# Where the members of an entry's canonical JSON begin. Between quotes a JSON string holds no bare
# quote: the first `at` is the entry's own, and so are the last `outcome` and `seq`.
AT, DETAILS, OUTCOME, SEQ = ',"at":"', '","details":', ',"outcome":"', ',"seq":'
MOMENT = len("2026-11-23T21:00:05Z")


class Fields(NamedTuple):
    """An entry's fields as a line needs them.

    `details` is JSON on one line of printable ASCII, which is safe for terminals and parsers. The
    checkpoint at the end of an export has no leaf hash.
    """

    seq: str
    at: str
    actor: Actor
    action: str
    outcome: str
    subject_id: str | None
    purpose: str | None
    details: str
    leaf_hash: str


def fields_of(record: str, leaf_hash: str) -> Fields:
    """Return the fields of an entry.

    Args:
        record: its canonical JSON.
        leaf_hash: its leaf hash in hex.

    Raises:
        ValueError, KeyError, TypeError: `record` is no entry's canonical JSON.
    """
    at, outcome, seq = record.find(AT), record.rfind(OUTCOME), record.rfind(SEQ)
    moment = at + len(AT)
    begin = moment + MOMENT + len(DETAILS)
    if not 0 < at < begin < outcome < seq or record[moment + MOMENT : begin] != DETAILS:
        raise ValueError("this is no entry's canonical JSON")
    action, actor = _who(record[:at])
    result, purpose = _result(record[outcome:seq])
    number, _, subject = record[seq + len(SEQ) : -1].partition(',"subject_id":')
    details = record[begin:outcome]
    if not (details.isascii() and details.isprintable()):
        details = ascii_json(json.loads(details))
    return Fields(
        number, record[moment : moment + MOMENT], actor, action, result,
        _subject(subject), purpose, details, leaf_hash,
    )  # fmt: skip


def checkpoint_fields(note: str, size: int, at: str, actor: Actor) -> Fields:
    """Return the checkpoint at the end of an export as an entry, for formats other than JSONL.

    It is no entry of the log: it has no leaf hash, and `seq` is the size that it seals. The
    receiver of these lines holds a signed state of the log that nobody here can take back.

    Args:
        note: the checkpoint (`checkpoints.make_checkpoint`).
        size: the size that it seals.
        at: when it was made, RFC 3339.
        actor: who made it, as in entries.
    """
    details = ascii_json({"checkpoint": note})
    return Fields(str(size), at, actor, "log.checkpoint", "done", None, None, details, "")


def ascii_json(value: object) -> str:
    """Return `value` as JSON on one line of printable ASCII."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    return text.replace("\x7f", "\\u007f")


def milliseconds(at: str) -> int:
    """Return an RFC 3339 moment in milliseconds since 1970, the unit of CEF and OCSF.

    Raises:
        ValueError: it is no such moment.
    """
    if at[-1:] == "Z" and at[16:17] == ":" and at[17:19].isdigit() and len(at) == 20:
        return _minute(at[:16]) + 1000 * int(at[17:19])
    return round(datetime.fromisoformat(at).timestamp() * 1000)


@lru_cache(FEW)
def _minute(at: str) -> int:
    return round(datetime.fromisoformat(f"{at}:00Z").timestamp() * 1000)


@lru_cache(FEW)
def _who(text: str) -> tuple[str, Actor]:
    """Return action and actor, of an entry's JSON up to the end of the latter."""
    found = json.loads(text + "}")
    return found["action"], Actor.of(found["actor"])


@lru_cache(FEW)
def _result(text: str) -> tuple[str, str | None]:
    """Return outcome and purpose, of an entry's JSON from the comma before `outcome` on."""
    found = json.loads("{" + text[1:] + "}")
    return found["outcome"], found["purpose"]


def _subject(text: str) -> str | None:
    if text == "null":
        return None
    return str(json.loads(text)) if "\\" in text else text[1:-1]
