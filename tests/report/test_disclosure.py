"""Everything held on one subject, as a zip file."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import jsonschema
import pytest

from facecli.errors.base import Unknown
from facecli.papers.languages import choose
from facecli.report import disclosure
from tests.prepared import opened


def written(facecli: Any, ref: str) -> bytes:
    stream = io.BytesIO()
    with opened(facecli) as session, session.act() as act:
        disclosure.write(act, ref, stream, choose("en").language)
    return stream.getvalue()


def document(content: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return json.loads(archive.read("subject.json"))


def test_the_document_is_what_the_schema_in_the_file_describes(enrolled: Any) -> None:
    content = written(enrolled, "A-1002")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        schema = json.loads(archive.read("schema.json"))
        assert archive.testzip() is None
    assert schema == disclosure.SUBJECT_SCHEMA
    jsonschema.validate(document(content), schema)


def test_every_part_of_the_document_is_explained() -> None:
    def undescribed(part: Any) -> list[Any]:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
        own = [part] if isinstance(part, dict) and part.get("type") == "object" else []
        return [one for one in own if "properties" in one and "description" not in one] + [
            found for one in inner for found in undescribed(one)
        ]

    assert undescribed(disclosure.SUBJECT_SCHEMA) == []


def test_it_holds_the_vectors_and_the_log_of_the_subject_alone(enrolled: Any) -> None:
    found = document(written(enrolled, "A-1002"))
    assert [len(one["vector"]) for one in found["templates"]] == [129]
    assert [one["action"] for one in found["log"]] == ["subject.add", "consent.record", "enroll"]
    assert all("actor" not in one for one in found["log"])
    assert "A-1001" not in json.dumps(found)


IN_THE_DOCUMENT = {
    "subject_hold": "hold",
    "consent": "consents",
    "sample": "photos",
    "match_event": "matches",
    "interaction": "interactions",
    "lapse": "lapses",
    "template": "templates",
    "held_elsewhere": "elsewhere",
    "disclosure": "disclosures",
    "subject_request": "requests",
    "alternative_offer": "alternative_offers",
}
"""The part of the document for each table that names a subject."""
NOT_IN_IT = {"id", "pseudonym", "waiting_since", "ref_skeleton", "ref_folded_skeleton"}
"""Columns of a subject that other parts state: the log, the id in it, and the REF."""
NUMBERS = {"pseudonym_bytes", "created", "last_day_number"}
"""Columns that others give as text."""


@pytest.mark.rule("copy-correct-erase")
def test_every_table_and_column_of_a_subject_is_in_it(ready: Any) -> None:
    with opened(ready) as session:
        columns = {
            table: {row[1] for row in session.db.tuples(f"PRAGMA table_xinfo({table})")}
            for (table,) in session.db.tuples("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    parts = disclosure.SUBJECT_SCHEMA["properties"]
    assert {table for table, names in columns.items() if "subject_id" in names} == {
        *IN_THE_DOCUMENT
    }
    assert {*IN_THE_DOCUMENT.values()} <= {*parts}
    assert columns["subject"] - NOT_IN_IT - NUMBERS == {*parts["subject"]["properties"]} - {
        "subject_id"
    }


def test_it_states_the_end_of_minority_the_last_days_and_what_is_met(ready: Any) -> None:
    guardian = ("--guardian", "Jo")
    assert (
        ready("subject", "add", "M-1", "--minor", *guardian, "--minor-until", "2099-05-05").code
        == 0
    )
    agree = ("--purpose", "gate", "--expires", "1y")
    assert ready("consent", "record", "M-1", *agree, *guardian).code == 0
    assert ready("subject", "complete", "M-1", "--purpose", "gate").code == 0
    content = written(ready, "M-1")
    found = document(content)
    jsonschema.validate(found, disclosure.SUBJECT_SCHEMA)
    assert found["subject"]["minor_until"][:10] in ("2099-05-05", "2099-05-06")
    day = found["subject"]["last_interaction"]
    assert found["interactions"] == [{"purpose": "gate", "day": day}]
    assert [(one["purpose"], one["reason"]) for one in found["lapses"]] == [("gate", "purpose-met")]


def test_it_is_logged_with_counts_and_closed_to_others(enrolled: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(written(enrolled, "A-1002"))) as archive:
        assert {one.external_attr >> 16 for one in archive.infolist()} == {0o600}
        assert {one.date_time for one in archive.infolist()} == {disclosure.EPOCH}
    last = enrolled("log", "show", "-n", "1", "--format", "json").json()[0]
    assert last["action"] == "subject.export"
    assert last["details"] == {"consents": 1, "templates": 1, "photos": 0}


def test_nobody_by_that_ref_is_an_error(enrolled: Any) -> None:
    with pytest.raises(Unknown):
        written(enrolled, "nobody")
