"""Entries have one form: whatever else is signed and hashed, it is no entry."""

from __future__ import annotations

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.entry_form import is_entry
from tests.audit.logs import WORDS, entry

DETAILS = b'"details":{"a":1,"b":"2"}'
GENUINE = canonical(entry(7, {"a": 1, "b": "2"}))
WRONG = [
    (DETAILS, b'"details":{"a":1,"a":2}'),
    (DETAILS, b'"details":{"b":1,"a":"2"}'),
    (DETAILS, b'"details":{"a":1.5,"b":"2"}'),
    (DETAILS, b'"details":{"a":01,"b":"2"}'),
    (DETAILS, b'"details":{"a":-0,"b":"2"}'),
    (DETAILS, b'"details":{"a":99999999999999999,"b":"2"}'),
    (DETAILS, b'"details":{"a":1, "b":"2"}'),
    (DETAILS, b'"details":{"a":1,"b":"\xff\xfe"}'),
    (DETAILS, b'"details":{"a":1,"b":"\\u0041"}'),
    (DETAILS, b'"details":{{{[['),
    (DETAILS, b'"details":[]'),
    (b'{"action":"consent.record"', b'{"action": "log.epoch"'),
    (b'{"action":"consent.record"', b'{"action":"log\\u002eepoch"'),
    (b'{"action":"consent.record"', b'{"action":"init","action":"init"'),
    (b'"outcome":"done"', b'"outcome":"gone"'),
    (b'"at":"2026-11-23T', b'"at":"2026-02-31T'),
    (b'"at":"2026-11-23T', b'"at":"2025-02-29T'),
    (b'"at":"2026-11-23T', b'"at":"0000-11-23T'),
    (b'"at":"2026-11-23T21:', b'"at":"2026-11-23T24:'),
    (b'"at":"2026-11-23T21:', b'"at":"2026-11-23T2x:'),
    (b":07Z", b":60Z"),
    (b":07Z", b":071Z"),
    (b'"at":"2026-11-23T', b'"at":"2026-13-23T'),
    (b'"at":"2026-11-23T', b'"at":"'),
    (b'"uid":1000', b'"uid":01000'),
    (b'"uid":1001', b'"uid":01001'),
    (b'"uid":1001', b'"uid":"1001"'),
    (b'"source":"loginuid"', b'"source":"telepathy"'),
    (b'"source":"loginuid",', b""),
    (b'"user":"li"}', b'"user":"li","x":1}'),
    (b'"login":{', b'"logim":{'),
    (b'"purpose":"gate",', b""),
    (b'"seq":7,', b'"seq":7,"x":1,'),
    (b'"subject_id":null}', b'"subject_id":null,"x":1}'),
]


@pytest.mark.parametrize(("old", "new"), WRONG)
def test_another_form_is_no_entry(old: bytes, new: bytes) -> None:
    assert old in GENUINE
    assert is_entry(GENUINE)
    assert not is_entry(GENUINE.replace(old, new))


def test_every_canonical_entry_has_the_form() -> None:
    for word in WORDS:
        nested = {word: [{word: word, "n": -5}, 2**53 - 1, None, True, [], {}]}
        for seq in range(1, 30):
            record = canonical(entry(seq, nested, subject_id=word, purpose=word, action=word))
            assert is_entry(record)


def test_every_day_of_the_calendar_and_no_other_is_a_time() -> None:
    good = [canonical(entry(1, at=f"2028-02-{day:02}T00:59:59Z")) for day in range(1, 30)]
    assert all(map(is_entry, good))
    for bad in ("2028-02-30T00:00:00Z", "2028-04-31T00:00:00Z", "2028-13-01T00:00:00Z"):
        assert not is_entry(canonical(entry(1, at=bad)))


def test_details_nested_to_any_depth_are_an_entry_or_none() -> None:
    text = canonical(entry(1))
    found = set()
    for depth in (*range(700, 1000, 7), 100_000):
        for begin, inner, end in ((b"[", b"", b"]"), (b'{"a":', b"1", b"}")):
            deep = b'{"x":%b}' % (begin * depth + inner + end * depth)
            found.add(is_entry(text.replace(b'"details":{}', b'"details":' + deep)))
    assert found == {True, False}


@pytest.mark.parametrize("login", [None, {"source": "none", "uid": None, "user": None}])
def test_entries_without_a_login_are_entries_too(login: dict[str, None] | None) -> None:
    record = entry(7, {"a": 1})
    members = {name: value for name, value in record["actor"].items() if name != "login"}
    actor = {**members, "login": login} if login else members
    assert is_entry(canonical({**record, "actor": actor}))
    assert not is_entry(canonical({**record, "actor": {**members, "login": None}}))
