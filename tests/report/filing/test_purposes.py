"""The purposes in a filing, of this database and of merged reports."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.papers.languages import choose
from facecli.report.as_html import html
from facecli.report.document import Document
from facecli.report.filing import purposes

GOOD = {
    "purpose": "gate", "title": "Entry", "method": "face", "scope": "Gate 1",
    "necessity": "Cards are lent", "retain_template": "1y", "impact_assessment": "PIA-1",
}  # fmt: skip
ROW = ("gate", "Entry", "face", "Gate 1", "Cards are lent", "1y", "PIA-1")


def test_the_purposes_of_another_report_are_read() -> None:
    assert purposes.read([{**GOOD, "of_a_later_version": 3}]) == (ROW,)
    assert purposes.read([]) == ()


@pytest.mark.parametrize(
    "content",
    [
        None, {}, [3], [[]], [{**GOOD, "title": 3}], [{**GOOD, "title": None}],
        [{**GOOD, "scope": "x" * 100_001}], [{**GOOD, "retain_template": "for ever"}],
        [{name: GOOD[name] for name in GOOD if name != "title"}], [GOOD] * 10_001,
    ],
)  # fmt: skip
def test_purposes_of_another_form_are_refused(content: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        purposes.read(content)


def test_those_of_other_databases_have_a_table_of_their_own() -> None:
    language = choose("en").language
    alone = purposes.section(language, (ROW,), [])
    assert [table.name for table in alone.tables] == ["list"]
    hostile = ("gate", "<script>x</script>\u202e", *ROW[2:])
    both = purposes.section(language, (ROW,), [("f" * 32, (hostile,))])
    (row,) = both.tables[1].records()
    assert (row["database"], row["purpose"]) == ("f" * 32, "gate")
    page = html(Document("test", language, "T", "2026-11-28T16:30:00Z", "UTC", (), (both,)))
    assert "&lt;script&gt;x&lt;/script&gt;\\u{202e}" in page
