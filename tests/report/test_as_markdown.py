"""A report as CommonMark: a parser finds headings, lists and tables, and no markup of others."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from facecli.report.as_markdown import markdown
from facecli.report.document import Fact, Section
from tests.papers.conftest import HOSTILE
from tests.report.test_document import TABLE, report

HARMLESS = {"h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "strong",
            "pre", "code"}  # fmt: skip


def elements(text: str) -> set[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    return {token.tag or token.type for token in (*tokens, *inner)} - {"inline", "text"}


def test_headings_facts_and_tables_are_there() -> None:
    made = markdown(report(Section("one", "One", ("A sentence.",), (Fact("f", "Fact", "x"),),
                                   ("run this",), tables=(TABLE,))))  # fmt: skip
    assert made.startswith("# Title\n\nOpening.\n\n- As of: 2026-11-29 00:30 (Asia/Shanghai)\n")
    assert "- Who: MISSING: needed by GDPR 30\n" in made
    assert "| Name | Count |\n| --- | --- |\n| a | 1 |\n" in made
    assert elements(made) <= HARMLESS | {"softbreak"}


@pytest.mark.parametrize("text", [*HOSTILE, "[a](https://x.example)", "a | b", "```\nx"])
def test_text_of_others_is_text(text: str) -> None:
    made = markdown(report(Section("one", text, (), (Fact("f", text, text),), (text,))))
    assert elements(made) <= HARMLESS | {"softbreak"}
    assert not {"\x1b", "\u202e", "\u2066"} & set(made)
