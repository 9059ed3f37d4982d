"""Measure the two decisions about one person's face: `other-face`, and `ambiguous` matches.

    python -m tests.benchmarks.one_face ENGINE FOLDER...

Each folder has one subfolder of images per person. The first table has the captures that enrolment
refuses as another person's, with one or more templates of the subject there already. The second
has the matches that are ambiguous for a margin. Thresholds come from the calibration that ships.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facecli.recognition.engines import engine, scoring
from facecli.recognition.engines.calibration import fmr_for_search
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.enrolment.own_face import equal_error
from facecli.recognition.evaluation import sets
from facecli.recognition.matching.rate_scale import calibration_of
from facecli.recognition.matching.thresholds import SEARCH_FPIR
from tests.benchmarks.choose_scoring import MOST_IMAGES, SEED, Faces, read

if TYPE_CHECKING:
    import numpy.typing as npt

    Reals = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]

OWN = (1, 2, 3, 5)
"""Templates that a subject has already."""
STRANGERS = 40
"""Captures of other people that are tried with each set of own templates."""
RATES = (1e-3, 5e-3, 1e-2)
"""False-match rates whose thresholds are tried as the limit, beside that of equal errors."""
MARGINS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
"""Differences of two distances, as shares of the threshold."""


@dataclass(frozen=True, eq=False)
class Distances:
    """All distances between some captures. codes: (n,) the person of each."""

    between: npt.NDArray[np.float32]
    codes: Numbers

    def people(self, least: int) -> Iterator[Numbers]:
        """Yield the captures of each person who has so many."""
        for person in np.unique(self.codes):
            own = np.flatnonzero(self.codes == person)
            if len(own) >= least:
                yield own


def distances_of(spec: EngineSpec, faces: Faces) -> Distances:
    """Return the distances of at most MOST_IMAGES captures a person, in stored form."""
    draw = np.random.default_rng(SEED)
    kept: list[int] = []
    for person in np.unique(faces.codes):
        kept.extend(draw.permutation(np.flatnonzero(faces.codes == person))[:MOST_IMAGES])
    few = faces.among(np.sort(np.array(kept)))
    forms = scoring.stored(spec.scoring, few.output)
    rows, offsets = forms.rows.astype(np.float32), scoring.offsets(spec.scoring, forms)
    found = np.empty((len(rows), len(rows)), np.float32)
    for start in range(0, len(rows), 1024):
        some = slice(start, start + 1024)
        products = (rows[some] @ rows.T).astype(np.float64)
        found[some] = scoring.distances(spec.scoring, products, offsets[some, None], offsets)
    return Distances(found, few.codes)


# -- another face ----------------------------------------------------------------------------


def first_and_further(all_of: Distances, own: int) -> tuple[Reals, Reals]:
    """Return (n, own) distances of further captures, and (m, own) of other people's, to own ones.

    Every capture is once the further one; the own ones are drawn from the others.
    """
    draw = np.random.default_rng(SEED)
    further, others = [], []
    for mine in all_of.people(own + 1):
        strangers = np.flatnonzero(all_of.codes != all_of.codes[mine[0]])
        for at in range(len(mine)):
            templates = draw.permutation(np.delete(mine, at))[:own]
            further.append(all_of.between[mine[at], templates])
            some = draw.choice(strangers, STRANGERS)
            others.append(all_of.between[np.ix_(some, templates)])
    return np.array(further, np.float64), np.concatenate(others).astype(np.float64)


def rates_of_other_face(spec: EngineSpec, all_of: Distances) -> Iterator[str]:
    """Yield a line for each number of own templates, limit and rule.

    It has the share of the person's captures that are refused, and of others' that are accepted.
    """
    calibration = calibration_of(spec)
    limits = {f"{rate:g}": calibration.threshold(rate) for rate in RATES}
    limits["equal error"] = equal_error(calibration)
    for own in OWN:
        further, others = first_and_further(all_of, own)
        for name, limit in limits.items():
            for rule, combine in (("mean", np.mean), ("nearest", np.min)):
                refused = (combine(further, axis=1) > limit).mean()
                accepted = (combine(others, axis=1) <= limit).mean()
                yield (
                    f"{own} own, {name} ({limit:.4f}), {rule:8} {len(further):6} further: "
                    f"{100 * refused:5.2f} % refused, {100 * accepted:5.2f} % of others accepted"
                )


# -- ambiguous matches -----------------------------------------------------------------------


def two_of_one(all_of: Distances, limit: float) -> Reals:
    """Return the gaps between two subjects that are one person, both within the limit."""
    draw = np.random.default_rng(SEED)
    gaps = []
    for mine in all_of.people(3):
        for probe in mine:
            first, second = draw.permutation(mine[mine != probe])[:2]
            near = all_of.between[probe, [first, second]]
            if near.max() <= limit:
                gaps.append(abs(float(near[0]) - float(near[1])))
    return np.array(gaps)


def of_two_people(all_of: Distances, limit: float) -> tuple[int, Reals, Reals]:
    """Search every further capture among one capture of each person.

    Returns:
        The probes whose first candidate is within the limit; the gaps to the second candidate,
        where it is too, if the first is right, and if it is wrong.
    """
    first = np.sort(np.unique(all_of.codes, return_index=True)[1])
    matched = 0
    right: list[float] = []
    wrong: list[float] = []
    for probe in np.setdiff1d(np.arange(len(all_of.codes)), first):
        row = all_of.between[probe, first]
        one, two = np.argpartition(row, 1)[:2]
        if row[one] > row[two]:
            one, two = two, one
        matched += bool(row[one] <= limit)
        if row[two] <= limit:
            is_right = all_of.codes[first[one]] == all_of.codes[probe]
            (right if is_right else wrong).append(float(row[two]) - float(row[one]))
    return matched, np.array(right), np.array(wrong)


def rates_of_ambiguity(spec: EngineSpec, all_of: Distances) -> Iterator[str]:
    """Yield a line for each margin, at two thresholds."""
    calibration, people = calibration_of(spec), len(np.unique(all_of.codes))
    for rate in (max(fmr_for_search(SEARCH_FPIR, people), calibration.smallest), 1e-4, 1e-3):
        limit = calibration.threshold(rate)
        same = two_of_one(all_of, limit)
        matched, right, wrong = of_two_people(all_of, limit)
        yield f"FMR {rate:.3g} ({limit:.4f}), {people} people: {matched} matched, first right and "
        yield f"  second within: {len(right)}, first wrong: {len(wrong)}; one person: {len(same)}"
        for margin in (limit * each for each in MARGINS):
            yield (
                f"  margin {margin:.4f}: {100 * (same <= margin).mean():5.1f} % of one person "
                f"ambiguous; {int((right <= margin).sum())} right matches ambiguous; "
                f"{int((wrong > margin).sum())} wrong ones left"
            )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=engine.names())
    parser.add_argument("folder", type=Path, nargs="+")
    given = parser.parse_args(arguments)
    images = [image for folder in given.folder for image in sets.labelled_folder(folder)]
    spec = engine.spec(given.engine)
    all_of = distances_of(spec, read(given.engine, images))
    for line in (*rates_of_other_face(spec, all_of), *rates_of_ambiguity(spec, all_of)):
        print(line)


if __name__ == "__main__":
    main()
