"""Values of the other direction: isolated in a page, left as they are in text."""

from __future__ import annotations

import pytest

from facecli.papers.as_html import html
from facecli.papers.as_text import text
from facecli.papers.directions import isolated, parts, plain
from facecli.papers.languages import choose
from facecli.papers.receipt import letter
from tests.papers.conftest import receipt_facts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Li Wei", "Li Wei"), ("张伟", "张伟"), (5, "5"), ("שלמה", "\u2068שלמה\u2069"),
        ("محمد 1", "\u2068محمد 1\u2069"), ("\u2068x\u2069 y", "\u2068x\u2069 y"),
        ("\u2068x", "\\u{2068}x"), ("\u2068\u2069", "\\u{2068}\\u{2069}"),
        ("\u202eשלמה", "\u2068\\u{202e}שלמה\u2069"),
    ],
)  # fmt: skip
def test_a_value_is_isolated_only_where_it_runs_the_other_way(value: object, shown: str) -> None:
    assert isolated(value) == shown


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("a \u2068ב\u2069 c", [("a ", False), ("ב", True), (" c", False)]),
        ("a \u2068b", [("a \\u{2068}b", False)]),
        ("\u2068a\u2068b\u2069", [("\\u{2068}a", False), ("b", True)]),
        ("\u2069\u2068", [("\\u{2069}\\u{2068}", False)]),
        ("", []),
    ],
)
def test_pairs_isolate_and_what_is_no_pair_is_escaped(words: str, found: object) -> None:
    assert list(parts(words)) == found


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Ask at the desk,\nor write.", "Ask at the desk, or write."),
        ("a  \r\n\r\n\t b", "a b"),
        ("请到服务台提出、\n或者来信。", "请到服务台提出、或者来信。"),
        ("a\x0bb\x85c", "a\\u{b}b\\u{85}c"),
    ],
)
def test_lines_of_a_text_are_joined(words: str, shown: str) -> None:
    assert plain(words) == shown
    assert choose("en").language.say("{x}", x=words) == shown


def test_a_sentence_within_a_sentence_keeps_what_is_isolated() -> None:
    say = choose("en").language.say
    inner = say("{act}: refused or failed", act="שלמה")
    assert plain(say("{title}, version {version}", title=inner, version=2)) == (
        "שלמה: refused or failed, version 2"
    )


def test_a_page_isolates_a_name_within_a_sentence_and_text_leaves_it() -> None:
    made = letter(receipt_facts("שלמה כהן"), choose("en").language)
    assert "that <bdi>שלמה כהן</bdi> agreed" in html(made)
    assert "שלמה כהן" in text(made, 400)
    assert not {"\u2068", "\u2069"} & set(text(made) + html(made))
    assert plain(made.opening[0]).count("שלמה כהן") == 1
