from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facecli.cli.session import Session
from facecli.consent import gate, purposes
from facecli.consent.agreements import Agreement, Evidence, Shown
from facecli.errors.base import FacecliError
from facecli.errors.store import Locked, PageDamaged, StoreFailed
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment import duplicates
from facecli.recognition.enrolment.batch import enrol_all, not_enrolled_before
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.requests import EnrolmentOutcome, EnrolmentRequest
from facecli.recognition.matching import site_calibration
from facecli.store import shards
from facecli.workers.answers import Failure
from tests.conftest import READY_ENTRIES, Clock, Facecli
from tests.prepared import SPEC, Prepared, count, opened, seen, unit

ROWS = int(os.environ.get("FACECLI_TEST_ROWS", "400"))
YEAR = Agreement("1y", notice=Shown("declared"))
FIRST_VERSION = Agreement("1y", notice=Shown("declared", version=1))


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


def enroller(session: Session, **options: Any) -> Enroller:
    spec = engine_of(session.db)
    return Enroller(session.db, spec, session.act, lambda: session.now, **options)


def request(number: int, agreement: Agreement | None = YEAR, **other: Any) -> EnrolmentRequest:
    return EnrolmentRequest(**{"ref": f"A-{number}", "purpose": "gate", "path": f"{number}.jpg",
                      "agreement": agreement, **other})  # fmt: skip


def run(
    session: Session, requests: Sequence[EnrolmentRequest | EnrolmentOutcome], **analyses: Any
) -> list[EnrolmentOutcome]:
    """Enrol with images whose faces are far apart, except where an analysis is given."""
    prepared = {one.path: seen(one.path, unit(at)) for at, one in enumerate(requests)}
    prepared |= {f"{name[1:]}.jpg": analysis for name, analysis in analyses.items()}
    return list(enrol_all(enroller(session), requests, Prepared(prepared)))


def reasons(outcomes: Sequence[EnrolmentOutcome]) -> list[str | None]:
    return [outcome.reason for outcome in outcomes]


def actions(session: Session) -> list[tuple[str, str]]:
    rows = session.db.rows("SELECT record FROM audit_entry WHERE seq > ?", (READY_ENTRIES,))
    return [(json.loads(row[0])["action"], json.loads(row[0])["outcome"]) for row in rows]


def test_outcomes_come_in_the_order_of_requests(session: Session) -> None:
    requests = [request(number, YEAR if number % 3 else None) for number in range(20)]
    outcomes = run(session, requests)
    assert [outcome.ref for outcome in outcomes] == [f"A-{number}" for number in range(20)]
    assert [outcome.outcome for outcome in outcomes] == [
        "enrolled" if number % 3 else "refused" for number in range(20)
    ]


def test_only_permitted_images_are_looked_at(session: Session) -> None:
    requests = [request(1), request(2, None), request(3, purpose="spa"), request(4)]
    pool = Prepared({f"{n}.jpg": seen(f"{n}.jpg", unit(n)) for n in (1, 4)})
    outcomes = list(enrol_all(enroller(session), requests, pool))
    assert pool.asked == ["1.jpg", "4.jpg"]
    assert reasons(outcomes) == [None, "no-consent", "unknown", None]


@pytest.mark.parametrize(
    "reason",
    ["no-face", "several-faces", "face-too-small", "blurred", "too-dark", "too-bright",
     "turned-away"],
)  # fmt: skip
def test_a_refused_capture_is_rolled_back_and_logged_once(session: Session, reason: str) -> None:
    faces = [] if reason == "no-face" else [unit(1)]
    [outcome] = run(session, [request(1)], _1=seen("1.jpg", *faces, reason=reason))
    assert (outcome.outcome, outcome.reason, outcome.template_id) == ("refused", reason, None)
    assert outcome.error is not None
    assert session.db.value("SELECT count(*) FROM subject") == 0
    assert session.db.value("SELECT count(*) FROM consent") == 0
    assert actions(session) == [("enroll", "refused")]


