"""The gallery: the templates that the gate permits for one purpose, for exact search.

The first search reads shard after shard and forgets each. From the second on their templates stay
in memory, so one probe needs little memory and many probes are not read for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import TYPE_CHECKING

from facecli import free_memory
from facecli.consent import gate, purposes
from facecli.consent.gate import Permission, PermittedTemplate
from facecli.consent.purpose_terms import Purpose
from facecli.consent.subjects import Subject
from facecli.errors.store import ShardDamaged
from facecli.recognition.engines import scoring
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.scoring import Scoring, Stored
from facecli.recognition.matching import memory, site_calibration
from facecli.recognition.matching.references import AT_ONCE, Candidate, References
from facecli.recognition.matching.site_calibration import SiteCalibration
from facecli.store import shards, templates
from facecli.store.database import Database
from facecli.store.shards import Shard, TemplatePlace

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SMALL = 2**16
"""Templates that are kept in memory from the first search on: at most 8 MB of 8 bits."""


class Gallery:
    """The references that probes are compared with.

    Args:
        how: the way in which its templates are stored and compared.
        dimension: components of a template.
        blocks: references in memory.
        unread: further references, in the database.
    """

    def __init__(
        self,
        how: Scoring,
        dimension: int,
        blocks: Iterable[References] = (),
        unread: Unread | None = None,
    ) -> None:
        self._scoring, self._dimension = how, dimension
        self._held = [block for block in blocks if len(block)]
        self._unread = unread
        self._searched = False
        self._comparisons = 0
        self._added: list[tuple[bytes, int]] = []

    @property
    def templates(self) -> int:
        """The number of templates."""
        unread = 0 if self._unread is None else len(self._unread)
        return sum(map(len, self._held)) + unread + len(self._added)

    def subjects(self) -> set[int]:
        """Return the row ids of the subjects who have a template here."""
        unread = [] if self._unread is None else self._unread.permission.subjects.tolist()
        held = [subject for block in self._held for subject in block.subjects.tolist()]
        return {*unread, *held, *(subject for _, subject in self._added)}

    def add(self, template: bytes, subject_id: int) -> None:
        """Add one template, in stored form, that was stored just now."""
        self._added.append((template, subject_id))
        if len(self._added) == AT_ONCE:
            self._held.append(self._block_of(self._added))
            self._added = []

    def replace(self, subject_id: int, left: Gallery) -> None:
        """Replace all templates of one subject by those of another gallery of this subject."""
        kept = (block.without(subject_id) for block in self._held)
        self._held = [block for block in (*kept, *left._held) if len(block)]
        self._added = [one for one in self._added if one[1] != subject_id] + left._added
        if self._unread is not None:
            self._unread = self._unread.without(subject_id)

    def search(self, template: bytes, threshold: float, top_k: int) -> list[Candidate]:
        """Search one probe; see `search_all`."""
        return self.search_all([template], threshold, top_k)[0]

    def search_all(
        self, templates: Sequence[bytes], threshold: float, top_k: int
    ) -> list[list[Candidate]]:
        """Return for each probe the subjects with a template within `threshold`, nearest first.

        Exact: see `comparison`.

        Args:
            templates: the probes, in stored form.
            threshold: the largest distance that is a match.
            top_k: subjects per probe, at most.

        Raises:
            ShardDamaged: a shard does not hold what it should.
        """
        from facecli.recognition.matching.comparison import PROBES, Comparison

        if not templates:
            return []
        if len(templates) > PROBES:
            self._searched = True  # several passes follow
        found: list[list[Candidate]] = []
        for start in range(0, len(templates), PROBES):
            probes = self._forms(templates[start : start + PROBES])
            comparison = Comparison(self._scoring, probes)
            self._comparisons += len(probes) * self.templates
            found.extend(comparison.best(self._blocks(), self._comparisons, threshold, top_k))
        return found

    def distance(self, template: bytes, subject_id: int) -> float | None:
        """Return the distance to the nearest template of one subject; None if it has none."""
        return self._nearest(self._scoring, template, subject_id)

    def difference(self, template: bytes, subject_id: int) -> float | None:
        """Return the same for vectors without handicaps: 0 only for the same vector."""
        return self._nearest(Scoring(step=self._scoring.step), template, subject_id)

    def _nearest(self, how: Scoring, template: bytes, subject_id: int) -> float | None:
        import numpy as np

        from facecli.recognition.matching.comparison import Comparison

        comparison = Comparison(how, self._forms([template]))
        nearest = [
            comparison.distances(block, np.zeros(len(rows), np.int64), rows).min()
            for block in self._blocks()
            if len(rows := np.flatnonzero(block.subjects == subject_id))
        ]
        return float(min(nearest)) if nearest else None

    def _forms(self, templates: Sequence[bytes]) -> Stored:
        return scoring.unpacked(self._scoring, self._dimension, b"".join(templates))

    def _blocks(self) -> Iterator[References]:
        """Yield all references, reading those that are not held."""
        if self._unread is not None and self._worth_holding():
            self._held = [*self._unread.blocks(), *self._held]
            self._unread = None
        self._searched = True
        if self._unread is not None:
            yield from self._unread.blocks()
        yield from self._held
        if self._added:
            yield self._block_of(self._added)

    def _worth_holding(self) -> bool:
        """Return True if what is read should be kept: it is little, or is needed again and fits."""
        if self.templates <= SMALL:
            return True
        size = scoring.size(self._scoring, self._dimension)
        return self._searched and memory.holds(self.templates, size, free_memory.available())

    def _block_of(self, added: Sequence[tuple[bytes, int]]) -> References:
        import numpy as np

        subjects = np.array([subject for _, subject in added], np.int64)
        return References(self._scoring, self._forms([one for one, _ in added]), subjects)


class Unread:
    """The permitted templates of one purpose and engine in the database."""

    def __init__(
        self, db: Database, purpose: Purpose, spec: EngineSpec, permission: Permission
    ) -> None:
        self._db, self._purpose, self._spec = db, purpose, spec
        self.permission = permission

    def __len__(self) -> int:
        return len(self.permission)

    def without(self, subject_id: int) -> Unread:
        """Return the same without the templates of one subject."""
        permission = self.permission.without(subject_id)
        return Unread(self._db, self._purpose, self._spec, permission)

    def blocks(self) -> Iterator[References]:
        """Read shard after shard, and yield the permitted templates of each.

        Raises:
            ShardDamaged: a shard does not hold what it should.
        """
        import numpy as np

        spec = self._spec
        for shard in shards.of_gallery(self._db, self._purpose.purpose_id, spec.engine_id):
            inside = self.permission.of_shard(shard.shard_id)
            if inside.start == inside.stop:
                continue
            forms = _forms_of(self._db, spec, shard)
            subjects = self.permission.subjects[inside].astype(np.int64)
            chosen = self.permission.slots[inside].astype(np.int64)
            block = References(spec.scoring, forms, subjects)
            if len(subjects) < len(forms):
                block = References(spec.scoring, block.part(chosen), subjects)
            if not scoring.fits(spec.scoring, block.forms):
                raise _of_another_form(self._db, shard.shard_id)
            yield block


class LiveGallery:
    """A purpose's gallery, with its own calibration, that is read again when it is out of date.

    That is when another process has changed the database, and perhaps revised the purpose, or
    when one of its consents has ended.
    """

    def __init__(self, db: Database, purpose: Purpose, spec: EngineSpec) -> None:
        self._db = db
        self.purpose = purpose
        self._spec = spec
        self.site: SiteCalibration | None = None
        self._gallery: Gallery | None = None
        self._changes = -1
        self._valid_until: str | None = None

    def at(self, now: str) -> Gallery:
        """Return the gallery that the gate permits at `now`. Search it in the same transaction.

        Raises:
            NoConsent: the purpose is retired, or does not compare faces.
        """
        over = self._valid_until is not None and now >= self._valid_until
        if self._gallery is None or over or self._db.changes_of_others() != self._changes:
            self._gallery = None  # never used again, even if reading fails
            self._changes = self._db.changes_of_others()
            with self._db.snapshot():
                self.purpose = purposes.find_any(self._db, self.purpose.code) or self.purpose
                self.site = site_calibration.of_purpose(
                    self._db, self.purpose, self._spec.engine_id
                )
                self._gallery, self._valid_until = load(self._db, self.purpose, self._spec, now)
        return self._gallery

    def remember(self, template: bytes, subject_id: int, valid_until: str) -> None:
        """Add a template that this connection stored just now, under a consent valid so long."""
        if self._gallery is not None:
            self._gallery.add(template, subject_id)
            self._valid_until = min(self._valid_until or valid_until, valid_until)

    def replace(self, subject_id: int, left: Gallery, valid_until: str) -> None:
        """Replace a subject's templates, as this connection did, by those that are left."""
        if self._gallery is not None:
            self._gallery.replace(subject_id, left)
            self._valid_until = min(self._valid_until or valid_until, valid_until)


