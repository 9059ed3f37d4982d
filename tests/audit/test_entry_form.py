"""Entries have one form: whatever else is signed and hashed, it is no entry."""

from __future__ import annotations

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.entry_form import EntryForm
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
    (b'"at":"2026-11-23T', b'"at":"2026-13-23T'),
    (b'"at":"2026-11-23T', b'"at":"'),
    (b'"uid":1000', b'"uid":01000'),
    (b'"purpose":"gate",', b""),
    (b'"seq":7,', b'"seq":7,"x":1,'),
    (b'"subject_id":null}', b'"subject_id":null,"x":1}'),
]


@pytest.mark.parametrize(("old", "new"), WRONG)
def test_another_form_is_found_also_after_details_of_the_same_shape(old: bytes, new: bytes) -> None:
    assert old in GENUINE
    form = EntryForm()
    wrong = GENUINE.replace(old, new)
    assert form.first_wrong([GENUINE, GENUINE, wrong]) == 2
    assert EntryForm().first_wrong([wrong]) == 0


def test_members_whose_names_differ_in_digits_are_compared_each_time() -> None:
    form = EntryForm()
    assert form.first_wrong([canonical(entry(1, {"a1": 1, "a2": 2}))]) is None
    assert form.first_wrong([GENUINE.replace(DETAILS, b'"details":{"a2":1,"a1":2}')]) == 0
    assert form.first_wrong([GENUINE.replace(DETAILS, b'"details":{"a1":1,"a1":2}')]) == 0


def test_every_canonical_entry_has_the_form() -> None:
    form = EntryForm()
    for word in WORDS:
        nested = {word: [{word: word, "n": -5}, 2**53 - 1, None, True, [], {}]}
        for seq in range(1, 30):
            record = canonical(entry(seq, nested, subject_id=word, purpose=word, action=word))
            assert form.first_wrong([record]) is None
