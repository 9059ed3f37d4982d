"""Calibrations: measured tables from false-match rate to distance.

This file is pure and imports no numpy, because commands that open no image use it. A calibration
states the data it was measured on, and covers only the range that its comparisons support.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import CalibrationRefused, OutsideCalibration

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


SCHEMA = "facecli.calibration/2"
UNSEALED = "facecli.calibration/1"
"""The schema without groups and digest. A database may still hold one; a file must not."""
SEAL = "sha256"
WRITER = "`facecli evaluate --save-calibration`"
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
class GroupPoint:
    """A threshold that holds a rate between the people of one group.

    fmr: 0..1. low, high: 95 % interval of the false-match rate at `distance`, over people.
    extrapolated: from the tail of the distances, because too few pairs of people lie within.
    fnmr: share of the group's genuine comparisons above it, 0..1; None if it has none.
    """

    fmr: float
    distance: float
    low: float
    high: float
    extrapolated: bool = False
    fnmr: float | None = None


@dataclass(frozen=True)
class Group:
    """The thresholds of one group of people, from the lowest false-match rate to the highest.

    people: their number. comparisons: of images of different people of the group.
    """

    name: str
    people: int
    comparisons: int
    points: tuple[GroupPoint, ...]

    def __post_init__(self) -> None:
        _check_table(self.points, f"The group {self.name!r} of the calibration")
        if not all(0 <= point.low <= point.high <= 1 for point in self.points):
            raise BadInput(what="The calibration", why=f"the interval of {self.name!r} is empty")

    @property
    def pairs(self) -> int:
        """The number of pairs of these people."""
        return self.people * (self.people - 1) // 2

    def threshold(self, fmr: float) -> tuple[float, bool]:
        """Return the distance for a rate of the table or higher, and True if it is extrapolated."""
        inside = min(fmr, self.points[-1].fmr)
        high = max(bisect_left([point.fmr for point in self.points], inside), 1)
        low = self.points[high - 1 if inside < self.points[high].fmr else high]
        return interpolated(self.points, inside), low.extrapolated


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

    groups: thresholds of the comparisons within groups of people, where they were measured.
    """

    engine_id: str
    origin: Origin
    points: tuple[Point, ...]
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        _check_table(self.points, "The calibration")
        missed = [point.fnmr for point in self.points]
        if not all(0 <= fnmr <= 1 for fnmr in missed) or missed != sorted(missed, reverse=True):
            raise BadInput(what="The calibration", why="its FNMR must fall from 1 to 0 at most")

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
        return interpolated(self.points, fmr)

    def in_worst_group(self, fmr: float) -> WorstGroup:
        """Return the threshold that holds this rate in every group, and the group that needs it.

        Below the lowest rate that a group supports, the shift from everybody's threshold at that
        rate is kept: the group's threshold is then extrapolated. fmr: 0..1.

        Raises:
            OutsideCalibration: the rate was not measured for everybody.
        """
        found = [WorstGroup(self.threshold(fmr))]
        for group in self.groups:
            least = group.points[0].fmr
            if fmr >= least:
                found.append(
                    WorstGroup(group.threshold(fmr)[0], group.name, group.threshold(fmr)[1])
                )
            elif least <= self.largest:
                shift = self.threshold(max(least, self.smallest)) - group.points[0].distance
                found.append(WorstGroup(self.threshold(fmr) - shift, group.name, extrapolated=True))
        return min(found, key=lambda one: one.distance)

    def fnmr(self, distance: float) -> float:
        """Return the false non-match rate, 0..1, of `distance` used as threshold.

        Linear between the measured points; outside them, that of the nearest.
        """
        points = self.points
        if distance <= points[0].distance:
            return points[0].fnmr
        if distance >= points[-1].distance:
            return points[-1].fnmr
        high = bisect_left([point.distance for point in points], distance)
        low, up = points[high - 1], points[high]
        share = (distance - low.distance) / (up.distance - low.distance)
        return low.fnmr + share * (up.fnmr - low.fnmr)

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


def interpolated(
    points: Sequence[Point | GroupPoint], fmr: float, column: str = "distance"
) -> float:
    """Return the distance for a rate within the table: linear in log(fmr) between its points."""
    high = max(bisect_left([point.fmr for point in points], fmr), 1)
    low, up = points[high - 1], points[high]
    share = math.log(fmr / low.fmr) / math.log(up.fmr / low.fmr)
    before, after = float(getattr(low, column)), float(getattr(up, column))
    return before + share * (after - before)


