"""From a rate to a distance for one purpose: which calibration decides, rate by rate.

- The shipped calibration decides first: by `calibration` of the purpose, for the group where the
  rate is worst, or for everybody.
- Where the site's own calibration has measured a rate, it decides instead. It may be stricter or
  looser than the worst group, but never looser than for everybody: a probe may be anybody.
- Where the site's is extrapolated, the shipped one stays as long as it lies between the site's
  upper bound and its middle estimate. Beyond the bound it would be needlessly strict; beyond the
  middle it would probably not hold.
- Below the site's lowest rate, its shift from everybody's threshold is kept if that is stricter.
  Above its highest rate, its threshold stays if that is looser, for it holds a lower rate.
- Where the site's is doubtful, the stricter of both decides at every rate: who enrols copies must
  not keep an old threshold that is looser.

So a lower rate never has a longer distance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from facecli.consent.purpose_terms import WORST_GROUP, Purpose
from facecli.errors.base import FacecliError
from facecli.errors.recognition import NoCalibration, OutsideCalibration
from facecli.recognition.engines.calibration import Calibration, interpolated, load, parse
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import site_calibration
from facecli.recognition.matching.site_calibration import SiteCalibration
from facecli.store.database import Database

STEPS = 60  # halvings of the range of rates to find that of a distance
OVERALL = "overall"
IN_WORST_GROUP = "worst group"


@dataclass(frozen=True)
class Held:
    """The largest distance that is a match at a rate, and the calibration that decided it."""

    distance: float
    by: str


def calibration_of(spec: EngineSpec) -> Calibration:
    """Return the engine's calibration: the one it was given, or else the one that ships.

    Raises:
        NoCalibration: it is an engine of a model card, and has none.
        BadInput: the calibration that ships is damaged.
    """
    if spec.calibration_text is not None:
        return parse(spec.calibration_text)
    if spec.card is not None:
        raise NoCalibration(engine=spec.name)
    return load(spec.calibration_file, spec.engine_id)


@dataclass(frozen=True)
class _Shipped:
    """The calibration of the engine. worst_group: it holds a rate in each measured group."""

    table: Calibration
    origin: str
    worst_group: bool

    def held(self, rate: float) -> Held:
        """Return the distance for a rate, or for the nearest that is supported."""
        rate = self.within(rate)
        if self.worst_group:
            worst = self.table.in_worst_group(rate)
            if worst.group is not None:
                return Held(worst.distance, f"{self.origin} {IN_WORST_GROUP}")
        return Held(self.table.threshold(rate), f"{self.origin} {OVERALL}")

    def for_everybody(self, rate: float) -> float:
        """Return the distance for everybody, for a rate or the nearest that is supported."""
        return self.table.threshold(self.within(rate))

    def within(self, rate: float) -> float:
        """Return the rate, or the nearest that is supported."""
        return min(max(rate, self.table.smallest), self.table.largest)


@dataclass(frozen=True)
class _Site:
    """The calibration of the site beside that of its engine, if there is one."""

    found: SiteCalibration
    shipped: _Shipped | None

    @property
    def smallest(self) -> float:
        return self.found.points[0].fmr

    @property
    def largest(self) -> float:
        return self.found.points[-1].fmr

    def held(self, rate: float) -> Held:
        """Return the distance for a rate that one of the calibrations supports."""
        found = self._held(rate)
        if self.shipped is None or not self.found.doubtful:
            return found
        return min(self.shipped.held(rate), found, key=lambda one: one.distance)

    def _held(self, rate: float) -> Held:
        inside = self._inside(min(max(rate, self.smallest), self.largest))
        if self.shipped is None or self.smallest <= rate <= self.largest:
            return inside
        by_shipped = self.shipped.held(rate)
        if rate > self.largest:
            return max(by_shipped, inside, key=lambda one: one.distance)
        shift = self.shipped.for_everybody(self.smallest) - inside.distance
        kept = Held(self.shipped.for_everybody(rate) - shift, inside.by)
        return min(by_shipped, kept, key=lambda one: one.distance)

    def _inside(self, rate: float) -> Held:
        """Return the distance for a rate that the site's calibration supports."""
        bound, by = interpolated(self.found.points, rate), self.found.words
        if self.shipped is None:
            return Held(bound, by)
        everybody = self.shipped.for_everybody(rate)
        if rate < self.shipped.table.smallest:
            return Held(min(bound, everybody), by)
        middle = max(bound, interpolated(self.found.points, rate, "middle"))
        by_shipped = self.shipped.held(rate)
        if bound <= by_shipped.distance <= middle and bound < middle:
            return by_shipped
        nearest = bound if by_shipped.distance < bound else middle
        return Held(min(nearest, everybody), by)


