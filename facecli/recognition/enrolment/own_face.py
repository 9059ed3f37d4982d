"""One subject, one face: compare a new capture with the subject's own templates.

The comparison uses the templates of every purpose that the gate permits, of one engine. Those that
are due, or whose consent is not in force, are not used here either: a subject without any others is
enrolled as a new one is. The mean of the distances decides. With one limit it refuses fewer
captures of the person, and accepts fewer of others, the more templates there are; the nearest
template would accept more of others (`tests/benchmarks/one_face.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from facecli.consent import gate, purposes
from facecli.consent.subjects import Subject
from facecli.errors.consent import NoConsent
from facecli.recognition.engines import scoring
from facecli.recognition.engines.calibration import Calibration
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.gallery import content_of
from facecli.recognition.matching.rate_scale import calibration_of
from facecli.store import templates
from facecli.store.database import Database


def is_other(db: Database, subject: Subject, spec: EngineSpec, template: bytes, now: str) -> bool:
    """Return True if a capture shows another face than the subject's own templates.

    False for a subject who has no template that may be used.

    Args:
        template: of the capture, as the engine stores it.

    Raises:
        NoCalibration: the engine has no threshold to decide by.
        ShardDamaged: see `gallery.content_of`.
    """
    own = list(_templates(db, subject, spec, now))
    if not own:
        return False
    distances = [scoring.distance_between(spec.scoring, template, one) for one in own]
    return sum(distances) / len(distances) > equal_error(calibration_of(spec))


def equal_error(calibration: Calibration) -> float:
    """Return the distance at which both error rates are the same, lower is closer.

    Linear between the measured points. Where they do not cross, the nearer end of the table.
    """
    for one, next_ in pairwise(calibration.points):
        before, after = one.fmr - one.fnmr, next_.fmr - next_.fnmr
        if before >= 0:
            return one.distance
        if after >= 0:
            share = before / (before - after)
            return one.distance + share * (next_.distance - one.distance)
    return calibration.points[-1].distance


def _templates(db: Database, subject: Subject, spec: EngineSpec, now: str) -> Iterator[bytes]:
    """Yield the subject's templates of one engine that may be compared for their purposes."""
    for purpose_id in templates.purposes_of(db, subject.subject_id):
        purpose = purposes.find_by_id(db, purpose_id)
        try:
            permitted = gate.permitted_of(db, subject, purpose, spec.engine_id, now)
        except NoConsent:
            continue
        for one in permitted:
            yield content_of(db, spec, one)
