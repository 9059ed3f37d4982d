"""Calibrate a site: measure the false-match rate among the gallery's own subjects.

All pairs of different subjects of a gallery are impostor pairs of exactly the people who pass
there. They need no labels, and their comparison is covered by the purpose. The file `doubles.py`
decides who is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from facecli.audit.entries import Act
from facecli.consent import gate, purposes
from facecli.consent.purpose_terms import Purpose
from facecli.errors.recognition import TooFewSubjects
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching import doubles, site_calibration
from facecli.recognition.matching.gallery import Unread
from facecli.recognition.matching.site_calibration import (
    SiteCalibration,
    SitePoint,
)
from facecli.store import calibrations
from facecli.store.calibrations import GalleryCounts, StoredCalibration
from facecli.store.database import Database

if TYPE_CHECKING:
    from facecli.recognition.matching.rate_bounds import Bound

LEAST_SUBJECTS = 50
"""With fewer, 30 pairs show no rate below a fortieth."""
STEPS = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)  # preferred numbers, ISO 3
RATES = (*(step * 10.0**-decade for decade in range(9, 1, -1) for step in STEPS), 0.1)
"""False-match rates, and false-positive identification rates, for which thresholds are found."""
LOGGED = (1.0, 2.0, 5.0)
"""Steps of the rates that the log states."""


@dataclass(frozen=True)
class Measurement:
    """A calibration, and the size of its gallery when it was read: it may change meanwhile."""

    calibration: SiteCalibration
    gallery: GalleryCounts


def measure(db: Database, purpose: Purpose, spec: EngineSpec, now: str) -> Measurement:
    """Measure the gallery of a purpose as the gate permits it now. Nothing is changed.

    Raises:
        NoConsent: no face may be compared for the purpose.
        TooFewSubjects: there are fewer than LEAST_SUBJECTS, or their pairs support no rate.
        GalleryOfCopies: many pairs are closer than different people are.
        ShardDamaged: see `gallery.Unread.blocks`.
    """
    import numpy as np

    from facecli.recognition.matching import impostor_pairs, rate_bounds

    with db.snapshot():
        whole = gate.permitted(db, purpose, spec.engine_id, now)
        gallery = calibrations.counts(db, purpose.purpose_id, spec.engine_id)
        count = len(np.unique(whole.subjects))
        _check_size(purpose, count)
        chosen = impostor_pairs.drawn(whole)
        unread = Unread(db, purpose, spec, chosen)
        sample = impostor_pairs.Sample.of(spec.scoring, unread.blocks())
    near = impostor_pairs.nearest(sample)  # long: others may write meanwhile
    twice = doubles.to_leave_out(db, purpose, spec, near, sample.subjects.tolist())
    near = impostor_pairs.without(near, np.array(twice, np.int32))
    _check_size(purpose, near.subjects)
    ids = np.delete(sample.subjects, twice).tolist()
    doubles.refuse_copies(db, purpose, spec, near, ids)
    points = site_points(rate_bounds.pair_bounds(near, RATES))
    if len(points) < 2:
        raise TooFewSubjects(purpose=purpose.code, subjects=near.subjects, least=LEAST_SUBJECTS)
    found = SiteCalibration(
        at=now,
        subjects=count,
        measured=near.subjects,
        references=sample.others_of_one(twice),
        pairs=near.all_pairs,
        left_out=len(twice),
        points=points,
        searches=site_points(rate_bounds.search_bounds(near, RATES)),
    )
    return Measurement(found, gallery)


def unmeasured(db: Database, engine_id: str) -> Iterator[tuple[Purpose, int]]:
    """Yield the purposes whose galleries may be measured and never were, with their templates."""
    for purpose in purposes.list_all(db):
        if purpose.retired_at is None and purpose.compares_faces:
            held = calibrations.counts(db, purpose.purpose_id, engine_id).held
            found = calibrations.find(db, purpose.purpose_id, engine_id)
            if found is None and held >= LEAST_SUBJECTS:
                yield purpose, held


def store(act: Act, purpose: Purpose, spec: EngineSpec, measurement: Measurement) -> None:
    """Store the thresholds in place of the earlier ones, and log them."""
    measured, engine_id = measurement.calibration, spec.engine_id
    details = {
        "engine": engine_id,
        "subjects": measured.subjects,
        "measured": measured.measured,
        "pairs": measured.pairs,
        "left_out": measured.left_out,
        "references": measured.references,
        "thresholds": [_logged(one) for one in measured.points if _is_logged(one.fmr)],
        "searches": [_logged(one) for one in measured.searches if _is_logged(one.fmr)],
    }
    act.record("calibrate", purpose=purpose.code, details=details)
    state = measured.at, measurement.gallery, measured.dump()
    calibrations.put(act.db, purpose.purpose_id, engine_id, *state)


def doubt(act: Act, purpose: Purpose, stale: StoredCalibration, reason: str) -> None:
    """Let thresholds decide only where they are stricter than the shipped ones, and log it.

    Thresholds that are doubtful already, or were measured again meanwhile, stay as they are.
    """
    found = site_calibration.parse(stale.record)
    present = calibrations.find(act.db, stale.purpose_id, stale.engine_id)
    if found.doubtful or present != stale:
        return
    calibrations.put(
        act.db,
        stale.purpose_id,
        stale.engine_id,
        stale.at,
        GalleryCounts(stale.made, stale.templates),
        replace(found, doubtful=True).dump(),
    )
    _record_refused(act, purpose, stale.engine_id, reason)


def withdraw(act: Act, purpose: Purpose, engine_id: str, reason: str) -> None:
    """Delete thresholds whose gallery is gone and cannot be measured again, and log it."""
    calibrations.drop(act.db, purpose.purpose_id, engine_id)
    _record_refused(act, purpose, engine_id, reason)


def _record_refused(act: Act, purpose: Purpose, engine_id: str, reason: str) -> None:
    act.record(
        "calibrate",
        "refused",
        purpose=purpose.code,
        details={"engine": engine_id, "reason": reason},
    )


def _logged(one: SitePoint) -> str:
    how = "extrapolated" if one.extrapolated else "measured"
    return f"{one.fmr:.3g}: {one.distance:.6f} ({how}, {one.low:.2g} to {one.high:.2g})"


def _is_logged(rate: float) -> bool:
    step = rate / 10.0 ** math.floor(math.log10(rate) + 1e-9)
    return any(math.isclose(step, one, rel_tol=1e-6) for one in LOGGED)


def site_points(bounds: Iterable[Bound]) -> tuple[SitePoint, ...]:
    """Return bounds as a site stores them: rounded, and plain numbers."""
    return tuple(
        SitePoint(
            fmr=one.rate,
            distance=round(one.distance, 6),
            low=float(f"{one.low:.3g}"),
            high=float(f"{one.high:.3g}"),
            extrapolated=one.extrapolated,
            middle=round(one.middle, 6),
        )
        for one in bounds
    )


def _check_size(purpose: Purpose, count: int) -> None:
    if count < LEAST_SUBJECTS:
        raise TooFewSubjects(purpose=purpose.code, subjects=count, least=LEAST_SUBJECTS)
