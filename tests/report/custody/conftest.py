"""A custody report of a database: the model, and the files that the command writes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from facecli.consent import dates
from facecli.papers.languages import choose
from facecli.report.custody.context import Context
from tests.prepared import opened


@pytest.fixture
def figures(enrolled: Any) -> Any:
    """Makes a section of the report of `enrolled`, and returns its figures."""

    def make(section: Any, *, facecli: Any = enrolled, with_refs: bool = False) -> Any:
        with opened(facecli) as session:
            zone = dates.zone_of(session.db)
            made = section(Context(session.db, session.now, zone, choose("en").language, with_refs))
        return {
            **{fact.name: fact.value for fact in made.facts},
            **{table.name: list(table.records()) for table in made.tables},
        }

    return make


def written(facecli: Any, *options: object) -> Any:
    """The figures that the command writes."""
    path = facecli.folder / "custody.json"
    done = facecli("report", "--format", "json", "--output", path, *options)
    assert done.code == 0, done.err
    return json.loads(path.read_text(encoding="utf-8"))
