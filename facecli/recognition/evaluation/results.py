"""The results of an evaluation: rates with their intervals, and the curves of a DET plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

RATES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
"""False-match rates that a study of all pairs measures."""


@dataclass(frozen=True)
class Interval:
    """Bounds that contain the true value in 95 of 100 evaluations, and their method."""

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Result:
    """One measured rate. Shares are 0..1.

    part: the study. measure: in the words of ISO/IEC 19795-1. at: the condition, such as a
    false-match rate. threshold: the largest distance that is a match. errors, of: the counts (for
    a true-match rate, errors are misses). value: None if it is not supported; `note` explains it.
    """

    part: str
    measure: str
    value: float | None
    at: str | None = None
    cohort: str | None = None
    threshold: float | None = None
    low: float | None = None
    high: float | None = None
    errors: int | None = None
    of: int | None = None
    interval: str | None = None
    note: str | None = None

    def record(self) -> dict[str, Any]:
        """Return the result as a record to report."""
        return asdict(self)


def measured(
    part: str, measure: str, value: float, interval: Interval | None, **rest: Any
) -> Result:
    """Return a result with its interval, widened if needed to contain the value."""
    if interval is None:
        return Result(part, measure, value, **rest)
    low, high = min(interval.low, value), max(interval.high, value)
    return Result(part, measure, value, low=low, high=high, interval=interval.method, **rest)


@dataclass(frozen=True)
class Band:
    """Bounds that contain the false-negative rates, 0..1, in 95 of 100 evaluations.

    false_positive: the rates at which they do, rising, 0..1.
    """

    false_positive: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Curve:
    """False-positive rates (rising) and false-negative rates at the same thresholds.

    band: the uncertainty of the false-negative rates, where it is known.
    """

    label: str
    false_positive: Sequence[float]
    false_negative: Sequence[float]
    band: Band | None = None


def until_none_is_missed(
    label: str, false_positive: Sequence[float], false_negative: Sequence[float]
) -> Curve:
    """Return a curve up to the point from which no false negative was seen."""
    end = next((at for at, rate in enumerate(false_negative) if rate <= 0), len(false_negative))
    return Curve(label, false_positive[:end], false_negative[:end])


@dataclass(frozen=True)
class Plot:
    """A DET plot: two kinds of error against each other. across, up: titles of the axes."""

    across: str
    up: str
    title: str
    curves: tuple[Curve, ...] = ()
    marks: tuple[tuple[float, float, float], ...] = ()
    """(calibrated FMR, measured FMR, measured FNMR) at each calibrated threshold."""


@dataclass
class Findings:
    """All results of a study, its plot, and notes for the user."""

    results: list[Result] = field(default_factory=list)
    plot: Plot | None = None
    held: list[Result] = field(default_factory=list)
    """Those of `results` that compare cohorts with the stated rates."""
    notes: list[str] = field(default_factory=list)
