"""Fields of an entry, taken out of its text without parsing it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.exports.fields import ascii_json, checkpoint_fields, fields_of, milliseconds
from tests.audit.exports.entries import entry, fields, nasty


def test_fields_are_those_of_the_parsed_entry() -> None:
    for one in nasty():
        found = fields(one)
        stated = (int(found.seq), found.at, found.actor.members, found.action, found.outcome)
        assert stated == (one["seq"], one["at"], one["actor"], one["action"], one["outcome"])
        assert (found.subject_id, found.purpose) == (one["subject_id"], one["purpose"])
        assert json.loads(found.details) == one["details"]


def test_details_are_one_line_of_printable_ascii() -> None:
    for one in nasty():
        details = fields(one).details
        assert details.isascii()
        assert details.isprintable()
    assert ascii_json({"b": "\x7f\u6b63", "a": 1}) == '{"a":1,"b":"\\u007f\\u6b63"}'


def test_members_of_details_named_like_the_entrys_own_are_not_taken_for_them() -> None:
    inner = {"at": "2000-01-01T00:00:00Z", "outcome": "failed", "seq": 1, "subject_id": "other"}
    found = fields(entry(details={"inner": inner}))
    assert (found.seq, found.outcome, found.subject_id) == ("812", "done", "5c1f0a9be2")
    assert found.at == "2026-11-23T21:00:05Z"


@pytest.mark.parametrize(
    "record",
    [
        "", "{}", "[]", '{"at":"2026-11-23T21:00:05Z"}',
        canonical({**entry(), "at": "2026-11-23"}).decode(),
    ],
)  # fmt: skip
def test_what_is_no_entry_is_refused(record: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        fields_of(record, "ab" * 32)


def test_the_checkpoint_is_a_line_without_a_leaf_hash() -> None:
    actor = fields(entry()).actor
    found = checkpoint_fields("note\n— line\n", 9, "2026-11-23T21:00:05Z", actor)
    assert (found.seq, found.action, found.leaf_hash) == ("9", "log.checkpoint", "")
    assert json.loads(found.details) == {"checkpoint": "note\n— line\n"}


@pytest.mark.parametrize(
    "at",
    ["2026-11-23T21:00:05Z", "1970-01-01T00:00:00Z", "2026-11-23T21:00:05.250Z",
     "2026-11-23T22:00:05+01:00"],
)  # fmt: skip
def test_milliseconds_count_from_1970(at: str) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert milliseconds(at) == 1000 * (datetime.fromisoformat(at) - epoch).total_seconds()


@pytest.mark.parametrize("at", ["", "now", "2026-13-23T21:00:05Z"])
def test_what_is_no_moment_has_no_milliseconds(at: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the words are Python's own
        milliseconds(at)
