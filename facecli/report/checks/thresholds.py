"""Checks of the thresholds of each purpose: what holds its rate, its price, and its age."""

from __future__ import annotations

from collections.abc import Iterator

from facecli.consent import purposes
from facecli.consent.purpose_terms import Purpose
from facecli.errors.base import FacecliError
from facecli.recognition.engines import of_database as engine_of_database
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching import site_calibration
from facecli.recognition.matching.rate_scale import RateScale
from facecli.recognition.matching.threshold_costs import costs_of
from facecli.report.findings import Finding, error, ok, warning
from facecli.store import calibrations
from facecli.store.database import Database


def of_database(db: Database) -> Iterator[Finding]:
    """Check the rate of each purpose for which faces are compared."""
    try:
        spec = engine_of_database.engine_of(db)
    except FacecliError:
        return  # the check of the engine reports it
    stale = {one.purpose_id for one in calibrations.stale(db)}
    for purpose in purposes.list_all(db):
        if purpose.retired_at is None and purpose.compares_faces:
            yield from _of_purpose(db, spec, purpose)
            if purpose.purpose_id in stale:
                yield warning(
                    "calibration",
                    f"{purpose.code}: the gallery has changed much since its own thresholds were "
                    "measured",
                    "Run `facecli calibrate`, or the nightly purge, which measures them again.",
                )


def _of_purpose(db: Database, spec: EngineSpec, purpose: Purpose) -> Iterator[Finding]:
    site = site_calibration.of_purpose(db, purpose, spec.engine_id)
    try:
        RateScale.of(spec, purpose, site).held(purpose.terms.threshold_fmr)
    except FacecliError as why:
        yield error("threshold", f"Purpose {purpose.code}: {why.message}", why.hint)
        return
    costs = costs_of(spec, purpose.terms, site)
    if costs is not None:
        yield ok("threshold", f"{purpose.code}: {costs.words}")
