"""Identification: probes against a gallery, open set, FPIR and FNIR(N, R, T).

The terms are those of ISO/IEC 19795-1. A probe is mated if its person is in the gallery, else
non-mated. FNIR(N, R, T) is the share of mated probes whose subject is not among the first R
candidates at a distance of at most T, with N subjects enrolled. FPIR(N, T) is the share of
non-mated probes with any candidate at a distance of at most T. A failure to acquire counts as no
candidate, and a subject without any usable gallery image as missed. FNIR without these is reported
separately.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from facecli.errors.command_line import BadInput
from facecli.recognition.engines.calibration import RULE_OF_30, Calibration, fmr_for_search
from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.cohorts import Cohorts
from facecli.recognition.evaluation.det_band import FARTHEST, POINTS, Weighed, band, drawn_hits
from facecli.recognition.evaluation.distances import Templates
from facecli.recognition.evaluation.intervals import PeopleBootstrap
from facecli.recognition.evaluation.results import (
    Band,
    Curve,
    Result,
    measured,
    until_none_is_missed,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.floating]
    Mask = npt.NDArray[np.bool_]

PART = "identification"
FPIRS = (0.1, 0.01, 0.001)
"""False-positive identification rates to measure."""
BLOCK = 256
CURVE_POINTS = 400


class _SortedGallery:
    """The references of a gallery, sorted by person, and their distances to probes."""

    def __init__(self, gallery: Acquired, enrolled: list[str]) -> None:
        people = np.array(gallery.people)
        order = np.argsort(people, kind="stable")
        self._references = gallery.templates.among(order)
        self._starts = np.searchsorted(people[order], enrolled)

    def by_subject(self, probes: Templates) -> Array:
        """Return (probes, subjects) the distance of each probe to each subject's nearest reference.

        The subjects are in the order of `enrolled`.
        """
        return np.minimum.reduceat(probes.to(self._references), self._starts, axis=1)


class IdentificationStudy:
    """The distances and ranks of all probes in the gallery.

    own: (probes,) distance to the probe's own subject, infinite if there is none or if a template
    is missing. rank: (probes,) of the own subject, from 1. nearest: (probes,) distance to the
    nearest subject. Probes that failed come last.
    """

    def __init__(self, gallery: Acquired, probes: Acquired) -> None:
        """Compare all probes with the gallery.

        Raises:
            BadInput: no gallery image gave a template.
        """
        if not len(gallery.images):
            raise BadInput(what="The gallery", why="no image in it gave a template")
        enrolled = sorted(set(gallery.people))
        self.subjects, self.templates = len(enrolled), len(gallery.images)
        self.people = np.array(probes.everybody())
        self.mated = np.isin(self.people, gallery.everybody())
        self.acquired = np.arange(len(self.people)) < len(probes.images)
        self.comparable = self.acquired & np.isin(self.people, enrolled)
        self.own = np.full(len(self.people), np.inf)
        self.nearest = np.full(len(self.people), np.inf)
        self.rank = np.full(len(self.people), self.subjects + 1)
        self._compare(gallery, probes, enrolled)
        digests = set(gallery.digests)
        self.same_files = sum(digest in digests for digest in probes.digests)

    def _compare(self, gallery: Acquired, probes: Acquired, enrolled: list[str]) -> None:
        references = _SortedGallery(gallery, enrolled)
        place = {person: at for at, person in enumerate(enrolled)}
        for start in range(0, len(probes.images), BLOCK):
            nearest = references.by_subject(probes.templates.among(slice(start, start + BLOCK)))
            rows = np.arange(start, start + len(nearest))
            self.nearest[rows] = nearest.min(axis=1)
            for at, row in enumerate(rows):
                subject = place.get(str(self.people[row]))
                if subject is not None:
                    self.own[row] = nearest[at, subject]
                    self.rank[row] = 1 + int((nearest[at] < nearest[at, subject]).sum())

    def study(self, calibration: Calibration | None, ranks: Sequence[int]) -> Iterator[Result]:
        """Yield FPIR and FNIR at calibrated thresholds, FNIR at measured ones and without any."""
        everyone = np.ones(len(self.people), bool)
        for fpir in FPIRS:
            threshold, note = self._predicted(calibration, fpir)
            at = f"calibrated FPIR {fpir:g}"
            if threshold is None:
                if calibration is not None:
                    yield Result(PART, "FPIR", None, at, note=note)
                continue
            yield self.false_positives(threshold, at, everyone)
            yield from self._false_negatives(threshold, at, ranks)
        for fpir in FPIRS:
            at = f"FPIR {fpir:g}"
            threshold = self.threshold(fpir)
            if threshold is None:
                count = int((~self.mated).sum())
                note = f"not supported: {count:,} non-mated probes are too few (rule of 30)"
                yield Result(PART, "FNIR", None, at, note=note)
            else:
                yield from self._false_negatives(threshold, at, ranks)
        yield from self._false_negatives(np.inf, "no threshold", ranks)

    def _predicted(
        self, calibration: Calibration | None, fpir: float
    ) -> tuple[float | None, str | None]:
        if calibration is None:
            return None, None
        rate = fmr_for_search(fpir, self.templates)
        if not calibration.smallest <= rate <= calibration.largest:
            return None, f"not supported: the calibration has no FMR of {rate:.2g}"
        return calibration.threshold(rate), None

    def threshold(self, fpir: float) -> float | None:
        """Return the distance at which these probes show at most that FPIR; None if too few."""
        strangers = np.sort(self.nearest[~self.mated])
        if fpir * len(strangers) < RULE_OF_30:
            return None
        return float(strangers[int(fpir * len(strangers)) - 1])

    def false_positives(
        self, threshold: float, at: str, among: Mask, part: str = PART, cohort: str | None = None
    ) -> Result:
        """Return FPIR(N, T) of the probes in `among`, (probes,)."""
        counted = ~self.mated & among
        wrong = counted & (self.nearest <= threshold)
        return self._rate(part, "FPIR", wrong, counted, f"{at}, N={self.subjects}", threshold,
                          cohort)  # fmt: skip

    def false_negatives(
        self,
        threshold: float,
        rank: int,
        at: str,
        among: Mask,
        part: str = PART,
        cohort: str | None = None,
        measure: str = "FNIR",
    ) -> Result:
        """Return FNIR(N, R, T) of the probes in `among`, (probes,)."""
        counted = self.mated & among
        found = (self.own <= threshold) & (self.rank <= rank) & self.comparable
        limit = None if np.isinf(threshold) else threshold
        return self._rate(part, measure, counted & ~found, counted,
                          f"{at}, N={self.subjects}, R={rank}", limit, cohort)  # fmt: skip

    def _false_negatives(self, threshold: float, at: str, ranks: Sequence[int]) -> Iterator[Result]:
        everyone = np.ones(len(self.people), bool)
        for rank in ranks:
            yield self.false_negatives(threshold, rank, at, everyone)
            if not self.comparable[self.mated].all():
                yield self.false_negatives(
                    threshold, rank, at, self.comparable, measure="FNIR of acquired"
                )

    def _rate(
        self,
        part: str,
        measure: str,
        wrong: Mask,
        counted: Mask,
        at: str,
        threshold: float | None,
        cohort: str | None,
    ) -> Result:
        errors, count = int(wrong.sum()), int(counted.sum())
        if not count:
            kind = "non-mated" if measure == "FPIR" else "mated"
            note = f"not supported: there are no {kind} probes"
            return Result(part, measure, None, at, cohort, threshold, note=note)
        people, codes = np.unique(self.people[counted], return_inverse=True)
        each = np.bincount(codes).astype(np.float64)
        missed = np.bincount(codes, wrong[counted]).astype(np.float64)
        interval = PeopleBootstrap(len(people)).share(missed, each)
        note_ = "fewer than 30 errors" if cohort and errors < RULE_OF_30 else None
        return measured(part, measure, errors / count, interval, at=at, cohort=cohort,
                        threshold=threshold, errors=errors, of=count, note=note_)  # fmt: skip

    def cohorts(self, cohorts: Cohorts) -> Iterator[Result]:
        """Yield FPIR and FNIR of each cohort's probes, at the thresholds of all probes together."""
        part = f"cohort {cohorts.column}"
        for fpir in FPIRS:
            threshold, at = self.threshold(fpir), f"overall FPIR {fpir:g}"
            if threshold is None:
                note = "not supported: too few non-mated probes (rule of 30)"
                yield Result(part, "FPIR", None, at, note=note)
                continue
            for name, members in cohorts.members.items():
                inside = np.isin(self.people, members)
                yield self.false_positives(threshold, at, inside, part, name)
                yield self.false_negatives(threshold, 1, at, inside, part, name)

    def curve(self, label: str = "rank 1") -> Curve:
        """Return FNIR(N, 1, T) against FPIR(N, T), down to the FPIR of the rule of 30."""
        strangers, own = np.sort(self.nearest[~self.mated]), self.own.copy()
        own[~self.comparable | (self.rank > 1)] = np.inf
        mated = np.sort(own[self.mated])
        lowest = RULE_OF_30 / max(len(strangers), 1)
        if lowest >= 0.5 or not len(mated):
            return Curve(label, (), ())
        rates = np.geomspace(lowest, 0.5, CURVE_POINTS)
        thresholds = strangers[np.maximum((rates * len(strangers)).astype(int), 1) - 1]
        found = np.searchsorted(mated, np.minimum(thresholds, FARTHEST), side="right")
        curve = until_none_is_missed(label, rates.tolist(), (1 - found / len(mated)).tolist())
        return replace(curve, band=self._band(own, lowest))

    def _band(self, own: Array, lowest: float) -> Band | None:
        """Return the band from an FPIR on. own: (probes,) infinite if not found at rank 1."""
        names, codes = np.unique(self.people, return_inverse=True)
        rates = np.geomspace(lowest, 0.5, POINTS).tolist()
        strangers, mated = (
            Weighed(distances[order], codes[order, None])
            for distances, which in ((self.nearest, ~self.mated), (own, self.mated))
            for order in [np.flatnonzero(which)[np.argsort(distances[which], kind="stable")]]
        )
        weights = PeopleBootstrap(len(names)).weights
        totals = weights[:, strangers.people[:, 0]].sum(axis=1)
        return band(rates, drawn_hits(weights, rates, totals, strangers, mated))
