"""The gallery: the templates that the gate permits for one purpose, packed for exact search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from facecli.consent import gate, purposes
from facecli.consent.gate import Permission
from facecli.consent.purposes import Purpose
from facecli.consent.subjects import Subject
from facecli.recognition.engine import EngineSpec
from facecli.store import shards
from facecli.store.database import Database

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

BLOCK = 65536  # references compared at once: 64 probes against them take 16 MB
ROUNDING = 1e-3  # more than float32 can lose in a squared distance, for each unit of length


@dataclass(frozen=True)
class Candidate:
    """A subject near a probe. `distance` is that of the nearest template; lower is closer."""

    subject_id: int
    distance: float


class Gallery:
    """Reference templates (n, dimension) float32 and whose they are."""

    def __init__(self, vectors: Vectors, subject_ids: Sequence[int]) -> None:
        import numpy as np

        self._vectors = vectors
        self._subjects = np.asarray(subject_ids, dtype=np.int64)
        self._squares = np.einsum("ij,ij->i", vectors, vectors)
        self._count = len(self._subjects)

    @property
    def templates(self) -> int:
        """How many templates a probe is compared with."""
        return self._count

    def subjects(self) -> set[int]:
        """Whose templates these are."""
        return set(self._subjects[: self._count].tolist())

    def add(self, template: bytes, subject_id: int) -> None:
        """Add one template that was stored just now."""
        import numpy as np

        if self._count == len(self._subjects):
            room = max(64, self._count)
            self._vectors = np.pad(self._vectors, ((0, room), (0, 0)))
            self._subjects = np.pad(self._subjects, (0, room))
            self._squares = np.pad(self._squares, (0, room))
        vector = np.frombuffer(template, dtype="<f4")
        self._vectors[self._count] = vector
        self._subjects[self._count] = subject_id
        self._squares[self._count] = vector @ vector
        self._count += 1

    def search(self, template: bytes, threshold: float, top_k: int) -> list[Candidate]:
        """The subjects with a template at most `threshold` from the probe, nearest first.

        Exact: a matrix product picks what could be near enough, and those distances are then
        computed anew in double precision.

        Args:
            template: the probe, little-endian float32.
            threshold: the largest Euclidean distance that counts.
            top_k: how many subjects at most.
        """
        import numpy as np

        probe = np.frombuffer(template, dtype="<f4")
        nearest: dict[int, float] = {}
        for start in range(0, self._count, BLOCK):
            stop = min(start + BLOCK, self._count)
            block = self._vectors[start:stop]
            squared = self._squares[start:stop] - 2 * (block @ probe) + probe @ probe
            longest = max(1.0, float(probe @ probe), float(self._squares[start:stop].max()))
            for row in np.flatnonzero(squared <= threshold * threshold + ROUNDING * longest):
                difference = block[row].astype(np.float64) - probe
                distance = float(np.sqrt(difference @ difference))
                subject = int(self._subjects[start + row])
                if distance <= threshold and distance < nearest.get(subject, np.inf):
                    nearest[subject] = distance
        ranked = sorted(nearest.items(), key=lambda item: (item[1], item[0]))
        return [Candidate(subject, distance) for subject, distance in ranked[:top_k]]

    def distance(self, template: bytes, subject_id: int) -> float | None:
        """The distance to the nearest template of one subject; None if there is none."""
        import numpy as np

        rows = self._vectors[: self._count][self._subjects[: self._count] == subject_id]
        if not len(rows):
            return None
        probe = np.frombuffer(template, dtype="<f4")
        return float(np.sqrt(((rows.astype(np.float64) - probe) ** 2).sum(axis=1).min()))


class LiveGallery:
    """A purpose's gallery that notices when it is out of date.

    It is read once, and again only when another process has changed the database (which may have
    revised the purpose as well), or when a consent that it rests on has ended.
    """

    def __init__(self, db: Database, purpose: Purpose, spec: EngineSpec) -> None:
        self._db = db
        self.purpose = purpose
        self._spec = spec
        self._gallery: Gallery | None = None
        self._changes = -1
        self._valid_until: str | None = None

    def at(self, now: str) -> Gallery:
        """The gallery as the gate permits it at `now`.

        Raises:
            NoConsent: the purpose is retired or its method is not the face.
        """
        over = self._valid_until is not None and now >= self._valid_until
        if self._gallery is None or over or self._db.changes_of_others() != self._changes:
            self._gallery = None  # what is out of date is not used, even if reading anew fails
            self._changes = self._db.changes_of_others()
            with self._db.snapshot():
                self.purpose = purposes.find_any(self._db, self.purpose.code) or self.purpose
                self._gallery, self._valid_until = load(self._db, self.purpose, self._spec, now)
        return self._gallery

    def remember(self, template: bytes, subject_id: int, valid_until: str) -> None:
        """Add a template that this very connection stored just now, under a consent that lasts
        until then."""
        if self._gallery is not None:
            self._gallery.add(template, subject_id)
            self._valid_until = min(self._valid_until or valid_until, valid_until)


def load(db: Database, purpose: Purpose, spec: EngineSpec, now: str) -> tuple[Gallery, str | None]:
    """Read the permitted templates of one purpose and engine; until when the answer holds."""
    import numpy as np

    with db.snapshot():
        permission = gate.permitted(db, purpose, spec.engine_id, now)
        vectors = np.empty((len(permission.templates), spec.dimension), np.float32)
        filled = 0
        slots = _slots_by_shard(permission)
        for shard in shards.read(db, purpose.purpose_id, spec.engine_id):
            wanted = slots.get(shard.shard_id, [])
            packed = np.frombuffer(shard.vectors, dtype="<f4").reshape(-1, spec.dimension)
            vectors[filled : filled + len(wanted)] = packed[wanted]
            filled += len(wanted)
    subjects = [template.subject_id for template in permission.templates]
    return Gallery(vectors, subjects), permission.valid_until


def load_subject(
    db: Database, subject: Subject, purpose: Purpose, spec: EngineSpec, now: str
) -> Gallery:
    """The permitted templates of one subject alone.

    Raises:
        NoConsent: the gate does not permit any.
    """
    import numpy as np

    templates = gate.permitted_of(db, subject, purpose, spec.engine_id, now)
    packed = [
        shards.read_one(db, shards.Place(template.shard_id, template.slot), spec.dimension)
        for template in templates
    ]
    vectors = np.frombuffer(b"".join(packed), dtype="<f4").reshape(-1, spec.dimension)
    return Gallery(vectors, [template.subject_id for template in templates])


def _slots_by_shard(permission: Permission) -> dict[int, list[int]]:
    slots: dict[int, list[int]] = {}
    for template in permission.templates:
        slots.setdefault(template.shard_id, []).append(template.slot)
    return slots
