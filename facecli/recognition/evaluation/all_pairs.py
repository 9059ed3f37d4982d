"""Verification over all comparisons of a set of images.

Thresholds are a calibration's, or those at which this set itself shows a rate. Intervals are over
people (see `intervals`); where a threshold is chosen on the set, each draw of people chooses its
own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from facecli.recognition.engines.calibration import RULE_OF_30, Calibration
from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.comparisons import (
    all_comparisons,
    genuine_rows,
    impostor_rows,
    share_within,
    threshold_at,
)
from facecli.recognition.evaluation.det_band import POINTS, Weighed, band, drawn_hits
from facecli.recognition.evaluation.intervals import PeopleBootstrap
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
CURVE_POINTS = 400


class AllPairs:
    """All comparisons of a set of images with each other.

    names: (people,). codes: (images,) the person of each image, as an index of `names`. attempted,
    images: (people,) images of each person, with and without those that failed to acquire.
    genuine, impostor: (n,) distances, rising; lower is closer.
    """

    def __init__(self, acquired: Acquired) -> None:
        self.acquired = acquired
        self.names, codes = np.unique(acquired.everybody(), return_inverse=True)
        count = len(acquired.images)
        self.codes = codes[:count]
        self.attempted = np.bincount(codes, minlength=len(self.names)).astype(np.float64)
        self.images = np.bincount(self.codes, minlength=len(self.names)).astype(np.float64)
        self.distances = acquired.templates
        self.impostor = all_comparisons(self.distances, acquired.people)[1]
        self.genuine = self.genuine_pairs[0]
        self.bootstrap = PeopleBootstrap(len(self.names))

    @cached_property
    def genuine_pairs(self) -> tuple[Array, npt.NDArray[np.int64]]:
        """(n,) distances of the genuine comparisons, rising, and (n, 2) their two rows."""
        return genuine_rows(self.distances, self.codes)

    @cached_property
    def near(self) -> tuple[Array, npt.NDArray[np.int64]]:
        """The nearest impostor comparisons: (n,) distances, rising, and (n, 2) their two people.

        There are enough of them for every rate asked for, in every draw of people.
        """
        count = min(int(4 * RATES[0] * len(self.impostor)) + 1000, len(self.impostor))
        if not count:
            return np.empty(0), np.empty((0, 2), np.int64)
        limit = float(self.impostor[count - 1])
        distances, rows = impostor_rows(self.distances, self.codes, limit)
        return distances, self.codes[rows]

    def impostors_within(self, threshold: float) -> npt.NDArray[np.int64]:
        """Return (n, 2) the two people of each impostor comparison at or below a distance."""
        errors = int(np.searchsorted(self.impostor, np.float32(threshold), side="right"))
        distances, people = self.near
        if errors <= len(distances):
            return people[:errors]
        return self.codes[impostor_rows(self.distances, self.codes, threshold)[1]]

    def study(self, calibration: Calibration | None) -> Iterator[Result]:
        """Yield FMR and FNMR at the calibration's thresholds, and the true-match rates.

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
        """Return the distance at which this set shows that FMR; None by the rule of 30."""
        if rate * len(self.impostor) < RULE_OF_30:
            return None
        return threshold_at(self.impostor, rate)

    def false_matches(self, threshold: float, at: str, generalised: bool = False) -> Result:
        """Return the FMR at a threshold. generalised: failures to acquire count as non-matches."""
        errors = int(np.searchsorted(self.impostor, np.float32(threshold), side="right"))
        images = self.attempted if generalised else self.images
        count = count_between(images)
        distances, people = self.near
        interval = None
        if errors <= len(distances):
            first, second = people[:errors].T
            interval = self.bootstrap.between(first, second, images)
        return self._rate("FMR", generalised, errors, count, interval, at, threshold)

    def false_non_matches(self, threshold: float, at: str, generalised: bool = False) -> Result:
        """Return the FNMR at a threshold. generalised: failures to acquire count as non-matches."""
        missed, made = self.misses(threshold)
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
            return Result(PART, measure, None, at, note="not supported: no such comparisons")
        return measured(
            PART, measure, errors / count, interval, at=at, threshold=threshold,
            errors=errors, of=count,
        )  # fmt: skip

    def misses(
        self, threshold: float, keep: npt.NDArray[np.bool_] | None = None
    ) -> tuple[Array, Array]:
        """Return false non-matches and genuine comparisons of each person, (people,) each.

        keep: (images,) False for images to leave out.
        """
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
        """Return the true-match rate at the threshold where this set's FMR is at most `rate`."""
        at = f"FMR {rate:g}"
        threshold = self.threshold(rate)
        if threshold is None or not len(self.genuine):
            why = f"{len(self.impostor):,} impostor comparisons are too few (rule of 30)"
            if threshold is not None:
                why = "no person has two images"
            return Result(PART, "TMR", None, at, note=f"not supported: {why}")
        count = len(self.genuine)
        value = share_within(self.genuine, threshold)
        return measured(
            PART, "TMR", value, self.bootstrap.interval(self._drawn_true_matches[rate]), at=at,
            threshold=threshold, errors=count - round(value * count), of=count,
        )  # fmt: skip

    @cached_property
    def _drawn_true_matches(self) -> dict[float, Array]:
        """(replicates,) true-match rates by FMR; each draw has its own threshold.

        The rates are those of RATES that are supported, and those of the curve's band.
        """
        rates = [rate for rate in RATES if self.threshold(rate) is not None] + self._band_rates()
        genuine, rows = self.genuine_pairs
        hits = drawn_hits(
            self.bootstrap.weights,
            rates,
            self.bootstrap.comparisons_between(self.images),
            Weighed(*self.near),
            Weighed(genuine, self.codes[rows[:, :1]]),
        )
        return dict(zip(rates, hits.T, strict=True))

    def _band_rates(self) -> list[float]:
        """Return the false-match rates of the band: those for which `near` has enough, rising."""
        count, near = len(self.impostor), len(self.near[0])
        if not len(self.genuine) or count <= RULE_OF_30:
            return []
        highest = 0.5 if near == count else near / count / 4
        lowest = RULE_OF_30 / count
        return np.geomspace(lowest, highest, POINTS).tolist() if lowest < highest else []

    # -- curves ---------------------------------------------------------------------------

    def curve(self, label: str = "everybody") -> Curve:
        """Return the DET curve, down to the FMR that the rule of 30 supports, with its band.

        In a large set, the band ends where the nearest comparisons do: at an FMR of about 1 %.
        """
        rates, drawn = self._band_rates(), self._drawn_true_matches
        found = det_curve(label, self.impostor, self.genuine)
        if not rates:
            return found
        return replace(found, band=band(rates, np.stack([drawn[rate] for rate in rates], axis=1)))

    def marks(self, calibration: Calibration | None) -> Iterator[tuple[float, float, float]]:
        """Yield (calibrated FMR, measured FMR, measured FNMR) at the calibration's thresholds."""
        if not len(self.genuine) or not len(self.impostor):
            return
        for rate, threshold in calibrated(calibration):
            fmr = share_within(self.impostor, threshold)
            yield rate, fmr, 1 - share_within(self.genuine, threshold)


def count_between(images: Array) -> int:
    """Return the number of comparisons between different people. images: (people,) of each."""
    return round((float(images.sum()) ** 2 - float((images**2).sum())) / 2)


def _within(images: Array) -> Array:
    """Return (people,) the number of comparisons among each person's images."""
    return np.asarray(images * (images - 1) / 2)


def det_curve(label: str, impostor: Array, genuine: Array) -> Curve:
    """Return the DET curve of two sets of distances, each rising."""
    if not len(impostor) or not len(genuine):
        return Curve(label, (), ())
    lowest = min(RULE_OF_30 / len(impostor), 1.0)
    rates = np.geomspace(lowest, 0.5, CURVE_POINTS) if lowest < 0.5 else np.array([lowest])
    thresholds = impostor[np.maximum((rates * len(impostor)).astype(int), 1) - 1]
    misses = 1 - np.searchsorted(genuine, thresholds, side="right") / len(genuine)
    return until_none_is_missed(label, rates.tolist(), misses.tolist())
