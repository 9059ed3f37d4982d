"""Figures as JSON."""

from __future__ import annotations

import json as parser

from facecli.report.as_json import SHORT, json
from facecli.report.document import Column, Section, Table
from tests.report.test_document import TABLE, report


def test_a_parser_reads_the_figures_again() -> None:
    made = report(Section("one", "One", tables=(TABLE,)))
    assert parser.loads(json(made)) == made.figures()
    assert json(made).count("\n") > 5


def test_long_tables_are_not_indented() -> None:
    rows = [(number,) for number in range(SHORT + 1)]
    made = report(Section("one", "One", tables=(Table("t", "T", (Column("n", "N"),), rows),)))
    assert json(made).count("\n") == 1
    assert parser.loads(json(made)) == made.figures()
