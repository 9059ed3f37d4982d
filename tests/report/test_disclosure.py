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
