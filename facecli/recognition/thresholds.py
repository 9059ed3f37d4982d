"""Which distance counts as a match: always from a stated false-match rate, or stated itself."""

from __future__ import annotations

from facecli.consent.purposes import Purpose
from facecli.errors import NoCalibration
from facecli.recognition.calibration import Calibration, fmr_for_search, load, parse
from facecli.recognition.engine import EngineSpec

DUPLICATE_FPIR = 0.01  # of 100 newcomers one may be stopped and asked about by mistake


ONE_SITTING_FMR = 1e-3  # two people before one camera are noticed in 999 of 1,000 pairs of frames


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


def for_comparison(
    spec: EngineSpec, purpose: Purpose, threshold: float | None, fmr: float | None
) -> float:
    """The largest distance that is a match: `threshold`, else at `fmr`, else at the purpose's.

    Raises:
        OutsideCalibration: the rate was not measured for this engine.
        NoCalibration: no rate was.
    """
    if threshold is not None:
        return threshold
    rate = purpose.terms.threshold_fmr if fmr is None else fmr
    return calibration_of(spec).threshold(rate)


def for_duplicates(spec: EngineSpec, purpose: Purpose, gallery: int) -> float:
    """The distance within which two REFs are taken for one person at enrolment.

    It holds a false-positive identification rate of 1 % at the gallery's size, and is never
    looser than the purpose's own rate; within what the calibration supports.
    """
    calibration = calibration_of(spec)
    rate = min(fmr_for_search(DUPLICATE_FPIR, gallery), purpose.terms.threshold_fmr)
    return calibration.threshold(min(max(rate, calibration.smallest), calibration.largest))


def for_one_sitting(spec: EngineSpec) -> float:
    """The distance within which two frames of one sitting are taken for one person.

    Raises:
        NoCalibration
    """
    calibration = calibration_of(spec)
    return calibration.threshold(
        min(max(ONE_SITTING_FMR, calibration.smallest), calibration.largest)
    )
