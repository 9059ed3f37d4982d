"""A database with many people in it, made quickly: for measuring, not for testing.

Rows are written as the rooms write them, but in one transaction and without log entries.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from facecli.cli.main import main
from facecli.cli.session import Session, Settings
from facecli.consent import purposes, skeletons
from facecli.consent.purpose_terms import Purpose
from facecli.recognition.engines import scoring
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.engines.scoring import NetworkOutput, Stored
from facecli.store.packed import moment_text, seconds

SAMPLE_DATA = Path(__file__).parent.parent.parent / "sample_data"
BATCH = 4096
DAY = 86_400  # seconds


def create(folder: Path) -> Settings:
    """A new database in `folder` with the sample purposes."""
    db, key = folder / "facecli.db", folder / "facecli.key"
    options = ["--no-input", "-q", "--db", str(db), "--key-file", str(key)]
    for command in (["init"], ["purpose", "apply", str(SAMPLE_DATA / "purposes.toml")]):
        stdout = os.dup(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            assert main([*options, *command]) == 0
        finally:
            os.dup2(stdout, 1)
    return Settings(db, {"key_file": str(key)}, no_input=True, quiet=True)


Draw = Callable[[int, int, int], np.ndarray | NetworkOutput]
"""From a count, a dimension and a seed: (count, dimension) vectors of unit length, or a network's
output."""


def populate(
    opened: Session, people: int, withdrawn: float = 0.0, draw: Draw | None = None
) -> None:
    """Enrol `people` with a random template each, the share `withdrawn` of them withdrawn.

    Consents and templates are spread over the last 100 days. The connection keeps a large cache.
    draw: gives the templates; without it, they are spread evenly.
    """
    quickly = {"cache_size": -2_000_000, "synchronous": "OFF", "journal_mode": "MEMORY"}
    for name, value in quickly.items():
        opened.db.execute(f"PRAGMA {name} = {value}")
    with opened.db.transaction():
        _fill(opened, people, withdrawn, draw or random_vectors)
    for name, value in {"synchronous": "EXTRA", "journal_mode": "TRUNCATE"}.items():
        opened.db.execute(f"PRAGMA {name} = {value}")


def _fill(opened: Session, people: int, withdrawn: float, draw: Draw) -> None:
    purpose = purposes.find(opened.db, "gate")
    spec = engine_of(opened.db)
    start = seconds(opened.now) - 100 * DAY
    every = round(1 / withdrawn) if withdrawn else 0
    (first_id,) = opened.db.rows("SELECT coalesce(max(id), 0) + 1 FROM subject")[0]
    for first in range(0, people, BATCH):
        numbers = range(first, min(first + BATCH, people))
        batch = [(first_id - 1 + n, first_id + n, start + 8 * n % 8_000_000) for n in numbers]
        packed = stored_forms(spec, draw(len(numbers), spec.dimension, first))
        shard_id = opened.db.insert(
            "template_shard",
            purpose_id=purpose.purpose_id,
            engine_id=spec.engine_id,
            dimension=spec.dimension,
            capacity=BATCH,
            used=len(numbers),
            slot_bytes=len(packed[0]),
            oldest=moment_text(min(at for _, _, at in batch)),
        )
        size = BATCH * len(packed[0])
        vectors = b"".join(packed).ljust(size, b"\0")
        opened.db.insert("shard_vectors", shard_id=shard_id, vectors=vectors)
        subjects = np.zeros(BATCH, "<u4")
        subjects[: len(batch)] = [who for _, who, _ in batch]
        opened.db.insert("shard_subjects", shard_id=shard_id, subjects=subjects.tobytes())
        _store(opened, purpose, batch, shard_id, every)


def random_vectors(count: int, dimension: int, seed: int) -> np.ndarray:
    """(count, dimension) random vectors of unit length."""
    vectors = np.random.default_rng(seed).standard_normal((count, dimension), np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def stored_forms(spec: EngineSpec, vectors: np.ndarray | NetworkOutput) -> list[bytes]:
    """Return a network's output as the engine stores it, or vectors of unit length alone.

    Those have no handicaps. Their distances are then the Euclidean ones, but for rounding: random
    vectors are near no crowd.
    """
    if isinstance(vectors, NetworkOutput):
        return scoring.packed(spec.scoring, scoring.stored(spec.scoring, vectors))
    norms = np.full(len(vectors), 12.0, np.float32)
    rows = scoring.stored(spec.scoring, NetworkOutput(vectors, norms)).rows
    return scoring.packed(spec.scoring, Stored(rows, np.zeros(len(rows), np.int8)))


def _store(
    opened: Session,
    purpose: Purpose,
    batch: list[tuple[int, int, int]],
    shard_id: int,
    every: int,
) -> None:
    """Subjects, consents and templates of some people: their number, id and moment in seconds."""
    opened.db.many(
        "INSERT INTO subject (id, pseudonym_bytes, ref, name, state, minor, created,"
        " last_day_number, ref_skeleton, ref_folded_skeleton)"
        " VALUES (?, ?, ?, ?, 'active', 0, ?, ?, ?, ?)",
        (
            (
                who,
                os.urandom(16),
                f"N-{n}",
                f"Name {n}",
                at,
                at // DAY,
                *skeletons.numbers(f"N-{n}"),
            )
            for n, who, at in batch
        ),
    )
    opened.db.many(
        "INSERT INTO interaction (subject_id, purpose_id, day_number) VALUES (?, ?, ?)",
        ((who, purpose.purpose_id, at // DAY) for _, who, at in batch),
    )
    fixed = (purpose.purpose_id, purpose.version_id, purpose.version)
    opened.db.many(
        "INSERT INTO consent (record_id, subject_id, purpose_id, purpose_version_id, version,"
        " given, expires, recorded, notice_shown, withdrawn_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'declared', ?)",
        (
            (
                *(os.urandom(16), who, *fixed, at, at + 1000 * DAY, at),
                moment_text(at) if every and n % every == 0 else None,
            )
            for n, who, at in batch
        ),
    )
    opened.db.many(
        "INSERT INTO template (template_id, subject_id, purpose_id, shard_id, slot, quality,"
        " capture_sha256, created) VALUES (?, ?, ?, ?, ?, 80, ?, ?)",
        (
            (os.urandom(16), who, purpose.purpose_id, shard_id, slot, os.urandom(32), at)
            for slot, (n, who, at) in enumerate(batch)
        ),
    )
