"""What an evaluation finds: rates with their intervals, and the curves of a DET plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

RATES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
"""False-match rates that a study of all pairs is asked for."""


@dataclass(frozen=True)
class Interval:
    """Bounds that hold the true value in 95 of 100 evaluations, and how they were found."""

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Result:
    """One measured rate. Shares are 0..1.

    part: which study; measure: in ISO/IEC 19795-1's words; at: the condition, such as the
    false-match rate asked for. threshold: the largest distance that is a match. errors and of:
    what was counted (of a true-match rate, the misses). value is None where it is not supported;
    the note says why.
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
        """The result as a record to report."""
        return asdict(self)


def measured(
    part: str, measure: str, value: float, interval: Interval | None, **rest: Any
) -> Result:
    """A result with its interval."""
    if interval is None:
        return Result(part, measure, value, **rest)
    low, high = min(interval.low, value), max(interval.high, value)
    return Result(part, measure, value, low=low, high=high, interval=interval.method, **rest)


@dataclass(frozen=True)
class Curve:
    """False-positive rates (rising) and false-negative rates at the same thresholds."""

    label: str
    false_positive: Sequence[float]
    false_negative: Sequence[float]


def until_none_is_missed(
    label: str, false_positive: Sequence[float], false_negative: Sequence[float]
) -> Curve:
    """A curve up to the point from which on no error of the second kind was seen."""
    end = next((at for at, rate in enumerate(false_negative) if rate <= 0), len(false_negative))
    return Curve(label, false_positive[:end], false_negative[:end])


@dataclass(frozen=True)
class Plot:
    """A DET plot: two kinds of error against each other."""

    across: str
    up: str
    title: str
    curves: tuple[Curve, ...] = ()
    marks: tuple[tuple[float, float, float], ...] = ()
    """The calibration's false-match rates, and both rates as measured at their thresholds."""


@dataclass
class Findings:
    """Everything that a study found."""

    results: list[Result] = field(default_factory=list)
    plot: Plot | None = None
    notes: list[str] = field(default_factory=list)
