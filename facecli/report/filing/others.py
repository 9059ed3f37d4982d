"""Reports of other databases, which `--merge` adds: read strictly, because others wrote them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facecli.consent.dates import is_date
from facecli.errors.command_line import BadInput
from facecli.report.filing import purposes
from facecli.report.filing.people import Days
from facecli.report.filing.purposes import Rows
from facecli.report.filing.refs import Refs
from facecli.times import parse_moment

SCHEMA = "facecli.filing-report/1"
LARGEST_FILE = 256 * 1024 * 1024
MOST_PEOPLE = 10**10
TAG = re.compile(r"[0-9a-f]{32}")
DATABASE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Reported:
    """The part of a filing report that a sum over databases needs."""

    database: str
    at: str
    people: int
    days: Days
    refs: Refs
    purposes: Rows = ()


def read(path: Path) -> Reported:
    """Read the report of another database.

    Raises:
        BadInput: it is not a filing report in JSON, or a field of it has no such form.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        document = json.loads(content) if len(content) <= LARGEST_FILE else None
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=str(path), why=why) from None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        why = "it is no report of `facecli report filing --format json`"
        raise BadInput(what=str(path), why=why)
    try:
        return _parsed(document)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(what=str(path), why=f"a field of it is not usable ({error})") from None


def _parsed(document: dict[str, Any]) -> Reported:
    count, people = document["count"], document["people_for_comparison"]
    days = [(str(row["day"]), _number(row["people"])) for row in count["by_day"]]
    names = [day for day, _ in days]
    if not all(map(is_date, names)) or names != sorted(set(names)):
        raise ValueError("the days of `by_day`")
    return Reported(
        _matching(DATABASE, document["database"], "database"),
        _moment(document["at"]),
        _number(count["people"]),
        days,
        _refs(people),
        purposes.read(document["purposes"]["list"]),
    )


def _refs(people: dict[str, Any]) -> Refs:
    values = [row["value"] for row in people["values"]]
    if people["kind"] not in ("none", "tags", "refs") or not all(
        isinstance(value, str) for value in values
    ):
        raise ValueError("the people for comparison")
    if people["kind"] != "tags":
        return Refs(people["kind"], None, frozenset(values))
    key = _matching(TAG, people["key_id"], "key_id")
    return Refs("tags", key, frozenset(_matching(TAG, value, "a tag") for value in values))


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_PEOPLE:
        raise ValueError("a number of people")
    return value


def _moment(value: Any) -> str:
    if not isinstance(value, str) or len(value) != len(parse_moment(value)):
        raise ValueError("at")
    return parse_moment(value)


def _matching(pattern: re.Pattern[str], value: Any, name: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(name)
    return value
