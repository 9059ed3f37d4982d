"""The largest distance that is a match: given by the user, or from a stated false-match rate."""

from __future__ import annotations

from dataclasses import dataclass

from facecli.consent.purpose_terms import Purpose
from facecli.errors.consent import RateLooser
from facecli.errors.recognition import FpirNotSupported, NoCalibration
from facecli.printable import counted, in_figures
from facecli.recognition.engines.calibration import (
    fmr_for_search,
    fpir_of_search,
    interpolated,
)
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.rate_scale import RateScale, calibration_of
from facecli.recognition.matching.site_calibration import SiteCalibration

SEARCH_FPIR = 0.01
"""Share of searches for people who are not enrolled that may return a candidate: 1 in 100 is what
staff can check."""
ONE_SITTING_FMR = 1e-3
"""Two people before one camera are told apart in 999 of 1,000 pairs of frames."""


NO_RATE = "no rate"  # in the log: the engine has no calibration
NO_CALIBRATION = "none"


@dataclass(frozen=True)
class Asked:
    """The user's threshold for a search or verification; at most one of the first three is given.

    threshold: a distance. fmr: false-match rate of one comparison, 0..1. fpir: false-positive
    identification rate of a search, 0..1.
    """

    threshold: float | None = None
    fmr: float | None = None
    fpir: float | None = None


@dataclass(frozen=True)
class Limit:
    """The largest distance that is a match.

    fpir: share of searches for people who
    are not enrolled that return a candidate, 0..1, as measured; None: not measured.
    fmr: false-match rate of one comparison that it holds, 0..1; None: the engine has no
    calibration. by: the calibration that holds it, in words.
    """

    distance: float
    fpir: float | None = None
    fmr: float | None = None
    by: str = NO_CALIBRATION

    @property
    def rate(self) -> str:
        """The false-match rate as the log records it."""
        return NO_RATE if self.fmr is None else f"{self.fmr:.3g}"


def for_search(
    spec: EngineSpec,
    purpose: Purpose,
    asked: Asked,
    references: int,
    site: SiteCalibration | None = None,
) -> Limit:
    """Return the largest distance that is a match in a search (1:N).

    Unless the user gives a threshold or a false-match rate, it holds a false-positive
    identification rate (SEARCH_FPIR, or the user's) at this size of the gallery: as the gallery's
    own subjects were searched, where that supports the rate, or else by the false-match rate of
    one comparison. It is never looser than the purpose's false-match rate. Where no rate so low was
    measured, the lowest measured one is used, and `Limit.fpir` is its rate; a rate that the user
    gives is refused.

    Args:
        references: templates in the gallery.
        site: the calibration of the gallery itself, if there is one.

    Raises:
        RateLooser: more than the purpose's false-match rate is asked for.
        OutsideCalibration, FpirNotSupported: the rate was not measured for this engine.
        NoCalibration: no rate was measured.
    """
    if asked.threshold is not None:
        return _stated(spec, purpose, asked, site)
    scale = RateScale.of(spec, purpose, site)
    agreed = purpose.terms.threshold_fmr
    if asked.fmr is not None:
        limit = for_verification(spec, purpose, asked, site)
        return Limit(limit.distance, fpir_of_search(asked.fmr, references), asked.fmr, limit.by)
    if agreed < scale.smallest:
        scale.held(agreed)  # refuses
    fpir = SEARCH_FPIR if asked.fpir is None else asked.fpir
    searched = _as_searched(scale, fpir, references)
    if searched is not None:
        return _no_looser(scale, searched, agreed, fpir, references)
    rate = min(fmr_for_search(fpir, references), agreed)
    if rate < scale.smallest and asked.fpir is not None:
        raise FpirNotSupported(
            fpir=fpir,
            references=references,
            fmr=rate,
            engine=spec.engine_id,
            smallest=scale.smallest,
            least=min(fpir_of_search(scale.smallest, references) * 1.06, 0.999),  # rounded up
        )
    rate = scale.supported(rate)
    held = scale.held(rate)
    return Limit(held.distance, fpir_of_search(rate, references), rate, held.by)


