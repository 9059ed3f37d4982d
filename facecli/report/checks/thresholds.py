"""Checks of the thresholds of each purpose: what holds its rate, its price, and its age."""

from __future__ import annotations

from collections.abc import Iterator

from facecli.consent import purposes
from facecli.consent.purpose_terms import Purpose
from facecli.errors.base import FacecliError
from facecli.printable import counted
from facecli.recognition.engines import of_database as engine_of_database
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching import calibrating, site_calibration
from facecli.recognition.matching.rate_scale import RateScale
from facecli.recognition.matching.site_calibration import SiteCalibration
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
            site = site_calibration.of_purpose(db, purpose, spec.engine_id)
            yield from _of_rate(spec, purpose, site)
            if site is not None:
                yield from _of_age(purpose, site, stale=purpose.purpose_id in stale)
    for purpose, held in calibrating.unmeasured(db, spec.engine_id):
        yield ok(
            "calibration",
            f"{purpose.code}: {counted(held, 'template')}, not measured yet; `facecli calibrate "
            f"--purpose {purpose.code}` measures thresholds of the gallery's own",
        )


def _of_age(purpose: Purpose, site: SiteCalibration, *, stale: bool) -> Iterator[Finding]:
    if site.doubtful:
        yield warning(
            "calibration",
            f"{purpose.code}: its calibration is doubtful: the gallery has changed much and has "
            "more close pairs than different people explain; its own thresholds count only where "
            "they are stricter than the shipped ones",
            f"Run `facecli calibrate --purpose {purpose.code}`, which names the REFs.",
        )
    elif stale:
        yield warning(
            "calibration",
            f"{purpose.code}: the gallery has changed much since its own thresholds were measured",
            "Run `facecli calibrate`, or the nightly purge, which measures them again.",
        )


def _of_rate(spec: EngineSpec, purpose: Purpose, site: SiteCalibration | None) -> Iterator[Finding]:
    try:
        RateScale.of(spec, purpose, site).held(purpose.terms.threshold_fmr)
    except FacecliError as why:
        yield error("threshold", f"Purpose {purpose.code}: {why.message}", why.hint)
        return
    costs = costs_of(spec, purpose.terms, site)
    if costs is not None:
        yield ok("threshold", f"{purpose.code}: {costs.words}")
