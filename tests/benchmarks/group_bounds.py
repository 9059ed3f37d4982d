"""What it costs to hold a rate in small groups by a bound, and how often strangers confirm it.

    python -m tests.benchmarks.group_bounds --images FOLDER --cohorts F.csv [--draws N]

FOLDER holds photographs, one folder a person. F.csv has the columns person and group. Printed are,
for each way to follow the tails of groups:

- the share of genuine comparisons missed at the worst group's threshold;
- on people who are held out: how often the worst group's threshold of the others holds the rate
  between the people of each group, and what is missed;
- the share of small groups, drawn from large ones, whose own thresholds hold the rate between the
  other people of the group.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from facecli.recognition.engines.calibration import Calibration, Group, GroupPoint, Origin
from facecli.recognition.evaluation import comparisons
from facecli.recognition.evaluation.studies import GROUP_RATES, LEAST_PEOPLE
from facecli.recognition.matching import rate_bounds
from facecli.recognition.matching.rate_bounds import OF_GROUPS, Beyond
from tests.benchmarks.bench_rates import SPEC, Faces, read_faces

if TYPE_CHECKING:
    import numpy.typing as npt

WAYS = {
    "middle": Beyond(math.inf, bounded=1.0, bounded_near=1.0),
    "in use": OF_GROUPS,
    "bound from 1e-3": Beyond(math.inf, bounded=1e-3),
    "bound where near": Beyond(math.inf, bounded=1e-2),
    "bound": Beyond(math.inf),
}
RATES = (1e-2, 1e-3, 1e-4)
SPLITS = ((0.5, LEAST_PEOPLE), (0.75, 4))
"""Share of each group's people whose thresholds are measured; least people of a group among the
others whose rates are measured."""
SIZES = (16, 40)
"""People of the small groups that are drawn."""
DRAWN_FROM = (100, 400)
"""People, at least and at most, of the groups from which they are drawn."""


def main() -> None:
    """Read the images, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--cohorts", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=40)
    chosen = parser.parse_args()
    with chosen.cohorts.open(encoding="utf-8") as stream:
        group_of = {row["person"]: row["group"] for row in csv.DictReader(stream)}
    faces = read_faces(chosen.images, {})
    print(f"{SPEC.engine_id}: missed at the threshold of the worst group")
    everybody = of_everybody(faces)
    print_table(missed(faces, rows_of_groups(faces, group_of), everybody))
    for share, least in SPLITS:
        rest = f"the others, in groups of {least} or more"
        print(f"thresholds of {share:.0%} of the people, {chosen.draws} draws; rates of {rest}")
        print_held(held_out(faces, group_of, (share, least), chosen.draws))
    for name, rows in rows_of_groups(faces, group_of, *DRAWN_FROM).items():
        for size in SIZES:
            print(f"{size} {name}: share of {chosen.draws} draws that hold the rate for the others")
            print_table(held(faces, rows, size, everybody, chosen.draws))


def print_table(found: Mapping[tuple[str, float], float]) -> None:
    """Print a line for each way, a column for each rate."""
    print(" " * 18, *(f"{rate:8g}" for rate in RATES))
    for way in WAYS:
        print(way.ljust(18), *(f"{found[way, rate]:8.2%}" for rate in RATES))


class HeldOut(NamedTuple):
    """How a rate was held between the people of each group who were held out.

    ratios: of each group, for each draw: the real rate by the stated one. missed: for each draw,
    the FNMR of everybody held out, 0..1.
    """

    ratios: dict[str, list[float]]
    missed: list[float]

    @property
    def words(self) -> str:
        """The figures as one line."""
        held = np.mean(np.concatenate(list(self.ratios.values())) <= 1)
        means = {name: float(np.mean(ratios)) for name, ratios in self.ratios.items()}
        worst = max(means, key=lambda name: means[name])
        return (
            f"held in {held:4.0%}; mean ratio {np.mean(list(means.values())):.2f}, worst "
            f"{means[worst]:.2f} ({worst}); missed {np.mean(self.missed):.1%}"
        )


def print_held(found: Mapping[tuple[str, float], HeldOut]) -> None:
    """Print a line for each rate and way."""
    for rate in RATES:
        for way in WAYS:
            print(f"{rate:<6g} {way:18}", found[way, rate].words)


def rows_of_groups(
    faces: Faces, group_of: Mapping[str, str], least: int = LEAST_PEOPLE, most: float = math.inf
) -> dict[str, np.ndarray]:
    """Return the rows of each group that has from `least` to `most` people."""
    groups = np.array([group_of.get(str(name), "") for name in faces.people])
    found = {name: np.flatnonzero(groups == name) for name in np.unique(groups) if name}
    people = {name: len(np.unique(faces.people[rows])) for name, rows in found.items()}
    return {name: found[name] for name in found if least <= people[name] <= most}


