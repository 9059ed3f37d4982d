"""JSON Lines: canonical JSON, read back as it was; and how an entry is taken apart."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
import rfc8785

from facecli.audit.canonical import canonical
from facecli.audit.entries import Actor
from facecli.audit.exports import csv, jsonl
from facecli.audit.exports.fields import checkpoint_fields, fields_of, milliseconds
from tests.audit.exports.entries import entry, fields, nasty


def test_a_line_is_canonical_json_with_its_schema() -> None:
    for each in (entry(), *nasty()):
        record = {name: value for name, value in each.items() if name != "leaf_hash"}
        leaf = bytes.fromhex(each["leaf_hash"])
        (line,) = jsonl.lines([(each["seq"], canonical(record), leaf)]).splitlines()
        assert json.loads(line) == {**each, "schema": "facecli.log-entry/1"}
        assert line == rfc8785.dumps(json.loads(line))


def test_an_entry_is_taken_apart_as_a_parser_would() -> None:
    for each in (entry(), entry(subject_id=None, purpose=None), *nasty()):
        found = fields(each)
        assert found.actor == Actor.of(each["actor"])
        assert json.loads(found.details) == each["details"]
        assert (found.details.isascii(), found.details.isprintable()) == (True, True)
        assert found.seq == str(each["seq"])
        for name in ("at", "action", "outcome", "subject_id", "purpose", "leaf_hash"):
            assert getattr(found, name) == each[name]


def test_members_that_look_like_an_entry_s_own_stay_in_its_details() -> None:
    inner = {"at": "x", "outcome": "x", "seq": 1, "subject_id": "x", "details": {"at": "x"}}
    found = fields(entry(details={"a": inner, ',"outcome":"': ',"at":"'}, subject_id=',"seq":1'))
    assert json.loads(found.details)["a"] == inner
    assert (found.seq, found.outcome, found.subject_id) == ("812", "done", ',"seq":1')


@pytest.mark.parametrize("record", ["", "{}", "[]", "7", '{"action":"a"}', "\x00" * 300])
def test_what_is_no_entry_is_not_taken_apart(record: str) -> None:
    with pytest.raises(ValueError, match="canonical"):
        fields_of(record, "00" * 32)


@pytest.mark.parametrize(
    "at", ["2026-11-23T21:00:05Z", "1969-12-31T23:59:59Z", "2026-11-23T21:00:05.5+01:00"]
)
def test_a_moment_in_milliseconds(at: str) -> None:
    assert milliseconds(at) == datetime.fromisoformat(at).timestamp() * 1000


def test_other_formats_end_with_the_checkpoint_in_an_entry_s_shape() -> None:
    actor = Actor.of(entry()["actor"])
    row = checkpoint_fields("origin\n12\nroot\n\n— a b\n", 12, entry()["at"], actor)
    assert row._fields == fields(entry())._fields
    assert "origin\\n12\\nroot" in csv.line(row)
