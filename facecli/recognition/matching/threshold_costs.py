"""The price of holding a rate: the share of genuine comparisons that each calibration misses."""

from __future__ import annotations

from dataclasses import dataclass

from facecli.consent import purposes
from facecli.consent.purpose_terms import FACE, WORST_GROUP, Terms
from facecli.errors.base import FacecliError
from facecli.errors.recognition import NoCalibration, OutsideCalibration
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import site_calibration
from facecli.recognition.matching.rate_scale import Held, RateScale, calibration_of
from facecli.recognition.matching.site_calibration import SiteCalibration
from facecli.store.database import Database


@dataclass(frozen=True)
class ThresholdCosts:
    """The thresholds that could hold a purpose's rate.

    options: each with its false non-match rate, 0..1, on the images of the engine's calibration.
    in_use: the one that does.
    """

    rate: float
    options: tuple[tuple[Held, float], ...]
    in_use: Held

    @property
    def words(self) -> str:
        """The costs in one sentence."""
        missed = "; ".join(
            f"{held.by} {share:.1%}{' (in use)' if held == self.in_use else ''}"
            for held, share in self.options
        )
        return (
            f"at a false-match rate of {self.rate:g}, this share of genuine comparisons is missed "
            f"on the images of the calibration: {missed}"
        )


def costs_of(spec: EngineSpec, terms: Terms, site: SiteCalibration | None) -> ThresholdCosts | None:
    """Return the costs of a purpose's rate, or None where nothing was measured for it."""
    rate, worst_group = terms.threshold_fmr, terms.calibration == WORST_GROUP
    try:
        measured = calibration_of(spec)
        in_use = RateScale(spec, worst_group=worst_group, site=site).held(rate)
        shipped = [
            RateScale(spec, worst_group=worst, site=None).held(rate) for worst in (False, True)
        ]
    except (NoCalibration, OutsideCalibration):
        return None
    options = dict.fromkeys([*shipped, in_use])
    costs = tuple((held, measured.fnmr(held.distance)) for held in options)
    return ThresholdCosts(rate, costs, in_use)


def rate_words(db: Database, code: str, terms: Terms) -> str | None:
    """Return what it costs to hold the rate of terms that a purpose has or gets, in words.

    Where no calibration supports the rate, they say so. None if no faces are compared.
    """
    if terms.method != FACE:
        return None
    try:
        spec = engine_of(db)
    except FacecliError:
        return None
    purpose = purposes.find_any(db, code)
    site = None if purpose is None else site_calibration.of_purpose(db, purpose, spec.engine_id)
    found = costs_of(spec, terms, site)
    return _unsupported(spec, terms, site) if found is None else f"{found.words}."


def _unsupported(spec: EngineSpec, terms: Terms, site: SiteCalibration | None) -> str | None:
    """Return why no calibration holds the rate of terms, or None if one does."""
    try:
        scale = RateScale(spec, worst_group=terms.calibration == WORST_GROUP, site=site)
        scale.held(terms.threshold_fmr)
    except (NoCalibration, OutsideCalibration) as why:
        return f"{why.message} {why.hint}"
    return None
