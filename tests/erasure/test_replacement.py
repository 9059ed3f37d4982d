"""New templates replace the earlier ones of a subject for a purpose, in one act or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from facecli.cli.session import Session
from facecli.consent import gate, purposes
from facecli.consent.agreements import Agreement, Shown
from facecli.erasure.replacement import Replacement
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.batch import enrol_all
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.requests import EnrolmentRequest
from facecli.store.packed import id_text
from tests.conftest import Clock, Facecli
from tests.prepared import Prepared, opened, seen, unit

YEAR = Agreement("1y", notice=Shown("declared"))
FACES = {name: unit(seed) for seed, name in enumerate("abcdef", 30)}


@pytest.fixture
def session(ready: Facecli, clock: Clock) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


def enrol(session: Session, *wanted: str, replacing: Replacement | None = None) -> list[Any]:
    """Enrol faces such as `A-1 a`, in one run; the outcomes' reasons. `-` is a picture of none."""
    pairs = [one.split() for one in wanted]
    images = {f"{face}.jpg": seen(f"{face}.jpg", FACES[face]) for _, face in pairs if face != "-"}
    images["-.jpg"] = seen("-.jpg")
    enroller = Enroller(
        session.db, engine_of(session.db), session.act, lambda: session.now, replacing
    )
    requests = [
        EnrolmentRequest(
            ref, "gate", f"{face}.jpg", None, YEAR, allow_other_face="the first was wrong"
        )
        for ref, face in pairs
    ]
    outcomes = enrol_all(enroller, requests, Prepared(images))
    return [outcome.reason or outcome.template_id for outcome in outcomes]


def held(session: Session, ref: str = "A-1") -> list[str]:
    rows = session.db.tuples(
        "SELECT template_id FROM template t JOIN subject s ON s.id = t.subject_id WHERE ref = ?"
        " ORDER BY t.id",
        (ref,),
    )
    return [id_text(template_id) for (template_id,) in rows]


def removals(session: Session) -> list[Any]:
    rows = session.db.rows("SELECT record FROM audit_entry ORDER BY seq")
    logged = [json.loads(row["record"]) for row in rows]
    return [one["details"]["templates"] for one in logged if one["action"] == "faces.remove"]


def test_the_earlier_ones_go_and_the_consent_stays(session: Session) -> None:
    old = enrol(session, "A-1 a", "A-1 b")
    other = enrol(session, "A-2 c")
    new = enrol(session, "A-1 d", "A-1 e", replacing=Replacement())
    assert held(session) == new
    assert held(session, "A-2") == other
    assert removals(session) == [sorted(old)]
    assert session.db.value("SELECT count(*) FROM consent") == 2


def test_nothing_goes_unless_a_new_one_is_enrolled(session: Session) -> None:
    old = enrol(session, "A-1 a")
    enrol(session, "A-2 b")
    refused = enrol(session, "A-1 -", "A-1 b", replacing=Replacement())
    assert refused == ["no-face", "duplicate-identity"]
    assert held(session) == old
    assert removals(session) == []


def test_whoever_is_new_has_nothing_to_replace(session: Session) -> None:
    assert held(session) == []
    assert enrol(session, "A-1 a", replacing=Replacement()) == held(session)
    assert removals(session) == []


def test_what_was_replaced_does_not_count_towards_the_cap(session: Session) -> None:
    with session.act() as act:
        terms = purposes.find(act.db, "gate").terms
        purposes.apply(act, {"gate": replace(terms, max_templates=1)})
    enrol(session, "A-1 a")
    assert enrol(session, "A-1 b") == ["too-many-templates"]
    new, refused = enrol(session, "A-1 b", "A-1 c", replacing=Replacement())
    assert (held(session), refused) == ([new], "too-many-templates")


def test_the_gallery_is_read_once_however_many_are_replaced(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(session, "A-1 a", "A-2 b", "A-3 c")
    readings = []
    real = gate.permitted
    monkeypatch.setattr(gate, "permitted", lambda *args: readings.append(1) or real(*args))
    outcomes = enrol(session, "A-1 d", "A-2 e", "A-3 f", replacing=Replacement())
    assert outcomes == [*held(session), *held(session, "A-2"), *held(session, "A-3")]
    assert len(readings) == 1


def test_a_replaced_face_is_nobodys_within_the_same_run(session: Session) -> None:
    enrol(session, "A-1 a")
    outcomes = enrol(session, "A-2 a", "A-1 b", "A-2 a", replacing=Replacement())
    assert outcomes[0] == "duplicate-identity"
    assert held(session, "A-2") == [outcomes[2]]


def test_a_resumed_batch_keeps_what_its_earlier_run_has_stored(session: Session) -> None:
    old = enrol(session, "A-1 a")
    with session.db.transaction():
        session.db.execute("UPDATE template SET created = unixepoch('2020-01-01')")
    start = session.now
    first = enrol(session, "A-1 b", replacing=Replacement(start))
    second = enrol(session, "A-1 c", replacing=Replacement(start))
    assert held(session) == [*first, *second]
    assert removals(session) == [old]
