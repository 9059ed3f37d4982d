"""Templates, photos and match events: list them, count them, erase them. Needs no pixels.

A template is zeroed in its shard, the only place where it is stored, before its row is deleted. The
database overwrites deleted rows (`secure_delete`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from facecli.store import shards
from facecli.store.database import Database, id_list, id_spans
from facecli.store.packed import seconds

# Rows (subject_id, what, id, purpose_id, moment), in order of subjects.
ALL_HELD = """
    SELECT subject_id, 'template', id, purpose_id, created_at FROM template {where}
    UNION ALL SELECT subject_id, 'photo', id, purpose_id, captured_at FROM sample {where}
    UNION ALL SELECT subject_id, 'match', id, purpose_id, at FROM match_event {where}
    ORDER BY subject_id
"""


def all_held(db: Database) -> Any:
    """Yield `(subject_id, what, id, purpose_id, moment)` of all that is held, by subject."""
    return db.stream(ALL_HELD.format(where=""))


def held_among(db: Database, ids: str) -> Any:
    """Yield the same rows of some subjects; `ids` is a JSON array."""
    where = "WHERE subject_id IN (SELECT value FROM json_each(:ids))"
    return db.stream(ALL_HELD.format(where=where), {"ids": ids})


HELD_ALIKE = " || '/' || ".join(
    f"coalesce((SELECT group_concat(purpose_id"
    f" || iif(:{what} IS NOT NULL AND {moment} < :{what}, {moment}, ''))"
    f" FROM {table} WHERE subject_id = {{subject}}), '')"
    for what, table, moment in (
        ("template", "template", "created"),
        ("photo", "sample", "captured_at"),
        ("match", "match_event", "at"),
    )
)
"""SQL for a text: purposes of what a subject holds, with the moments before each kind's bound.

Its values are those of `alike_values`."""

_HELD = """
    WITH held (subject_id, what, purpose_id, moment, id) AS (
        SELECT subject_id, 'template', purpose_id, created_at, id FROM template {of_shards}
        UNION ALL SELECT subject_id, 'photo', purpose_id, captured_at, id FROM sample
        UNION ALL SELECT subject_id, 'match', purpose_id, at, id FROM match_event
    )
"""
# Rows are asked only of shards that hold a template old enough.
_OLD_SHARDS = """
    WHERE shard_id IN (SELECT h.id FROM template_shard h JOIN bound USING (purpose_id)
                       WHERE bound.what = 'template' AND h.oldest < bound.edge)
"""
_WITH_BOUNDS = f"""{_HELD.format(of_shards=_OLD_SHARDS)},
    bound (at, purpose_id, what, whole, edge, time) AS (
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
        FROM json_each(:bounds)
    )
"""
_FROM_AGED = """
    FROM held JOIN bound USING (purpose_id, what)
    WHERE (moment < whole OR (moment < edge AND substr(moment, 11) <= time))
        AND subject_id NOT IN (SELECT value FROM json_each(:but_of))
        AND +subject_id BETWEEN :first AND :last -- the plus: no index serves it
"""
_AGED = f"""{_WITH_BOUNDS}
    SELECT at, subject_id, what, count(DISTINCT held.id) {_FROM_AGED}
    GROUP BY at, subject_id, what
"""
_AGED_GROUPS = f"""{_WITH_BOUNDS}
    SELECT iif(what = 'match', NULL, subject_id), what, purpose_id, substr(moment, 1, 16),
        count(DISTINCT held.id) {_FROM_AGED}
    GROUP BY 1, 2, 3, 4
