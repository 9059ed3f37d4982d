r"""The log as syslog messages of RFC 5424, one a line, for a relay to frame as it likes.

The fields are parameters of one structured data element; the details are the message, as JSON in
ASCII, which needs no byte order mark. 32473 is the enterprise number that RFC 5612 reserves for
documentation: facecli has none of its own.
"""

from __future__ import annotations

from functools import lru_cache

from facecli.audit.entries import Actor
from facecli.audit.exports.fields import FEW, Fields
from facecli.printable import printable

LOG_AUDIT = 13
SEVERITY = {"done": 5, "refused": 4, "failed": 3}  # notice, warning, error
WARNING = 4
APP_NAME = "facecli"
ELEMENT = "facecli@32473"
HOST_LENGTH = 255
MESSAGE_ID_LENGTH = 32


def line(fields: Fields) -> str:
    """Return an entry as a syslog message. Its action is the message id."""
    return (
        f"{_priority(fields.outcome)} {fields.at} {_element(fields.actor, fields.action)}"
        f' seq="{fields.seq}"{_actor(fields.actor)}{_act(fields.action, fields.outcome)}'
        f"{_parameter('subject_id', fields.subject_id)}{_often('purpose', fields.purpose)}"
        f' leaf_hash="{fields.leaf_hash}"] {fields.details}'
    )


@lru_cache(FEW)
def _priority(outcome: str) -> str:
    return f"<{LOG_AUDIT * 8 + SEVERITY.get(outcome, WARNING)}>1"


@lru_cache(FEW)
def _element(actor: Actor, action: str) -> str:
    """Return the part from the host to the first parameter."""
    host = _printable(actor.host, HOST_LENGTH)
    return f"{host} {APP_NAME} - {_printable(action, MESSAGE_ID_LENGTH)} [{ELEMENT}"


@lru_cache(FEW)
def _actor(actor: Actor) -> str:
    source, uid, user = actor.login or (None, None, None)
    who = {
        "uid": str(actor.uid), "user": actor.user, "login_source": source,
        "login_uid": None if uid is None else str(uid), "login_user": user,
        "slot": actor.slot, "host": actor.host,
    }  # fmt: skip
    return "".join(_parameter(name, value) for name, value in who.items())


@lru_cache(FEW)
def _act(action: str, outcome: str) -> str:
    return _parameter("action", action) + _parameter("outcome", outcome)


def _parameter(name: str, value: str | None) -> str:
    """Return one parameter, or nothing for no value."""
    if value is None:
        return ""
    text = printable(value).replace("\\", "\\\\")
    return f' {name}="' + text.replace('"', '\\"').replace("]", "\\]") + '"'


_often = lru_cache(FEW)(_parameter)


def _printable(text: str, most: int) -> str:
    """Return `text` as PRINTUSASCII of RFC 5424, or its NILVALUE. The whole is a parameter too."""
    return "".join(char for char in text if "!" <= char <= "~")[:most] or "-"
