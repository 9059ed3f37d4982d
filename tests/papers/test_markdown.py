"""Notices in CommonMark bring no markup of their own into a page."""

from __future__ import annotations

import pytest

from facecli.papers import markdown
from tests.conftest import SAMPLE_DATA


@pytest.mark.parametrize(
    "source",
    ["<script>alert(1)</script>", "[a](javascript:alert(1))", "![a](http://x.example/p.png)",
     "<http://x.example>", "<img src=x onerror=alert(1)>", "[a]: http://x.example\n\n[a]"],
)  # fmt: skip
def test_no_source_makes_an_element_that_acts_or_loads(source: str) -> None:
    page = markdown.html(source)
    for element in ("<script", "<a", "<img"):
        assert element not in page


def test_paragraphs_lists_and_code_become_plain_lines() -> None:
    source = "# Head\n\nOne\ntwo **three** `four`.\n\n- a\n- b\n\n1. c\n\n```\nd  e\n```\n"
    assert list(markdown.plain_paragraphs(source)) == [
        "Head", "One two three four.", "- a", "- b", "1. c", "d  e",
    ]  # fmt: skip


def test_chinese_lines_join_without_a_space() -> None:
    assert list(markdown.plain_paragraphs("用于入园。\n不用于广告 gate\n入口")) == [
        "用于入园。不用于广告 gate 入口"
    ]


def test_chinese_lines_join_without_a_space_on_a_page() -> None:
    page = markdown.html("用于**入园。**\n不用于广告 gate\n入口")
    assert page == "<p>用于<strong>入园。</strong>不用于广告 gate\n入口</p>\n"


def test_a_paragraph_of_many_lines_is_read_line_by_line() -> None:
    """It took minutes as long as each end of a line read all that was before it."""
    assert markdown.html("a\n" * 50_000).count("a") == 50_000


@pytest.mark.parametrize("name", ["gate.en.md", "gate.zh.md"])
def test_a_notice_loses_no_word(name: str) -> None:
    source = (SAMPLE_DATA / "notices" / name).read_text()
    plain = "".join("".join(markdown.plain_paragraphs(source)).split())
    assert plain == "".join(source.split()).replace("**", "").replace("`", "").lstrip("#")


@pytest.mark.parametrize(
    "source",
    ["> " * 5000 + "word", "* " * 3000 + "word", "> " * 19 + "word", "> " * 21 + "word",
     "\n".join("  " * level + "- word" for level in range(30)), "[" * 20_000 + "word",
     "> - " * 12 + "word", "**" * 500 + "word"],
)  # fmt: skip
def test_a_notice_that_is_nested_deeply_loses_no_word(source: str) -> None:
    plain = " ".join(markdown.plain_paragraphs(source))
    assert plain.count("word") == source.count("word")
    assert markdown.html(source).count("word") == source.count("word")


def test_what_is_nested_too_deeply_brings_no_markup() -> None:
    assert "<script" not in markdown.html("> " * 50 + "<script>alert(1)</script>")


def test_a_byte_order_mark_is_no_text() -> None:
    assert markdown.html("\ufeff# Head\n") == "<h1>Head</h1>\n"
    assert list(markdown.plain_paragraphs("\ufeff# Head\n")) == ["Head"]