"""


def alike_values(db: Database, bounds: Mapping[str, str]) -> dict[str, str | int | None]:
    """Return the values of `HELD_ALIKE` from the moment that bounds each kind; empty: none is over.

    Templates have their moments in seconds, which are compared quicker than text. Where no shard
    has one old enough, their rows are not read.
    """
    edge = bounds["template"]
    if not db.value("SELECT EXISTS (SELECT 1 FROM template_shard WHERE oldest < ?)", (edge,)):
        return {**bounds, "template": None}
    passed = edge.removesuffix("~")  # where the very moment counts: see `sql_age_bounds.past`
    return {**bounds, "template": seconds(passed) + (passed != edge)}


class AgeBound(NamedTuple):
    """A bound on the age of things of one kind for one purpose; see `sql_age_bounds.Past`.

    at: the index of the time to which the bound belongs.
    """

    at: int
    purpose_id: int
    what: str
    whole: str
    edge: str
    time: str


def count_aged(
    db: Database, bounds: Sequence[AgeBound], but_of: Iterable[int]
) -> list[tuple[int, int, str, int]]:
    """Return `(at, subject_id, what, count)` of the things that are older than a bound.

    Args:
        but_of: subjects whose things are left out.
    """
    return list(_but_of(db, _AGED, bounds, but_of))


class AgedGroup(NamedTuple):
    """Things of one kind and purpose that were made within one minute.

    subject_id: None for match events, which go without regard to their subjects. minute: such as
    `2026-11-23T08:30`, in UTC.
    """

    subject_id: int | None
    what: str
    purpose_id: int
    minute: str
    number: int


def aged(db: Database, bounds: Sequence[AgeBound], but_of: Iterable[int]) -> list[AgedGroup]:
    """Return the things that are older than one of these bounds, all of one time.

    Args:
        but_of: subjects whose things are left out.
    """
    return [AgedGroup(*row) for row in _but_of(db, _AGED_GROUPS, bounds, but_of)]


def _but_of(
    db: Database, sql: str, bounds: Sequence[AgeBound], but_of: Iterable[int]
) -> Iterator[Any]:
    """Yield the rows about ranges of subjects, one after the other."""
    stated = json.dumps(bounds)
    for first, last, left_out in id_spans(but_of):
        values = {"bounds": stated, "but_of": left_out, "first": first, "last": last}
        yield from db.tuples(sql, values)


def without(db: Database, table: str) -> list[int]:
    """Return the subjects with something for a purpose for which they have no row in `table`."""
    pairs = "SELECT subject_id, purpose_id FROM"
    found = db.tuples(  # templates by their index alone; the others have none of both columns
        f"SELECT subject_id FROM ({pairs} template EXCEPT {pairs} {table})"
        f" UNION SELECT subject_id FROM ({pairs} sample UNION ALL {pairs} match_event) h"
        f" WHERE NOT EXISTS (SELECT 1 FROM {table} t"
        "  WHERE t.subject_id = h.subject_id AND t.purpose_id = h.purpose_id)"
    )
    return [subject_id for (subject_id,) in found]


def matches_before(db: Database, purpose_id: int, moment: str) -> list[tuple[int, int, str]]:
    """Return `(id, subject_id, at)` of the match events of a purpose before a moment."""
    return db.tuples(
        "SELECT id, subject_id, at FROM match_event WHERE purpose_id = ? AND at < ?",
        (purpose_id, moment),
    )


COUNTED = {"template": "template", "photo": "sample", "match": "match_event"}
"""Table of each kind of record that is counted."""


def counts(db: Database) -> dict[str, int]:
    """Return the number of templates, photos and match events."""
    return {what: int(db.value(f"SELECT count(*) FROM {table}")) for what, table in COUNTED.items()}


def counts_by_purpose(db: Database) -> defaultdict[int, dict[str, int]]:
    """Return the same numbers for each purpose by its id; zeros for a purpose without any."""
    found: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for what, table in COUNTED.items():
        grouped = f"SELECT purpose_id, count(*) FROM {table} GROUP BY 1"
        for purpose_id, count in db.tuples(grouped):
            found[purpose_id][what] = count
    return found


def count_people(db: Database) -> int:
    """Return the number of subjects with a template or a photo."""
    both = "SELECT subject_id FROM template UNION SELECT subject_id FROM sample"
    return int(db.value(f"SELECT count(*) FROM ({both})"))


def first_held(db: Database) -> list[tuple[int, str]]:
    """Return `(subject_id, moment)` since which each subject has the oldest of what is counted."""
    return db.tuples(
        "SELECT subject_id, min(moment) FROM ("
        " SELECT subject_id, min(created_at) moment FROM template GROUP BY 1"
        " UNION ALL SELECT subject_id, min(captured_at) FROM sample GROUP BY 1"
        ") GROUP BY 1"
    )


def sources(db: Database) -> list[tuple[int, int, str]]:
    """Return `(subject_id, purpose_id, source)` of the photos whose source was stated."""
    return db.tuples(
        "SELECT DISTINCT subject_id, purpose_id, source FROM template WHERE source IS NOT NULL"
        " ORDER BY subject_id, purpose_id, source"
    )


ShardSlots = dict[int, list[int]]
"""Places of templates: slots by shard id."""


def slots_of(db: Database, ids: Sequence[int]) -> ShardSlots:
    """Return the places of these templates."""
    rows = db.tuples(
        "SELECT shard_id, slot FROM template WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    slots: ShardSlots = {}
    for shard_id, slot in rows:
        slots.setdefault(shard_id, []).append(slot)
    return slots


def template_ids(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """Return the random ids of these templates as text, by their ids."""
    from facecli.store.packed import id_text  # most nights nothing is due

    found = db.tuples(
        "SELECT id, template_id FROM template WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    return {template: id_text(template_id) for template, template_id in found}


def photos_of(db: Database, ids: Sequence[int]) -> list[int]:
    """Return the kept photos that these templates were made from."""
    found = db.tuples(
        "SELECT DISTINCT sample_id FROM template"
        " WHERE sample_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    return [sample_id for (sample_id,) in found]


def photos_used_only_by(db: Database, ids: Sequence[int]) -> list[int]:
    """Return the kept photos that no template but these was made from."""
    found = db.tuples(
        "WITH gone (id) AS (SELECT value FROM json_each(?))"
        " SELECT DISTINCT sample_id FROM template t"
        " WHERE sample_id IS NOT NULL AND id IN gone AND NOT EXISTS ("
        "  SELECT 1 FROM template o WHERE o.sample_id = t.sample_id AND o.id NOT IN gone)",
        (id_list(ids),),
    )
    return [sample_id for (sample_id,) in found]


def are_erased(db: Database, slots: ShardSlots) -> bool:
    """Return True if these places hold nothing but zeros."""
    return all(shards.are_erased(db, shard_id, found) for shard_id, found in slots.items())


def erase_templates(db: Database, ids: Sequence[int]) -> ShardSlots:
    """Zero the vectors of these templates and delete their rows. Return their places."""
    places = slots_of(db, ids)
    for shard_id, slots in places.items():
        shards.erase(db, shard_id, slots)
    db.delete("template", ids)
    return places


def erase_photos(db: Database, ids: Sequence[int]) -> None:
    """Delete kept photos. The templates made from them stay."""
    db.execute(
        "UPDATE template SET sample_id = NULL WHERE sample_id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    db.delete("sample", ids)


def erase_matches(db: Database, ids: Sequence[int]) -> None:
    """Delete match events."""
    db.delete("match_event", ids)
