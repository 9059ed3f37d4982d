"""A report as a page: no markup of others, no request, readable in a real browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from facecli.papers.languages import choose
from facecli.report import as_html
from facecli.report.as_html import html
from facecli.report.document import Bars, Column, Curves, Document, Fact, Section, Table
from tests.browser import Browser, with_browser
from tests.papers.conftest import HOSTILE

ROWS = [("b", 2, "2026-11-28T16:00:00Z"), ("a", 1234, None), ("c10", 11, None), ("c9", 3, None)]
PAPER = 680  # pixels of the narrower of A4 and US Letter within the page's margins
SHOWN = [(390, "screen", "light"), (1280, "screen", "dark"), (PAPER, "print", "light")]


def report(text: str = "Li Wei", lang: str = "en", **changes: Any) -> Document:
    """A report with every kind of part; `text` stands wherever a stranger's text can stand."""
    columns = (
        Column("name", "Name"),
        Column("count", "Count", "number"),
        Column("end", "End", "end"),
    )
    months = tuple(f"2026-{month:02}" for month in range(1, 13))
    curves = (("all", ((1e-4, 0.1), (1e-2, 0.01))), (text[:60], ((1e-3, 0.2), (1e-1, 0.02))))
    sections = (
        Section(
            "rows", "Rows", ("A sentence.", text), (Fact("who", "Who", text),), (f"echo '{text}'",),
            tables=(Table("t", "All rows", columns, [(text, 7, None), *ROWS]),),
        ),
        Section("plots", "Plots", plots=(
            Bars("Numbers", months, (("First", tuple(range(12))), ("Second", (3,) * 12))),
            Bars("Nothing", months, (("First", (0,) * 12),)),
            Curves("DET", "across", "up", curves),
        )),
        Section("lack", "What is missing", facts=(
            Fact("dpo", "Officer", None, needed="GDPR 30(1)(a)"),
            Fact("seal", "Seal", f"line 1\n{text}\n", "lines"),
        ), tables=(Table("e", "Empty", columns, []),)),
    )  # fmt: skip
    return Document(
        "test",
        choose(lang, "facecli.report").language,
        "Title",
        "2026-11-28T16:30:00Z",
        "Asia/Shanghai",
        (text,),
        changes.get("sections", sections),
        (Fact("c", "Controller", text),),
    )


class Elements(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.ids += [str(value) for name, value in attrs if name == "id"]
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("src", "action")
            assert not name.endswith("href") or str(value).startswith("#")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(lang: str, text: str) -> None:
    page = html(report(text, lang))
    found = Elements(page)
    assert found.names.count("script") == 1
    assert not {"img", "iframe", "link", "object", "base", "form"} & set(found.names)
    assert not {"\x1b", "\u202e", "\u2066"} & set(page)
    if text.isprintable():
        assert found.text.count(text) >= 5


def test_ids_are_unique_and_the_same_figures_make_the_same_page() -> None:
    page = html(report())
    ids = Elements(page).ids
    assert len(ids) == len(set(ids)) > 20
    assert html(report()) == page
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_a_missing_item_is_named() -> None:
    assert "MISSING: needed by GDPR 30(1)(a)" in Elements(html(report())).text


def test_a_table_that_is_too_long_is_left_to_json() -> None:
    rows = [(number,) for number in range(as_html.MOST_ROWS + 1)]
    long = Section("s", "S", tables=(Table("t", "T", (Column("n", "N", "number"),), rows),))
    text = Elements(html(report(sections=(long,)))).text
    assert "T: 10,001 rows, too many for a page." in text
    assert "9,999" not in text


def test_without_matplotlib_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facecli.report.drawing.can_draw", lambda: False)
    found = Elements(html(report()))
    assert "svg" not in found.names
    assert found.text.count("This plot needs the Python package matplotlib.") == 3


def show(chromium: Browser, page: Path, width: int, *, media: str = "screen",
         scheme: str = "light", scripts: bool = True) -> None:  # fmt: skip
    chromium.open(page, width, scripts=scripts, scheme=scheme, media=media)


@pytest.fixture
def page(tmp_path: Path) -> Any:
    def write(*arguments: str) -> Path:
        path = tmp_path / "report.html"
        path.write_text(html(report(*arguments)), encoding="utf-8")
        return path

    return write


@with_browser
@pytest.mark.parametrize(
    ("lang", "text"), [("zh", "张伟 יעקב"), ("en", HOSTILE[1]), ("en", HOSTILE[7])]
)
def test_a_browser_shows_it_without_a_word_a_request_or_a_broken_rule(
    chromium: Browser, page: Any, lang: str, text: str
) -> None:
    path = page(text, lang)
    for width, media, scheme in SHOWN:
        show(chromium, path, width, media=media, scheme=scheme)
        assert chromium.console() == []
        assert set(chromium.requests()) == {path.as_uri()}
        assert chromium.violations() == []
        assert chromium.overflow() <= 0


COLUMN = (
    "return Array.from(document.querySelectorAll('tbody tr'), row => row.cells[{}].textContent)"
)


@with_browser
def test_the_keyboard_sorts_a_table_both_ways(chromium: Browser, page: Any) -> None:
    show(chromium, page("b"), 1280)
    run = chromium.driver.execute_script
    assert run(COLUMN.format(1)) == ["7", "2", "1,234", "11", "3"]
    name, count, _ = chromium.driver.find_elements("css selector", "th button")
    count.send_keys("\ue007")
    assert run(COLUMN.format(1)) == ["2", "3", "7", "11", "1,234"]
    count.send_keys("\ue007")
    assert run(COLUMN.format(1)) == ["1,234", "11", "7", "3", "2"]
    sort = "return Array.from(document.querySelectorAll('th'), one => one.ariaSort)"
    assert run(sort) == [None, "descending", None]
    name.send_keys(" ")
    assert run(COLUMN.format(0)) == ["a", "b", "b", "c9", "c10"]
    assert run(sort) == ["ascending", None, None]
    assert chromium.console() == []


@with_browser
def test_with_scripts_off_the_page_reads_and_shows_no_dead_button(
    chromium: Browser, page: Any
) -> None:
    path = page()
    show(chromium, path, 1280)
    headings = "return document.querySelector('thead').innerText.trim()"
    whole = "return document.querySelector('main').textContent"
    expected = [chromium.driver.execute_script(script) for script in (headings, whole)]
    show(chromium, path, 1280, scripts=False)
    found = [chromium.driver.execute_script(script) for script in (headings, whole)]
    assert found[1] == expected[1]
    assert found[0].split() == expected[0].split()
    assert chromium.driver.find_elements("tag name", "button") == []
    show(chromium, path, 1280)


@with_browser
def test_no_script_but_the_pages_own_runs(chromium: Browser, page: Any) -> None:
    path = page()
    path.write_text(path.read_text().replace("<main>", "<main><script>document.title='x'</script>"))
    show(chromium, path, 1280)
    assert chromium.driver.title == "Title"
    assert any("Content Security Policy" in line for line in chromium.console())
