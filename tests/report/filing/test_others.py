"""Reports of other databases are read strictly."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from facecli.errors.command_line import BadInput
from facecli.report.filing import others
from facecli.report.filing.refs import tagged

GOOD: dict[str, Any] = {
    "schema": others.SCHEMA,
    "at": "2026-11-28T16:30:00Z",
    "database": "0" * 32,
    "count": {"people": 2, "by_day": [{"day": "2026-11-01", "people": 2}]},
    "people_for_comparison": {"kind": "none", "key_id": None, "values": []},
    "purposes": {"list": []},
}


def written(folder: Path, content: Any) -> Path:
    path = folder / "other.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_report_is_read(tmp_path: Path) -> None:
    found = others.read(written(tmp_path, GOOD))
    assert (found.people, found.days) == (2, [("2026-11-01", 2)])


def test_tags_are_read_with_the_name_of_their_key(tmp_path: Path) -> None:
    refs = tagged(["A", "B"], b"k" * 32)
    document = copy.deepcopy(GOOD)
    document["people_for_comparison"] = {
        "kind": "tags", "key_id": refs.key_id, "values": [{"value": one} for one in refs.values],
    }  # fmt: skip
    assert others.read(written(tmp_path, document)).refs == refs


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "x", "[" * 100_000, '{"schema": "facecli.x/1"}']
)
def test_another_file_is_named(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput, match="it is no report of `facecli report filing --format json`"):
        others.read(written(tmp_path, content))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("database",), "x"), (("database",), None), (("at",), "yesterday"), (("at",), 3),
        (("count", "people"), -1), (("count", "people"), True), (("count", "people"), 1e99),
        (("count", "people"), None), (("count", "by_day"), None), (("count", "by_day"), [3]),
        (("count", "by_day"), [{"day": "x", "people": 1}]),
        (("count", "by_day"), [{"day": "2026-11-02", "people": 1}] * 2),
        (("people_for_comparison", "kind"), "x"), (("people_for_comparison", "kind"), "tags"),
        (("people_for_comparison", "values"), [{"value": 3}]), (("people_for_comparison",), []),
        (("purposes",), []), (("purposes", "list"), [{"title": "x"}]),
    ],
)  # fmt: skip
def test_a_field_of_another_form_is_refused(
    tmp_path: Path, place: tuple[str, ...], value: Any
) -> None:
    document: Any = copy.deepcopy(GOOD)
    inner = document
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    with pytest.raises(BadInput, match="a field of it is not usable"):
        others.read(written(tmp_path, document))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        others.read(tmp_path / "none.json")
