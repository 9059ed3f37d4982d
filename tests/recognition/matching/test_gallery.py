from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.audit.entries import Act
from facecli.consent import consents, gate, purposes, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.subjects import NewSubject
from facecli.errors.consent import NoConsent
from facecli.errors.store import ShardDamaged
from facecli.recognition.engines import scoring
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.engines.scoring import PLAIN, NetworkOutput, Stored
from facecli.recognition.enrolment import own_face
from facecli.recognition.matching import comparison as module
from facecli.recognition.matching import gallery as gallery_module
from facecli.recognition.matching.gallery import Gallery, LiveGallery, load_subject
from facecli.recognition.matching.references import AT_ONCE, Candidate, References
from facecli.store import holdings, shards, templates
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from tests.conftest import Clock, Facecli
from tests.prepared import DIMENSION, SPEC, apart, held, opened, unit, vector_of


def plain(vectors: np.ndarray, owners: Sequence[int] | np.ndarray) -> Gallery:
    """A gallery in memory whose distances are Euclidean."""
    forms = Stored(vectors.astype(np.float32), np.zeros(len(vectors), np.int8))
    block = References(PLAIN, forms, np.array(owners, np.int64))
    return Gallery(PLAIN, vectors.shape[1], [block])


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
    gallery = plain(vectors[:count], owners[:count])
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
    gallery = plain(vectors, random.integers(1, 40, 300).tolist())
    probes = [vector.astype("<f4").tobytes() for vector in random.standard_normal((150, 16))]
    together = gallery.search_all(probes, 3.6, 7)
    assert together == [gallery.search(probe, 3.6, 7) for probe in probes]
    assert {len(found) for found in together} > {0, 7}
    assert gallery.search_all([], 3.6, 7) == []


def test_a_copy_of_the_probe_is_at_distance_nothing() -> None:
    gallery = held((unit(1), 5), (unit(2), 6))
    assert gallery.search(unit(2), 0.0, 3) == [Candidate(6, 0.0)]
    assert gallery.distance(unit(2), 6) == 0.0
    assert gallery.distance(unit(2), 7) is None
    assert gallery.difference(unit(2), 6) == 0.0
    assert gallery.difference(unit(2), 7) is None


def test_a_handicap_makes_a_distance_larger_and_no_difference() -> None:
    template = bytearray(unit(2))
    template[-1] = 100
    gallery = held((bytes(template), 6))
    assert gallery.difference(unit(2), 6) == 0.0
    assert gallery.distance(unit(2), 6) == pytest.approx(
        math.sqrt(2 * 100 * (SPEC.scoring.handicap_step or 0)), abs=0.02
    )


def test_the_distance_to_a_subject_is_that_of_its_nearest_template() -> None:
    near, far = unit(3, near=unit(1), distance=0.1), unit(4, near=unit(1), distance=0.3)
    gallery = held((far, 5), (near, 5))
    nearest = apart(unit(1), near)
    assert nearest < apart(unit(1), far)
    assert gallery.distance(unit(1), 5) == nearest
    assert gallery.search(unit(1), 1, 3) == [Candidate(5, nearest)]


def test_an_empty_gallery_knows_nobody() -> None:
    gallery = held()
    assert gallery.search(unit(1), 4.0, 10) == []
    assert gallery.distance(unit(1), 1) is None


# -- the gallery in a database ------------------------------------------------------------


def enrol(facecli: Facecli, ref: str, template: bytes, expires: str = "1y", **other: str) -> int:
    """Put a subject with a template into the database, from a connection of its own."""
    with opened(facecli) as found, found.act() as act:
        return _enrol(act, ref, template, expires, **other)


def enrol_many(facecli: Facecli, people: Mapping[str, bytes]) -> None:
    """Put subjects with a template each into the database, all in one act."""
    with opened(facecli) as found, found.act() as act:
        for ref, template in people.items():
            _enrol(act, ref, template, "1y")


def _enrol(act: Act, ref: str, template: bytes, expires: str, **other: str) -> int:
    spec, purpose = engine_of(act.db), purposes.find(act.db, "gate")
    subject = subjects.find_any(act.db, ref) or subjects.add(act, NewSubject(ref))
    consents.record(act, subject, purpose, Agreement(expires, notice=Shown("declared")))
    engine_id = other.get("engine_id", spec.engine_id)
    slot = NewSlot(subject.subject_id, purpose.purpose_id, engine_id, spec.dimension,
                   template, act.now)  # fmt: skip
    templates.add(act.db, slot, Capture(""))
    return subject.subject_id


def change(facecli: Facecli, sql: str, *parameters: object) -> None:
    """Change the database from a connection of its own."""
    with opened(facecli) as found, found.db.transaction():
        found.db.execute(sql, parameters)


