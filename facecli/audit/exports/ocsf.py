"""The log as OCSF 1.5.0 events of the class Entity Management (3004), JSON Lines.

OCSF has no class for consent. An act on a subject, a purpose or the database is activity on a
managed entity; what OCSF has no attribute for stays under `unmapped`, by its own name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from facecli.audit.exports import milliseconds

VERSION = "1.5.0"
CATEGORY = 3
CLASS = 3004
OTHER = 99
CREATE, READ, UPDATE, DELETE, ENROLL, SUSPEND, RESUME = 1, 2, 3, 4, 6, 12, 13
CAPTIONS = {
    CREATE: "Create", READ: "Read", UPDATE: "Update", DELETE: "Delete", ENROLL: "Enroll",
    SUSPEND: "Suspend", RESUME: "Resume", OTHER: "Other",
}  # fmt: skip
# An action is `noun.verb`; the verb decides. What is not here is Other, with its own name.
ACTIVITY = {
    "init": CREATE, "add": CREATE, "create": CREATE, "record": CREATE, "import": CREATE,
    "show": READ, "list": READ, "export": READ, "match": READ, "verify": READ, "report": READ,
    "apply": UPDATE, "correct": UPDATE, "rotate": UPDATE, "retire": UPDATE, "reenroll": UPDATE,
    "revoke": DELETE, "purge": DELETE, "erase": DELETE, "remove": DELETE,
    "enroll": ENROLL, "hold": SUSPEND, "release": RESUME,
}  # fmt: skip
SUCCESS, FAILURE = 1, 2
SEVERITY = {"done": (1, "Informational"), "refused": (2, "Low"), "failed": (3, "Medium")}


def header() -> None:
    """OCSF events have no header line."""


def line(entry: Mapping[str, Any]) -> str:
    """An entry as an OCSF event on one line, in ASCII."""
    return json.dumps(event(entry), separators=(",", ":"))


def event(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as an OCSF event."""
    action, actor = entry["action"], entry["actor"]
    activity = ACTIVITY.get(action.rpartition(".")[2], OTHER)
    done = entry["outcome"] == "done"
    severity, caption = SEVERITY.get(entry["outcome"], (0, "Unknown"))
    return {
        "category_uid": CATEGORY,
        "category_name": "Identity & Access Management",
        "class_uid": CLASS,
        "class_name": "Entity Management",
        "activity_id": activity,
        "activity_name": action if activity == OTHER else CAPTIONS[activity],
        "type_uid": CLASS * 100 + activity,
        "time": milliseconds(entry["at"]),
        "severity_id": severity,
        "severity": caption,
        "status_id": SUCCESS if done else FAILURE,
        "status": "Success" if done else "Failure",
        "status_code": entry["outcome"],
        "metadata": {
            "version": VERSION,
            "product": {"name": "facecli", "vendor_name": "facecli"},
            "profiles": ["host"],
            "sequence": entry["seq"],
            "event_code": action,
            "log_name": "facecli.log-entry/1",
        },
        "actor": {
            "app_name": "facecli",
            "user": {
                "uid": str(actor["uid"]),
                "name": actor["user"],
                "credential_uid": actor["slot"],
            },
        },
        "device": {"hostname": actor["host"], "type_id": 0, "type": "Unknown"},
        "entity": _entity(entry),
        "unmapped": {
            "purpose": entry["purpose"],
            "details": entry["details"],
            "leaf_hash": entry["leaf_hash"],
        },
    }


def _entity(entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry["subject_id"] is not None:
        return {"type_id": OTHER, "type": "subject", "uid": entry["subject_id"]}
    if entry["purpose"] is not None:
        return {"type_id": OTHER, "type": "purpose", "uid": entry["purpose"]}
    return {"type_id": OTHER, "type": "database", "name": "facecli database"}