def load(db: Database, purpose: Purpose, spec: EngineSpec, now: str) -> tuple[Gallery, str | None]:
    """Find the permitted templates of one purpose and engine. A search reads them.

    Returns:
        The gallery, and the time of the first end of a consent; None without a template.

    Raises:
        NoConsent, ShardDamaged: see `gate.permitted`.
        TooLittleMemory: a search of them would not fit.
    """
    with db.snapshot():
        used = sum(one.used for one in shards.of_gallery(db, purpose.purpose_id, spec.engine_id))
        memory.check(used, free_memory.available())
        permission = gate.permitted(db, purpose, spec.engine_id, now)
    unread = Unread(db, purpose, spec, permission)
    gallery = Gallery(spec.scoring, spec.dimension, unread=unread)
    return gallery, permission.valid_until


def load_subject(
    db: Database, subject: Subject, purpose: Purpose, spec: EngineSpec, now: str
) -> Gallery:
    """Read the permitted templates of one subject. Their shards are checked as for a search.

    Raises:
        NoConsent: the gate permits none.
        ShardDamaged: a shard does not hold what it should.
    """
    permitted = gate.permitted_of(db, subject, purpose, spec.engine_id, now)
    _check_shards(db, purpose, spec, {template.shard_id for template in permitted})
    gallery = Gallery(spec.scoring, spec.dimension)
    for template in permitted:
        gallery.add(content_of(db, spec, template), template.subject_id)
    return gallery