def nearest(live: LiveGallery, now: str, template: bytes) -> list[int]:
    return [found.subject_id for found in live.at(now).search(template, 0.5, 10)]


@pytest.mark.parametrize("searched", [0, 1])
@pytest.mark.parametrize("small", [0, 2**16])
def test_a_gallery_whose_subject_was_replaced_equals_one_that_is_read_anew(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch, searched: int, small: int
) -> None:
    """Before a search of it, and after; held in memory, and read at each search."""
    monkeypatch.setattr(gallery_module, "SMALL", small)
    ids = [enrol(ready, f"A-{number}", unit(number)) for number in range(5)]
    enrol(ready, "A-2", unit(12))
    with opened(ready) as found:
        purpose, spec = purposes.find(found.db, "gate"), engine_of(found.db)
        live = LiveGallery(found.db, purpose, spec)
        live.at(found.now)
        for _ in range(searched):
            nearest(live, found.now, unit(2))
        with found.act() as act:
            slot = NewSlot(ids[4], 1, spec.engine_id, spec.dimension, unit(14), act.now)
            templates.add(act.db, slot, Capture(""))
            live.remember(unit(14), ids[4], "2030-01-01T00:00:00Z")
            rows = [row["id"] for row in templates.rows_of_subject(act.db, ids[2])]
            holdings.erase_templates(act.db, rows)
            slot = NewSlot(ids[2], 1, spec.engine_id, spec.dimension, unit(22), act.now)
            templates.add(act.db, slot, Capture(""))
            subject = subjects.find(act.db, "A-2")
            left = gallery_module.load_subject(act.db, subject, purpose, spec, act.now)
            act.record("test")
        live.replace(ids[2], left, "2030-01-01T00:00:00Z")
        replaced, anew = live.at(found.now), LiveGallery(found.db, purpose, spec).at(found.now)
        assert replaced.templates == anew.templates == 6
        assert replaced.subjects() == anew.subjects()
        for seed in (0, 1, 2, 3, 4, 12, 14, 22):
            assert replaced.search(unit(seed), 2.0, 10) == anew.search(unit(seed), 2.0, 10)


def test_a_gallery_is_read_again_only_when_it_has_changed(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = enrol(ready, "A-1", unit(1))
    readings = []
    real = gate.permitted
    monkeypatch.setattr(gate, "permitted", lambda *args: readings.append(1) or real(*args))
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
    ],
)
def test_a_gallery_notices_what_another_process_takes_away(ready: Facecli, sql: str) -> None:
    one = enrol(ready, "A-1", unit(1))
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert nearest(live, found.now, unit(1)) == [one]
        change(ready, sql)
        assert nearest(live, found.now, unit(1)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM template",
        "UPDATE template SET purpose_id = 2",
        "UPDATE template SET subject_id = 2 WHERE subject_id = 1",
        "UPDATE shard_subjects SET subjects = zeroblob(256)",
        "UPDATE template_shard SET place_sum = place_sum + 1",
        "UPDATE template_shard SET slot_bytes = slot_bytes - 1",
        "UPDATE template_shard SET dimension = dimension / 2",
        "UPDATE shard_vectors SET vectors = zeroblob(128)",
        "UPDATE shard_vectors SET vectors = zeroblob(length(vectors))",
    ],
)
def test_of_a_damaged_shard_nobody_is_compared(ready: Facecli, sql: str) -> None:
    enrol(ready, "A-1", unit(1))
    enrol(ready, "A-2", unit(2))
    change(ready, sql)
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        for who in (1, 2):
            with pytest.raises(ShardDamaged) as refused:
                nearest(live, found.now, unit(who))
            assert refused.value.exit_code == 33


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM template WHERE subject_id = 1",
        "UPDATE template SET purpose_id = 2 WHERE subject_id = 1",
        "UPDATE template SET subject_id = 3 WHERE subject_id = 1",
        "UPDATE shard_subjects SET subjects = unhex('00000000' || substr(hex(subjects), 9))",
        "UPDATE shard_subjects SET subjects = unhex(substr(hex(subjects), 1, 16))",
        "UPDATE template_shard SET dimension = dimension / 2",
        f"UPDATE shard_vectors SET vectors = unhex('{'00' * 128}' || substr(hex(vectors), 257))",
        "UPDATE shard_vectors SET vectors = zeroblob(300)",
    ],
)
def test_damage_elsewhere_in_its_shard_keeps_a_subject_from_comparison(
    ready: Facecli, sql: str
) -> None:
    enrol(ready, "A-1", unit(1))
    enrol(ready, "A-2", unit(2))
    enrol(ready, "A-3", unit(3))
    change(ready, sql)
    with opened(ready) as found:
        purpose, subject = purposes.find(found.db, "gate"), subjects.find(found.db, "A-2")
        with pytest.raises(ShardDamaged) as refused:
            load_subject(found.db, subject, purpose, SPEC, found.now)
        assert refused.value.exit_code == 33


