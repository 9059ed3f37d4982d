"""The gallery: the templates that the gate permits for one purpose, packed for exact search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from facecli.consent import gate, purposes
from facecli.consent.purposes import Purpose
from facecli.consent.subjects import Subject
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.references import Candidate
from facecli.store import shards
from facecli.store.database import Database

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from facecli.recognition.matching.comparison import Comparison

    Vectors = npt.NDArray[np.float32]
    Numbers = npt.NDArray[np.int64]


class Gallery:
    """The references that probes are compared with.

    Args:
        vectors: templates, (n, dimension) float32.
        subject_ids: (n,) row ids of their subjects.
    """

    def __init__(self, vectors: Vectors, subject_ids: Sequence[int] | Numbers) -> None:
        import numpy as np

        self._vectors = vectors
        self._subjects = np.asarray(subject_ids, dtype=np.int64)
        self._squares = np.einsum("ij,ij->i", vectors, vectors)
        self._count = len(self._subjects)

    @property
    def templates(self) -> int:
        """The number of templates."""
        return self._count

    def subjects(self) -> set[int]:
        """Return the row ids of the subjects who have a template here."""
        return set(self._subjects[: self._count].tolist())

    def add(self, template: bytes, subject_id: int) -> None:
        """Add one template, little-endian float32, that was stored just now."""
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
        """Search one probe; see `search_all`."""
        return self.search_all([template], threshold, top_k)[0]

    def search_all(
        self, templates: Sequence[bytes], threshold: float, top_k: int
    ) -> list[list[Candidate]]:
        """Return for each probe the subjects with a template within `threshold`, nearest first.

        Exact: blocked matrix products pick the pairs that may be near enough. Their distances are
        computed again in double precision, and ranked.

        Args:
            templates: the probes, little-endian float32.
            threshold: the largest distance that is a match.
            top_k: subjects per probe, at most.
        """
        import numpy as np

        from facecli.recognition.matching.comparison import PROBES

        found: list[list[Candidate]] = []
        for start in range(0, len(templates), PROBES):
            packed = b"".join(templates[start : start + PROBES])
            probes = np.frombuffer(packed, "<f4").reshape(-1, self._vectors.shape[1])
            found.extend(self._comparison(probes).best(threshold, top_k))
        return found

    def distance(self, template: bytes, subject_id: int) -> float | None:
        """Return the distance to the nearest template of one subject; None if it has none."""
        import numpy as np

        rows = np.flatnonzero(self._subjects[: self._count] == subject_id)
        if not len(rows):
            return None
        comparison = self._comparison(np.frombuffer(template, "<f4")[None])
        return float(comparison.distances(np.zeros(len(rows), np.int64), rows).min())

    def _comparison(self, probes: Vectors) -> Comparison:
        from facecli.recognition.matching.comparison import Comparison
        from facecli.recognition.matching.references import References

        used = slice(self._count)
        references = References(self._vectors[used], self._subjects[used], self._squares[used])
        return Comparison(references, probes)


class LiveGallery:
    """A purpose's gallery that is read again when it is out of date.

    That is when another process has changed the database, and perhaps revised the purpose, or
    when one of its consents has ended.
    """

    def __init__(self, db: Database, purpose: Purpose, spec: EngineSpec) -> None:
        self._db = db
        self.purpose = purpose
        self._spec = spec
        self._gallery: Gallery | None = None
        self._changes = -1
        self._valid_until: str | None = None

    def at(self, now: str) -> Gallery:
        """Return the gallery that the gate permits at `now`.

        Raises:
            NoConsent: the purpose is retired, or does not compare faces.
        """
        over = self._valid_until is not None and now >= self._valid_until
        if self._gallery is None or over or self._db.changes_of_others() != self._changes:
            self._gallery = None  # never used again, even if reading fails
            self._changes = self._db.changes_of_others()
            with self._db.snapshot():
                self.purpose = purposes.find_any(self._db, self.purpose.code) or self.purpose
                self._gallery, self._valid_until = load(self._db, self.purpose, self._spec, now)
        return self._gallery

    def remember(self, template: bytes, subject_id: int, valid_until: str) -> None:
        """Add a template that this connection stored just now, under a consent valid so long."""
        if self._gallery is not None:
            self._gallery.add(template, subject_id)
            self._valid_until = min(self._valid_until or valid_until, valid_until)


def load(db: Database, purpose: Purpose, spec: EngineSpec, now: str) -> tuple[Gallery, str | None]:
    """Read the permitted templates of one purpose and engine.

    Returns:
        The gallery, and the time of the first end of a consent; None without a template.
    """
    import numpy as np

    with db.snapshot():
        permission = gate.permitted(db, purpose, spec.engine_id, now)
        vectors = np.empty((len(permission), spec.dimension), np.float32)
        for shard in shards.read(db, purpose.purpose_id, spec.engine_id):
            packed = np.frombuffer(shard.vectors, dtype="<f4").reshape(-1, spec.dimension)
            inside = permission.of_shard(shard.shard_id)
            vectors[inside] = packed[permission.slots[inside]]
    return Gallery(vectors, permission.subjects), permission.valid_until


def load_subject(
    db: Database,
    subject: Subject,
    purpose: Purpose,
    spec: EngineSpec,
    now: str,
) -> Gallery:
    """Read the permitted templates of one subject.

    Raises:
        NoConsent: the gate permits none.
    """
    import numpy as np

    templates = gate.permitted_of(db, subject, purpose, spec.engine_id, now)
    packed = [
        shards.read_one(db, shards.TemplatePlace(template.shard_id, template.slot), spec.dimension)
        for template in templates
    ]
    vectors = np.frombuffer(b"".join(packed), dtype="<f4").reshape(-1, spec.dimension)
    subjects = [template.subject_id for template in templates]
    return Gallery(vectors, subjects)