def test_a_lost_worker_costs_its_capture(session: Session) -> None:
    outcomes = run(session, [request(1), request(2)], _1=Failure("worker-crashed", "it died"))
    assert [(outcome.outcome, outcome.reason) for outcome in outcomes] == [
        ("failed", "worker-crashed"), ("enrolled", None)
    ]  # fmt: skip
    assert str(outcomes[0].error) == "1.jpg: it died."


def test_an_analysis_without_a_template_is_no_face(session: Session) -> None:
    assert reasons(run(session, [request(1)], _1=seen("1.jpg"))) == ["no-face"]


def test_faces_beyond_the_first_are_never_stored(session: Session) -> None:
    run(session, [request(1)], _1=seen("1.jpg", unit(1), unit(2), unit(3)))
    [shard] = shards.of_gallery(session.db, 1, engine_of(session.db).engine_id)
    assert (shard.used, shards.read(session.db, shard)) == (1, unit(1))
    assert session.db.value("SELECT count(*) FROM template") == 1


def test_a_duplicate_within_one_batch_is_found(session: Session) -> None:
    twin = seen("2.jpg", unit(9, near=unit(1), distance=0.1))
    requests = [request(1), request(2)]
    outcomes = run(session, requests, _1=seen("1.jpg", unit(1)), _2=twin)
    assert reasons(outcomes) == [None, "duplicate-identity"]
    [outcome] = run(session, [request(2, allow_duplicate=True)], _2=twin)
    assert outcome.outcome == "enrolled"


def test_two_captures_of_one_subject_are_no_duplicate(session: Session) -> None:
    requests = [request(1), request(1, path="2.jpg")]
    near = seen("2.jpg", unit(9, near=unit(1), distance=0.1))
    assert reasons(run(session, requests, _1=seen("1.jpg", unit(1)), _2=near)) == [None, None]


@pytest.mark.parametrize("again", ["the file", "the picture"])
def test_one_capture_is_enrolled_once(session: Session, again: str) -> None:
    run(session, [request(1)], _1=seen("1.jpg", unit(1)))
    if again == "the file":
        outcomes = run(session, [request(1)], _1=seen("1.jpg", unit(7)))
    else:
        requests = [request(1, path="2.jpg")]
        outcomes = run(session, requests, _2=seen("2.jpg", unit(1)))
    assert reasons(outcomes) == ["already-enrolled"]


def test_the_size_that_counts_for_duplicates_stays(session: Session) -> None:
    """Both are decided alike, though the gallery has grown in between."""
    purpose = purposes.find(session.db, "gate")
    loose, strict = (duplicates.limit(SPEC, purpose, size) for size in (0, 1000))
    near = unit(70, unit(0), (loose + strict) / 2)
    first = enroller(session)
    assert first.enrol(request(1), seen("1.jpg", unit(0))).reason is None
    few = first.enrol(request(2), seen("2.jpg", near))
    many = enroller(session, sizes={"gate": 1000}).enrol(request(2), seen("2.jpg", near))
    assert (few.reason, many.reason) == ("duplicate-identity", None)


