"""One person under several REFs: who is left out of a measurement, and when it is refused.

One person under two REFs looks like two people who match. A subject is left out if another has the
same name or the same photo *and* is within the strictest distance that the engine's calibration
has. A name of many subjects is no sign, for it may stand for "unknown". Nothing else is left out: a
look-alike counts, and a person under two REFs without such a sign makes a threshold stricter, never
looser. Where more pairs are closer than different people are, the gallery is refused, and the
refusal names the REFs.

Without a calibration no distance says who is near enough: nobody is left out, nothing is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from facecli.consent import subjects
from facecli.consent.purpose_terms import Purpose
from facecli.errors.recognition import GalleryOfCopies, NoCalibration
from facecli.recognition.engines.calibration import Point
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.rate_scale import calibration_of
from facecli.store import templates
from facecli.store.database import Database

if TYPE_CHECKING:
    from facecli.recognition.matching.rate_bounds import NearestPairs

    Pairs = list[tuple[int, int]]

COPIES = 30
"""Times the lowest shipped rate that different people may reach; more pairs are copies."""
FEW_COPIES = 3
"""Pairs that are no reason to refuse a gallery."""
MOST_NAMESAKES = 10
"""Subjects of one name; a name that more share does not show that two are one person."""
MOST_NAMED = 24
"""REFs that a refusal names at most."""


def to_leave_out(
    db: Database, purpose: Purpose, spec: EngineSpec, near: NearestPairs, ids: Sequence[int]
) -> list[int]:
    """Return the subjects, by their places in `ids`, who are one person with another.

    ids: the row id of each subject of `near`.
    """
    nearest = _strictest(spec)
    pairs = [] if nearest is None else _within(near, nearest.distance)
    signs = {
        place: _signs(db, purpose, ids[place]) for place in {one for two in pairs for one in two}
    }
    return sorted({second for first, second in pairs if signs[first] & signs[second]})


def refuse_copies(
    db: Database, purpose: Purpose, spec: EngineSpec, near: NearestPairs, ids: Sequence[int]
) -> None:
    """Refuse a gallery in which more pairs are very close than different people explain.

    ids: the row id of each subject of `near`.

    Raises:
        GalleryOfCopies: with the REFs of these pairs.
    """
    nearest = _strictest(spec)
    pairs = [] if nearest is None else _within(near, nearest.distance)
    if nearest is None or len(pairs) <= max(FEW_COPIES, COPIES * nearest.fmr * near.all_pairs):
        return
    alike = connected((ids[first], ids[second]) for first, second in pairs)
    raise GalleryOfCopies(purpose=purpose.code, pairs=len(pairs), refs=_named(db, alike))


def connected(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the groups that pairs connect: the largest first, each rising."""
    group_of: dict[int, set[int]] = {}
    for pair in pairs:
        one, other = (group_of.setdefault(subject, {subject}) for subject in pair)
        if one is not other:
            small, large = sorted((one, other), key=len)
            large |= small
            group_of.update(dict.fromkeys(small, large))
    groups = {id(group): group for group in group_of.values()}.values()
    return sorted(map(sorted, groups), key=lambda group: (-len(group), group))


def _named(db: Database, groups: Sequence[Sequence[int]]) -> str:
    """Return the REFs of groups of subjects, at most MOST_NAMED: `A-1, A-2; B-1, B-2`."""
    texts, left = [], MOST_NAMED
    for group in groups:
        if left:
            shown = group[:left]
            found = subjects.names(db, set(shown))  # without who was erased meanwhile
            texts.append(", ".join(sorted(ref for ref, _ in found.values())))
            left -= len(shown)
    more = sum(map(len, groups)) - MOST_NAMED
    return "; ".join(filter(None, texts)) + (f" and {more:,} more" if more > 0 else "")


def _within(near: NearestPairs, distance: float) -> Pairs:
    """Return the pairs at or below a distance, by the places of their two subjects."""
    close = near.distances <= distance
    return list(zip(near.first[close].tolist(), near.second[close].tolist(), strict=True))


def _signs(db: Database, purpose: Purpose, subject_id: int) -> frozenset[str | bytes]:
    """Return the name and the digests of the photos of a subject."""
    captures = templates.captures_of(db, subject_id, purpose.purpose_id)
    _, name = subjects.names(db, {subject_id}).get(subject_id, ("", None))
    if name is None or subjects.count_of_name(db, name) > MOST_NAMESAKES:
        return frozenset(captures)
    return frozenset([" ".join(name.casefold().split()), *captures])


def _strictest(spec: EngineSpec) -> Point | None:
    """Return the point of the lowest rate of the engine's calibration, if it has one."""
    try:
        return calibration_of(spec).points[0]
    except NoCalibration:
        return None