def _check_table(points: Sequence[Point | GroupPoint], what: str) -> None:
    rates = [point.fmr for point in points]
    distances = [point.distance for point in points]
    if len(rates) < 2 or not all(map(math.isfinite, rates + distances)):
        raise BadInput(what=what, why="it needs two measured points or more")
    if not (_rising(rates) and _rising(distances) and 0 < rates[0] and rates[-1] <= 1):
        raise BadInput(what=what, why="its rates and distances must both rise")


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
            why="it is not between 0 and 1",
        )
    return -math.expm1(math.log1p(-fpir) / max(gallery, 1))


def fpir_of_search(fmr: float, gallery: int) -> float:
    """Return the false-positive identification rate, 0..1: the inverse of `fmr_for_search`."""
    return -math.expm1(gallery * math.log1p(-fmr))


def load(source: Traversable | Path, engine_id: str) -> Calibration:
    """Read a calibration and check that it belongs to that engine.

    Raises:
        BadInput: the file cannot be read.
        CalibrationRefused: it is damaged, edited or of another engine.
    """
    name = f"The calibration {source if isinstance(source, Path) else source.name}"
    try:
        record = json.loads(source.read_text(encoding="utf-8"))
        if record["schema"] == SCHEMA and record.get(SEAL) != _seal(record):
            raise CalibrationRefused(what=name, why=f"it was edited after {WRITER} wrote it")
        calibration = _of_record(record)
    except OSError as error:
        raise BadInput(what=name, why=(error.strerror or "unreadable").lower()) from None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise CalibrationRefused(what=name, why=f"it was not written by {WRITER}") from None
    if record["schema"] == UNSEALED:
        raise CalibrationRefused(what=name, why="it was written by an earlier facecli")
    if calibration.engine_id != engine_id:
        why = f"it is for {calibration.engine_id}, not {engine_id}"
        raise CalibrationRefused(what=name, why=why)
    return calibration


def parse(text: str) -> Calibration:
    """Return the calibration in a JSON text.

    Raises:
        BadInput: its numbers are no table of rates.
        ValueError, TypeError, KeyError: it is no calibration.
    """
    return _of_record(json.loads(text))


def _of_record(record: Any) -> Calibration:
    if not isinstance(record, dict) or record.get("schema") not in (SCHEMA, UNSEALED):
        raise ValueError(f"not {SCHEMA}")
    points = tuple(
        Point(float(point["fmr"]), float(point["distance"]), float(point["fnmr"]))
        for point in record["points"]
    )
    groups = record.get("groups", ()) if record["schema"] == SCHEMA else ()
    origin = Origin(**record["origin"])
    return Calibration(str(record["engine_id"]), origin, points, tuple(map(_group, groups)))


def _group(record: dict[str, Any]) -> Group:
    points = tuple(
        GroupPoint(
            float(point["fmr"]),
            float(point["distance"]),
            float(point["low"]),
            float(point["high"]),
            bool(point["extrapolated"]),
            None if point["fnmr"] is None else float(point["fnmr"]),
        )
        for point in record["points"]
    )
    return Group(str(record["group"]), int(record["people"]), int(record["comparisons"]), points)


def _seal(record: dict[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of all fields but the seal itself."""
    sealed = {name: value for name, value in record.items() if name != SEAL}
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def dump(calibration: Calibration) -> str:
    """Return the JSON text of a calibration, one point a line so that revisions can be compared.

    It ends with its digest: a number that was changed by hand is found when the file is read.
    """
    head = {
        "schema": SCHEMA,
        "engine_id": calibration.engine_id,
        "origin": asdict(calibration.origin),
    }
    text = json.dumps(head, indent=2, ensure_ascii=False)[:-2]
    text += f',\n  "points": {_table(calibration.points, 2)}'
    if calibration.groups:
        groups = ",\n".join(map(_group_text, calibration.groups))
        text += f',\n  "groups": [\n{groups}\n  ]'
    return f'{text},\n  "{SEAL}": "{_seal(json.loads(text + "}"))}"\n}}\n'


def _group_text(group: Group) -> str:
    counts = f'"people": {group.people}, "comparisons": {group.comparisons}'
    points = _table(group.points, 4)
    return f'    {{"group": {json.dumps(group.name)}, {counts}, "points": {points}}}'


def _table(points: Sequence[Point | GroupPoint], indent: int) -> str:
    lines = (f"\n{' ' * indent}  {json.dumps(asdict(one))}" for one in points)
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
