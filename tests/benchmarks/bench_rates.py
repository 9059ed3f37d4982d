"""Whether a stated false-match rate holds for strangers of the people in a gallery.

    python -m tests.benchmarks.bench_rates --images FOLDER [--cohorts F.csv] [--draws N]
        [--output F]

FOLDER holds photographs, one folder a person. F.csv has the columns person, sex and region.
Galleries of people of one group are drawn, and all others of the group are strangers at their
gate. The real rate is divided by the stated one, with the shipped thresholds and with those of
`calibrate`. Without F.csv, only galleries of everybody are drawn.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.engines import engine
from facecli.recognition.evaluation import acquisition, comparisons, sets
from facecli.recognition.evaluation.distances import Templates
from facecli.recognition.matching import calibrating, rate_bounds
from facecli.recognition.matching.rate_scale import RateScale
from facecli.recognition.matching.site_calibration import SiteCalibration
from facecli.workers.local import Pool
from tests.benchmarks.figures import Figure, Table, document, write

SPEC = engine.spec("sface")
MOST_IMAGES = 6  # a person, so that few people do not rule the rates
SEX = {"female": "women", "male": "men"}


class Case(NamedTuple):
    """Galleries to draw: of how many people of a group, and the rate that is stated.

    most: the real rate may be so many times the stated one in 95 % of draws.
    """

    group: str
    people: int
    rate: float
    most: float


CASES = (
    Case("women", 250, 1e-3, 2.0),
    Case("women", 250, 1e-4, 2.0),
    Case("women", 700, 1e-4, 1.5),
    Case("caucasian", 300, 1e-4, 2.0),
    Case("everybody", 250, 1e-4, 2.0),
    Case("everybody", 2000, 1e-4, 1.5),
)


HEAD = [
    "gallery", "stated rate", "shipped, overall: real rate by stated one", "shipped, worst group",
    "own measurement", "95 % of draws within",
]  # fmt: skip


class Faces(NamedTuple):
    """Templates, the person of each, and the groups of each person."""

    templates: Templates
    people: np.ndarray
    groups: dict[str, set[str]]


def main() -> None:
    """Read the images, draw, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--cohorts", type=Path)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    groups = {} if chosen.cohorts is None else read_groups(chosen.cohorts)
    found = list(measure(read_faces(chosen.images, groups), chosen.draws))
    table = Table(HEAD, [_row(one) for one in found])
    write(chosen.output, document([_figure(one) for one in found], {"galleries": found}, table))


def read_groups(path: Path) -> dict[str, set[str]]:
    """Return the groups of each person: sex, and region."""
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {row["person"]: {SEX[row["sex"]], row["region"]} - {""} for row in rows}


def read_faces(folder: Path, groups: dict[str, set[str]]) -> Faces:
    """Return the templates of the first images of each person."""
    images, seen = [], dict[str, int]()
    for image in sets.labelled_folder(folder):
        seen[image.person] = seen.get(image.person, 0) + 1
        if seen[image.person] <= MOST_IMAGES:
            images.append(image)
    load = partial(image_analysis.load_analysis_worker, SPEC.loadable)
    with Pool[AnalysisRequest, ImageAnalysis](load) as pool:
        answers = pool.map(acquisition.requests(images))
        found = acquisition.acquire(images, answers, SPEC, "centre")
    return Faces(found.templates, np.array(found.people), groups)


def measure(faces: Faces, draws: int) -> Iterator[dict[str, Any]]:
    """Yield for each case the ratios of real to stated rate, one for each draw."""
    random = np.random.default_rng(1)
    for case in CASES:
        everybody = np.unique(faces.people)
        members = [
            name for name in everybody
            if case.group == "everybody" or case.group in faces.groups.get(str(name), ())
        ]  # fmt: skip
        if len(members) < case.people * 1.2:
            continue
        ratios: dict[str, list[float]] = {"overall": [], "worst group": [], "site": []}
        missed = []
        for _ in range(draws):
            order = random.permutation(members)
            distances = _thresholds(faces, order[: case.people], case.rate, random)
            strangers = _to_gallery(faces, order, case.people, random)
            for name, distance in distances.items():
                ratios[name].append(float((strangers <= distance).mean() / case.rate))
            missed.append(distances["site"])
        yield {**case._asdict(), "ratios": ratios, "distances": missed}


def _one_row_each(faces: Faces, names: np.ndarray, random: np.random.Generator) -> np.ndarray:
    rows: dict[str, list[int]] = {}
    for row, person in enumerate(faces.people):
        rows.setdefault(person, []).append(row)
    return np.array([random.choice(rows[name]) for name in names])


def _thresholds(
    faces: Faces, names: np.ndarray, rate: float, random: np.random.Generator
) -> dict[str, float]:
    """Return the distance of each calibration for a gallery of these people."""
    rows = _one_row_each(faces, names, random)
    near, _ = comparisons.nearest_pairs(faces.templates.among(rows), faces.people[rows].tolist())
    points = calibrating.site_points(rate_bounds.pair_bounds(near, calibrating.RATES))
    count = len(names)
    site = SiteCalibration("2026-01-01T00:00:00Z", count, count, count, near.all_pairs, 0, points)
    scales = {
        "overall": RateScale(SPEC, worst_group=False, site=None),
        "worst group": RateScale(SPEC, worst_group=True, site=None),
        "site": RateScale(SPEC, worst_group=True, site=site),
    }
    return {name: scale.held(rate).distance for name, scale in scales.items()}


def _to_gallery(
    faces: Faces, order: np.ndarray, people: int, random: np.random.Generator
) -> np.ndarray:
    """Return the distances of all images of the strangers to one image of each in the gallery."""
    inside = _one_row_each(faces, order[:people], random)
    outside = np.flatnonzero(np.isin(faces.people, order[people:]))
    return faces.templates.among(outside).to(faces.templates.among(inside))


def _row(found: dict[str, Any]) -> list[str]:
    ratios = [_spread(found["ratios"][name]) for name in ("overall", "worst group", "site")]
    gallery = f"{found['people']:,} {found['group']}"
    high = float(np.percentile(found["ratios"]["site"], 95))
    return [gallery, f"{found['rate']:g}", *ratios, f"{high:.2f}"]


def _spread(ratios: list[float]) -> str:
    """Return the mean, and the range."""
    return f"{np.mean(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def _figure(found: dict[str, Any]) -> Figure:
    ratios = {name: np.array(values) for name, values in found["ratios"].items()}
    site = ratios["site"]
    high = float(np.percentile(site, 95))
    return Figure(
        f"real rate for strangers, {found['people']:,} {found['group']}, {found['rate']:g} stated",
        f"{site.mean():.2f}x ({site.min():.2f}-{site.max():.2f})",
        f"shipped overall {ratios['overall'].mean():.2f}x, worst group "
        f"{ratios['worst group'].mean():.2f}x",
        f"{high:.3g}x",
        f"within {found['most']:g}x in 95 % of draws",
        high <= found["most"],
    )


if __name__ == "__main__":
    main()
