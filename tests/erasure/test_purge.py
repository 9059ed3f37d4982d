"""Purging a real database, whatever is in it: nothing that is due survives, nothing else goes."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.consent import holds, purposes, retention_facts
from facecli.consent.retention import decide
from facecli.erasure import purge
from facecli.erasure.match_retention import MatchesOver
from facecli.store import shards, templates
from facecli.store.packed import day_number, seconds
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from facecli.times import stamp
from tests.consent.conftest import World

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ENGINE = "engine/1"
CODES = ("gate", "shop")
days = st.integers(-800, 400)  # from now
ago = st.integers(-800, 0)
consents = st.tuples(st.sampled_from(CODES), ago, days, st.none() | ago, st.integers(1, 2))
things = st.tuples(st.sampled_from(["template", "photo", "match"]), st.sampled_from(CODES), ago)
people = st.lists(
    st.tuples(
        ago,
        st.none() | days,
        st.lists(consents, max_size=3),
        st.lists(things, max_size=4),
    ),
    max_size=6,
)


def at(day: Any) -> Any:
    return stamp(NOW + timedelta(days=day))


def fill(world: World, person: Any, number: Any) -> None:
    seen, held_until, agreed, held = person
    subject = world.add(f"A-{number}")
    who = {"subject_id": subject.subject_id}
    ids = {code: world.purpose(code).purpose_id for code in CODES}
    with world.db.transaction():
        world.db.execute(
            "UPDATE subject SET last_day_number = ? WHERE id = ?",
            (day_number(at(seen)[:10]), subject.subject_id),
        )
        for purpose_id in ids.values():
            day = day_number(at(seen)[:10])
            world.db.insert("interaction", purpose_id=purpose_id, day_number=day, **who)
        for at_, (code, given_, expires, withdrawn, version) in enumerate(agreed):
            world.db.insert(
                "consent", record_id=bytes([number, at_] * 8), purpose_id=ids[code],
                version=version, purpose_version_id=world.purpose(code).version_id,
                given=seconds(at(given_ - 900)), expires=seconds(at(expires)),
                recorded=seconds(at(given_)),
                withdrawn_at=None if withdrawn is None else at(withdrawn), **who,
            )  # fmt: skip
        for what, code, made in held:
            common = {"purpose_id": ids[code], **who}
            if what == "template":
                slot = NewSlot(who["subject_id"], ids[code], ENGINE, 2, bytes([1] * 8), at(made))
                templates.add(world.db, slot, Capture("0" * 64))
            elif what == "photo":
                world.db.insert("sample", captured_at=at(made), photo=b"photo", **common)
            else:
                world.db.insert(
                    "match_event", at=at(made), kind="verification", distance=0.5, threshold=0.6,
                    **common,
                )  # fmt: skip
    if held_until is not None:
        with world.act() as act:
            holds.hold(act, subject.ref, "a case", at(max(held_until, 1)))
        with world.db.transaction():  # one that may be over by now
            world.db.execute(
                "UPDATE subject_hold SET until = ? WHERE subject_id = ?",
                (at(held_until), subject.subject_id),
            )


def everything(world: World) -> dict[Any, Any]:
    """Every thing that is held, and what the policy says of it now."""
    rules = retention_facts.rules(world.db)
    return {
        (subject.item_id, one.what, one.item_id): one.decision
        for subject in retention_facts.everybody(world.db)
        for one in decide(subject, rules, world.now)
    }


@pytest.mark.rule("earliest-deletion")
@settings(max_examples=40, deadline=None)
@given(people, st.booleans(), st.booleans())
def test_nothing_due_survives_and_nothing_else_goes(
    persons: Any, revised: Any, retired: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "facecli.db")
        world.moment = NOW
        for code in CODES:
            world.apply(code, retain_photo="30d")
        if revised:
            world.apply("gate", scope="another")
        for number, person in enumerate(persons):
            fill(world, person, number)
        if retired:
            with world.act() as act:
                purposes.retire(act, "shop")
        before = everything(world)
        world.moment = NOW - timedelta(days=300)
        planned = purge.survey(world.db, stamp(NOW)).found
        world.moment = NOW
        surveyed = purge.survey(world.db, world.now)
        assert planned == surveyed.found
        assert {
            (d.what, d.item_id): d.decision for one in surveyed.found for d in one.decisions
        } | {
            ("match", event): decision
            for one in surveyed.matches
            for decision, events in (("due", one.due), ("held", one.held))
            for event in events
        } == {thing[1:]: decision for thing, decision in before.items() if decision != "keep"}
        done = list(purge.run(purge.survey(world.db, world.now), world.act))
        assert {outcome for _, outcome in done} <= {"erased"}
        after = everything(world)
        assert "due" not in after.values()
        assert set(after) == {thing for thing, decision in before.items() if decision != "due"}
        again = purge.run(purge.survey(world.db, world.now), world.act)
        assert [one for one, _ in again if not isinstance(one, MatchesOver) or one.due] == []
        kept = world.db.value("SELECT count(*) FROM template")
        vectors = b"".join(
            shards.read_one(world.db, shards.TemplatePlace(row["id"], slot))
            for row in world.db.rows("SELECT id, used FROM template_shard")
            for slot in range(row["used"])
        )
        assert vectors.count(bytes([1] * 8)) == kept
        assert vectors.count(bytes(8)) == len(vectors) // 8 - kept
        world.db.close()
