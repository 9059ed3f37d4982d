from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecli.cli.session import Session
from facecli.consent import gate, purposes
from facecli.errors.base import Unknown
from facecli.errors.consent import CaseRequired, NoConsent, OtherOperator
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.identification import Matcher, match_all
from facecli.recognition.matching.match_rows import ImageResult
from facecli.recognition.matching.search import Query
from facecli.recognition.matching.thresholds import Asked, for_search
from facecli.store import meta
from facecli.workers.answers import Failure
from tests.conftest import Clock, Facecli
from tests.prepared import Prepared, apart, count, opened, seen, stored_form, unit, vector_of
from tests.recognition.matching.test_gallery import change, enrol_many

THRESHOLD = 0.5
RATE = "1.59e-06"  # measured at this distance
FIRST, SECOND = (vector_of(unit(number)) for number in (1, 2))
BETWEEN = stored_form(0.6 * FIRST + 0.4 * SECOND)
WIDE = 0.88  # within it both are candidates
ROW = [
    "path", "face", "box", "quality", "decision", "rank", "ref", "name", "distance", "reason",
    "threshold", "calibration", "engine",
]  # fmt: skip


def matcher(session: Session, top_k: int = 1, threshold: float = THRESHOLD) -> Matcher:
    query = Query(engine_of(session.db), Asked(threshold=threshold), top_k)
    purpose = purposes.find(session.db, "gate")
    return Matcher(session.db, purpose, query, session.act, lambda: session.now)


def run(session: Session, *images: Any, **options: Any) -> list[ImageResult]:
    files = [Path(f"{number}.jpg") for number in range(len(images))]
    pool = Prepared(dict(zip(map(str, files), images, strict=True)))
    return list(match_all(matcher(session, **options), files, pool))


def test_every_face_has_a_row_and_only_matches_have_a_ref(session: Session) -> None:
    image = seen("0.jpg", unit(7, near=unit(2), distance=0.2), unit(8))
    [result] = run(session, image)
    assert [set(row) for row in result.rows] == [set(ROW)] * 2
    match, stranger = result.rows
    assert (match["decision"], match["ref"], match["rank"]) == ("match", "A-2", 1)
    assert match["distance"] == apart(unit(2), image.faces[0].template)
    assert (stranger["decision"], stranger["reason"]) == ("no-match", "no-candidate")
    assert [stranger[name] for name in ("rank", "ref", "name", "distance")] == [None] * 4
    assert match["engine"] == engine_of(session.db).engine_id
    assert not result.failed


def test_candidates_are_ranked_and_as_many_as_asked_for(session: Session) -> None:
    image = seen("0.jpg", BETWEEN)
    [result] = run(session, image, top_k=5, threshold=WIDE)
    assert [(row["rank"], row["ref"]) for row in result.rows] == [(1, "A-1"), (2, "A-2")]
    [result] = run(session, image, top_k=1, threshold=WIDE)
    assert [row["ref"] for row in result.rows] == ["A-1"]


def test_no_face_is_an_outcome_and_a_failure_is_another(session: Session) -> None:
    nothing, broken = run(session, seen("0.jpg"), Failure("unreadable-image", "1.jpg: torn."))
    assert [row["reason"] for row in nothing.rows] == ["no-face"]
    assert not nothing.failed
    error = {"code": "unreadable-image", "message": "1.jpg: torn."}
    assert broken == ImageResult("1.jpg", [{"path": "1.jpg", "error": error}], failed=True)


