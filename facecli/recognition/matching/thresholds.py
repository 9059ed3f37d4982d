"""The largest distance that is a match: given by the user, or from a stated false-match rate."""

from __future__ import annotations

from dataclasses import dataclass

from facecli.consent.purpose_terms import Purpose
from facecli.errors.consent import RateLooser
from facecli.errors.recognition import FpirNotSupported, NoCalibration
from facecli.recognition.engines.calibration import (
    Calibration,
    fmr_for_search,
    fpir_of_search,
    load,
    parse,
)
from facecli.recognition.engines.engine import EngineSpec

SEARCH_FPIR = 0.01
"""Share of searches for people who are not enrolled that may return a candidate: 1 in 100 is what
staff can check."""
DUPLICATE_FPIR = 0.01
"""Share of new subjects who may be taken by mistake for a subject already enrolled."""
ONE_SITTING_FMR = 1e-3
"""Two people before one camera are told apart in 999 of 1,000 pairs of frames."""


NO_RATE = "no rate"  # in the log: the engine has no calibration


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
    fmr: measured false-match rate of one comparison, 0..1; None: the engine has no calibration.
    """

    distance: float
    fpir: float | None = None
    fmr: float | None = None

    @property
    def rate(self) -> str:
        """The false-match rate as the log records it."""
        return NO_RATE if self.fmr is None else f"{self.fmr:.3g}"


def calibration_of(spec: EngineSpec) -> Calibration:
    """Return the engine's calibration: the one it was given, or else the one that ships.

    Raises:
        NoCalibration: it is an engine of a model card, and has none.
        BadInput: the calibration that ships is damaged.
    """
    if spec.calibration_text is not None:
        return parse(spec.calibration_text)
    if spec.card is not None:
        raise NoCalibration(engine=spec.name)
    return load(spec.calibration_file, spec.engine_id)


def for_search(spec: EngineSpec, purpose: Purpose, asked: Asked, references: int) -> Limit:
    """Return the largest distance that is a match in a search (1:N).

    Unless the user gives a threshold or a false-match rate, it holds a false-positive
    identification rate (SEARCH_FPIR, or the user's) at this size of the gallery. It is never
    looser than the purpose's false-match rate. Where no rate so low was measured, the lowest
    measured one is used, and `Limit.fpir` is its rate; a rate that the user gives is refused.

    Args:
        references: templates in the gallery.

    Raises:
        RateLooser: more than the purpose's false-match rate is asked for.
        OutsideCalibration, FpirNotSupported: the rate was not measured for this engine.
        NoCalibration: no rate was measured.
    """
    if asked.threshold is not None or asked.fmr is not None:
        limit = for_verification(spec, purpose, asked)
    else:
        table = calibration_of(spec)
        if purpose.terms.threshold_fmr < table.smallest:
            table.threshold(purpose.terms.threshold_fmr)  # refuses
        fpir = SEARCH_FPIR if asked.fpir is None else asked.fpir
        rate = min(fmr_for_search(fpir, references), purpose.terms.threshold_fmr)
        if rate < table.smallest and asked.fpir is not None:
            raise FpirNotSupported(
                fpir=fpir,
                references=references,
                fmr=rate,
                engine=spec.engine_id,
                smallest=table.smallest,
                least=min(fpir_of_search(table.smallest, references) * 1.06, 0.999),  # rounded up
            )
        limit = Limit(table.threshold(_supported(table, rate)))
    if asked.threshold is not None:
        return limit
    rate = calibration_of(spec).fmr(limit.distance)
    return Limit(limit.distance, fpir_of_search(rate, references), rate)


def for_verification(spec: EngineSpec, purpose: Purpose, asked: Asked) -> Limit:
    """Return the largest distance that is a match in a verification (1:1).

    It holds the purpose's false-match rate, or a stricter one that the user gives.

    Raises:
        RateLooser: more than the purpose's false-match rate is asked for.
        OutsideCalibration: the rate was not measured for this engine.
        NoCalibration: no rate was measured.
    """
    if asked.threshold is not None:
        return _stated(spec, purpose, asked)
    agreed = purpose.terms.threshold_fmr
    rate = agreed if asked.fmr is None else asked.fmr
    if rate > agreed:
        raise RateLooser(asked=f"A rate of {rate:g}", agreed=agreed, purpose=purpose.code)
    table = calibration_of(spec)
    return Limit(table.threshold(rate), fmr=rate)


def _stated(spec: EngineSpec, purpose: Purpose, asked: Asked) -> Limit:
    """Return a stated distance as the limit, if the purpose's rate is not exceeded by it.

    An engine without any calibration has no rate to compare with: the operator answers for it.

    Raises:
        RateLooser: the distance stands for a larger rate than the purpose's.
    """
    distance, agreed = asked.threshold or 0.0, purpose.terms.threshold_fmr
    try:
        table = calibration_of(spec)
    except NoCalibration:
        return Limit(distance)
    if distance > table.threshold(_supported(table, agreed)):
        raise RateLooser(asked=f"A threshold of {distance:g}", agreed=agreed, purpose=purpose.code)
    return Limit(distance, fmr=table.fmr(distance))


def for_duplicates(spec: EngineSpec, purpose: Purpose, gallery: int) -> float:
    """Return the largest distance at which enrolment takes two REFs for one person.

    It holds DUPLICATE_FPIR at the gallery's size, and is never looser than the purpose's rate; as
    far as the calibration supports that.

    Args:
        gallery: templates in the gallery.

    Raises:
        NoCalibration
    """
    calibration = calibration_of(spec)
    rate = min(fmr_for_search(DUPLICATE_FPIR, gallery), purpose.terms.threshold_fmr)
    return calibration.threshold(_supported(calibration, rate))


def for_one_sitting(spec: EngineSpec) -> float:
    """Return the largest distance at which two frames of one capture show one person.

    Raises:
        NoCalibration
    """
    calibration = calibration_of(spec)
    return calibration.threshold(_supported(calibration, ONE_SITTING_FMR))


def _supported(table: Calibration, rate: float) -> float:
    return min(max(rate, table.smallest), table.largest)
