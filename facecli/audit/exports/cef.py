r"""The log in ArcSight's Common Event Format, version 0, without a syslog header in front.

In the header `\` and `|` are escaped, in the extension `\` and `=`. Extension keys are those of
CEF's dictionary; what it has no word for goes to its custom strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facecli.audit.exports import details_text, milliseconds
from facecli.printable import printable

# Vendor, product, and the version of the record that the fields are taken from.
DEVICE = ("facecli", "facecli", "1")
SEVERITY = {"done": 3, "refused": 5, "failed": 7}
CUSTOM = ("purpose", "subjectId", "keySlot", "leafHash")


def header() -> None:
    """CEF has no header line."""


def line(entry: Mapping[str, Any]) -> str:
    """An entry as a CEF event; its action is both the class id and the name."""
    action, outcome = entry["action"], entry["outcome"]
    head = ("CEF:0", *DEVICE, action, action, SEVERITY.get(outcome, 5))
    return "|".join(map(_header_field, head)) + "|" + _extension(entry)


def _extension(entry: Mapping[str, Any]) -> str:
    actor = entry["actor"]
    fields = {
        "rt": milliseconds(entry["at"]),
        "externalId": entry["seq"],
        "outcome": entry["outcome"],
        "suid": actor["uid"],
        "suser": actor["user"],
        "shost": actor["host"],
        "msg": details_text(entry),
    }
    custom = (entry["purpose"], entry["subject_id"], actor["slot"], entry["leaf_hash"])
    for number, (label, value) in enumerate(zip(CUSTOM, custom, strict=True), start=1):
        if value:
            fields |= {f"cs{number}": value, f"cs{number}Label": label}
    return " ".join(f"{key}={_value(value)}" for key, value in fields.items())


def _header_field(value: object) -> str:
    return printable(str(value)).replace("\\", "\\\\").replace("|", "\\|")


def _value(value: object) -> str:
    return printable(str(value)).replace("\\", "\\\\").replace("=", "\\=")
