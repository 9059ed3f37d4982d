"""A notice on a sheet: text of any width or a page, in its language, without foreign markup."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from facecli.consent.notices import Notice
from facecli.consent.purpose_terms import Purpose
from facecli.papers import as_html, as_text
from facecli.papers.lines import columns
from facecli.papers.notice import letter
from tests.consent.conftest import TERMS

PURPOSE = Purpose(
    purpose_id=1, version_id=1, code="gate", version=2, revision=1,
    version_since="2026-11-28T16:30:00Z", valid_from="2026-11-29T08:00:00Z", retired_at=None,
    terms=TERMS,
)  # fmt: skip
ZONE = "Asia/Shanghai"


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("notice", TERMS.notices)
def test_no_line_is_wider_than_the_terminal(notice: Notice, width: int) -> None:
    lines = as_text.text(letter(PURPOSE, notice, ZONE), width).splitlines()
    assert max(map(columns, lines)) <= width
    assert "" not in (lines[0], lines[-1])
    assert not any(first == second == "" for first, second in pairwise(lines))


def test_the_words_around_it_are_in_its_language() -> None:
    english, chinese = (letter(PURPOSE, notice, ZONE) for notice in TERMS.notices)
    assert english.title == "Entry at the park gate, version 2"
    assert (english.date, chinese.date) == ("November 29, 2026", "2026年11月29日")
    assert '<html lang="zh' in (page := as_html.html(chinese))
    assert '<div class="notice" dir="auto" lang="zh">' in page


@pytest.mark.parametrize("language", [None, "fr"])
def test_without_a_catalogue_they_are_in_english(language: str | None) -> None:
    made = letter(PURPOSE, Notice(language, "Avis"), ZONE)
    assert made.language.tag == "en"
    page = as_html.html(made)
    assert ('class="notice" dir="auto" lang="fr"' in page) == (language == "fr")
    assert "<h2>" not in page


def test_a_notice_brings_in_no_markup() -> None:
    hostile = replace(PURPOSE, terms=replace(TERMS, title="<script>alert(1)</script>"))
    page = as_html.html(letter(hostile, Notice("en", "<script>x</script>\n\n\x1b[2J"), ZONE))
    assert "<script" not in page
    assert "\x1b" not in page
