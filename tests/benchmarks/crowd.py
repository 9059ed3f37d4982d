"""A database with many people in it, made quickly: for measuring, not for testing.

Rows are written as the rooms write them, but many in one transaction and without log entries.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from facecli.cli.main import main
from facecli.cli.session import Session, Settings
from facecli.consent import purposes
from facecli.recognition.choice import engine_of
from facecli.times import stamp

SAMPLE_DATA = Path(__file__).parent.parent.parent / "sample_data"
BATCH = 4096


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


def populate(opened: Session, people: int, withdrawn: float = 0.0) -> None:
    """Enrol `people` with a random template each, the share `withdrawn` of them withdrawn.

    Consents and templates are spread over the last 100 days.
    """
    purpose = purposes.find(opened.db, "gate")
    spec = engine_of(opened.db)
    start = datetime.fromisoformat(opened.now) - timedelta(days=100)
    every = round(1 / withdrawn) if withdrawn else 0
    for first in range(0, people, BATCH):
        numbers = range(first, min(first + BATCH, people))
        with opened.db.transaction():
            shard_id = opened.db.insert(
                "template_shard",
                purpose_id=purpose.purpose_id,
                engine_id=spec.engine_id,
                dimension=spec.dimension,
                capacity=BATCH,
                used=len(numbers),
            )
            vectors = _vectors(BATCH, spec.dimension, first)
            opened.db.insert("shard_vectors", shard_id=shard_id, vectors=vectors)
            for number in numbers:
                moment = stamp(start + timedelta(seconds=8 * number % 8_000_000))
                _person(opened, purpose, number, moment, shard_id, number - first, every)


def _vectors(count: int, dimension: int, seed: int) -> bytes:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension), np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).tobytes()


def _person(opened, purpose, number, moment, shard_id, slot, every) -> None:
    subject_id = opened.db.insert(
        "subject",
        pseudonym=secrets.token_hex(16),
        ref=f"N-{number}",
        name=f"Name {number}",
        state="active",
        minor=0,
        created_at=moment,
        last_interaction=moment,
    )
    opened.db.insert(
        "consent",
        record_id=f"r-{number}",
        subject_id=subject_id,
        purpose_id=purpose.purpose_id,
        purpose_version_id=purpose.version_id,
        version=purpose.version,
        given_at=moment,
        expires_at="2099-01-01T00:00:00Z",
        withdrawn_at=moment if every and number % every == 0 else None,
        recorded_at=moment,
        notice_sha256=purpose.terms.notice_sha256,
    )
    opened.db.insert(
        "template",
        template_id=f"t-{number}",
        subject_id=subject_id,
        purpose_id=purpose.purpose_id,
        shard_id=shard_id,
        slot=slot,
        capture_sha256="0" * 64,
        created_at=moment,
    )
