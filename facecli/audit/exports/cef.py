r"""The log in ArcSight's Common Event Format, version 0, without a syslog header in front.

In the header `\` and `|` are escaped, in the extension `\` and `=`. Extension keys are those of
CEF's dictionary; fields without a key there go to its custom strings.
"""

from __future__ import annotations

from functools import lru_cache

from facecli.audit.entries import Actor
from facecli.audit.exports.fields import FEW, Fields, milliseconds
from facecli.audit.login import Login
from facecli.printable import printable

# Vendor, product, and the version of the record that the fields are taken from.
DEVICE = ("facecli", "facecli", "1")
SEVERITY = {"done": 3, "refused": 5, "failed": 7}
PURPOSE, SUBJECT, SLOT, LEAF_HASH = "purpose", "subjectId", "keySlot", "leafHash"
LOGIN, LOGIN_SOURCE, LOGIN_UID = "login", "loginSource", "loginUid"


def line(fields: Fields) -> str:
    """Return an entry as a CEF event; its action is both the class id and the name."""
    head, outcome = _act(fields.action, fields.outcome)
    actor, slot_and_login = _actor(fields.actor)
    return (
        f"{head}rt={milliseconds(fields.at)} externalId={fields.seq}{outcome}{actor}"
        f" msg={_escaped(fields.details)}{_custom(1, PURPOSE, fields.purpose)}"
        f"{_subject(fields.subject_id)}{slot_and_login}{_leaf(fields.leaf_hash)}"
    )


@lru_cache(FEW)
def _act(action: str, outcome: str) -> tuple[str, str]:
    """Return the header, up to the extension, and the outcome in the extension."""
    head = ("CEF:0", *DEVICE, action, action, SEVERITY.get(outcome, 5))
    return "|".join(map(_header_field, head)) + "|", f" outcome={_value(outcome)}"


@lru_cache(FEW)
def _actor(actor: Actor) -> tuple[str, str]:
    """Return the actor, and the custom fields of key slot and login."""
    who = f" suid={actor.uid} suser={_value(actor.user)} shost={_value(actor.host)}"
    return who, _custom(3, SLOT, actor.slot) + _login(actor.login)


def _login(login: Login | None) -> str:
    if login is None:
        return ""
    number = "" if login.uid is None else f" cn1={login.uid} cn1Label={LOGIN_UID}"
    return _custom(5, LOGIN, login.user) + _custom(6, LOGIN_SOURCE, login.source) + number


@lru_cache(FEW)
def _custom(number: int, label: str, value: str | None) -> str:
    """Return one of the custom strings with its label, or nothing for no value."""
    return f" cs{number}={_value(value)} cs{number}Label={label}" if value else ""


def _subject(subject_id: str | None) -> str:
    return f" cs2={_value(subject_id)} cs2Label={SUBJECT}" if subject_id else ""


def _leaf(leaf_hash: str) -> str:
    return f" cs4={leaf_hash} cs4Label={LEAF_HASH}" if leaf_hash else ""


def _header_field(value: object) -> str:
    return printable(str(value)).replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    return _escaped(printable(text))


def _escaped(text: str) -> str:
    """Return a text that is printable already, as details are, escaped."""
    return text.replace("\\", "\\\\").replace("=", "\\=")
