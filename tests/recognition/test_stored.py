from __future__ import annotations

from collections.abc import Iterator

import pytest

from facecli.audit.entries import Act
from facecli.consent import purposes, subjects
from facecli.consent.subjects import NewSubject
from facecli.recognition import stored
from facecli.recognition.engines import engine
from facecli.recognition.stored import KeptPhoto, TemplateOrigin
from facecli.store import calibrations, templates
from tests.conftest import Facecli
from tests.prepared import opened, unit

SPECS = {one.engine_id: one for one in (engine.spec("sface"), engine.spec("reference"))}
OLD, NEW = SPECS


@pytest.fixture
def act(ready: Facecli) -> Iterator[Act]:
    """An act with one subject, A-1; `subject add` is its log entry."""
    with opened(ready) as session, session.act() as found:
        subjects.add(found, NewSubject("A-1", None))
        yield found


def ids(act: Act) -> tuple[int, int]:
    subject, purpose = subjects.find(act.db, "A-1"), purposes.find(act.db, "gate")
    return subject.subject_id, purpose.purpose_id


def store(act: Act, engine_id: str, seed: int, sample_id: int | None = None) -> str:
    origin = TemplateOrigin(*ids(act), sample_id, f"{seed:064x}", "2026-01-02T00:00:00Z", "camera")
    return stored.store_template(act, origin, SPECS[engine_id], unit(seed), 80)


def test_templates_are_found_by_engine_and_file(act: Act) -> None:
    store(act, OLD, 1)
    assert stored.has_capture(act.db, *ids(act), OLD, f"{1:064x}")
    assert not stored.has_capture(act.db, *ids(act), NEW, f"{1:064x}")
    assert not stored.has_capture(act.db, *ids(act), OLD, f"{2:064x}")
    assert stored.count_templates(act.db, *ids(act), OLD) == 1
    assert stored.count_templates(act.db, *ids(act), NEW) == 0


def test_template_ids_are_random(act: Act) -> None:
    assert len({store(act, OLD, seed) for seed in range(20)}) == 20


def test_a_photo_without_a_template_of_the_new_engine_is_listed(act: Act) -> None:
    sample_id = stored.store_photo(act, *ids(act), b"jpeg")
    assert stored.photos_without_template(act.db, *ids(act), NEW) == []
    store(act, OLD, 1, sample_id)
    assert stored.photos_without_template(act.db, *ids(act), NEW) == [KeptPhoto(sample_id, act.now)]
    assert templates.photo(act.db, sample_id) == b"jpeg"
    captured = (f"{1:064x}", "2026-01-02T00:00:00Z", "camera", None)
    assert stored.capture_of_photo(act.db, sample_id) == captured
    store(act, NEW, 1, sample_id)
    assert stored.photos_without_template(act.db, *ids(act), NEW) == []


def test_a_photo_that_is_gone_has_no_content_and_no_capture(act: Act) -> None:
    assert templates.photo(act.db, 99) is None
    with pytest.raises(LookupError):
        stored.capture_of_photo(act.db, 99)


def test_other_engines_are_erased_but_for_the_subjects_named(act: Act) -> None:
    store(act, OLD, 1)
    store(act, NEW, 2)
    subject_id, purpose_id = ids(act)
    assert stored.in_other_engines(act.db, NEW) == [(subject_id, purpose_id)]
    assert stored.erase_other_engines(act.db, NEW, {subject_id}) == 0
    assert stored.count_templates(act.db, *ids(act), OLD) == 1
    assert stored.erase_other_engines(act.db, NEW, set()) == 1
    assert stored.count_templates(act.db, *ids(act), OLD) == 0
    assert stored.count_templates(act.db, *ids(act), NEW) == 1
    assert act.db.value("SELECT count(*) FROM template_shard") == 1


def test_thresholds_end_with_the_engine_of_their_gallery(act: Act) -> None:
    _, purpose_id = ids(act)
    for engine_id in (OLD, NEW):
        store(act, engine_id, 1)
        gallery = calibrations.counts(act.db, purpose_id, engine_id)
        calibrations.put(act.db, purpose_id, engine_id, act.now, gallery, "{}")
    stored.erase_other_engines(act.db, NEW, set())
    assert calibrations.find(act.db, purpose_id, OLD) is None  # as large anew, it would not be old
    assert calibrations.find(act.db, purpose_id, NEW) is not None


def test_a_match_event_is_stored_if_the_purpose_keeps_any(act: Act) -> None:
    subject_id, _ = ids(act)
    purpose = purposes.find(act.db, "gate")
    stored.store_match(act, purpose, subject_id, "verification", 0.5, 0.9, "e1")
    [row] = act.db.rows("SELECT kind, distance, threshold, at, event_id FROM match_event")
    assert tuple(row) == ("verification", 0.5, 0.9, act.now, "e1")
