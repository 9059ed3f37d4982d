r"""The log in ArcSight's Common Event Format, version 0, without a syslog header in front.

In the header `\` and `|` are escaped, in the extension `\` and `=`. Extension keys are those of
CEF's dictionary; what it has no word for goes to its custom strings.
"""

from __future__ import annotations

from functools import lru_cache

from facecli.audit.entries import Actor
from facecli.audit.exports.fields import FEW, Fields, milliseconds
from facecli.printable import printable

# Vendor, product, and the version of the record that the fields are taken from.
DEVICE = ("facecli", "facecli", "1")
SEVERITY = {"done": 3, "refused": 5, "failed": 7}
PURPOSE, SUBJECT, SLOT, LEAF_HASH = "purpose", "subjectId", "keySlot", "leafHash"


def line(fields: Fields) -> str:
    """An entry as a CEF event; its action is both the class id and the name."""
    return (
        f"{_head(fields.action, fields.outcome)}rt={milliseconds(fields.at)}"
        f" externalId={fields.seq} outcome={_often(fields.outcome)}{_actor(fields.actor)}"
        f" msg={_value(fields.details)}{_custom(1, PURPOSE, fields.purpose)}"
        f"{_subject(fields.subject_id)}{_custom(3, SLOT, fields.actor.slot)}"
        f"{_leaf(fields.leaf_hash)}"
    )


@lru_cache(FEW)
def _head(action: str, outcome: str) -> str:
    """The header, up to where the extension begins."""
    head = ("CEF:0", *DEVICE, action, action, SEVERITY.get(outcome, 5))
    return "|".join(map(_header_field, head)) + "|"


@lru_cache(FEW)
def _actor(actor: Actor) -> str:
    return f" suid={actor.uid} suser={_value(actor.user)} shost={_value(actor.host)}"


@lru_cache(FEW)
def _custom(number: int, label: str, value: str | None) -> str:
    """One of the custom strings, with its label; nothing for no value."""
    return f" cs{number}={_value(value)} cs{number}Label={label}" if value else ""


def _subject(subject_id: str | None) -> str:
    return f" cs2={_value(subject_id)} cs2Label={SUBJECT}" if subject_id else ""


def _leaf(leaf_hash: str) -> str:
    return f" cs4={leaf_hash} cs4Label={LEAF_HASH}" if leaf_hash else ""


def _header_field(value: object) -> str:
    return printable(str(value)).replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    return printable(text).replace("\\", "\\\\").replace("=", "\\=")


_often = lru_cache(FEW)(_value)
