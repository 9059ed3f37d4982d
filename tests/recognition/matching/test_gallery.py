from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.consent import consents, purposes, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.subjects import NewSubject
from facecli.errors.consent import NoConsent
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import comparison as module
from facecli.recognition.matching.gallery import Gallery, LiveGallery
from facecli.recognition.matching.references import Candidate
from facecli.store import shards
from tests.conftest import Clock, Facecli
from tests.prepared import opened, unit


def brute_force(
    vectors: np.ndarray, owners: list[int], probe: np.ndarray, threshold: float, top_k: int
) -> list[Candidate]:
    """The answer of `Gallery.search`, computed pair by pair in double precision."""
    nearest: dict[int, float] = {}
    for vector, owner in zip(vectors.astype(np.float64), owners, strict=True):
        distance = float(np.sqrt(((vector - probe.astype(np.float64)) ** 2).sum()))
        nearest[owner] = min(distance, nearest.get(owner, np.inf))
    kept = [(distance, owner) for owner, distance in nearest.items() if distance <= threshold]
    return [Candidate(owner, distance) for distance, owner in sorted(kept)[:top_k]]


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 60),
    people=st.integers(1, 20),
    dimension=st.sampled_from([1, 2, 8, 128]),
    scale=st.sampled_from([0.5, 1.0, 1.5]),
    # On the grid many distances are the same, and some lie on the threshold itself.
    grid=st.booleans(),
    threshold=st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.25, 2.0, 4.0]),
    top_k=st.integers(1, 25),
    block=st.sampled_from([1, 7, 65536]),
    added=st.integers(0, 80),
)
def test_search_equals_brute_force(
    seed: int, count: int, people: int, dimension: int, scale: float, grid: bool,
    threshold: float, top_k: int, block: int, added: int,
) -> None:  # fmt: skip
    random = np.random.default_rng(seed)
    vectors: Any = random.standard_normal((count + added + 1, dimension))
    vectors *= scale / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    vectors = (np.round(vectors * 4) / 4 if grid else vectors).astype(np.float32)
    owners = random.integers(1, people + 1, count + added).tolist()
    gallery = Gallery(vectors[:count].copy(), owners[:count])
    for vector, owner in zip(vectors[count:-1], owners[count:], strict=True):
        gallery.add(vector.astype("<f4").tobytes(), owner)
    probe = vectors[-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", block)
        found = gallery.search(probe.astype("<f4").tobytes(), threshold, top_k)
    expected = brute_force(vectors[:-1], owners, probe, threshold, top_k)
    if grid:  # sums of squares are then exact, so that ties are ties
        assert found == expected
    assert [c.subject_id for c in found] == [c.subject_id for c in expected]
    assert [c.distance for c in found] == pytest.approx([c.distance for c in expected], rel=1e-9)
    assert gallery.templates == count + added
    assert gallery.subjects() == set(owners)


def test_probes_together_find_what_each_finds_alone() -> None:
    random = np.random.default_rng(4)
    vectors = random.standard_normal((300, 16)).astype(np.float32)
    gallery = Gallery(vectors, random.integers(1, 40, 300).tolist())
    probes = [vector.astype("<f4").tobytes() for vector in random.standard_normal((150, 16))]
    together = gallery.search_all(probes, 3.6, 7)
    assert together == [gallery.search(probe, 3.6, 7) for probe in probes]
    assert {len(found) for found in together} > {0, 7}
    assert gallery.search_all([], 3.6, 7) == []


def test_a_copy_of_the_probe_is_at_distance_nothing() -> None:
    vectors = np.frombuffer(unit(1) + unit(2), "<f4").reshape(2, 128)
    gallery = Gallery(vectors, [5, 6])
    assert gallery.search(unit(2), 0.0, 3) == [Candidate(6, 0.0)]
    assert gallery.distance(unit(2), 6) == 0.0
    assert gallery.distance(unit(2), 7) is None


def test_the_distance_to_a_subject_is_that_of_its_nearest_template() -> None:
    near, far = unit(3, near=unit(1), distance=0.1), unit(4, near=unit(1), distance=0.3)
    vectors = np.frombuffer(far + near, "<f4").reshape(2, 128)
    gallery = Gallery(vectors, [5, 5])
    assert gallery.distance(unit(1), 5) == pytest.approx(0.1, abs=1e-6)
    assert [c.distance for c in gallery.search(unit(1), 1, 3)] == [pytest.approx(0.1, abs=1e-6)]


def test_an_empty_gallery_knows_nobody() -> None:
    gallery = Gallery(np.empty((0, 128), np.float32), [])
    assert gallery.search(unit(1), 4.0, 10) == []
    assert gallery.distance(unit(1), 1) is None


# -- the gallery in a database ------------------------------------------------------------


def enrol(facecli: Facecli, ref: str, template: bytes, expires: str = "1y", **other: str) -> int:
    """Put a subject with a template into the database, from a connection of its own."""
    with opened(facecli) as found:
        spec = engine_of(found.db)
        with found.act() as act:
            purpose = purposes.find(act.db, "gate")
            subject = subjects.find_any(act.db, ref) or subjects.add(act, NewSubject(ref))
            consents.record(act, subject, purpose, Agreement(expires, notice=Shown("declared")))
            engine_id = other.get("engine_id", spec.engine_id)
            place = shards.append(act.db, purpose.purpose_id, engine_id, template)
            act.db.insert(
                "template", template_id=f"{ref}-{place.shard_id}-{place.slot}",
                subject_id=subject.subject_id, purpose_id=purpose.purpose_id,
                shard_id=place.shard_id, slot=place.slot, capture_sha256="", created_at=act.now,
            )  # fmt: skip
    return subject.subject_id


def change(facecli: Facecli, sql: str, *parameters: object) -> None:
    """Change the database from a connection of its own."""
    with opened(facecli) as found, found.db.transaction():
        found.db.execute(sql, parameters)


def nearest(live: LiveGallery, now: str, template: bytes) -> list[int]:
    return [found.subject_id for found in live.at(now).search(template, 0.5, 10)]


def test_a_gallery_is_read_again_only_when_it_has_changed(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = enrol(ready, "A-1", unit(1))
    readings = []
    real = shards.read
    monkeypatch.setattr(shards, "read", lambda *args: readings.append(1) or real(*args))
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert nearest(live, found.now, unit(1)) == [one]
        assert nearest(live, found.now, unit(2)) == []
        with found.act() as act:  # our own writing is not news
            act.record("test")
        for _ in range(100):  # nor is what we took back, however much it was
            with suppress(KeyError), found.act() as act:
                for number in range(50):
                    act.record("test", details={"filler": f"{number}" * 200})
                raise KeyError
        assert nearest(live, found.now, unit(1)) == [one]
        assert len(readings) == 1
        two = enrol(ready, "A-2", unit(2))
        assert nearest(live, found.now, unit(2)) == [two]
        assert len(readings) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent SET withdrawn_at = given_at",
        "UPDATE consent SET version = 9",
        "UPDATE subject SET state = 'restricted'",
        "UPDATE subject SET state = 'alternative-only'",
        "UPDATE subject SET minor = 1, guardian = 'G'",
        "UPDATE template_shard SET engine_id = 'another'",
        "DELETE FROM template",
        "UPDATE template SET purpose_id = 2",
    ],
)
def test_a_gallery_notices_what_another_process_takes_away(ready: Facecli, sql: str) -> None:
    one = enrol(ready, "A-1", unit(1))
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert nearest(live, found.now, unit(1)) == [one]
        change(ready, sql)
        assert nearest(live, found.now, unit(1)) == []