def test_the_gallery_s_calibration_is_read_once_and_stays_for_a_command(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    of_purpose = site_calibration.of_purpose

    def noted(*arguments: Any) -> Any:
        read.append(arguments)
        return of_purpose(*arguments)

    monkeypatch.setattr(site_calibration, "of_purpose", noted)
    first = enroller(session)
    for number in (1, 2, 3):
        found = first.enrol(request(number), seen(f"{number}.jpg", unit(number)))
        assert found.reason is None
    assert len(read) == 1
    assert enroller(session).enrol(request(4), seen("4.jpg", unit(4))).reason is None
    assert len(read) == 2


def test_a_face_that_is_not_the_subject_s_is_refused_and_logged_once(session: Session) -> None:
    outcomes = run(session, [request(1), request(1, path="2.jpg")], _2=seen("2.jpg", unit(7)))
    assert reasons(outcomes) == [None, "other-face"]
    assert actions(session)[-1] == ("enroll", "refused")
    stated = request(1, path="2.jpg", allow_other_face="grown a beard")
    assert reasons(run(session, [stated], _2=seen("2.jpg", unit(7)))) == [None]
    near = seen("3.jpg", unit(90, unit(0), 0.3))
    unneeded = request(1, path="3.jpg", allow_other_face="not needed")
    assert reasons(run(session, [unneeded], _3=near)) == [None]
    kept = session.db.tuples("SELECT other_face FROM template ORDER BY id")
    assert kept == [(None,), ("grown a beard",), (None,)]


def test_frames_of_one_sitting_show_one_face(session: Session) -> None:
    frames = [seen("a", unit(1)), seen("b", unit(51, unit(1), 0.1)), seen("c", unit(9))]
    [outcome] = enroller(session).enrol_together(request(1), frames)
    assert (outcome.outcome, outcome.reason) == ("refused", "other-face")
    assert session.db.value("SELECT count(*) FROM template") == 0


def test_duplicates_are_sought_among_one_engine_s_templates_only(session: Session) -> None:
    run(session, [request(1)], _1=seen("1.jpg", unit(1)))
    with session.db.transaction():
        session.db.execute("UPDATE template_shard SET engine_id = 'another-0123456789ab'")
    assert reasons(run(session, [request(2)], _2=seen("2.jpg", unit(1)))) == [None]


def test_faces_whose_consent_ended_are_not_compared(session: Session, clock: Clock) -> None:
    live = enroller(session)
    prepared = Prepared({f"{n}.jpg": seen(f"{n}.jpg", unit(1)) for n in (1, 2)})
    list(enrol_all(live, [request(1, Agreement("12h", notice=Shown("declared")))], prepared))
    clock.advance(hours=12)
    [outcome] = enrol_all(live, [request(2)], prepared)
    assert outcome.outcome == "enrolled"


def test_a_consent_that_ends_between_start_and_commit_enrols_nobody(
    session: Session, clock: Clock
) -> None:
    class Slow(Prepared):
        def map(self, tasks: Any) -> Iterator[Any]:
            for answer in super().map(tasks):
                clock.advance(hours=12)
                yield answer

    run(session, [request(1, Agreement("12h", notice=Shown("declared")))])
    prepared = Slow({"2.jpg": seen("2.jpg", unit(2))})
    [outcome] = enrol_all(enroller(session), [request(1, None, path="2.jpg")], prepared)
    assert (outcome.outcome, outcome.reason) == ("refused", "consent-expired")


def test_a_purpose_revised_between_start_and_commit_enrols_nobody(
    ready: Facecli, session: Session
) -> None:
    class Revised(Prepared):
        def map(self, tasks: Any) -> Iterator[Any]:
            for answer in super().map(tasks):
                with opened(ready) as other, other.db.transaction():
                    other.db.execute("UPDATE purpose_version SET version = version + 1")
                yield answer

    run(session, [request(1)])
    prepared = Revised({"2.jpg": seen("2.jpg", unit(2))})
    [outcome] = enrol_all(enroller(session), [request(1, None, path="2.jpg")], prepared)
    assert (outcome.outcome, outcome.reason) == ("refused", "consent-other-version")


@pytest.mark.parametrize(
    "error",
    [StoreFailed(path="db", why="full"), Locked(seconds=1), PageDamaged(path="db")],
    ids=lambda error: error.code,
)
def test_trouble_with_the_database_ends_the_run_and_is_no_row_s_fault(
    session: Session, monkeypatch: pytest.MonkeyPatch, error: FacecliError
) -> None:
    real = shards.append
    calls = iter([real, real, None])

    def append(*arguments: Any) -> Any:
        work = next(calls)
        if work is None:
            raise error
        return work(*arguments)

    monkeypatch.setattr(shards, "append", append)
    prepared = Prepared({f"{n}.jpg": seen(f"{n}.jpg", unit(n)) for n in range(5)})
    outcomes = enrol_all(enroller(session), [request(n) for n in range(5)], prepared)
    told = [next(outcomes).ref, next(outcomes).ref]
    with pytest.raises(type(error)):
        next(outcomes)
    assert told == ["A-0", "A-1"]
    assert [row[0] for row in session.db.rows("SELECT ref FROM subject")] == told
    assert session.db.value("SELECT count(*) FROM template") == 2
    assert [outcome for _, outcome in actions(session)] == ["done"] * 6


# -- resuming -----------------------------------------------------------------------------


def resumed(session: Session, requests: Sequence[EnrolmentRequest]) -> list[str]:
    return [one.ref for one in not_enrolled_before(enroller(session), requests)]


def test_resuming_passes_over_what_is_enrolled(session: Session, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(b"capture %d" % number)
    requests = [request(number, path=str(path)) for number, path in enumerate(paths)]
    analyses = {str(path): seen(path, unit(at)) for at, path in enumerate(paths)}
    pool = Prepared({
        path: one.__class__(**{**one.__dict__, "sha256": _sha256(Path(path))})
        for path, one in analyses.items()
    })  # fmt: skip
    list(enrol_all(enroller(session), requests[:2], pool))
    assert resumed(session, requests) == ["A-2"]
    paths[0].write_bytes(b"another capture")
    assert resumed(session, requests) == ["A-0", "A-2"]


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_resuming_passes_over_nobody_without_a_consent_in_force(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(b"capture")
    analysis = seen(path, unit(1))
    pool = Prepared({str(path): analysis.__class__(
        **{**analysis.__dict__, "sha256": _sha256(path)})})  # fmt: skip
    requests = [request(1, path=str(path))]
    list(enrol_all(enroller(session), requests, pool))
    assert resumed(session, requests) == []
    with session.db.transaction():
        session.db.execute("UPDATE purpose_version SET version = 2 WHERE purpose_id = 1")
    assert purposes.find(session.db, "gate").version == 2
    assert resumed(session, requests) == ["A-1"]
    [outcome] = enrol_all(enroller(session), [requests[0].under(FIRST_VERSION)], pool)
    assert outcome.reason == "consent-other-version"
    # With a new agreement, the same picture is enrolled again under the new version.
    signed = Agreement("1y", evidence=Evidence("ab" * 32, None))
    [outcome] = enrol_all(enroller(session), [requests[0].under(signed)], pool)
    assert outcome.outcome == "enrolled"
    assert resumed(session, requests) == []


# -- many rows ----------------------------------------------------------------------------


def test_one_bad_row_of_many_costs_itself_and_the_gallery_is_read_once(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FACECLI_TEST_ROWS=10000 runs it at the size that issue reports speak of."""
    readings = []
    real = gate.permitted
    monkeypatch.setattr(gate, "permitted", lambda *args: readings.append(1) or real(*args))
    bad = ROWS // 2
    requests = [request(n, purpose="spa" if n == bad else "gate") for n in range(ROWS)]
    pool = Prepared({one.path: seen(one.path, unit(at)) for at, one in enumerate(requests)})
    with opened(ready) as session:
        enrolling = enroller(session, sizes={"gate": ROWS})
        outcomes = list(enrol_all(enrolling, requests, pool))
    assert [n for n, outcome in enumerate(outcomes) if outcome.outcome != "enrolled"] == [bad]
    assert count(ready, "subject", "consent", "template") == [ROWS - 1] * 3
    assert len(readings) == 1


# -- several captures of one person together -----------------------------------------------


def test_captures_of_one_person_are_stored_in_one_act(session: Session) -> None:
    captures = [seen(f"{n}", unit(1) if n == 0 else unit(n + 50, unit(1), 0.1)) for n in range(3)]
    outcomes = enroller(session).enrol_together(request(1), captures, {"notice": "asked"})
    assert [outcome.outcome for outcome in outcomes] == ["enrolled"] * 3
    assert len({outcome.template_id for outcome in outcomes}) == 3
    rows = session.db.rows("SELECT record FROM audit_entry WHERE seq > ?", (READY_ENTRIES,))
    entries = [json.loads(row[0]) for row in rows]
    assert [entry["action"] for entry in entries] == [
        "subject.add", "consent.record", "enroll", "enroll", "enroll",
    ]  # fmt: skip
    assert {entry["details"]["notice"] for entry in entries[2:]} == {"asked"}


def test_if_one_of_them_is_refused_none_is_stored(session: Session) -> None:
    assert run(session, [request(1)])[0].outcome == "enrolled"
    others = [seen("a", unit(9)), seen("b", unit(0))]  # the second is A-1's face
    both = request(2, allow_other_face="grown a beard")
    [outcome] = enroller(session).enrol_together(both, others)
    assert (outcome.outcome, outcome.reason) == ("refused", "duplicate-identity")
    counts = [session.db.value(f"SELECT count(*) FROM {t}") for t in ("subject", "template")]
    assert counts == [1, 1]
    assert actions(session)[-1] == ("enroll", "refused")


def test_what_was_enrolled_together_is_known_to_the_next_enrolment(session: Session) -> None:
    enrolling = enroller(session)
    both = request(1, allow_other_face="grown a beard")
    enrolling.enrol_together(both, [seen("a", unit(1)), seen("b", unit(2))])
    for template in (unit(1), unit(2)):
        assert enrolling.enrol(request(2), seen("c", template)).reason == "duplicate-identity"


# -- the cap of a purpose -----------------------------------------------------------------


def capped(session: Session, cap: int, **changes: Any) -> None:
    with session.act() as act:
        terms = purposes.find(act.db, "gate").terms
        purposes.apply(act, {"gate": replace(terms, max_templates=cap, **changes)})


def test_a_subject_has_no_more_templates_than_the_purpose_allows(session: Session) -> None:
    capped(session, 2)
    near = {number: unit(number + 50, unit(0), 0.1) for number in (1, 2)}
    requests = [request(1, path=f"{number}.jpg") for number in range(3)]
    outcomes = run(session, requests, _1=seen("1.jpg", near[1]), _2=seen("2.jpg", near[2]))
    assert reasons(outcomes) == [None, None, "too-many-templates"]
    [outcome] = run(session, [request(2, path="4.jpg")], _4=seen("4.jpg", unit(9)))
    assert outcome.outcome == "enrolled"  # the cap is of one subject


def test_of_several_captures_as_many_are_stored_as_there_is_room_for(session: Session) -> None:
    capped(session, 2)
    captures = [seen(f"{n}", unit(1) if n == 0 else unit(n + 50, unit(1), 0.1)) for n in range(3)]
    outcomes = enroller(session).enrol_together(request(1), captures)
    assert [outcome.outcome for outcome in outcomes] == ["enrolled"] * 2
    assert session.db.value("SELECT count(*) FROM template") == 2


def test_templates_that_are_due_leave_room(session: Session, clock: Clock) -> None:
    capped(session, 1, retain_template="72h")
    assert run(session, [request(1)])[0].outcome == "enrolled"
    again = request(1, path="9.jpg")
    assert reasons(run(session, [again])) == ["already-enrolled"]  # the same face
    clock.advance(hours=71)
    near = seen("9.jpg", unit(50, unit(0), 0.1))
    assert reasons(run(session, [again], _9=near)) == ["too-many-templates"]
    clock.advance(hours=1)
    assert reasons(run(session, [again], _9=near)) == [None]
