"""Lines of text: never wider than asked, nothing lost, breaks where a reader expects them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uniseg.linebreak import line_break_units

from facecli.papers import lines
from facecli.papers.lines import columns, wrapped
from tests.conftest import SAMPLE_DATA

TEXT = st.text(
    st.one_of(
        st.characters(categories=("L", "N", "P", "Zs")),
        st.sampled_from("人脸识别\uff0c。 שלום e\u0301"),
    )
)


@settings(deadline=None)  # the first call loads the tables of Unicode
@given(TEXT, st.integers(2, 60))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert lines
    for line in lines:
        assert columns(line) <= width or len(line) == 1 or line.strip() == line
        assert columns(line) <= width + 1
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one\n  two", 20, ["one two"]),
        ("0123456789ab", 5, ["01234", "56789", "ab"]),
        ("a 0123456789", 5, ["a 012", "34567", "89"]),
        ("仅凭年卡\uff0c无法确认。", 8, ["仅凭年", "卡\uff0c无法", "确认。"]),
        ("不提供facecli给", 8, ["不提供", "facecli", "给"]),
    ],
)
def test_lines_break_where_unicode_allows_it(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@pytest.mark.parametrize("name", ["gate.en.md", "gate.zh.md"])
@pytest.mark.parametrize("width", [20, 40, 78])
def test_what_is_answered_without_uniseg_is_what_uniseg_answers(
    monkeypatch: pytest.MonkeyPatch, name: str, width: int
) -> None:
    text = " ".join((SAMPLE_DATA / "notices" / name).read_text(encoding="utf-8").split())
    found = wrapped(text, width)
    monkeypatch.setattr(lines, "_breakable", line_break_units)
    assert found == wrapped(text, width)


def test_a_text_of_100_kb_is_not_asked_about_letter_by_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(lines, "_asked", lambda part: asked.append(part) or (part,))
    for text in ("\u6bb5\u843d\uff0c" * 12_000, "word " * 20_000, "x" * 100_000, "&amp" * 25_000):
        assert max(map(columns, wrapped(text, 40))) <= 40
    assert sum(map(len, asked)) < 100_000
