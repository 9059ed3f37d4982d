"""The calibration of a site: thresholds that were measured among a gallery's own subjects.

It has counts and thresholds, and nothing of a person. This file imports no numpy.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from facecli.consent.purpose_terms import Purpose
from facecli.recognition.engines.calibration import GroupPoint
from facecli.store import calibrations
from facecli.store.database import Database


@dataclass(frozen=True)
class SitePoint(GroupPoint):
    """A threshold that holds a rate at this site: `distance`, by the upper 95 % bound.

    middle: the threshold by the middle estimate, where it is extrapolated; otherwise the same.
    """

    middle: float = 0.0


@dataclass(frozen=True)
class SiteCalibration:
    """The measurement of one gallery.

    at: its time. subjects: in the gallery. measured: those of them that were drawn and compared.
    references: templates that each of them was searched in. pairs: of different subjects.
    left_out: subjects that are one person with another. points: by false-match rate, rising.
    searches: by false-positive identification rate among `references`, rising. doubtful: the
    gallery has changed much since, and became one of copies; a shipped threshold that is stricter
    decides.
    """

    at: str
    subjects: int
    measured: int
    references: int
    pairs: int
    left_out: int
    points: tuple[SitePoint, ...] = field(repr=False)
    searches: tuple[SitePoint, ...] = field(default=(), repr=False)
    doubtful: bool = False

    @property
    def words(self) -> str:
        """The calibration as rows and the log name it."""
        return f"site ({self.pairs} pairs, {self.at[:10]})"

    def dump(self) -> str:
        """Return it as JSON text."""
        return json.dumps(asdict(self))


def parse(text: str) -> SiteCalibration:
    """Return the calibration in a JSON text."""
    record = json.loads(text)
    points, searches = (
        tuple(SitePoint(**point) for point in record.pop(name)) for name in ("points", "searches")
    )
    return SiteCalibration(**record, points=points, searches=searches)


def of_purpose(db: Database, purpose: Purpose, engine_id: str) -> SiteCalibration | None:
    """Return the calibration of a purpose's gallery, or None."""
    found = calibrations.find(db, purpose.purpose_id, engine_id)
    return None if found is None else parse(found.record)
