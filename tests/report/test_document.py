"""The model of a report: its figures, and what is missing in it."""

from __future__ import annotations

from facecli.papers.languages import choose
from facecli.report.document import Column, Document, Fact, Section, Table

TABLE = Table("rows", "Rows", (Column("name", "Name"), Column("count", "Count", "number")),
              [("a", 1), ("b", None)])  # fmt: skip


def report(*sections: Section) -> Document:
    return Document("test", choose("en").language, "Title", "2026-11-28T16:30:00Z", "Asia/Shanghai",
                    ("Opening.",), sections,
                    (Fact("who", "Who", None, needed="GDPR 30"),))  # fmt: skip


def test_figures_are_named_by_section_fact_and_column() -> None:
    made = report(Section("one", "One", facts=(Fact("total", "Total", 3, "number"),),
                          tables=(TABLE,)))  # fmt: skip
    assert made.figures() == {
        "schema": "facecli.test/1", "at": "2026-11-28T16:30:00Z", "timezone": "Asia/Shanghai",
        "who": None,
        "one": {"total": 3, "rows": [{"name": "a", "count": 1}, {"name": "b", "count": None}]},
    }  # fmt: skip


def test_a_missing_value_counts_only_where_a_law_needs_it() -> None:
    optional = Fact("x", "X", None)
    needed = Fact("y", "Y", None, needed="GDPR 30(1)(d)")
    made = report(Section("one", "One", facts=(optional, needed)))
    assert [fact.name for fact in made.missing()] == ["who", "y"]
    assert [heading for heading, _ in made.missing_by_heading()] == ["", "One"]
