"""One act of erasing: what was decided goes, its entry says so, and nothing may be left."""

from __future__ import annotations

import hashlib
import json

import pytest

from facecli.audit.entry_form import is_entry
from facecli.consent import retention_facts, subjects
from facecli.consent.register import elsewhere
from facecli.consent.retention import Decision
from facecli.erasure.erasing import Erasable, erase
from facecli.errors.erasure import ResidueLeft
from facecli.store.connection import CACHE_KIB, CHANGED_BYTES
from tests.consent.conftest import World


def _whole(world: World, ref: str = "A-1") -> Erasable:
    subject = retention_facts.of_one(world.db, subjects.find(world.db, ref))
    things = [(one.what, one.item_id, one.purpose) for one in subject.things]
    things += [("consent", one.item_id, one.purpose) for one in subject.consents]
    decisions = [Decision(*one, "due", "withdrawn", world.now) for one in things]
    decisions.append(Decision("subject", subject.item_id, None, "due", "withdrawn", world.now))
    return Erasable(subject, tuple(decisions))


def test_everything_decided_goes_and_the_entry_counts_it(gate: World) -> None:
    consent, template = gate.record(), gate.template()
    pseudonym = subjects.find(gate.db, "A-1").pseudonym
    with gate.act() as act:
        (seq,) = erase(act, [_whole(gate)], action="revoke")
    record = gate.db.value("SELECT record FROM audit_entry WHERE seq = ?", (seq,))
    assert is_entry(record.encode())
    entry = json.loads(record)
    assert entry["action"] == "revoke.erase"
    assert entry["subject_id"] == pseudonym
    assert entry["details"] == {
        "erased": {"consent": 1, "subject": 1, "template": 1},
        "purposes": {"gate": {"consent": 1, "template": 1}},
        "reasons": ["withdrawn"],
        "whole": True,
        "templates": [template],
        "consents": [hashlib.sha256(consent.record_id.encode()).hexdigest()],
        "copies": [],
    }
    assert subjects.find_any(gate.db, "A-1") is None
    assert set(gate.db.value("SELECT vectors FROM shard_vectors")) == {0}
    assert set(gate.db.value("SELECT subjects FROM shard_subjects")) == {0}


def test_many_are_erased_with_a_larger_cache(gate: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.record()
    monkeypatch.setattr(
        "facecli.store.database.large_cache_kib", lambda templates, free, each: each
    )
    for many, cached in ((2, CACHE_KIB), (1, CHANGED_BYTES)):
        gate.template()
        monkeypatch.setattr("facecli.erasure.erasing.MANY", many)
        one = _whole(gate)
        with gate.act() as act:
            erase(act, [one._replace(decisions=one.decisions[:1])], action="purge")
        assert gate.db.value("PRAGMA cache_size") == -cached


def test_what_was_not_decided_stays(gate: World) -> None:
    gate.record()
    gate.template()
    gate.template()
    one = _whole(gate)
    with gate.act() as act:
        erase(act, [one._replace(decisions=one.decisions[:1])], action="purge")
    assert gate.db.value("SELECT count(*) FROM template") == 1
    assert subjects.find_any(gate.db, "A-1") is not None


def test_a_residue_undoes_the_erasure(gate: World) -> None:
    with gate.db.transaction():
        gate.db.execute("CREATE TABLE badge (id INTEGER PRIMARY KEY, subject_id INTEGER)")
        gate.db.insert("badge", subject_id=1)
    said = "A-1 could not be erased: rows are left in badge"
    with pytest.raises(ResidueLeft, match=said), gate.act() as act:
        erase(act, [_whole(gate)], action="purge")
    assert subjects.find_any(gate.db, "A-1") is not None


@pytest.mark.rule("held-elsewhere")
def test_what_is_held_elsewhere_stands_in_the_entry_and_outlives_the_erasure(gate: World) -> None:
    gate.record()
    with gate.act() as act:
        item = elsewhere.add(act, subjects.find(act.db, "A-1"), "photo", "Gate Vendor Ltd", None)
    with gate.act() as act:
        (seq,) = erase(act, [_whole(gate)], action="revoke")
    [left] = elsewhere.list_all(gate.db)
    assert left.item_id == item.item_id
    entry = json.loads(gate.db.value("SELECT record FROM audit_entry WHERE seq = ?", (seq,)))
    assert entry["details"]["elsewhere"] == {"case": left.case_id, "open": {"photo": 1}}
    assert left.case_id is not None
    assert len(left.case_id) == 16


def test_a_part_that_is_erased_opens_no_case(gate: World) -> None:
    gate.record()
    gate.template()
    with gate.act() as act:
        elsewhere.add(act, subjects.find(act.db, "A-1"), "photo", "Gate Vendor Ltd", None)
    one = _whole(gate)
    with gate.act() as act:
        (seq,) = erase(act, [one._replace(decisions=one.decisions[:1])], action="purge")
    entry = json.loads(gate.db.value("SELECT record FROM audit_entry WHERE seq = ?", (seq,)))
    assert entry["details"]["elsewhere"] == {"case": None, "open": {"photo": 1}}
    assert [one.ref for one in elsewhere.list_all(gate.db)] == ["A-1"]