class RateScale:
    """The distances that hold the rates of one purpose.

    Args:
        spec: the engine.
        worst_group: hold rates in the worst measured group; False: for everybody.
        site: the calibration of the purpose's own gallery, if there is one.

    Raises:
        NoCalibration: there is none at all.
    """

    def __init__(
        self, spec: EngineSpec, *, worst_group: bool, site: SiteCalibration | None
    ) -> None:
        self._engine = spec.engine_id
        self.site = site if site is not None and len(site.points) > 1 else None
        """The calibration of the gallery itself, if there is one that decides something."""
        self._shipped: _Shipped | None = None
        try:
            origin = "shipped" if spec.calibration_text is None else "own"
            self._shipped = _Shipped(calibration_of(spec), origin, worst_group)
        except NoCalibration:
            if self.site is None:
                raise
        self._rule = self._shipped if self.site is None else _Site(self.site, self._shipped)

    @classmethod
    def of(cls, spec: EngineSpec, purpose: Purpose, site: SiteCalibration | None) -> RateScale:
        """Return the scale of a purpose."""
        return cls(spec, worst_group=purpose.terms.calibration == WORST_GROUP, site=site)

    @property
    def smallest(self) -> float:
        """The lowest supported false-match rate, 0..1."""
        return min(low for low, _ in self._ranges())

    @property
    def largest(self) -> float:
        """The highest supported false-match rate, 0..1."""
        return max(high for _, high in self._ranges())

    def supported(self, rate: float) -> float:
        """Return the rate, or the nearest that is supported."""
        return min(max(rate, self.smallest), self.largest)

    def held(self, rate: float) -> Held:
        """Return the largest distance that holds a false-match rate, 0..1.

        Raises:
            OutsideCalibration: no calibration supports the rate.
        """
        if self._rule is None or not self.smallest <= rate <= self.largest:
            raise OutsideCalibration(
                fmr=rate,
                engine=self._engine,
                smallest=self.smallest,
                largest=self.largest,
                comparisons=self._comparisons(),
            )
        return self._rule.held(rate)

    def rate_of(self, distance: float) -> float:
        """Return the lowest false-match rate, 0..1, that is supported and has this distance."""
        if distance <= self.held(self.smallest).distance:
            return self.smallest
        if distance > self.held(self.largest).distance:
            return self.largest
        low, high = math.log(self.smallest), math.log(self.largest)
        for _ in range(STEPS):
            middle = (low + high) / 2
            if self.held(self.supported(math.exp(middle))).distance < distance:
                low = middle
            else:
                high = middle
        return self.supported(math.exp(high))

    def shipped_distance(self, rate: float) -> float | None:
        """Return the distance of the shipped calibration for a rate, or None."""
        if self._shipped is None or self._shipped.within(rate) != rate:
            return None
        return round(self._shipped.held(rate).distance, 6)

    def _ranges(self) -> list[tuple[float, float]]:
        tables: list[Calibration | SiteCalibration | None] = [self.site]
        tables.append(None if self._shipped is None else self._shipped.table)
        return [(one.points[0].fmr, one.points[-1].fmr) for one in tables if one is not None]

    def _comparisons(self) -> int:
        made = [0 if self.site is None else self.site.pairs]
        if self._shipped is not None:
            made.append(self._shipped.table.origin.impostor_comparisons)
        return max(made)


def decided_by(db: Database, purpose: Purpose) -> str | None:
    """Return the calibration that holds a purpose's rate, in words; None where none does."""
    if purpose.retired_at is not None or not purpose.compares_faces:
        return None
    try:
        spec = engine_of(db)
        site = site_calibration.of_purpose(db, purpose, spec.engine_id)
        return RateScale.of(spec, purpose, site).held(purpose.terms.threshold_fmr).by
    except FacecliError:
        return None
