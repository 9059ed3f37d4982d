"""May we? Against an independent model: no sequence of acts opens the gate without a consent."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from facecli.consent import gate as gates
from facecli.consent import interactions, purposes, retention_facts, subjects
from facecli.consent.retention import decide
from facecli.errors.base import FacecliError
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoConsent
from facecli.store import shards, templates
from facecli.store.database import id_lists
from facecli.store.packed import id_text
from facecli.times import stamp
from tests.consent.conftest import World

ENGINE = "engine/1"


def template(world: World, ref: str = "A-1", code: str = "gate", engine: str = ENGINE) -> None:
    """Store a template, consent or not: the gate alone decides whether it may be used."""
    world.template(ref, code, engine)


def permitted(world: World, code: str = "gate", engine: str = ENGINE) -> list[str]:
    """The refs whose templates may be compared now, one for each template."""
    found = gates.permitted(world.db, world.purpose(code), engine, world.now).subjects.tolist()
    names = subjects.names(world.db, set(found))
    return sorted(names[one][0] for one in found)


def reason(world: World, ref: str = "A-1", code: str = "gate") -> str | None:
    """Why `require` says no; None if it passes."""
    try:
        gates.require(world.db, subjects.find(world.db, ref), world.purpose(code), world.now)
    except NoConsent as error:
        return error.reason
    return None


# -- each reason ----------------------------------------------------------------------------


@pytest.mark.rule("consent-before-enrolment")
def test_a_consent_opens_the_gate(gate: World) -> None:
    template(gate)
    assert reason(gate) == "no-consent"
    assert permitted(gate) == []
    gate.record()
    assert reason(gate) is None
    assert permitted(gate) == ["A-1"]


def expire(world: World) -> None:
    world.wait(days=366)


def not_yet(world: World) -> None:
    world.moment -= timedelta(days=1)


def revise(world: World) -> None:
    world.apply(scope="another")


def set_state(state: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        with world.db.transaction():
            world.db.execute("UPDATE subject SET state = ?", (state,))

    return change


def withdraw(world: World) -> None:
    with world.db.transaction():
        world.db.execute("UPDATE consent SET withdrawn_at = ?", (world.now,))


def come_of_minor_age(world: World) -> None:
    with world.db.transaction():
        world.db.execute("UPDATE subject SET minor = 1, guardian = 'Parent'")


def other_method(world: World) -> None:
    world.apply(method="fingerprint")
    world.record()


def retire(world: World) -> None:
    with world.act() as act:
        purposes.retire(act, "gate")


CLOSED = [
    (expire, "consent-expired"),
    (not_yet, "no-consent"),
    (revise, "consent-other-version"),
    (withdraw, "no-consent"),
    (set_state("restricted"), "restricted"),
    (set_state("alternative-only"), "alternative-only"),
    (come_of_minor_age, "no-guardian"),
]


@pytest.mark.rule("guardian")
@pytest.mark.rule("consent-version")
@pytest.mark.rule("restricted-not-matched")
@pytest.mark.rule("consent-before-enrolment")
@pytest.mark.parametrize(("close", "why"), CLOSED, ids=[why for _, why in CLOSED])
def test_what_closes_the_gate(gate: World, close: Callable[[World], None], why: str) -> None:
    template(gate)
    gate.record()
    close(gate)
    assert reason(gate) == why
    assert permitted(gate) == []
    with pytest.raises(NoConsent):
        gates.permitted_of(gate.db, subjects.find(gate.db, "A-1"), gate.purpose(), ENGINE, gate.now)


@pytest.mark.parametrize(
    ("close", "why"), [(retire, "purpose-retired"), (other_method, "other-method")]
)
def test_what_closes_the_gate_for_everybody(
    gate: World, close: Callable[[World], None], why: str
) -> None:
    template(gate)
    gate.record()
    close(gate)
    assert reason(gate) == why
    with pytest.raises(NoConsent) as refused:
        permitted(gate)
    assert refused.value.reason == why


def test_a_consent_ends_with_its_last_second(gate: World) -> None:
    template(gate)
    gate.record(expires="1d")
    gate.wait(days=1, seconds=-1)
    assert permitted(gate) == ["A-1"]
    gate.wait(seconds=1)
    assert permitted(gate) == []


def test_a_minor_revision_keeps_the_gate_open(gate: World) -> None:
    template(gate)
    gate.record()
    gate.apply(retain_match="1d", threshold_fmr=1e-4)
    assert permitted(gate) == ["A-1"]


@pytest.mark.rule("consent-version")
def test_going_back_to_the_old_words_does_not_bring_the_old_consent_back(gate: World) -> None:
    template(gate)
    gate.record()
    gate.apply(scope="another")
    gate.apply()
    assert gate.purpose().version == 3
    assert reason(gate) == "consent-other-version"


def test_purposes_and_engines_are_kept_apart(gate: World) -> None:
    gate.apply("door")
    template(gate)
    template(gate, code="door")
    template(gate, engine="other/1")
    gate.record()
    assert permitted(gate) == ["A-1"]
    assert permitted(gate, "door") == []
    assert permitted(gate, engine="other/1") == ["A-1"]
    assert permitted(gate, engine="none/1") == []


def test_the_answer_says_until_when_it_holds(gate: World) -> None:
    gate.add("A-2")
    for ref, expires in [("A-1", "2027-01-01"), ("A-1", "2027-03-01"), ("A-2", "2027-02-01")]:
        gate.record(ref, expires=expires)

    def valid_until() -> str | None:
        return gates.permitted(gate.db, gate.purpose(), ENGINE, gate.now).valid_until

    assert valid_until() is None
    template(gate)
    template(gate, "A-2")
    # It is to be asked again at the first end of all, though A-1 agreed anew for longer.
    assert valid_until() == "2027-01-02T00:00:00Z"
    gate.moment = datetime(2027, 1, 2, tzinfo=UTC)
    assert valid_until() == "2027-02-02T00:00:00Z"
    assert permitted(gate) == ["A-1", "A-2"]
    subject = subjects.find(gate.db, "A-1")
    assert gates.require(gate.db, subject, gate.purpose(), gate.now) == "2027-03-02T00:00:00Z"


def test_templates_come_by_shard_and_slot_and_each_once(
    gate: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "CAPACITIES", (2, 3, 4))
    gate.add("A-2")
    gate.add("A-3")
    for ref in ("A-3", "A-1", "A-2", "A-2", "A-1", "A-3", "A-1"):
        template(gate, ref)
    for ref in ("A-1", "A-3", "A-1", "A-1"):  # A-2 never agreed, A-1 thrice
        gate.record(ref)
    one, three = (subjects.find(gate.db, ref).subject_id for ref in ("A-1", "A-3"))
    found = gates.permitted(gate.db, gate.purpose(), ENGINE, gate.now)
    assert found.shards.tolist() == [1, 1, 2, 3, 3]
    assert found.slots.tolist() == [0, 1, 2, 0, 1]
    assert found.subjects.tolist() == [three, one, one, three, one]
    assert [found.of_shard(shard) for shard in (1, 2, 3, 4)] == [
        slice(0, 2), slice(2, 3), slice(3, 5), slice(5, 5),
    ]  # fmt: skip


APART: dict[str, tuple[str, bool]] = {
    "active": ("UPDATE subject SET name = 'A' WHERE id = ?", True),
    "restricted": ("UPDATE subject SET state = 'restricted' WHERE id = ?", False),
    "alternative-only": ("UPDATE subject SET state = 'alternative-only' WHERE id = ?", False),
    "held": (
        "INSERT INTO subject_hold SELECT id, 'r', '2999-01-01T00:00:00Z', '', 'active'"
        " FROM subject WHERE id = ?",
        False,
    ),
    "minor": ("UPDATE subject SET minor = 1, guardian = 'G' WHERE id = ?", False),
    "minor, guardian": ("UPDATE subject SET minor = 1, guardian = 'G' WHERE id = ?", True),
    "minor, restricted": (
        "UPDATE subject SET minor = 1, guardian = 'G', state = 'restricted' WHERE id = ?", False,
    ),
    "withdrawn": ("UPDATE consent SET withdrawn_at = given_at WHERE subject_id = ?", False),
    "other version": ("UPDATE consent SET version = 9 WHERE subject_id = ?", False),
    "not yet": ("UPDATE consent SET given = unixepoch('2027-01-01') WHERE subject_id = ?", False),
    "over": (
        "UPDATE consent SET given = unixepoch('2020-01-01'), expires = unixepoch('2021-01-01')"
        " WHERE subject_id = ?",
        False,
    ),
    "over, with another": (
        "INSERT INTO consent (record_id, subject_id, purpose_id, purpose_version_id, version,"
        " given, expires, recorded) SELECT record_id, subject_id, purpose_id, purpose_version_id,"
        " version, unixepoch('2020-01-01'), unixepoch('2021-01-01'), recorded FROM consent"
        " WHERE subject_id = ?",
        True,
    ),
}  # fmt: skip
"""What sets one subject apart from the others, and whether their template may be compared."""


def test_whoever_is_set_apart_is_asked_by_the_whole_rule(gate: World) -> None:
    """One of each kind among the others, in one gallery: each as `require` decides for one."""
    for ref, (sql, _) in APART.items():
        gate.add(ref)
        gate.record(ref, guardian="G" if ref.endswith("guardian") else None)
        template(gate, ref)
        with gate.db.transaction():
            subject_id = subjects.find(gate.db, ref).subject_id
            gate.db.execute(sql, (subject_id,))
            if ref == "held":
                gate.db.execute(
                    "UPDATE subject SET state = 'restricted' WHERE id = ?", [subject_id]
                )
    expected = {ref for ref, (_, allowed) in APART.items() if allowed}
    assert set(permitted(gate)) == expected
    for ref in APART:
        subject = subjects.find(gate.db, ref)
        if ref in expected:
            gates.require(gate.db, subject, gate.purpose(), gate.now)
        else:
            with pytest.raises(NoConsent):
                gates.require(gate.db, subject, gate.purpose(), gate.now)


def test_a_minor_whose_own_consent_does_not_count_is_compared_by_the_guardians(
    gate: World,
) -> None:
    template(gate)
    gate.record()
    come_of_minor_age(gate)
    assert permitted(gate) == []
    gate.record(guardian="Parent")
    assert permitted(gate) == ["A-1"]


def test_all_consents_are_asked_in_one_index_and_the_others_in_their_own(gate: World) -> None:
    parameters = {"purpose_id": 1, "version": 1, "now": "", "reached": "", "first": 0, "last": 9}

    def plan(sql: str) -> list[str]:
        found = gate.db.tuples(f"EXPLAIN QUERY PLAN {sql}", {**parameters, "apart": "[]"})
        return [row[3] for row in found]

    assert plan(gates._STANDING)[0].startswith("SEARCH c USING COVERING INDEX consent_standing")
    assert plan(gates._FIRST_END)[0].startswith("SEARCH c USING COVERING INDEX consent_by_end")
    assert plan(gates._ENDED)[0].startswith("SEARCH c USING INDEX consent_by_end")
    steps = [*plan(gates._APART), *plan(gates._APART_IN_FORCE)]
    expected = ["SCAN subject USING INDEX subject_apart", "SCAN json_each VIRTUAL TABLE INDEX 1:"]
    assert [step for step in steps if step.startswith("SCAN")] == expected


def test_whoever_consented_again_is_compared_and_not_asked_alone(
    gate: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ref in ("A-2", "A-3", "A-4"):
        gate.add(ref)
    for ref in ("A-1", "A-2", "A-3", "A-4"):
        template(gate, ref)
        gate.record(ref, expires="1d")
    gate.record("A-3", expires="2d")
    gate.withdraw(gate.record("A-4", expires="9d"))
    gate.wait(hours=23)
    gate.record("A-2", expires="9d")
    gate.record("A-2", expires="9d")
    gate.wait(days=2)
    gate.record("A-1", expires="9d")
    template(gate, "A-1")  # the earlier one stays due
    asked: list[int] = []
    monkeypatch.setattr(gates, "id_lists", lambda ids: asked.extend(ids) or id_lists(ids))
    assert permitted(gate) == ["A-1", "A-2"]
    assert asked == []


def test_a_consent_that_ended_later_than_a_clock_set_back_ends_no_other(gate: World) -> None:
    template(gate)
    gate.record(expires="30d")
    gate.wait(days=2)
    gate.record(expires="1d")
    gate.wait(days=2)
    gate.add("A-2")  # the log reaches this time
    assert permitted(gate) == ["A-1"]
    gate.wait(days=-3)
    assert permitted(gate) == ["A-1"]


def test_a_gallery_holds_until_the_first_end_of_a_consent_that_counts(gate: World) -> None:
    template(gate)
    gate.apply("door")
    gate.add("A-2")
    gate.add("A-3")
    gate.withdraw(gate.record("A-3", expires="1d"))
    gate.record(code="door", expires="2d")
    gate.record(expires="3d")
    gate.apply(scope="another")
    gate.record("A-2", expires="5d")
    ends = gate.record(expires="4d").expires_at

    def valid_until() -> str | None:
        return gates.permitted(gate.db, gate.purpose(), ENGINE, gate.now).valid_until

    assert valid_until() == ends
    gate.wait(days=4, seconds=-1)
    assert (valid_until(), permitted(gate)) == (ends, ["A-1"])
    gate.moment = datetime.fromisoformat(ends)
    assert (valid_until(), permitted(gate)) == (None, [])


def test_rows_are_asked_of_shards_with_a_template_old_enough_alone(
    gate: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "CAPACITIES", (2, 2, 2))
    gate.apply(retain_template="30d")
    gate.record()
    for _ in range(6):
        template(gate)
        gate.wait(days=10)
    asked = []
    real = templates.older_than
    monkeypatch.setattr(templates, "older_than", lambda *args: asked.append(args[1]) or real(*args))
    found = gates.permitted(gate.db, gate.purpose(), ENGINE, gate.now)
    assert asked == [1, 2]  # made on the days 0, 10, 20 and 30, asked on day 60
    assert list(zip(found.shards.tolist(), found.slots.tolist(), strict=True)) == [(3, 0), (3, 1)]


def test_a_gallery_holds_until_the_first_of_two_days_that_end_together(gate: World) -> None:
    """A month after 30 and 31 May is 30 June: what was made later may be over first."""
    gate.apply(retain_template="1m", inactive_after="1y")
    gate.moment = datetime(2027, 5, 30, 10, tzinfo=UTC)
    gate.record()
    template(gate)
    gate.moment = datetime(2027, 5, 31, 9, tzinfo=UTC)
    template(gate)

    def held() -> tuple[int, str | None]:
        found = gates.permitted(gate.db, gate.purpose(), ENGINE, gate.now)
        return len(found), found.valid_until

    count, until = held()
    assert count == 2
    assert until is not None
    assert until <= "2027-06-30T09:00:00Z"
    gate.moment = datetime(2027, 6, 30, 8, tzinfo=UTC)
    assert held() == (2, "2027-06-30T09:00:00Z")
    gate.moment = datetime(2027, 6, 30, 9, tzinfo=UTC)
    assert held() == (1, "2027-06-30T10:00:00Z")


# -- every sequence -------------------------------------------------------------------------

REFS = ["A-1", "A-2", "M-1"]
CODES = ["gate", "door"]
refs = st.sampled_from(REFS)
codes = st.sampled_from(CODES)
FIRST: dict[str, Any] = {
    "retain_template": "60d",
    "inactive_after": "40d",
    "ask_again_within": "20d",
    "max_consent": "1y",
}


@dataclass
class Agreed:
    """One consent in the model."""

    record_id: str
    ref: str
    code: str
    version: int
    given: str
    expires: str
    withdrawn: bool = False
    due: bool = False


@dataclass
class Made:
    """One template in the model, by its place in the order of enrolments."""

    template_id: str
    ref: str
    code: str
    created: datetime
    due: bool = False


@dataclass
class Model:
    """The rules of the mission, written a second time: lists, and a mark that never goes away."""

    began: dict[str, list[datetime]] = field(default_factory=dict)  # of each version
    terms: dict[str, dict[str, Any]] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=lambda: dict.fromkeys(REFS, "active"))
    agreed: list[Agreed] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    seen: dict[tuple[str, str], date] = field(default_factory=dict)

    def version(self, code: str) -> int:
        return len(self.began[code])

    def mark(self, now: datetime) -> None:
        """Mark what is due at this moment, by the terms that are in force at it."""
        for one in self.agreed:
            one.due = one.due or self._is_over(one, now)
        for made in self.made:
            kept = timedelta(days=int(self.terms[made.code]["retain_template"][:-1]))
            covered = any(
                one.ref == made.ref and one.code == made.code and not self._is_over(one, now)
                and not one.due
                for one in self.agreed
            )  # fmt: skip
            made.due = made.due or made.created + kept <= now or not covered

    def _is_over(self, one: Agreed, now: datetime) -> bool:
        terms = self.terms[one.code]
        midnight = datetime.combine(self.seen[one.ref, one.code], time(), UTC) + timedelta(days=1)
        within = timedelta(days=int(terms["ask_again_within"][:-1]))
        superseded = self.began[one.code][one.version :]
        return (
            one.withdrawn
            or one.expires <= stamp(now)
            or one.code in self.retired
            or midnight + timedelta(days=int(terms["inactive_after"][:-1])) <= now
            or any(since + within <= now for since in superseded)
        )

    def may(self, ref: str, code: str, now: datetime) -> bool:
        """Is there one consent that covers it?"""
        return (
            code not in self.retired
            and self.states[ref] == "active"
            and any(
                one.ref == ref
                and one.code == code
                and one.version == self.version(code)
                and one.given <= stamp(now)
                and not one.due
                for one in self.agreed
            )
        )


class GateMachine(RuleBasedStateMachine):
    """Random acts on a real database; after each, gate and policy agree with the model."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self._folder.name) / "facecli.db")
        self.model = Model()
        self.scopes = 0

    @initialize()
    def begin(self) -> None:
        for code in CODES:
            self.model.terms[code] = dict(FIRST)
            self.world.apply(code, **FIRST)
            self.model.began[code] = [self.world.moment]
        for ref in REFS:
            minor = ref.startswith("M")
            self.world.add(ref, minor=minor, guardian="Parent" if minor else None)

    @rule(ref=refs, code=codes, days=st.integers(1, 90), ago=st.integers(0, 40))
    def record(self, ref: str, code: str, days: int, ago: int) -> None:
        given = stamp(self.world.moment - timedelta(days=ago))
        guardian = "Parent" if ref.startswith("M") else None
        purpose = self.world.purpose(code)
        try:
            done = self.world.record(ref, code, expires=f"{days}d", given=given, guardian=guardian)
        except FacecliError:
            return
        assert done.version == purpose.version
        # nobody agrees on a day before the notice was there
        assert purpose.version == 1 or given[:10] >= purpose.version_since[:10]
        self.model.seen[ref, code] = self.world.moment.date()
        self.model.agreed.append(
            Agreed(
                done.record_id, ref, code, self.model.version(code), done.given_at, done.expires_at
            )
        )

    @rule(ref=refs, code=codes)
    def enrol(self, ref: str, code: str) -> None:
        if reason(self.world, ref, code) is None:
            template_id = self.world.template(ref, code)
            self.see(ref, code)
            self.model.made.append(Made(template_id, ref, code, self.world.moment))

    @rule(ref=refs, code=codes)
    def see(self, ref: str, code: str) -> None:
        if reason(self.world, ref, code) is None:
            subject_id = subjects.find(self.world.db, ref).subject_id
            with self.world.act() as act:
                interactions.note(act, subject_id, self.world.purpose(code).purpose_id)
                act.record("test")
            self.model.seen[ref, code] = self.world.moment.date()

    @rule(
        code=codes,
        change=st.sampled_from(
            [
                ("scope", None),
                ("retain_template", "5d"),
                ("retain_template", "90d"),
                ("inactive_after", "10d"),
                ("inactive_after", "70d"),
                ("ask_again_within", "5d"),
            ]
        ),
    )
    def revise(self, code: str, change: tuple[str, str | None]) -> None:
        name, text = change
        terms = {**self.model.terms[code], name: text or f"scope {self.scopes}"}
        self.scopes += 1
        if code in self.model.retired:
            with pytest.raises(FacecliError):
                self.world.apply(code, **terms)
            return
        self.model.terms[code] = terms
        kind = self.world.apply(code, **terms).kind
        if kind == "version":
            self.model.began[code].append(self.world.moment)

    @precondition(lambda self: self.model.agreed)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.model.agreed))
        one.withdrawn = True
        with self.world.db.transaction():
            self.world.db.execute(
                "UPDATE consent SET withdrawn_at = ? WHERE record_id = unhex(?, '-')",
                (self.world.now, one.record_id),
            )

    @rule(ref=refs, state=st.sampled_from(["active", "active", "restricted", "alternative-only"]))
    def restrict(self, ref: str, state: str) -> None:
        self.model.states[ref] = state
        with self.world.db.transaction():
            self.world.db.execute("UPDATE subject SET state = ? WHERE ref = ?", (state, ref))

    @rule(code=codes)
    @precondition(lambda self: not self.model.retired)
    def retire(self, code: str) -> None:
        self.model.retired.add(code)
        with self.world.act() as act:
            purposes.retire(act, code)

    @rule(hours=st.sampled_from([1, 24, 24 * 4, 24 * 15, 24 * 45]))
    def wait(self, hours: int) -> None:
        self.world.wait(hours=hours)
        something_is_logged(self.world)

    @invariant()
    def the_gate_permits_what_the_model_permits(self) -> None:
        world, model = self.world, self.model
        model.mark(world.moment)
        for code in model.began:
            kept = [
                one.ref
                for one in model.made
                if one.code == code and not one.due and model.may(one.ref, code, world.moment)
            ]
            if code in model.retired:
                with pytest.raises(NoConsent):
                    permitted(world, code)
            else:
                assert permitted(world, code) == sorted(kept)
                self._same_one_by_one(code, kept)
            for ref in REFS:
                assert (reason(world, ref, code) is None) == model.may(ref, code, world.moment)

    def _same_one_by_one(self, code: str, kept: list[str]) -> None:
        db, purpose, now = self.world.db, self.world.purpose(code), self.world.now
        for ref in REFS:
            if reason(self.world, ref, code) is None:
                found = gates.permitted_of(db, subjects.find(db, ref), purpose, ENGINE, now)
                assert len(found) == kept.count(ref)

    @invariant()
    def the_policy_decides_what_the_model_marked(self) -> None:
        world, model = self.world, self.model
        rules = retention_facts.rules(world.db)
        due = {
            (one.what, one.item_id)
            for subject in retention_facts.everybody(world.db)
            for one in decide(subject, rules, world.now)
            if one.decision == "due"
        }
        rows = world.db.rows("SELECT * FROM template")
        ids = {id_text(row["template_id"]): row["id"] for row in rows}
        for made in model.made:
            assert (("template", ids[made.template_id]) in due) == made.due
        ids = {
            id_text(row["record_id"]): row["id"] for row in world.db.rows("SELECT * FROM consent")
        }
        for agreed in model.agreed:
            assert (("consent", ids[agreed.record_id]) in due) == agreed.due

    def teardown(self) -> None:
        self.world.db.close()
        self._folder.cleanup()


GateMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestGate = GateMachine.TestCase


# -- the clock ------------------------------------------------------------------------------


def something_is_logged(world: World) -> None:
    with world.act() as act:
        act.record("test")


def test_a_clock_that_is_set_back_revives_no_consent(gate: World) -> None:
    template(gate)
    gate.record(expires="10d")
    gate.wait(days=11)
    something_is_logged(gate)
    gate.moment -= timedelta(days=5)
    something_is_logged(gate)  # the last entry alone would tell nothing
    assert (reason(gate), permitted(gate)) == ("consent-expired", [])
    with pytest.raises(NoConsent, match="that consent ended"):
        gate.ensure(expires="10d", given="2026-11-23")
    with pytest.raises(BadInput, match="clock was set back"):
        gate.record(expires="3d")
    with pytest.raises(NoConsent, match="the clock is behind"):
        gate.record(expires="1y")
    gate.wait(days=6)
    gate.record(expires="1y")
    assert (reason(gate), permitted(gate)) == (None, [])  # what was due stays due


def test_a_clock_that_ran_far_ahead_ends_nothing_once_it_is_right(gate: World) -> None:
    template(gate)
    gate.record()
    gate.wait(days=20000)
    something_is_logged(gate)
    assert (reason(gate), permitted(gate)) == ("consent-expired", [])
    gate.moment -= timedelta(days=20000)
    assert (reason(gate), permitted(gate)) == (None, ["A-1"])
