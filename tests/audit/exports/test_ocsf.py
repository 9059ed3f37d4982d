"""OCSF events, against the published schema."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from facecli.audit.exports import ocsf
from tests.audit.exports.entries import entry, fields, nasty


@cache
def published(profiles: tuple[str, ...]) -> jsonschema.protocols.Validator:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=ocsf.VERSION))
    name = schema.lookup_class_name_from_uid(class_uid=ocsf.CLASS)
    rules = schema.get_class_schema(class_name=name, profiles=list(profiles))
    return jsonschema.Draft202012Validator(rules)


def check(line: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(line)
    published(tuple(event["metadata"]["profiles"])).validate(event)
    return event


def test_an_event_has_the_published_form_and_says_what_the_entry_says() -> None:
    event = check(ocsf.line(fields(entry())))
    assert event["type_uid"] == 300401
    assert event["time"] == 1795467605000
    assert event["metadata"]["sequence"] == 812
    assert event["entity"] == {"type_id": 99, "type": "subject", "uid": "5c1f0a9be2"}
    assert event["unmapped"]["leaf_hash"] == "ab" * 32
    assert event["unmapped"]["login"] == entry()["actor"]["login"]
    assert event["unmapped"]["details"] == entry()["details"]


@pytest.mark.parametrize("verb", [*ocsf.ACTIVITY, "quarrel"])
@pytest.mark.parametrize("outcome", ["done", "refused", "failed", "else"])
def test_every_act_and_outcome_has_the_published_form(verb: str, outcome: str) -> None:
    event = check(ocsf.line(fields(entry(action=f"thing.{verb}", outcome=outcome))))
    assert (event["status_id"] == 1) == (outcome == "done")


def test_acts_without_a_subject_are_on_a_purpose_or_the_database() -> None:
    on_purpose = check(ocsf.line(fields(entry(subject_id=None))))
    on_database = check(ocsf.line(fields(entry(subject_id=None, purpose=None))))
    assert on_purpose["entity"]["type"] == "purpose"
    assert on_database["entity"]["type"] == "database"


def test_nasty_text_stays_in_its_value() -> None:
    for each in nasty():
        line = ocsf.line(fields(each))
        assert line.isascii()
        assert line.isprintable()
        assert check(line)["actor"]["user"]["name"] == each["actor"]["user"]
