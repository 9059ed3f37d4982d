"""Letters as a page: no markup of others, no request, readable in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from facecli.consent.purpose_terms import LISTS
from facecli.consent.purpose_texts import OF_PURPOSE, Texts
from facecli.papers import access, ask_again, certificate, notice, receipt, refusal
from facecli.papers.as_html import html
from facecli.papers.as_text import text
from facecli.papers.languages import Language, choose
from facecli.papers.letter import Letter
from tests.browser import Browser, with_browser
from tests.consent.conftest import TERMS
from tests.papers.conftest import (
    CIRCUMSTANCES,
    HOSTILE,
    KEY,
    asked_again,
    erasure_facts,
    receipt_facts,
    refusal_facts,
)
from tests.papers.test_access import facts as access_facts
from tests.papers.test_notice import PURPOSE

NOTICE = TERMS.notices[1]


def letters(name: str, language: Language) -> list[Letter]:
    """One letter of each kind, to a person of this name."""
    return [
        receipt.letter(receipt_facts(name), language),
        certificate.letter(
            erasure_facts(person=name, copies=["2026-11-27"], elsewhere=((name, "the archive"),)),
            language,
        ),
        access.letter(access_facts(name), language),
        ask_again.letter(asked_again(name, scope="Every gate"), CIRCUMSTANCES, language),
        refusal.enrolment(refusal_facts(person=name), ["no-consent", "blurred"], language),
        refusal.request(refusal_facts(person=name), "erase", "2026-11-20", name, language),
        refusal.postponed(refusal_facts(person=name), "2027-06-30T16:00:00Z", name, language),
        notice.before_agreeing(PURPOSE, NOTICE, language, "Asia/Shanghai"),
    ]


ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "p", "strong",
    "bdi", "h1", "h2", "dl", "dt", "dd", "div", "pre", "svg", "g", "path", "code", "span", "figure",
    "figcaption",
}  # fmt: skip


class Elements(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_in_every_letter(lang: str, name: str) -> None:
    language = choose(lang).language
    for page in (
        html(receipt.letter(receipt_facts(name, ref=name), language)),
        html(certificate.letter(erasure_facts(person=name, controller=name), language)),
    ):
        found = Elements(page)
        assert found.names <= ELEMENTS
        assert not {"\x1b", "\u202e", "\u2066"} & set(page)
        if name.isprintable():
            assert name in found.text


@pytest.mark.parametrize("words", [*HOSTILE, "a\nb\n"])
def test_a_hostile_text_of_a_term_is_text_in_every_letter(words: str) -> None:
    named = [*OF_PURPOSE, "controller_name", "authority"]
    stated = {one: (words, words) if one in LISTS else words for one in named}
    originals: Any = {one: ("x", "x") if one in LISTS else "x" for one in named}
    hostile = replace(TERMS, **originals, texts=(Texts("zh", stated),))
    language = choose("zh").language
    for made in (
        receipt.letter(replace(receipt_facts(), terms=hostile), language),
        ask_again.letter(asked_again(before=hostile, max_templates=2), CIRCUMSTANCES, language),
        notice.before_agreeing(replace(PURPOSE, terms=hostile), NOTICE, language, "Asia/Shanghai"),
    ):
        found = Elements(html(made))
        assert found.names <= ELEMENTS
        assert not {"\x1b", "\u202e", "\u2066"} & set(found.text + text(made))
        if words.isprintable():
            assert words in found.text


def test_the_page_has_the_command_the_key_and_a_picture_of_them() -> None:
    page = html(receipt.letter(receipt_facts(), choose("en").language))
    assert Elements(page).text.count(KEY) == 2
    assert len(re.findall("<svg", page)) == 1
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


@with_browser
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("width", "name"),
    [
        (390, f"张伟 יעקב {HOSTILE[0]}{HOSTILE[1]}"),
        (390, HOSTILE[7]),
        (1280, HOSTILE[7]),
    ],
)
def test_a_browser_shows_it_without_a_word_a_request_or_a_broken_rule(
    chromium: Browser, tmp_path: Path, lang: str, width: int, name: str
) -> None:
    language = choose(lang).language
    for made in letters(name, language):
        page = tmp_path / "letter.html"
        page.write_text(html(made), encoding="utf-8")
        chromium.open(page, width)
        assert chromium.console() == []
        assert {one for one in chromium.requests() if not one.startswith("data:")} == {
            page.as_uri()
        }
        assert chromium.violations() == []
        assert chromium.overflow() <= 0


@with_browser
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_camera_reads_the_command_and_the_key_from_the_code(
    chromium: Browser, tmp_path: Path, lang: str
) -> None:
    made = receipt.letter(receipt_facts(), choose(lang).language)
    page = tmp_path / "letter.html"
    page.write_text(html(made), encoding="utf-8")
    chromium.open(page, sharp=3)
    picture = chromium.driver.find_element("css selector", "svg").screenshot_as_png
    shown = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    read, _, _ = cv2.QRCodeDetector().detectAndDecode(shown)
    assert made.check is not None
    assert read == made.check.code


PAPERS = {"A4": (8.27, 11.69), "Letter": (8.5, 11.0)}
MOST_PAGES = [3, 2, 3, 4, 1, 1, 2, 3]
"""Of each of `letters`: no heading or table pushes what follows to a page of its own."""


@with_browser
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_prints_on_few_pages(chromium: Browser, tmp_path: Path, lang: str, paper: str) -> None:
    page = tmp_path / "letter.html"
    pages = []
    for made in letters("张伟", choose(lang).language):
        page.write_text(html(made), encoding="utf-8")
        chromium.open(page)
        pages.append(chromium.pages(*PAPERS[paper]))
    assert [(one, most) for one, most in zip(pages, MOST_PAGES, strict=True) if one > most] == []


@with_browser
def test_it_stays_light_where_the_system_is_dark(chromium: Browser, tmp_path: Path) -> None:
    made = receipt.letter(receipt_facts(), choose("en").language)
    page = tmp_path / "letter.html"
    page.write_text(html(made), encoding="utf-8")
    shots = []
    for scheme in ("light", "dark"):
        chromium.open(page, scheme=scheme)
        assert chromium.violations() == []
        shots.append(chromium.driver.get_screenshot_as_png())
    assert shots[0] == shots[1]


@with_browser
def test_the_browser_of_these_tests_notices_what_is_wrong(
    chromium: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "wrong.html"
    page.write_text('<img src="missing.png"><div style="width:3000px">x</div>')
    chromium.open(page)
    assert any("ERR_FILE_NOT_FOUND" in line for line in chromium.console())
    assert len(chromium.requests()) == 2
    assert any(one.startswith("image-alt") for one in chromium.violations())
    assert chromium.overflow() > 0