@pytest.mark.parametrize("largest", [0.4, 0.6])
def test_rows_of_another_step_are_refused_by_every_reader(ready: Facecli, largest: float) -> None:
    enrol(ready, "A-1", unit(1))
    forms = scoring.stored(
        replace(SPEC.scoring, step=largest / 127),
        NetworkOutput(vector_of(unit(1))[None].astype("f4"), np.full(1, 12.0, "f4")),
    )
    [row] = scoring.packed(SPEC.scoring, forms)
    change(ready, f"UPDATE shard_vectors SET vectors = unhex('{(row * 64).hex()}')")
    with opened(ready) as found:
        purpose, subject = purposes.find(found.db, "gate"), subjects.find(found.db, "A-1")
        with pytest.raises(ShardDamaged, match="not of the form"):
            nearest(LiveGallery(found.db, purpose, SPEC), found.now, unit(1))
        with pytest.raises(ShardDamaged, match="not of the form"):
            load_subject(found.db, subject, purpose, SPEC, found.now)
        with pytest.raises(ShardDamaged, match="not of the form"):
            own_face.is_other(found.db, subject, SPEC, unit(1), found.now)


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
    with opened(ready) as found, found.db.transaction():
        gone = [row[0] for row in found.db.rows("SELECT id FROM template WHERE slot = 1")]
        holdings.erase_templates(found.db, gone)
    with opened(ready) as found:
        gallery = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db)).at(
            found.now
        )
        for number, owner in enumerate(owners):
            expected = [] if number in (1, 3, 6, 10) else [Candidate(owner, 0.0)]
            assert gallery.search(unit(number), 0.01, 5) == expected


@pytest.mark.parametrize("small", [0, 2**16])
def test_a_large_gallery_is_read_for_its_first_search_and_kept_from_the_second_on(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(gallery_module, "SMALL", small)
    monkeypatch.setattr(shards, "CAPACITIES", (2, 2, 2))
    people = [enrol(ready, f"A-{number}", unit(number)) for number in range(5)]
    readings = []
    real = shards.read
    monkeypatch.setattr(shards, "read", lambda *args: readings.append(1) or real(*args))
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert live.at(found.now).templates == 5
        assert not readings
        read = []
        for number, who in enumerate(people):
            assert nearest(live, found.now, unit(number)) == [who]
            read.append(len(readings))
        assert read == ([3] * 5 if small else [3, 6, 6, 6, 6])


@pytest.mark.parametrize("small", [0, 2**16])
def test_a_template_that_is_remembered_is_found_once_whatever_was_read(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(gallery_module, "SMALL", small)
    one = enrol(ready, "A-1", unit(1))
    with opened(ready) as found:
        live = LiveGallery(found.db, purposes.find(found.db, "gate"), engine_of(found.db))
        assert nearest(live, found.now, unit(1)) == [one]
        with found.act() as act:
            subject = subjects.add(act, NewSubject("A-2"))
            consents.record(act, subject, live.purpose, Agreement("1y", notice=Shown("declared")))
            slot = NewSlot(subject.subject_id, live.purpose.purpose_id, SPEC.engine_id, DIMENSION,
                           unit(2), act.now)  # fmt: skip
            templates.add(act.db, slot, Capture(""))
            live.remember(unit(2), subject.subject_id, "2999-01-01T00:00:00Z")
            for _ in range(3):
                assert nearest(live, found.now, unit(2)) == [subject.subject_id]
                assert nearest(live, found.now, unit(1)) == [one]
        gallery = live.at(found.now)
        assert gallery.templates == 2
        assert gallery.subjects() == {one, subject.subject_id}


def test_many_added_templates_are_found_in_the_order_they_were_added() -> None:
    """More than are looked at together, and one more."""
    random = np.random.default_rng(9)
    rows = random.choice([-23, 23], (AT_ONCE + 1, DIMENSION)).astype(np.int8)
    forms = Stored(rows, np.zeros(len(rows), np.int8))
    packed = scoring.packed(SPEC.scoring, forms)
    gallery = held(*((content, number) for number, content in enumerate(packed)))
    assert gallery.templates == AT_ONCE + 1
    for number in (0, AT_ONCE - 1, AT_ONCE):
        assert gallery.distance(packed[number], number) == 0
        found = gallery.search(packed[number], 0.0, AT_ONCE + 1)
        assert Candidate(number, 0.0) in found