def _check_shards(db: Database, purpose: Purpose, spec: EngineSpec, ids: Set[int]) -> None:
    """Check some shards of a gallery: their subjects, and the form of every template."""
    gallery = purpose.purpose_id, spec.engine_id
    sums = templates.kept_sums(db, *gallery)
    for shard in shards.of_gallery(db, *gallery):
        if shard.shard_id in ids:
            subjects = templates.subjects_in(db, shard, sums[shard.shard_id])
            _check_form(db, spec, shard, subjects)


def content_of(db: Database, spec: EngineSpec, template: PermittedTemplate) -> bytes:
    """Return the stored form of one template.

    Raises:
        ShardDamaged: it lies with another subject, or the engine cannot have made it.
    """
    place = TemplatePlace(template.shard_id, template.slot)
    content = shards.read_own(db, place, template.subject_id)
    if len(content) != scoring.size(spec.scoring, spec.dimension) or not scoring.fits(
        spec.scoring, scoring.unpacked(spec.scoring, spec.dimension, content)
    ):
        raise _of_another_form(db, place.shard_id)
    return content


def check_forms(db: Database, spec: EngineSpec) -> None:
    """Check that the engine can have made each of its templates.

    Raises:
        ShardDamaged: a shard holds something else.
    """
    import numpy as np

    for purpose in purposes.list_all(db):
        for shard in shards.of_gallery(db, purpose.purpose_id, spec.engine_id):
            subjects = np.frombuffer(shards.read_subjects(db, shard), "<u4")
            _check_form(db, spec, shard, subjects)


def _check_form(
    db: Database, spec: EngineSpec, shard: Shard, subjects: npt.NDArray[np.uint32]
) -> None:
    """Check that the engine can have made each template of a shard.

    Args:
        subjects: (used,) uint32, the subject of each slot; 0: nobody.
    """
    forms, held = _forms_of(db, spec, shard), subjects != 0
    if not scoring.fits(spec.scoring, Stored(forms.rows[held], forms.codes[held])):
        raise _of_another_form(db, shard.shard_id)


def _forms_of(db: Database, spec: EngineSpec, shard: Shard) -> Stored:
    """Return what the used slots of a shard hold.

    Raises:
        ShardDamaged: its templates have another size than those of the engine.
    """
    size = scoring.size(spec.scoring, spec.dimension)
    if (shard.slot_bytes, shard.dimension) != (size, spec.dimension):
        raise _of_another_form(db, shard.shard_id)
    return scoring.unpacked(spec.scoring, spec.dimension, shards.read(db, shard))


def _of_another_form(db: Database, shard_id: int) -> ShardDamaged:
    why = "its templates are not of the form that the engine stores"
    return ShardDamaged(path=db.path, shard=shard_id, why=why)
