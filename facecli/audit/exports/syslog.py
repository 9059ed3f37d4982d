r"""The log as syslog messages of RFC 5424, one a line, for a relay to frame as it likes.

The fields are parameters of one structured data element; the details are the message, as JSON in
ASCII, which needs no byte order mark. 32473 is the enterprise number that RFC 5612 reserves for
documentation: facecli has none of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facecli.audit.exports import details_text
from facecli.printable import printable

LOG_AUDIT = 13
SEVERITY = {"done": 5, "refused": 4, "failed": 3}  # notice, warning, error
WARNING = 4
APP_NAME = "facecli"
ELEMENT = "facecli@32473"
HOST_LENGTH = 255
MESSAGE_ID_LENGTH = 32


def header() -> None:
    """Syslog has no header line."""


def line(entry: Mapping[str, Any]) -> str:
    """An entry as a syslog message; its action is the message id."""
    actor = entry["actor"]
    priority = LOG_AUDIT * 8 + SEVERITY.get(entry["outcome"], WARNING)
    host = _printable(actor["host"], HOST_LENGTH)
    message_id = _printable(entry["action"], MESSAGE_ID_LENGTH)
    return (
        f"<{priority}>1 {entry['at']} {host} {APP_NAME} - {message_id} "
        f"[{ELEMENT}{_parameters(entry)}] {details_text(entry)}"
    )


def _parameters(entry: Mapping[str, Any]) -> str:
    actor = entry["actor"]
    fields = {
        "seq": entry["seq"],
        "uid": actor["uid"],
        "user": actor["user"],
        "slot": actor["slot"],
        "host": actor["host"],
        "action": entry["action"],
        "outcome": entry["outcome"],
        "subject_id": entry["subject_id"],
        "purpose": entry["purpose"],
        "leaf_hash": entry["leaf_hash"],
    }
    return "".join(
        f' {name}="{_escaped(value)}"' for name, value in fields.items() if value is not None
    )


def _escaped(value: object) -> str:
    text = printable(str(value)).replace("\\", "\\\\")
    return text.replace('"', '\\"').replace("]", "\\]")


def _printable(text: str, most: int) -> str:
    """`text` as PRINTUSASCII of RFC 5424, or its NILVALUE; the whole text is a parameter too."""
    return "".join(char for char in text if "!" <= char <= "~")[:most] or "-"