def test_a_gallery_notices_that_its_purpose_was_revised(ready: Facecli) -> None:
    enrol(ready, "A-1", unit(1))
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert live.at(found.now).templates == 1
        change(ready, "UPDATE purpose_version SET version = 2 WHERE purpose_id = 1")
        assert live.at(found.now).templates == 0
        assert live.purpose.version == 2


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE purpose SET retired_at = '2020-01-01T00:00:00Z'",
        "UPDATE purpose_version SET method = 'fingerprint'",
    ],
)
def test_a_purpose_that_may_no_longer_be_matched_is_refused(ready: Facecli, sql: str) -> None:
    enrol(ready, "A-1", unit(1))
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        live.at(found.now)
        change(ready, sql)
        for _ in range(2):  # nor does it fall back on what it knew
            with pytest.raises(NoConsent):
                live.at(found.now)


def test_a_gallery_notices_the_end_of_a_consent(ready: Facecli, clock: Clock) -> None:
    enrol(ready, "A-1", unit(1), expires="30d")
    two = enrol(ready, "A-2", unit(2), expires="60d")
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert live.at(found.now).templates == 2
        clock.advance(days=29, hours=23, minutes=59, seconds=59)
        assert live.at(found.now).templates == 2
        clock.advance(seconds=1)
        assert live.at(found.now).subjects() == {two}
        clock.advance(days=30)
        assert live.at(found.now).templates == 0


def test_what_is_remembered_is_forgotten_when_its_consent_ends(
    ready: Facecli, clock: Clock
) -> None:
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert live.at(found.now).templates == 0
        clock.advance(hours=1)
        until = found.now
        clock.advance(hours=-1)
        live.remember(unit(1), 1, until)
        assert live.at(found.now).templates == 1
        clock.advance(hours=1)
        assert live.at(found.now).templates == 0


def test_templates_of_another_engine_are_not_loaded(ready: Facecli) -> None:
    one = enrol(ready, "A-1", unit(1))
    enrol(ready, "A-2", unit(1), engine_id="another-0123456789ab")
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert nearest(live, found.now, unit(1)) == [one]


def test_galleries_of_several_shards_keep_vectors_and_owners_together(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "CAPACITIES", (2, 3, 4))
    owners = [enrol(ready, f"A-{number}", unit(number)) for number in range(11)]
    change(ready, "DELETE FROM template WHERE slot = 1")
    with opened(ready) as found:
        gallery = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db)).at(
            found.now
        )
        for number, owner in enumerate(owners):
            expected = [] if number in (1, 3, 6, 10) else [Candidate(owner, 0.0)]
            assert gallery.search(unit(number), 0.01, 5) == expected