def test_the_gallery_is_read_once_for_many_images(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = []
    real = gate.permitted
    monkeypatch.setattr(gate, "permitted", lambda *args: readings.append(1) or real(*args))
    images = [seen(f"{number}.jpg", unit(1)) for number in range(50)]
    assert [result.rows[0]["ref"] for result in run(session, *images)] == ["A-1"] * 50
    assert len(readings) == 1


def test_only_the_best_match_of_a_face_is_kept_and_strangers_are_not(
    session: Session, ready: Facecli
) -> None:
    run(session, seen("0.jpg", BETWEEN), top_k=5, threshold=WIDE)  # two candidates
    run(session, seen("0.jpg", unit(8)))  # none
    events = session.db.rows("SELECT s.ref, m.kind, m.distance FROM match_event m"
                             " JOIN subject s ON s.id = m.subject_id")  # fmt: skip
    assert [tuple(event) for event in events] == [
        ("A-1", "identification", pytest.approx(0.54, abs=0.01))
    ]
    assert count(ready, "template", "subject", "sample") == [2, 2, 0]


def test_an_ambiguous_face_is_nobody_s_match_and_nobody_s_interaction(
    session: Session, ready: Facecli
) -> None:
    halfway = stored_form(0.5 * FIRST + 0.5 * SECOND)
    before = session.db.tuples("SELECT * FROM interaction ORDER BY 1, 2")
    [result] = run(session, seen("0.jpg", halfway), threshold=WIDE)
    assert [(row["decision"], row["rank"]) for row in result.rows] == [
        ("ambiguous", 1), ("ambiguous", 2),
    ]  # fmt: skip
    assert {row["ref"] for row in result.rows} == {"A-1", "A-2"}
    assert result.ambiguous == 1
    assert count(ready, "match_event") == [0]
    assert session.db.tuples("SELECT * FROM interaction ORDER BY 1, 2") == before
    [entry] = ready("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["details"]["matches"], entry["details"]["ambiguous"]) == (0, 1)


def test_where_a_purpose_keeps_no_matches_none_is_kept(session: Session, ready: Facecli) -> None:
    change(ready, "UPDATE purpose_version SET retain_match = '0d'")
    [result] = run(session, seen("0.jpg", unit(1)))
    assert result.rows[0]["ref"] == "A-1"
    assert count(ready, "match_event") == [0]


TAKEN_AWAY = {
    "withdrawn": "UPDATE consent SET withdrawn_at = given_at",
    "over": "UPDATE consent SET given = unixepoch('2020-01-01'), expires = unixepoch('2020-01-02')",
    "restricted": "UPDATE subject SET state = 'restricted'",
    "alternative only": "UPDATE subject SET state = 'alternative-only'",
    "revised": "UPDATE purpose_version SET version = 2",
    "another engine": "UPDATE template_shard SET engine_id = 'another-0123456789ab'",
}


@pytest.mark.parametrize("how", TAKEN_AWAY)
def test_what_is_taken_away_while_images_are_analysed_is_not_reported(
    session: Session, ready: Facecli, how: str
) -> None:
    live = matcher(session)
    assert live.search_and_record([("0.jpg", seen("0.jpg", unit(1)))])[0].rows[0]["ref"] == "A-1"
    change(ready, TAKEN_AWAY[how])
    [result] = live.search_and_record([("1.jpg", seen("1.jpg", unit(1)))])
    assert [row["ref"] for row in result.rows] == [None]
    assert count(ready, "match_event") == [1]


@pytest.mark.parametrize(
    "sql",
    ["UPDATE purpose SET retired_at = '2020-01-01T00:00:00Z'",
     "UPDATE purpose_version SET method = 'fingerprint'"],
)  # fmt: skip
def test_a_purpose_that_ends_while_images_are_analysed_ends_the_search(
    session: Session, ready: Facecli, sql: str
) -> None:
    live = matcher(session)
    change(ready, sql)
    with pytest.raises(NoConsent):
        live.search_and_record([("0.jpg", seen("0.jpg", unit(1)))])
    with pytest.raises((NoConsent, Unknown)):
        matcher(session)


def test_a_consent_that_ends_while_images_are_analysed_is_not_used(
    session: Session, clock: Clock
) -> None:
    live = matcher(session)
    clock.advance(days=366)
    [result] = live.search_and_record([("0.jpg", seen("0.jpg", unit(1)))])
    assert result.rows[0]["decision"] == "no-match"


def test_a_search_is_in_the_log_without_names(session: Session, ready: Facecli) -> None:
    run(session, seen("0.jpg", unit(1), unit(8)), seen("1.jpg"))
    [entry] = ready("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["purpose"], entry["subject_id"]) == ("match", "gate", None)
    details = entry["details"]
    assert len(details.pop("event_id")) == 32
    assert details.pop("started") <= details.pop("ended") == entry["at"]
    assert details.pop("database") == meta.database_id(session.db)
    assert details == {
        "engine": engine_of(session.db).engine_id, "threshold": "0.500000",
        "fmr": RATE, "calibration": "shipped worst group", "references": 2, "images": 2,
        "faces": 2, "matches": 1, "ambiguous": 0, "case": None,
    }  # fmt: skip


def test_the_threshold_of_a_search_follows_the_gallery(session: Session, ready: Facecli) -> None:
    query = Query(engine_of(session.db), Asked(), 1)
    purpose = purposes.find(session.db, "gate")
    live = Matcher(session.db, purpose, query, session.act, lambda: session.now)
    before = live.search_and_record([("0.jpg", seen("0.jpg", unit(1)))])[0].rows[0]["threshold"]
    enrol_many(ready, {f"N-{number}": unit(number) for number in range(100, 250)})
    after = live.search_and_record([("0.jpg", seen("0.jpg", unit(1)))])[0].rows[0]["threshold"]
    assert after == for_search(query.spec, purpose, Asked(), 152).distance < before
    [entry] = ready("log", "show", "-n", "1", "--format", "json").json()
    assert entry["details"]["threshold"] == f"{after:.6f}"
    assert (entry["details"]["references"], entry["details"]["fpir"]) == (152, "0.01")


@pytest.mark.rule("search-is-accounted-for")
@pytest.mark.parametrize(
    ("terms", "refused"),
    [({"case_required": True}, CaseRequired), ({"operators": ("nobody-here",)}, OtherOperator)],
)
def test_a_search_that_runs_asks_again_on_whose_authority(
    session: Session, ready: Facecli, terms: dict[str, Any], refused: type[NoConsent]
) -> None:
    live, image = matcher(session), [("0.jpg", seen("0.jpg", unit(1)))]
    live.search_and_record(image)
    purpose = purposes.find(session.db, "gate")
    with opened(ready) as other, other.act() as act:
        purposes.apply(act, {"gate": replace(purpose.terms, **terms)})
    with pytest.raises(refused):
        live.search_and_record(image)


def test_matching_asks_the_gate_and_nothing_else(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = np.empty(0, np.uint32)
    monkeypatch.setattr(gate, "permitted", lambda *_: gate.Permission(none, none, none, None))
    [result] = run(session, seen("0.jpg", unit(1)))
    assert result.rows[0]["decision"] == "no-match"
