"""Which distance counts as a match: always from a stated false-match rate, or stated itself."""

from __future__ import annotations

from dataclasses import dataclass

from facecli.consent.purposes import Purpose
from facecli.errors.consent import RateLooser
from facecli.errors.recognition import FpirNotSupported, NoCalibration, NoNormalisation
from facecli.recognition.engines.calibration import (
    COHORT,
    Calibration,
    Scale,
    fmr_for_search,
    fpir_of_search,
    load,
    parse,
)
from facecli.recognition.engines.engine import EngineSpec

SEARCH_FPIR = 0.01  # of 100 strangers one may be given a candidate: what a desk can look at
DUPLICATE_FPIR = 0.01  # of 100 newcomers one may be stopped and asked about by mistake


ONE_SITTING_FMR = 1e-3  # two people before one camera are noticed in 999 of 1,000 pairs of frames


NO_RATE = "no rate"  # in the log: the engine has no calibration


@dataclass(frozen=True)
class Asked:
    """What a search or a verification is asked for: one of a distance, a false-match rate of one
    comparison, and a false-positive identification rate of a search; or none of them.

    normalise: None leaves it to the engine; a distance that was stated then counts as it is.
    """

    threshold: float | None = None
    fmr: float | None = None
    fpir: float | None = None
    normalise: bool | None = None

    def wants_normalised(self, spec: EngineSpec) -> bool:
        """Are distances to be normalised if the gallery is large enough?"""
        if self.normalise is None:
            return spec.normalised and self.threshold is None
        return self.normalise


@dataclass(frozen=True)
class Limit:
    """The largest distance that is a match.

    scale: by which distances are normalised; None: they are as they are. fpir: the share of
    strangers' searches that it lets have a candidate, as measured; None: it was not measured.
    fmr: the measured false-match rate of one comparison, 0..1; None: the engine has no calibration.
    """

    distance: float
    scale: Scale | None = None
    fpir: float | None = None
    fmr: float | None = None

    @property
    def rate(self) -> str:
        """The false-match rate as the log records it."""
        return NO_RATE if self.fmr is None else f"{self.fmr:.3g}"


def calibration_of(spec: EngineSpec) -> Calibration:
    """The engine's calibration: the one it was given, else the one that ships.

    Raises:
        NoCalibration: it is a model card's, and has none.
        BadInput: the one that ships is damaged.
    """
    if spec.calibration_text is not None:
        return parse(spec.calibration_text)
    if spec.card is not None:
        raise NoCalibration(engine=spec.name)
    return load(spec.calibration_file, spec.engine_id)


def cohort_for(spec: EngineSpec, asked: Asked) -> int:
    """How many people's references normalising needs; 0 where distances stay as they are.

    Raises:
        NoNormalisation, NoCalibration: it is asked for, and was not measured.
    """
    if not asked.wants_normalised(spec):
        return 0
    table = calibration_of(spec).normalised
    if table is None or table.scale is None:
        if asked.normalise:
            raise NoNormalisation(engine=spec.engine_id, people=COHORT + 2)
        return 0
    return table.scale.cohort


def for_search(
    spec: EngineSpec, purpose: Purpose, asked: Asked, references: int, cohort: int
) -> Limit:
    """What counts in a search (1:N) among so many references.

    Unless a threshold or a false-match rate is asked for, it holds a stated false-positive
    identification rate (SEARCH_FPIR) at this size, and is never looser than the purpose's own
    false-match rate. Where no rate so low was measured, the lowest that was is taken, and
    `Limit.fpir` says what it gives; but one that was asked for is refused.

    cohort: how many people there are to normalise by; with fewer than `cohort_for` says,
    distances stay as they are.

    Raises:
        RateLooser: more than the purpose's false-match rate is asked for.
        OutsideCalibration, FpirNotSupported: the rate was not measured for this engine.
        NoCalibration: no rate was.
        NoNormalisation: it is asked for, and was not measured.
    """
    if asked.threshold is not None or asked.fmr is not None:
        limit = for_verification(spec, purpose, asked, cohort)
    else:
        table = _table(spec, asked, cohort)
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
        limit = Limit(table.threshold(_supported(table, rate)), table.scale)
    if asked.threshold is not None:
        return limit
    rate = _table(spec, asked, cohort).fmr(limit.distance)
    return Limit(limit.distance, limit.scale, fpir_of_search(rate, references), rate)


def for_verification(spec: EngineSpec, purpose: Purpose, asked: Asked, cohort: int) -> Limit:
    """What counts in a verification (1:1): the purpose's own rate, or a stricter one asked for.

    Raises:
        RateLooser: more than the purpose's false-match rate is asked for.
        OutsideCalibration: the rate was not measured for this engine.
        NoCalibration: no rate was.
        NoNormalisation: it is asked for, and was not measured.
    """
    if asked.threshold is not None:
        return _stated(spec, purpose, asked, cohort)
    agreed = purpose.terms.threshold_fmr
    rate = agreed if asked.fmr is None else asked.fmr
    if rate > agreed:
        raise RateLooser(asked=f"A rate of {rate:g}", agreed=agreed, purpose=purpose.code)
    table = _table(spec, asked, cohort)
    return Limit(table.threshold(rate), table.scale, fmr=rate)


def _stated(spec: EngineSpec, purpose: Purpose, asked: Asked, cohort: int) -> Limit:
    """Return a stated distance as the limit, if the purpose's rate is not exceeded by it.

    An engine without any calibration has no rate to compare with: the operator answers for it.

    Raises:
        RateLooser: the distance stands for a larger rate than the purpose's.
    """
    distance, agreed = asked.threshold or 0.0, purpose.terms.threshold_fmr
    try:
        table = _table(spec, asked, cohort)
    except NoCalibration:
        return Limit(distance)
    if distance > table.threshold(_supported(table, agreed)):
        raise RateLooser(asked=f"A threshold of {distance:g}", agreed=agreed, purpose=purpose.code)
    return Limit(distance, table.scale, fmr=table.fmr(distance))


def for_duplicates(spec: EngineSpec, purpose: Purpose, gallery: int) -> float:
    """The distance within which two REFs are taken for one person at enrolment.

    It holds a false-positive identification rate of 1 % at the gallery's size, and is never
    looser than the purpose's own rate; within what the calibration supports.
    """
    calibration = calibration_of(spec)
    rate = min(fmr_for_search(DUPLICATE_FPIR, gallery), purpose.terms.threshold_fmr)
    return calibration.threshold(_supported(calibration, rate))


def for_one_sitting(spec: EngineSpec) -> float:
    """The distance within which two frames of one sitting are taken for one person.

    Raises:
        NoCalibration
    """
    calibration = calibration_of(spec)
    return calibration.threshold(_supported(calibration, ONE_SITTING_FMR))


def _table(spec: EngineSpec, asked: Asked, cohort: int) -> Calibration:
    """The thresholds of distances as they are, or normalised."""
    needed = cohort_for(spec, asked)
    calibration = calibration_of(spec)
    enough = needed and cohort >= needed
    return calibration.normalised if enough and calibration.normalised else calibration


def _supported(table: Calibration, rate: float) -> float:
    return min(max(rate, table.smallest), table.largest)
