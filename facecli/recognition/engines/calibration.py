"""Calibrations: measured tables from false-match rate to distance.

This file is pure and imports no numpy, because commands that open no image use it. A calibration
states the data it was measured on, and covers only the range that its comparisons support.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import OutsideCalibration

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


SCHEMA = "facecli.calibration/1"
COUNTS = (
    "images", "not_acquired", "people", "impostor_comparisons", "genuine_comparisons",
)  # fmt: skip
"""Fields of an origin that differ between groups of one data set."""
RULE_OF_30 = 30
"""Smallest number of errors for which a rate is stated. With 30, the true rate is within 30 % of
the measured one at 90 % confidence (Doddington et al., Speech Communication 31, 2000)."""


@dataclass(frozen=True)
class Origin:
    """The data and the method of a calibration. Counts are of the comparisons made."""

    data_set: str
    images: int
    not_acquired: int
    people: int
    impostor_comparisons: int
    genuine_comparisons: int
    method: str
    date: str


@dataclass(frozen=True)
class Point:
    """The error rates, 0..1, at one distance used as threshold.

    fmr: share of impostor comparisons at or below it. fnmr: share of genuine comparisons above it.
    The true-match rate is 1 - fnmr.
    """

    fmr: float
    distance: float
    fnmr: float


@dataclass(frozen=True)
class WorstGroup:
    """The strictest threshold over everybody and all groups.

    group: that needs it, or None for everybody. extrapolated: the group's comparisons do not
    support the rate.
    """

    distance: float
    group: str | None = None
    extrapolated: bool = False


@dataclass(frozen=True)
class Calibration:
    """Measured points of one engine, from the lowest false-match rate to the highest.

    groups: calibrations of the comparisons within each group of people, by its name, where they
    were measured.
    """

    engine_id: str
    origin: Origin
    points: tuple[Point, ...]
    groups: tuple[tuple[str, Calibration], ...] = ()

    def __post_init__(self) -> None:
        rates = [point.fmr for point in self.points]
        distances = [point.distance for point in self.points]
        if len(rates) < 2 or not all(map(math.isfinite, rates + distances)):
            raise BadInput(what="The calibration", why="it needs two measured points or more")
        if not (_rising(rates) and _rising(distances) and 0 < rates[0] and rates[-1] <= 1):
            raise BadInput(what="The calibration", why="its rates and distances must both rise")

    @property
    def smallest(self) -> float:
        """The lowest supported false-match rate, 0..1."""
        return self.points[0].fmr

    @property
    def largest(self) -> float:
        """The highest supported false-match rate, 0..1."""
        return self.points[-1].fmr

    def threshold(self, fmr: float) -> float:
        """Return the distance at or below which two templates match at that false-match rate.

        The distance is linear in log(fmr) between the measured points. fmr: 0..1.

        Raises:
            OutsideCalibration: the rate was not measured; nothing is extrapolated.
        """
        if not self.smallest <= fmr <= self.largest:
            raise OutsideCalibration(
                fmr=fmr,
                engine=self.engine_id,
                smallest=self.smallest,
                largest=self.largest,
                comparisons=self.origin.impostor_comparisons,
            )
        high = max(bisect_left([point.fmr for point in self.points], fmr), 1)
        low, up = self.points[high - 1], self.points[high]
        share = math.log(fmr / low.fmr) / math.log(up.fmr / low.fmr)
        return low.distance + share * (up.distance - low.distance)

    def in_worst_group(self, fmr: float) -> WorstGroup:
        """Return the threshold that holds this rate in every group, and the group that needs it.

        Below the lowest rate that a group supports, the shift from everybody's threshold at that
        rate is kept: the group's threshold is then extrapolated. fmr: 0..1.

        Raises:
            OutsideCalibration: the rate was not measured for everybody.
        """
        found = [WorstGroup(self.threshold(fmr))]
        for name, group in self.groups:
            if fmr >= group.smallest:
                found.append(WorstGroup(group.threshold(min(fmr, group.largest)), name))
            elif group.smallest <= self.largest:
                shift = self.threshold(group.smallest) - group.threshold(group.smallest)
                found.append(WorstGroup(self.threshold(fmr) - shift, name, extrapolated=True))
        return min(found, key=lambda one: one.distance)

    def fmr(self, distance: float) -> float:
        """Return the false-match rate, 0..1, of `distance` used as threshold.

        Below the lowest measured distance this is the lowest rate ("at most this"); above the
        highest it is the highest rate ("at least this").
        """
        if distance <= self.points[0].distance:
            return self.smallest
        if distance >= self.points[-1].distance:
            return self.largest
        high = bisect_left([point.distance for point in self.points], distance)
        low, up = self.points[high - 1], self.points[high]
        share = (distance - low.distance) / (up.distance - low.distance)
        return math.exp(math.log(low.fmr) + share * math.log(up.fmr / low.fmr))


def fmr_for_search(fpir: float, gallery: int) -> float:
    """Return the false-match rate of one comparison that holds a search at `fpir`.

    From FPIR = 1 - (1 - FMR)^N, which assumes independent comparisons (ISO/IEC 19795-1, annex on
    identification).

    Args:
        fpir: false-positive identification rate: the share of non-mated probes with any
            candidate, 0..1 excluded.
        gallery: number of references that a probe is compared with.

    Raises:
        BadInput: fpir is out of range.
    """
    if not 0 < fpir < 1:
        raise BadInput(
            what=f"The false-positive identification rate {fpir:g}",
            why="not between 0 and 1",
        )
    return -math.expm1(math.log1p(-fpir) / max(gallery, 1))


def fpir_of_search(fmr: float, gallery: int) -> float:
    """Return the false-positive identification rate, 0..1: the inverse of `fmr_for_search`."""
    return -math.expm1(gallery * math.log1p(-fmr))


def load(source: Traversable | Path, engine_id: str) -> Calibration:
    """Read a calibration and check that it belongs to that engine.

    Raises:
        BadInput: the file is missing, damaged or of another engine.
    """
    name = f"The calibration {source if isinstance(source, Path) else source.name}"
    try:
        calibration = parse(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(what=name, why=(error.strerror or "unreadable").lower()) from None
    except (ValueError, TypeError, KeyError):
        why = "it was not written by `facecli evaluate --save-calibration`"
        raise BadInput(what=name, why=why) from None
    if calibration.engine_id != engine_id:
        raise BadInput(what=name, why=f"it is for {calibration.engine_id}, not {engine_id}")
    return calibration


def parse(text: str) -> Calibration:
    """Return the calibration in a JSON text. Raises `ValueError`, `TypeError` or `KeyError`."""
    record = json.loads(text)
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise ValueError(f"not {SCHEMA}")
    engine_id, origin = str(record["engine_id"]), Origin(**record["origin"])
    groups = tuple(
        (
            str(group["group"]),
            Calibration(engine_id, replace(origin, **group["counts"]), _points(group)),
        )
        for group in record.get("groups", ())
    )
    return Calibration(engine_id, origin, _points(record), groups)


def _points(record: dict[str, Any]) -> tuple[Point, ...]:
    return tuple(
        Point(float(point["fmr"]), float(point["distance"]), float(point["fnmr"]))
        for point in record["points"]
    )


def dump(calibration: Calibration) -> str:
    """Return the JSON text of a calibration, one point a line so that revisions can be compared."""
    head = {
        "schema": SCHEMA,
        "engine_id": calibration.engine_id,
        "origin": asdict(calibration.origin),
    }
    text = json.dumps(head, indent=2, ensure_ascii=False)[:-2]
    text += f',\n  "points": {_table(calibration, 2)}'
    if calibration.groups:
        groups = ",\n".join(_group(name, group) for name, group in calibration.groups)
        text += f',\n  "groups": [\n{groups}\n  ]'
    return text + "\n}\n"


def _group(name: str, group: Calibration) -> str:
    counts = json.dumps({count: getattr(group.origin, count) for count in COUNTS})
    head = f'"group": {json.dumps(name)}, "counts": {counts}'
    return f'    {{{head}, "points": {_table(group, 4)}}}'


def _table(calibration: Calibration, indent: int) -> str:
    lines = (f"\n{' ' * indent}  {json.dumps(asdict(one))}" for one in calibration.points)
    return f"[{','.join(lines)}\n{' ' * indent}]"


def supported_rates(impostor_comparisons: int, largest: float = 0.1) -> list[float]:
    """Return the false-match rates that n impostor comparisons support, rising.

    They are 30/n and then 1, 2 and 5 of each decade up to `largest`. Empty if n is too small.
    """
    if impostor_comparisons * largest <= RULE_OF_30:
        return []
    smallest = RULE_OF_30 / impostor_comparisons
    grid = [step * 10.0**-decade for decade in range(1, 13) for step in (5, 2, 1)]
    return [smallest, *sorted(rate for rate in grid if smallest * 1.05 < rate <= largest)]


def _rising(values: Sequence[float]) -> bool:
    return all(before < after for before, after in pairwise(values))
