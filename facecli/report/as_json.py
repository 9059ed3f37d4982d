"""A report as JSON: the figures of the page, and the rows of tables that are too long for it."""

from __future__ import annotations

from facecli.printable import json_text
from facecli.report.document import Document

SHORT = 10_000  # rows up to which lines are indented for people


def json(report: Document) -> str:
    """Return the figures as one JSON document."""
    rows = sum(len(table.rows) for section in report.sections for table in section.tables)
    return json_text(report.figures(), indent=2 if rows <= SHORT else None) + "\n"
