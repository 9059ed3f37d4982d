"""The studies of an evaluation: verification (1:1), identification (1:N), a calibration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facecli.consent.purpose_terms import WORST_GROUP
from facecli.errors.command_line import BadInput
from facecli.printable import counted
from facecli.recognition.engines.calibration import (
    Calibration,
    Group,
    GroupPoint,
    Origin,
)
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.evaluation import cohorts, comparisons, sets, verification_rates
from facecli.recognition.evaluation.acquisition import Acquired, WhichFace, failure_rate
from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.cohort_rates import cohort_curves, cohort_rates
from facecli.recognition.evaluation.cohorts import Cohorts
from facecli.recognition.evaluation.discarding import discarding
from facecli.recognition.evaluation.growth import growth
from facecli.recognition.evaluation.held_rates import held_rates
from facecli.recognition.evaluation.identification_rates import IdentificationStudy
from facecli.recognition.evaluation.results import Findings, Plot
from facecli.recognition.evaluation.sets import PairList
from facecli.recognition.matching import rate_bounds
from facecli.recognition.matching.rate_scale import RateScale
from facecli.recognition.matching.thresholds import SEARCH_FPIR

if TYPE_CHECKING:
    import numpy.typing as npt

METHOD = (
    "all pairs of images, one template an image ({face}), the engine's distance; a threshold is "
    "the largest distance at or below which at most that share of impostor comparisons lies; "
    "comparisons that share an image or a person are not independent"
)

FACES: dict[WhichFace, str] = {
    "centre": "the face nearest the centre",
    "largest": "the largest face",
}


@dataclass(frozen=True)
class StudyOptions:
    """The options of a study beyond its images.

    discard_worst: a share, 0..1, or None. hold: `calibration` of a purpose. stated: false-match
    rates that a purpose may state, 0..1. sizes: of galleries, in references.
    """

    cohorts: dict[str, str] | None = None
    cohort_column: str = ""
    cohort_file: Path = Path()
    discard_worst: float | None = None
    ranks: Sequence[int] = (1,)
    hold: str = WORST_GROUP
    stated: Sequence[float] = ()
    sizes: Sequence[int] = ()

    def among(self, people: Iterable[str], findings: Findings) -> Cohorts | None:
        """Return the cohorts of these people. Add notes on people that one side lacks."""
        if self.cohorts is None:
            return None
        found = cohorts.among(self.cohorts, people, self.cohort_column, self.cohort_file)
        findings.notes += found.notes
        return found


def verification_study(
    acquired: Acquired,
    pairs: PairList | None,
    spec: EngineSpec,
    calibration: Calibration | None,
    options: StudyOptions,
) -> Findings:
    """Return rates over all comparisons of the images and, with `pairs`, over these as well.

    Raises:
        BadInput: fewer than two images gave a template, or the cohorts fit no image.
    """
    _check_left(acquired)
    findings = Findings([failure_rate(acquired, "images")])
    if pairs is not None:
        distances = verification_rates.pair_distances(pairs, acquired)
        findings.results += verification_rates.study(pairs, distances, calibration)
    study = AllPairs(acquired)
    findings.results += study.study(calibration)
    curves = [study.curve()]
    found = options.among(sets.people(acquired.images), findings)
    if found is not None:
        findings.results += cohort_rates(study, found)
        if calibration is not None:
            scale = RateScale(spec, worst_group=options.hold == WORST_GROUP, site=None)
            findings.held += held_rates(study, found, scale, options.stated)
            findings.results += findings.held
        curves += cohort_curves(study, found)
    if options.sizes:
        findings.results += growth(study, options.sizes, SEARCH_FPIR)
    if options.discard_worst is not None:
        findings.results += discarding(study, options.discard_worst)
    findings.plot = Plot(
        "False-match rate (FMR)",
        "False non-match rate (FNMR)",
        f"{spec.engine_id}: {counted(len(acquired.images), 'image')} of "
        f"{counted(len(set(acquired.people)), 'person', 'people')}\n"
        f"{len(study.impostor):,} impostor and {len(study.genuine):,} genuine comparisons",
        tuple(curves),
        tuple(study.marks(calibration)),
    )
    return findings


def identification_study(
    gallery: Acquired,
    probes: Acquired,
    spec: EngineSpec,
    calibration: Calibration | None,
    options: StudyOptions,
) -> Findings:
    """Return FPIR and FNIR of the probes against the gallery.

    Raises:
        BadInput: the gallery or the cohorts are not usable.
    """
    findings = Findings([failure_rate(gallery, "gallery"), failure_rate(probes, "probes")])
    study = IdentificationStudy(gallery, probes)
    if study.same_files:
        findings.notes.append(
            f"{counted(study.same_files, 'probe')} with the file of a gallery image: FNIR is too "
            "low."
        )
    findings.results += study.study(calibration, options.ranks)
    found = options.among(probes.everybody(), findings)
    if found is not None:
        findings.results += study.cohorts(found)
    findings.plot = Plot(
        "False-positive identification rate (FPIR)",
        f"False-negative identification rate, FNIR(N={study.subjects}, R=1, T)",
        f"{spec.engine_id}: {counted(study.subjects, 'subject')}, "
        f"{int(study.mated.sum()):,} mated and {int((~study.mated).sum()):,} non-mated probes",
        (study.curve(),),
    )
    return findings


LEAST_PEOPLE = 12
"""People of a group whose thresholds are measured: with fewer, one pair of people rules them."""
GROUP_RATES = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1)
"""False-match rates of the thresholds of a group. Below, the shift of the lowest is kept."""


def calibration_of(
    acquired: Acquired,
    spec: EngineSpec,
    data_set: str,
    which: WhichFace,
    date: str,
    cohort_of: dict[str, str] | None = None,
) -> Calibration:
    """Return a calibration of the engine, measured on these images.

    Args:
        data_set: the name of the images in the calibration's origin.
        which: the face that was used of each image.
        date: of the measurement, YYYY-MM-DD.
        cohort_of: the group of each person; groups of LEAST_PEOPLE or more are measured as well,
            as far as their comparisons suffice.

    Raises:
        BadInput: there are too few comparisons for a calibration.
    """
    method = METHOD.format(face=FACES[which])
    origin = Origin(data_set, 0, len(acquired.failures), 0, 0, 0, method, date)
    made = comparisons.calibrate(acquired.templates, acquired.people, spec.engine_id, origin)
    groups = {} if cohort_of is None else _rows_of_groups(acquired.people, cohort_of)
    return replace(made, groups=tuple(_calibrated_groups(acquired, groups)))


def _rows_of_groups(
    people: Sequence[str], cohort_of: dict[str, str]
) -> dict[str, npt.NDArray[np.int64]]:
    """Return the rows of each group of LEAST_PEOPLE people or more, by its name."""
    found = cohorts.among(cohort_of, people, "", Path()).members
    return {
        name: np.flatnonzero(np.isin(people, members))
        for name, members in found.items()
        if len(members) >= LEAST_PEOPLE
    }


def _calibrated_groups(
    acquired: Acquired, groups: dict[str, npt.NDArray[np.int64]]
) -> Iterator[Group]:
    for name, rows in groups.items():
        people = [acquired.people[row] for row in rows]
        templates = acquired.templates.among(rows)
        near, made = comparisons.nearest_pairs(templates, people)
        found = rate_bounds.pair_bounds(near, GROUP_RATES, rate_bounds.OF_GROUPS)
        if len(found) > 1:
            genuine = comparisons.all_comparisons(templates, people)[0]
            points = tuple(_group_point(one, genuine) for one in found)
            yield Group(name, near.subjects, made, points)


def _group_point(bound: rate_bounds.Bound, genuine: npt.NDArray[np.float32]) -> GroupPoint:
    low, high = (float(f"{rate:.3g}") for rate in (bound.low, bound.high))
    missed = None
    if len(genuine):
        missed = round(1 - comparisons.share_within(genuine, bound.distance), 6)
    return GroupPoint(bound.rate, round(bound.distance, 6), low, high, bound.extrapolated, missed)


def _check_left(acquired: Acquired) -> None:
    if len(acquired.images) < 2:
        raise BadInput(what="The set of images", why="fewer than two of them gave a template")
