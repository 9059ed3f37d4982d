"""A way into the database for tests, and analyses that were prepared instead of made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facecli.cli.session import Session, Settings, session
from facecli.recognition.analysis.image import AnalysisRequest, FaceAnalysis, ImageAnalysis
from facecli.recognition.engines import engine, scoring
from facecli.recognition.engines.scoring import Stored
from facecli.recognition.matching.gallery import Gallery
from facecli.store import time_reached
from facecli.workers.answers import Failure

DIMENSION = 128
GOOD = 72


@contextmanager
def opened(facecli: Any) -> Iterator[Session]:
    """The database of a `facecli` fixture, open."""
    settings = Settings(db=facecli.db, key_options={"key_file": str(facecli.key)}, no_input=True)
    with session(settings, "test") as found:
        yield found


def let_pass(facecli: Any, clock: Any, **length: float) -> None:
    """Let time pass as for a database in use: each act of it comes soon after the one before."""
    clock.advance(**length)
    with opened(facecli) as found, found.db.transaction():
        time_reached.put(found.db, found.now)


def count(facecli: Any, *tables: str) -> list[int]:
    """How many rows some tables have."""
    with opened(facecli) as found:
        return [found.db.value(f"SELECT count(*) FROM {table}") for table in tables]


SPEC = engine.spec(engine.DEFAULT)
"""The engine of a database that a test makes."""


def unit(seed: int, near: bytes | None = None, distance: float = 0.0) -> bytes:
    """A random template in stored form, without handicap; or one about that far from another.

    It is at distance 0 from itself.
    """
    vector = np.random.default_rng(seed).standard_normal(DIMENSION)
    if near is not None:
        first = vector_of(near)
        vector -= first * (vector @ first)
        cosine = 1 - distance**2 / 2
        vector = cosine * first + np.sqrt(1 - cosine**2) * vector / np.linalg.norm(vector)
    return stored_form(vector)


def vector_of(template: bytes) -> np.ndarray:
    """The vector of unit length that a stored form stands for."""
    rows = scoring.unpacked(SPEC.scoring, DIMENSION, template).rows[0].astype(float)
    return np.asarray(rows / np.linalg.norm(rows))


def stored_form(vector: np.ndarray) -> bytes:
    """The stored form of this vector, whatever its length, without handicap.

    The rounding makes a vector a little longer or shorter; a length is chosen that stays.
    """
    step = SPEC.scoring.step or 1.0
    whole = vector / np.linalg.norm(vector) / step
    rows = np.rint(whole * np.linspace(0.99, 1.01, 201)[:, None])
    squares = np.einsum("ij,ij->i", rows, rows) * step**2
    best = np.where(squares < 1, np.inf, squares).argmin()
    forms = Stored(rows[best][None].astype(np.int8), np.zeros(1, np.int8))
    return scoring.packed(SPEC.scoring, forms)[0]


def held(*templates: tuple[bytes, int]) -> Gallery:
    """A gallery in memory of these stored forms, each with its subject."""
    gallery = Gallery(SPEC.scoring, DIMENSION)
    for template, subject_id in templates:
        gallery.add(template, subject_id)
    return gallery


def apart(one: bytes, other: bytes) -> float:
    """The distance of two stored forms."""
    return scoring.distance_between(SPEC.scoring, one, other)


def seen(path: object, *templates: bytes, reason: str | None = None) -> ImageAnalysis:
    """The analysis of an image with these faces."""
    faces = tuple(
        FaceAnalysis((10 * at, 0, 10 * at + 10, 10), GOOD, None if reason else template)
        for at, template in enumerate(templates)
    )
    sha256 = hashlib.sha256(str(path).encode()).hexdigest()
    return ImageAnalysis(str(path), sha256, 640, 480, faces, 0, reason=reason)


@dataclass
class Prepared:
    """Stands where a pool of workers would; notes which images were looked at."""

    analyses: Mapping[str, ImageAnalysis | Failure]
    ahead: int = 2

    def __post_init__(self) -> None:
        self.asked: list[str] = []

    def map(
        self, tasks: Iterable[AnalysisRequest]
    ) -> Iterator[tuple[AnalysisRequest, ImageAnalysis | Failure]]:
        """As the pool does: in order, some tasks taken ahead of their results' being read."""
        taken: list[AnalysisRequest] = []
        for task in tasks:
            self.asked.append(task.path)
            taken.append(task)
            if len(taken) > self.ahead:
                first = taken.pop(0)
                yield first, self.analyses[first.path]
        for task in taken:
            yield task, self.analyses[task.path]


def write_manifest(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """A manifest of these rows: ref, name, purpose, image, evidence, given, expires.

    Whoever agrees, by a row without form and date, has signed a form of their own.
    """
    lines = ["ref,name,purpose,image,evidence,given,expires"]
    for row in rows:
        cells = [*map(str, row)]
        if cells[4:6] == ["", ""] and cells[6]:
            form = path.parent / f"form-of-{cells[0]}-for-{cells[2]}.txt"
            form.write_text(f"{cells[0]} agrees to {cells[2]}", encoding="utf-8")
            cells[4] = str(form)
        lines.append(",".join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
