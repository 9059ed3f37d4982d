"""The log as OCSF 1.5.0 events of the class Entity Management (3004), JSON Lines.

OCSF has no class for consent. An act on a subject, a purpose or the database is activity on a
managed entity. Fields without an attribute in OCSF stay under `unmapped`, by their own names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from facecli.audit.entries import Actor
from facecli.audit.exports.fields import FEW, Fields, milliseconds

VERSION = "1.5.0"
CATEGORY = 3
CLASS = 3004
OTHER = 99
CREATE, READ, UPDATE, DELETE, ENROLL, SUSPEND, RESUME = 1, 2, 3, 4, 6, 12, 13
CAPTIONS = {
    CREATE: "Create", READ: "Read", UPDATE: "Update", DELETE: "Delete", ENROLL: "Enroll",
    SUSPEND: "Suspend", RESUME: "Resume", OTHER: "Other",
}  # fmt: skip
# An action is `noun.verb`; the verb decides. Any other verb is Other, with its own name.
ACTIVITY = {
    "init": CREATE, "add": CREATE, "create": CREATE, "record": CREATE, "import": CREATE,
    "show": READ, "list": READ, "export": READ, "match": READ, "verify": READ, "report": READ,
    "apply": UPDATE, "correct": UPDATE, "rotate": UPDATE, "retire": UPDATE, "reenroll": UPDATE,
    "complete": UPDATE, "alternative": UPDATE, "confirm": UPDATE, "answer": UPDATE,
    "revoke": DELETE, "purge": DELETE, "erase": DELETE, "remove": DELETE, "matches": DELETE,
    "expire": DELETE, "offer": CREATE,
    "enroll": ENROLL, "hold": SUSPEND, "release": RESUME,
}  # fmt: skip
SUCCESS, FAILURE = 1, 2
SEVERITY = {"done": (1, "Informational"), "refused": (2, "Low"), "failed": (3, "Medium")}


def line(fields: Fields) -> str:
    """Return an entry as an OCSF event on one line, in ASCII."""
    activity, outcome, act = _act(fields.action, fields.outcome)
    return (
        f'{activity},"time":{milliseconds(fields.at)},{outcome},"sequence":{fields.seq},{act},'
        f'{_actor(fields.actor)},"entity":{_entity(fields)},"unmapped":{{"purpose":'
        f'{_often(fields.purpose)},"login":{_login(fields.actor)},"details":{fields.details},"leaf_hash":"{fields.leaf_hash}"}}}}'
    )


@lru_cache(FEW)
def _act(action: str, outcome: str) -> tuple[str, str, str]:
    """Return the pieces of an event that its act gives: up to `time`, `sequence` and `actor`."""
    activity = ACTIVITY.get(action.rpartition(".")[2], OTHER)
    done = outcome == "done"
    severity, caption = SEVERITY.get(outcome, (0, "Unknown"))
    begin = {
        "category_uid": CATEGORY,
        "category_name": "Identity & Access Management",
        "class_uid": CLASS,
        "class_name": "Entity Management",
        "activity_id": activity,
        "activity_name": action if activity == OTHER else CAPTIONS[activity],
        "type_uid": CLASS * 100 + activity,
    }
    status = {
        "severity_id": severity,
        "severity": caption,
        "status_id": SUCCESS if done else FAILURE,
        "status": "Success" if done else "Failure",
        "status_code": outcome,
    }
    metadata = {
        "version": VERSION,
        "product": {"name": "facecli", "vendor_name": "facecli"},
        "profiles": ["host"],
    }
    event = {"event_code": action, "log_name": "facecli.log-entry/1"}
    return (
        "{" + _members(begin),
        f'{_members(status)},"metadata":{{{_members(metadata)}',
        _members(event) + "}",
    )


@lru_cache(FEW)
def _actor(actor: Actor) -> str:
    user = {"uid": str(actor.uid), "name": actor.user, "credential_uid": actor.slot}
    return _members(
        {
            "actor": {"app_name": "facecli", "user": user},
            "device": {"hostname": actor.host, "type_id": 0, "type": "Unknown"},
        }
    )


@lru_cache(FEW)
def _login(actor: Actor) -> str:
    return _json(actor.login and actor.login._asdict())


def _entity(fields: Fields) -> str:
    if fields.subject_id is not None:
        return f'{{"type_id":{OTHER},"type":"subject","uid":{_json(fields.subject_id)}}}'
    if fields.purpose is not None:
        return f'{{"type_id":{OTHER},"type":"purpose","uid":{_often(fields.purpose)}}}'
    return f'{{"type_id":{OTHER},"type":"database","name":"facecli database"}}'


_json = json.JSONEncoder(separators=(",", ":")).encode
_often = lru_cache(FEW)(_json)


def _members(value: Mapping[str, Any]) -> str:
    """Return the members of an object, without its braces."""
    return _json(value)[1:-1]
