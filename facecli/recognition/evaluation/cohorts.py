"""The cohorts of people, from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from facecli.errors.command_line import BadInput
from facecli.printable import counted

PERSON_COLUMNS = ("person", "name")
LARGEST_FILE = 64 * 2**20


@dataclass(frozen=True)
class Cohorts:
    """The people of each cohort, by its name. `members` has only people in the images."""

    column: str
    members: dict[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()


def read(path: Path, column: str) -> dict[str, str]:
    """Return the cohort of each person, from the columns `person` (or `name`) and `column`.

    A person with an empty cell is in no cohort.

    Raises:
        BadInput: the file cannot be read, has no such columns, or puts a person in two cohorts.
            The error names the row.
    """
    what = f"The file of cohorts {path}"
    rows = csv.reader(io.StringIO(_text(path, what), newline=""), strict=True)
    found: dict[str, str] = {}
    try:
        header = [name.strip() for name in next(rows, [])]
        person_at, cohort_at = _columns(header, column, what)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            where = f"{path}, line {rows.line_num}"
            if len(row) != len(header):
                raise BadInput(what=where, why=f"it has {len(row)} cells, not {len(header)}")
            person, cohort = row[person_at].strip(), row[cohort_at].strip()
            if not person:
                raise BadInput(what=where, why="it names no person")
            if found.setdefault(person, cohort) != cohort:
                raise BadInput(what=where, why=f"it puts {person} in a second cohort")
    except csv.Error as error:
        raise BadInput(
            what=f"{path}, line {rows.line_num}", why=f"it is not CSV ({error})"
        ) from None
    return {person: cohort for person, cohort in found.items() if cohort}


def among(cohort_of: dict[str, str], people: Iterable[str], column: str, source: Path) -> Cohorts:
    """Return the cohorts of the people in the images; blanks in a name count as underscores.

    Raises:
        BadInput: no person of the file is in the images.
    """
    everybody = sorted(set(people))
    spelled = {_spelled(person): cohort for person, cohort in cohort_of.items()}
    members: dict[str, list[str]] = {}
    for person in everybody:
        cohort = spelled.get(_spelled(person))
        if cohort is not None:
            members.setdefault(cohort, []).append(person)
    placed = sum(map(len, members.values()))
    if not placed:
        raise BadInput(
            what=f"The file of cohorts {source}", why="none of its people is in the images"
        )
    notes = []
    if len(spelled) > placed:
        unseen = _people(len(spelled) - placed)
        notes.append(f"{source}: no images of {unseen}.")
    if len(everybody) > placed:
        unplaced = _people(len(everybody) - placed)
        notes.append(f"{source}: no cohort for {unplaced} in the images.")
    sorted_members = {name: tuple(members[name]) for name in sorted(members)}
    return Cohorts(column, sorted_members, tuple(notes))


def _people(count: int) -> str:
    return counted(count, "person", "people")


def _spelled(person: str) -> str:
    return "_".join(person.split())


def _text(path: Path, what: str) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise BadInput(what=what, why="it is larger than 64 MiB")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(what=what, why=(error.strerror or "it cannot be read").lower()) from None
    except UnicodeDecodeError:
        raise BadInput(what=what, why="it is not UTF-8 text") from None


def _columns(header: list[str], column: str, what: str) -> tuple[int, int]:
    person = next((name for name in PERSON_COLUMNS if name in header), None)
    if person is None:
        raise BadInput(what=what, why="it has no column `person` or `name`")
    if column not in header or column == person:
        raise BadInput(what=what, why=f"it has no column `{column}` for cohorts")
    return header.index(person), header.index(column)