def calibrations(
    faces: Faces, groups: Mapping[str, np.ndarray], everybody: Calibration
) -> dict[str, Calibration]:
    """Return the calibration of each way: everybody's points, with the groups' thresholds."""
    found: dict[str, list[Group]] = {way: [] for way in WAYS}
    for name, rows in groups.items():
        people = faces.people[rows].tolist()
        near, made = comparisons.nearest_pairs(faces.templates.among(rows), people)
        for way, beyond in WAYS.items():
            bounds = rate_bounds.pair_bounds(near, GROUP_RATES, beyond)
            points = tuple(
                GroupPoint(one.rate, one.distance, one.low, one.high, one.extrapolated)
                for one in bounds
            )
            if len(points) > 1:
                found[way].append(Group(name, near.subjects, made, points))
    return {way: replace(everybody, groups=tuple(found[way])) for way in WAYS}


def of_everybody(faces: Faces) -> Calibration:
    """Return the calibration without groups."""
    origin = Origin("", 0, 0, 0, 0, 0, "", "")
    people = faces.people.tolist()
    return comparisons.calibrate(faces.templates, people, SPEC.engine_id, origin)


def missed(
    faces: Faces, groups: Mapping[str, np.ndarray], everybody: Calibration
) -> dict[tuple[str, float], float]:
    """Return the FNMR, 0..1, of everybody at the threshold of each way and rate."""
    return {
        (way, rate): made.fnmr(made.in_worst_group(rate).distance)
        for way, made in calibrations(faces, groups, everybody).items()
        for rate in RATES
    }


def held_out(
    faces: Faces, group_of: Mapping[str, str], split: tuple[float, int], draws: int
) -> dict[tuple[str, float], HeldOut]:
    """Return how the worst group's threshold holds for people who are held out.

    split: as one of SPLITS.
    """
    share, least = split
    random = np.random.default_rng(rate_bounds.SEED)
    found = {(way, rate): HeldOut({}, []) for way in WAYS for rate in RATES}
    for _ in range(draws):
        inside = drawn(faces, group_of, share, random)
        learnt, other = (_among(faces, np.flatnonzero(which)) for which in (inside, ~inside))
        genuine = genuine_distances(other)
        strangers = {
            name: sorted_impostors(other, rows)
            for name, rows in rows_of_groups(other, group_of, least).items()
        }
        groups = rows_of_groups(learnt, group_of)
        for way, made in calibrations(learnt, groups, of_everybody(learnt)).items():
            for rate in RATES:
                at = made.in_worst_group(rate).distance
                found[way, rate].missed.append(1 - comparisons.share_within(genuine, at))
                for name, within in strangers.items():
                    ratio = comparisons.share_within(within, at) / rate
                    found[way, rate].ratios.setdefault(name, []).append(ratio)
    return found


def drawn(
    faces: Faces, group_of: Mapping[str, str], share: float, random: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Return True for the rows of a share of the people of each group, and of those without one."""
    people = np.unique(faces.people)
    groups = np.array([group_of.get(str(name), "") for name in people])
    chosen = [
        random.permutation(people[groups == name])[: round(share * int((groups == name).sum()))]
        for name in np.unique(groups)
    ]
    return np.isin(faces.people, np.concatenate(chosen))


def genuine_distances(faces: Faces) -> np.ndarray:
    """Return (n,) rising, the distances between two images of one person."""
    codes = np.unique(faces.people, return_inverse=True)[1]
    return comparisons.genuine_rows(faces.templates, codes)[0]


def _among(faces: Faces, rows: np.ndarray) -> Faces:
    return Faces(faces.templates.among(rows), faces.people[rows], faces.groups)


def held(
    faces: Faces, rows: np.ndarray, size: int, everybody: Calibration, draws: int
) -> dict[tuple[str, float], float]:
    """Return the share of draws of `size` people whose thresholds hold for the others."""
    random = np.random.default_rng(rate_bounds.SEED)
    kept: dict[tuple[str, float], list[bool]] = {}
    for _ in range(draws):
        people = random.permutation(np.unique(faces.people[rows]))
        inside = np.isin(faces.people[rows], people[:size])
        within = sorted_impostors(faces, rows[~inside])
        for way, made in calibrations(faces, {"": rows[inside]}, everybody).items():
            for rate in RATES:
                at = made.in_worst_group(rate).distance
                real = np.searchsorted(within, at, side="right") / len(within)
                kept.setdefault((way, rate), []).append(bool(real <= rate))
    return {which: float(np.mean(one)) for which, one in kept.items()}


def sorted_impostors(faces: Faces, rows: np.ndarray) -> np.ndarray:
    """Return (n,) rising, the distances between different people of these rows."""
    templates, people = faces.templates.among(rows), faces.people[rows]
    different = np.triu(people[:, None] != people[None, :])
    return np.sort(templates.to(templates)[different])


if __name__ == "__main__":
    main()
