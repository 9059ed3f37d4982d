"""Letters as a page: no markup of others, no request, readable in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from facecli.papers import access, certificate, receipt
from facecli.papers.as_html import html
from facecli.papers.languages import choose
from tests.browser import Browser, browser, with_browser
from tests.papers.conftest import HOSTILE, KEY, erasure_facts, receipt_facts
from tests.papers.test_access import facts as access_facts

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "p", "strong",
    "bdi", "h1", "h2", "dl", "dt", "dd", "div", "pre", "svg", "g", "path", "code",
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


def test_the_page_has_the_command_the_key_and_a_picture_of_them() -> None:
    page = html(receipt.letter(receipt_facts(), choose("en").language))
    assert Elements(page).text.count(KEY) == 2
    assert len(re.findall("<svg", page)) == 1
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@with_browser
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["张伟 יעקב", HOSTILE[0], HOSTILE[1], HOSTILE[7]])
def test_a_browser_shows_it_without_a_word_a_request_or_a_broken_rule(
    chromium: Browser, tmp_path: Path, lang: str, width: int, name: str
) -> None:
    language = choose(lang).language
    for made in (
        receipt.letter(receipt_facts(name), language),
        certificate.letter(erasure_facts(person=name), language),
        access.letter(access_facts(name), language),
    ):
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
