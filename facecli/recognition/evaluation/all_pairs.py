"""Verification over all comparisons of a set, its cohorts, and what discarding images does.

Thresholds are either a calibration's or those at which this very set shows a rate. Intervals are
over people (see `intervals`); where a threshold is chosen on the set, each draw of people chooses
its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from facecli.printable import counted
from facecli.recognition.engines.calibration import RULE_OF_30, Calibration, Scale
from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.cohorts import Cohorts
from facecli.recognition.evaluation.comparisons import (
    all_comparisons,
    genuine_rows,
    impostor_rows,
    share_within,
    threshold_at,
)
from facecli.recognition.evaluation.distances import Distances, Euclidean, Normalised
from facecli.recognition.evaluation.intervals import WEIGHTS_AT_ONCE, PeopleBootstrap
from facecli.recognition.evaluation.results import (
    RATES,
    Curve,
    Interval,
    Result,
    measured,
    until_none_is_missed,
)
from facecli.recognition.evaluation.verification_rates import calibrated

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.floating]

PART = "all pairs"
COHORT_RATES = RATES[:3]
DISCARD_RATES = RATES[:4]
CURVE_POINTS = 400


class AllPairs:
    """Every comparison of a set of images with one another."""

    def __init__(
        self, acquired: Acquired, normalise: bool = False, scale: Scale | None = None
    ) -> None:
        """normalise: the distances, by `scale` or one that is measured on these images."""
        self.acquired = acquired
        self.part = f"{PART}, normalised" if normalise else PART
        self.names, codes = np.unique(acquired.everybody(), return_inverse=True)
        count = len(acquired.images)
        self.codes = codes[:count]
        self.attempted = np.bincount(codes, minlength=len(self.names)).astype(np.float64)
        self.images = np.bincount(self.codes, minlength=len(self.names)).astype(np.float64)
        templates = acquired.templates
        self.distances: Distances = (
            Normalised(templates, self.codes, scale) if normalise else Euclidean(templates)
        )
        self.impostor = all_comparisons(self.distances, acquired.people)[1]
        self.genuine = self.genuine_pairs[0]
        self.bootstrap = PeopleBootstrap(len(self.names))

    @cached_property
    def genuine_pairs(self) -> tuple[Array, npt.NDArray[np.int64]]:
        """(n,) distances of the genuine comparisons, rising, and (n, 2) the two rows of each."""
        return genuine_rows(self.distances, self.codes)

    @cached_property
    def near(self) -> tuple[Array, npt.NDArray[np.int64]]:
        """The impostor comparisons with the smallest distances, rising, and the two people of
        each: enough of them for every rate asked for, in every draw of people."""
        count = min(int(4 * RATES[0] * len(self.impostor)) + 1000, len(self.impostor))
        if not count:
            return np.empty(0), np.empty((0, 2), np.int64)
        limit = float(self.impostor[count - 1])
        distances, rows = impostor_rows(self.distances, self.codes, limit)
        return distances, self.codes[rows]

    def study(self, calibration: Calibration | None) -> Iterator[Result]:
        """FMR and FNMR at the calibration's thresholds; the true-match rate at measured FMRs.

        Where images failed to acquire, the generalised rates follow (ISO/IEC 19795-1): a
        comparison that could not be made counts as one that did not match.
        """
        for rate, threshold in calibrated(calibration):
            at = f"calibrated FMR {rate:g}"
            yield self.false_matches(threshold, at)
            yield self.false_non_matches(threshold, at)
            if self.acquired.failures:
                yield self.false_matches(threshold, at, generalised=True)
                yield self.false_non_matches(threshold, at, generalised=True)
        for rate in RATES:
            yield self.true_matches(rate)

    def threshold(self, rate: float) -> float | None:
        """The distance at which this set shows that FMR; None where it cannot (rule of 30)."""
        if rate * len(self.impostor) < RULE_OF_30:
            return None
        return threshold_at(self.impostor, rate)

    def false_matches(self, threshold: float, at: str, generalised: bool = False) -> Result:
        """FMR at a threshold."""
        errors = int(np.searchsorted(self.impostor, np.float32(threshold), side="right"))
        images = self.attempted if generalised else self.images
        count = _between(images)
        distances, people = self.near
        interval = None
        if errors <= len(distances):
            first, second = people[:errors].T
            interval = self.bootstrap.between(first, second, images)
        return self._rate("FMR", generalised, errors, count, interval, at, threshold)

    def false_non_matches(self, threshold: float, at: str, generalised: bool = False) -> Result:
        """FNMR at a threshold."""
        missed, made = self._misses(threshold)
        if generalised:
            impossible = _within(self.attempted) - made
            missed, made = missed + impossible, made + impossible
        interval = self.bootstrap.share(missed, made)
        errors, count = int(missed.sum()), int(made.sum())
        return self._rate("FNMR", generalised, errors, count, interval, at, threshold)

    def _rate(
        self,
        name: str,
        generalised: bool,
        errors: int,
        count: int,
        interval: Interval | None,
        at: str,
        threshold: float,
    ) -> Result:
        measure = f"generalised {name}" if generalised else name
        if not count:
            return Result(self.part, measure, None, at, note="not supported: no such comparisons")
        return measured(
            self.part, measure, errors / count, interval, at=at, threshold=threshold,
            errors=errors, of=count,
        )  # fmt: skip

    def _misses(
        self, threshold: float, keep: npt.NDArray[np.bool_] | None = None
    ) -> tuple[Array, Array]:
        """(people,) false non-matches and genuine comparisons of each, of images kept."""
        distances, rows = self.genuine_pairs
        wrong = distances > threshold
        counted = np.ones(len(rows), bool) if keep is None else keep[rows].all(axis=1)
        people = self.codes[rows[:, 0]]
        size = len(self.names)
        missed = np.bincount(people[wrong & counted], minlength=size)
        return missed.astype(np.float64), np.bincount(people[counted], minlength=size).astype(
            np.float64
        )

    def true_matches(self, rate: float) -> Result:
        """The true-match rate where this set's FMR is at most `rate`."""
        at = f"FMR {rate:g}"
        threshold = self.threshold(rate)
        if threshold is None or not len(self.genuine):
            why = f"{len(self.impostor):,} impostor comparisons are too few (rule of 30)"
            if threshold is not None:
                why = "nobody has two images"
            return Result(self.part, "TMR", None, at, note=f"not supported: {why}")
        count = len(self.genuine)
        value = share_within(self.genuine, threshold)
        return measured(
            self.part, "TMR", value, self.bootstrap.interval(self._drawn_true_matches[rate]), at=at,
            threshold=threshold, errors=count - round(value * count), of=count,
        )  # fmt: skip

    @cached_property
    def _drawn_true_matches(self) -> dict[float, Array]:
        """For each supported rate the true-match rates of all draws, each at its own threshold."""
        rates = [rate for rate in RATES if self.threshold(rate) is not None]
        distances, people = self.near
        genuine, rows = self.genuine_pairs
        whose = self.codes[rows[:, 0]]
        weights = self.bootstrap.weights
        allowed = self.bootstrap.comparisons_between(self.images)
        found = {rate: np.full(len(weights), np.nan) for rate in rates}
        step = max(WEIGHTS_AT_ONCE // max(len(distances), 1), 1)
        for start in range(0, len(weights), step):
            draws = weights[start : start + step]
            counts = np.cumsum(draws[:, people[:, 0]] * draws[:, people[:, 1]], 1, np.float64)
            hits = np.cumsum(draws[:, whose], axis=1, dtype=np.float64)
            for at in range(len(draws)):
                for rate in rates:
                    limit = np.searchsorted(counts[at], rate * allowed[start + at], side="right")
                    threshold = distances[limit - 1] if limit else -1.0
                    within = np.searchsorted(genuine, threshold, side="right")
                    if hits[at, -1]:
                        matched = hits[at, within - 1] if within else 0.0
                        found[rate][start + at] = matched / hits[at, -1]
        return found

    def gain(self, plain: AllPairs) -> Iterator[Result]:
        """How much higher the true-match rates are than those of the same images' distances as
        they are; paired, for both draw the same people."""
        for rate in RATES:
            before, after = plain.true_matches(rate), self.true_matches(rate)
            if before.value is None or after.value is None:
                continue
            drawn = self._drawn_true_matches[rate] - plain._drawn_true_matches[rate]
            interval = self.bootstrap.interval(drawn)
            effect = "higher" if interval.low > 0 else "lower" if interval.high < 0 else "unclear"
            yield measured(self.part, "TMR change", after.value - before.value, interval,
                           at=f"FMR {rate:g}", note=effect)  # fmt: skip

    # -- cohorts --------------------------------------------------------------------------

    def cohorts(self, cohorts: Cohorts) -> Iterator[Result]:
        """Each cohort's own FMR (between its people) and FNMR at the overall thresholds.

        An overall threshold is the one at which all people together show the rate.
        """
        for rate in COHORT_RATES:
            threshold = self.threshold(rate)
            at = f"overall FMR {rate:g}"
            if threshold is None:
                note = "not supported: too few comparisons overall (rule of 30)"
                yield Result(
                    f"cohort {cohorts.column}{self.part.removeprefix(PART)}",
                    "FMR",
                    None,
                    at,
                    note=note,
                )
                continue
            for name, members in cohorts.members.items():
                yield from self._cohort(cohorts.column, name, members, threshold, at, rate)

    def _cohort(
        self,
        column: str,
        name: str,
        members: Sequence[str],
        threshold: float,
        at: str,
        rate: float,
    ) -> Iterator[Result]:
        inside = np.isin(self.names, members)
        renumbered = np.cumsum(inside) - 1
        bootstrap = PeopleBootstrap(int(inside.sum()))
        rest: dict[str, Any] = {"at": at, "cohort": name, "threshold": threshold}
        part = f"cohort {column}{self.part.removeprefix(PART)}"

        distances, people = self.near
        wrong = inside[people].all(axis=1) & (distances <= threshold)
        images = self.images[inside]
        count, errors = _between(images), int(wrong.sum())
        if count:
            first, second = renumbered[people[wrong]].T
            note = f"{errors / count / rate:.2g} times the overall rate"
            if errors < RULE_OF_30:
                note += "; fewer than 30 errors"
            interval = bootstrap.between(first, second, images)
            yield measured(part, "FMR", errors / count, interval, errors=errors, of=count,
                           note=note, **rest)  # fmt: skip
        else:
            yield Result(part, "FMR", None, note="not supported: fewer than two people", **rest)

        missed, made = (values[inside] for values in self._misses(threshold))
        if made.sum():
            interval = bootstrap.share(missed, made)
            errors, count = int(missed.sum()), int(made.sum())
            note_ = "fewer than 30 errors" if errors < RULE_OF_30 else None
            yield measured(part, "FNMR", errors / count, interval, errors=errors, of=count,
                           note=note_, **rest)  # fmt: skip
        else:
            yield Result(part, "FNMR", None, note="not supported: nobody has two images", **rest)

    # -- quality --------------------------------------------------------------------------

    def discarding(self, share: float) -> Iterator[Result]:
        """FNMR at fixed thresholds with and without the worst images by unified quality.

        One point of ISO/IEC 29794-1's error-versus-discard characteristic. The difference's
        interval is paired: each draw of people gives both rates. Images whose quality could not
        be assessed count as the worst.
        """
        keep = worst_left_out(self.acquired.qualities, share)
        dropped = int((~keep).sum())
        part = f"discard worst {share * 100:g} %"
        for rate in DISCARD_RATES:
            threshold = self.threshold(rate)
            at = f"overall FMR {rate:g}"
            if threshold is None or not len(self.genuine):
                yield Result(part, "FNMR", None, at, note="not supported: too few comparisons")
                continue
            missed, made = self._misses(threshold)
            missed_kept, made_kept = self._misses(threshold, keep)
            if not made_kept.sum():
                yield Result(part, "FNMR", None, at, note="not supported: nothing is left")
                continue
            for name, wrong, of in (
                ("FNMR of all", missed, made),
                ("FNMR of kept", missed_kept, made_kept),
            ):
                yield measured(part, name, float(wrong.sum() / of.sum()),
                               self.bootstrap.share(wrong, of), at=at, threshold=threshold,
                               errors=int(wrong.sum()), of=int(of.sum()))  # fmt: skip
            drawn = self.bootstrap.shares(missed_kept, made_kept) - self.bootstrap.shares(
                missed, made
            )
            difference = missed_kept.sum() / made_kept.sum() - missed.sum() / made.sum()
            interval = self.bootstrap.interval(drawn)
            effect = "lower" if interval.high < 0 else "higher" if interval.low > 0 else "unclear"
            yield measured(part, "FNMR change", float(difference), interval, at=at,
                           threshold=threshold,
                           note=f"{effect}; {counted(dropped, 'image')} discarded")  # fmt: skip

    # -- curves ---------------------------------------------------------------------------

    def curve(self, label: str = "everybody") -> Curve:
        """The DET curve, down to the rate that the rule of 30 supports."""
        return _curve(label, self.impostor, self.genuine)

    def cohort_curves(self, cohorts: Cohorts) -> Iterator[Curve]:
        """A DET curve for each cohort, of the comparisons between its own people."""
        for name, members in cohorts.members.items():
            rows = np.flatnonzero(np.isin(self.acquired.people, members))
            people = [self.acquired.people[row] for row in rows]
            genuine, impostor = all_comparisons(self.distances.among(rows), people)
            if len(genuine) and len(impostor):
                yield _curve(name, impostor, genuine)

    def marks(self, calibration: Calibration | None) -> Iterator[tuple[float, float, float]]:
        """Where the calibration's thresholds lie on the curve."""
        if not len(self.genuine) or not len(self.impostor):
            return
        for rate, threshold in calibrated(calibration):
            fmr = share_within(self.impostor, threshold)
            yield rate, fmr, 1 - share_within(self.genuine, threshold)


def worst_left_out(qualities: Sequence[int | None], share: float) -> npt.NDArray[np.bool_]:
    """(n,) False for the worst `share` of images, rounded down; of equals, the earlier go."""
    values = np.array([-1 if quality is None else quality for quality in qualities])
    keep = np.ones(len(values), bool)
    keep[np.argsort(values, kind="stable")[: int(share * len(values))]] = False
    return keep


def _between(images: Array) -> int:
    """Comparisons between different people who have so many images each."""
    return round((float(images.sum()) ** 2 - float((images**2).sum())) / 2)


def _within(images: Array) -> Array:
    """Comparisons of each person's images with one another."""
    return np.asarray(images * (images - 1) / 2)


def _curve(label: str, impostor: Array, genuine: Array) -> Curve:
    if not len(impostor) or not len(genuine):
        return Curve(label, (), ())
    lowest = min(RULE_OF_30 / len(impostor), 1.0)
    rates = np.geomspace(lowest, 0.5, CURVE_POINTS) if lowest < 0.5 else np.array([lowest])
    thresholds = impostor[np.maximum((rates * len(impostor)).astype(int), 1) - 1]
    misses = 1 - np.searchsorted(genuine, thresholds, side="right") / len(genuine)
    return until_none_is_missed(label, rates.tolist(), misses.tolist())