def refuse_looser_fpir(purpose: Purpose, asked: Asked, references: int) -> None:
    """Refuse a stated FPIR that allows a looser rate than the purpose's, before a search starts.

    While it runs, a gallery may shrink: then `for_search` keeps the purpose's rate.

    Args:
        references: templates in the gallery.

    Raises:
        RateLooser
    """
    if asked.fpir is None:
        return
    rate, agreed = fmr_for_search(asked.fpir, references), purpose.terms.threshold_fmr
    if rate > agreed * (1 + 1e-9):  # among one reference both are the same but for rounding
        among = counted(references, "reference")
        words = f"An FPIR of {asked.fpir:g} among {among}, a false-match rate of {rate:.4g},"
        raise RateLooser(asked=words, agreed=agreed, purpose=purpose.code)


def _as_searched(scale: RateScale, fpir: float, references: int) -> float | None:
    """Return the distance at which the gallery's own subjects hold an FPIR, if they show it.

    They were searched among the references of that time. Among more, the rate rises as if
    comparisons were independent.
    """
    site = scale.site
    if site is None or len(site.searches) < 2 or references < 1:
        return None
    rate = fpir_of_search(fmr_for_search(fpir, references), site.references)
    if not site.searches[0].fmr <= rate <= site.searches[-1].fmr:
        return None
    found = interpolated(site.searches, rate)
    if not site.doubtful:
        return found
    by_rate = scale.held(scale.supported(fmr_for_search(fpir, references)))
    return found if found <= by_rate.distance else None


def _no_looser(
    scale: RateScale, distance: float, agreed: float, fpir: float, references: int
) -> Limit:
    """Return a distance that holds an FPIR as a limit, and the purpose's rate if that is less."""
    ceiling = scale.held(scale.supported(agreed))
    if ceiling.distance <= distance:
        low = min(fpir, fpir_of_search(agreed, references))
        return Limit(ceiling.distance, low, agreed, ceiling.by)
    by = NO_CALIBRATION if scale.site is None else scale.site.words
    return Limit(distance, fpir, scale.rate_of(distance), by)


def for_verification(
    spec: EngineSpec, purpose: Purpose, asked: Asked, site: SiteCalibration | None = None
) -> Limit:
    """Return the largest distance that is a match in a verification (1:1).

    It holds the purpose's false-match rate, or a stricter one that the user gives. site: the
    calibration of the purpose's own gallery, if there is one.

    Raises:
        RateLooser: more than the purpose's false-match rate is asked for.
        OutsideCalibration: the rate was not measured for this engine.
        NoCalibration: no rate was measured.
    """
    if asked.threshold is not None:
        return _stated(spec, purpose, asked, site)
    agreed = purpose.terms.threshold_fmr
    rate = agreed if asked.fmr is None else asked.fmr
    if rate > agreed:
        raise RateLooser(asked=f"A rate of {rate:g}", agreed=agreed, purpose=purpose.code)
    held = RateScale.of(spec, purpose, site).held(rate)
    return Limit(held.distance, fmr=rate, by=held.by)


def _stated(
    spec: EngineSpec, purpose: Purpose, asked: Asked, site: SiteCalibration | None
) -> Limit:
    """Return a stated distance as the limit, if the purpose's rate is not exceeded by it.

    The distance of the purpose's rate, as records round it, stands for that distance itself. An
    engine without any calibration has no rate to compare with: the operator answers for it.

    Raises:
        RateLooser: the distance stands for a larger rate than the purpose's.
        OutsideCalibration: no distance is known to hold the purpose's rate, which is too low.
    """
    distance, agreed = asked.threshold or 0.0, purpose.terms.threshold_fmr
    try:
        scale = RateScale.of(spec, purpose, site)
    except NoCalibration:
        return Limit(distance)
    ceiling = scale.held(min(agreed, scale.largest))
    if in_figures(distance) == in_figures(ceiling.distance):
        return Limit(ceiling.distance, fmr=scale.rate_of(ceiling.distance), by=ceiling.by)
    if distance > ceiling.distance:
        raise RateLooser(asked=f"A threshold of {distance:g}", agreed=agreed, purpose=purpose.code)
    rate = scale.rate_of(distance)
    return Limit(distance, fmr=rate, by=scale.held(rate).by)


def for_one_sitting(spec: EngineSpec) -> float:
    """Return the largest distance at which two frames of one capture show one person.

    Raises:
        NoCalibration
    """
    calibration = calibration_of(spec)
    rate = min(max(ONE_SITTING_FMR, calibration.smallest), calibration.largest)
    return calibration.threshold(rate)
