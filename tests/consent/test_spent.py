"""Memory of ended consents: it keeps out old forms and dates, and tells nothing about anyone."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from facecli.consent import consents, spent, subjects
from facecli.consent.agreements import Evidence
from facecli.consent.consents import Consent
from facecli.store import meta
from facecli.store.database import Database
from tests.consent.conftest import World

FORM = Evidence(hashlib.sha256(b"signed with a pen, and scanned").hexdigest(), None)
OTHER = "cd" * 32


def erase(world: World, *consents_: Consent) -> None:
    with world.act() as act:
        consents.erase(act, [consent.consent_id for consent in consents_])
        act.record("test")


def test_an_erased_consent_is_known_by_its_form_alone(gate: World) -> None:
    erase(gate, gate.record(evidence=FORM))
    assert spent.is_spent(gate.db, FORM.sha256)
    assert not spent.is_spent(gate.db, OTHER)
    assert spent.closed_day(gate.db, "gate") is None


def test_a_form_is_found_by_its_content_and_tells_no_time(gate: World) -> None:
    erase(gate, gate.record(evidence=FORM))
    context = f"facecli/spent-form/1\n{meta.database_id(gate.db)}".encode()
    expected = hmac.digest(bytes.fromhex(FORM.sha256), context, "sha256")
    assert gate.db.tuples("SELECT * FROM spent_form") == [(expected,)]


def test_a_date_is_closed_by_what_ended_on_it_and_by_what_was_given_on_it(gate: World) -> None:
    dated = gate.record(given="2026-11-23")
    erase(gate, dated)
    assert spent.closed_day(gate.db, "gate") == "2026-11-23"
    gate.wait(days=3)
    signed = gate.record(evidence=FORM)
    erase(gate, signed)  # over by itself: who consents anew today was not withdrawn today
    assert spent.closed_day(gate.db, "gate") == "2026-11-23"
    withdrawn = gate.record()
    gate.wait(days=1)
    gate.withdraw(withdrawn)
    gate.wait(days=30)
    erase(gate, withdrawn)
    assert spent.closed_day(gate.db, "gate") == "2026-11-27"
    assert spent.closed_day(gate.db, "door") is None


def test_an_earlier_day_does_not_open_a_later_one(gate: World) -> None:
    gate.wait(days=5)
    first, second = gate.record(given="2026-11-26"), gate.record(given="2026-11-27")
    erase(gate, second)
    erase(gate, first)
    assert spent.closed_day(gate.db, "gate") == "2026-11-27"


def test_a_changed_ref_closes_the_date_of_its_consents(gate: World) -> None:
    gate.record(given="2026-11-23")
    with gate.act() as act:
        subjects.correct(act, "A-1", {"ref": "B-1"})
    assert spent.closed_day(gate.db, "gate") == "2026-11-23"


def test_what_a_restore_cannot_know_is_noted(gate: World) -> None:
    assert spent.unknown_until(gate.db) is None
    with gate.db.transaction():
        spent.forget_before(gate.db, gate.now)
    assert spent.unknown_until(gate.db) == gate.now


def test_a_copy_learns_what_the_present_database_knows(gate: World, tmp_path: Path) -> None:
    gate.wait(days=5)
    dated, signed = gate.record(given="2026-11-24"), gate.record(evidence=FORM)
    copy = gate.copy(tmp_path / "copy.db")
    erase(copy, copy.record(given="2026-11-23"), copy.record(evidence=Evidence(OTHER, None)))
    erase(gate, dated, signed)
    with copy.db.transaction():
        spent.take_over(copy.db, gate.db)
    assert spent.is_spent(copy.db, FORM.sha256)
    assert spent.is_spent(copy.db, OTHER)
    assert spent.closed_day(copy.db, "gate") == "2026-11-24"
    copy.db.close()


# -- the attack --------------------------------------------------------------------------------

REFS = [f"A-{number}" for number in range(1, 10_001)]
DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    name: lambda data, name=name: hashlib.new(name, data).digest()  # type: ignore[misc]
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b")
}


def guesses(db: Database, form: str, refs: Sequence[str] = REFS) -> Iterator[tuple[str, bytes]]:
    """Yield digests of every REF, plain and keyed with everything that the database holds.

    These are the ways in which facecli makes digests, with each stored value as a key, and with the
    purpose and the form as the earlier facecli had them.
    """
    stored = [value for _, value in db.tuples("SELECT name, value FROM meta")]
    keys = [value.encode() for value in stored]
    keys += [bytes.fromhex(value) for value in stored if len(value) % 2 == 0 and is_hex(value)]
    for ref in refs:
        for text in (ref, f"{ref}\ngate", f"{ref}\ngate\n", f"{ref}\ngate\n{form}"):
            data = text.encode()
            for digest in DIGESTS.values():
                yield ref, digest(data)
            for key in keys:
                yield ref, hmac.digest(key, data, "sha256")
                yield ref, hashlib.sha256(key + data).digest()


def is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)


def values(db: Database) -> set[bytes]:
    """Every value of every table, and every word of every entry of the log."""
    found: set[bytes] = set()
    for (table,) in db.tuples("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in db.tuples(f"SELECT * FROM {table}"):
            for value in row:
                if isinstance(value, bytes):
                    found.add(value)
                elif isinstance(value, str):
                    found |= {word.encode() for word in value.split('"')}
    return found


def test_nothing_tells_an_erased_person_to_whoever_has_the_key_and_10_000_refs(
    gate: World,
) -> None:
    stories: dict[str, dict[str, Any]] = {
        "A-4711": {"evidence": FORM}, "A-4712": {"given": "2026-11-23"}, "A-4713": {},
    }  # fmt: skip
    people = [gate.add(ref) for ref in stories]
    given = [gate.record(ref, **what) for ref, what in stories.items()]
    for consent in given:
        gate.withdraw(consent)
    erase(gate, *given)
    with gate.act() as act:
        subjects.erase(act, [one.subject_id for one in people])
        act.record("test")
    there = values(gate.db)
    whole = there | {value.hex().encode() for value in there}
    found = {ref for ref, digest in guesses(gate.db, FORM.sha256)
             if digest in whole or digest.hex().encode() in whole}  # fmt: skip
    assert found == set()
    assert not whole & {ref.encode() for ref in stories}
    assert {one.pseudonym.encode() for one in people} <= there  # in the log: no REF leads to it


def test_the_attack_finds_whom_the_earlier_tags_told(gate: World) -> None:
    key = bytes(32).hex()
    meta.put(gate.db, "evidence_key", key)
    tag = hmac.digest(bytes.fromhex(key), b"A-4711\ngate\n", "sha256")
    assert "A-4711" in {
        ref for ref, digest in guesses(gate.db, "", REFS[4700:4720]) if digest == tag
    }


def test_two_people_with_the_same_story_leave_the_same_memory(tmp_path: Path) -> None:
    kept = []
    for ref in ("A-4711", "B-1"):
        folder = tmp_path / ref
        folder.mkdir(mode=0o700)
        world = World(folder / "facecli.db")
        world.apply()
        subject = world.add(ref)
        for what in ({"evidence": FORM}, {"given": "2026-11-23"}):
            consent = world.record(ref, **what)
            world.withdraw(consent)
            erase(world, consent)
        with world.act() as act:
            subjects.erase(act, [subject.subject_id])
            act.record("test")
        tables = ("spent_form", "spent_day", "meta", "purpose", "consent", "subject")
        kept.append({table: world.db.tuples(f"SELECT * FROM {table}") for table in tables})
        world.db.close()
    assert kept[0] == kept[1]
