"""Which text is kept, and which could deceive an operator and is refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.consent.text import (
    check_case,
    check_name,
    check_note,
    check_ref,
    check_seen,
    is_empty_word,
)
from facecli.errors.command_line import BadText
from facecli.printable import HIDDEN_CATEGORIES, JOINERS, csv_cell, json_text, printable


@pytest.mark.parametrize("ref", ["A-1001", "7", "zoë", "卡-42", "a b", "x" * 128, "=1+1"])
def test_refs_of_every_script_are_kept(ref: str) -> None:
    assert check_ref(ref) == ref


@pytest.mark.parametrize("ref", ["A\ufe0f", "A\u034f1", "\u2800A", "A\u3164", "A\U000e0100"])
def test_a_new_ref_has_no_character_that_cannot_be_seen(ref: str) -> None:
    with pytest.raises(BadText, match=r"U\+[0-9A-F]{4,} cannot be seen"):
        check_seen(ref, distinct=False)
    check_seen(ref, distinct=True)


@pytest.mark.parametrize("distinct", [True, False])
def test_a_new_ref_can_be_seen(distinct: bool) -> None:
    with pytest.raises(BadText, match="none of its characters"):
        check_seen("\u3164\u2800", distinct=distinct)
    check_seen("A-1001 \u5f20", distinct=distinct)


HIDING = {
    "newline": "a\nb",
    "return": "a\rb",
    "tab": "a\tb",
    "nul": "a\0b",
    "escape": "a\x1b[31mb",
    "delete": "a\x7fb",
    "next line": "a\x85b",
    "C1 control": "a\x9bb",
    "soft hyphen": "a\u00adb",
    "zero width space": "a\u200bb",
    "right-to-left override": "a\u202eb",
    "left-to-right mark": "a\u200eb",
    "isolate": "a\u2066b",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
    "byte order mark": "\ufeffab",
    "private use": "a\ue000b",
    "surrogate": "a\udcffb",
    "unassigned": "a\u0378b",
    "tag": "a\U000e0041b",
}


@pytest.mark.parametrize("name", HIDING)
def test_what_could_hide_or_reorder_is_refused(name: str) -> None:
    for check in (check_ref, check_name, lambda text: check_note(text, "The reason")):
        with pytest.raises(BadText, match=r"U\+[0-9A-F]{4,} could hide") as refused:
            check(HIDING[name])
        assert refused.value.exit_code == 2


@pytest.mark.parametrize("text", ["", " a", "a ", "\u00a0a", "\u3000a"])
def test_emptiness_and_padding_are_refused(text: str) -> None:
    with pytest.raises(BadText, match=r"empty|begins or ends"):
        check_ref(text)


def test_ten_kilobytes_are_too_much() -> None:
    for check, most in ((check_ref, 128), (check_name, 256)):
        with pytest.raises(BadText, match=f"10240 characters; {most} are the most") as refused:
            check("x" * 10240)
        assert len(str(refused.value)) < 300
    assert check_note("x" * 2000, "The reason") == "x" * 2000
    with pytest.raises(BadText):
        check_note("x" * 2001, "The reason")


def test_text_is_kept_in_normal_form_c() -> None:
    assert check_name("Zoe\u0308") == "Zo\u00eb"
    assert check_ref("e\u0301") == "\u00e9"


def test_joiners_belong_to_names_and_not_to_refs() -> None:
    name = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # Persian, with a non-joiner
    assert check_name(name) == name
    with pytest.raises(BadText):
        check_ref(name)


@given(st.text(max_size=40))
def test_whatever_is_kept_can_be_read(text: str) -> None:
    try:
        kept = check_ref(text)
    except BadText:
        return
    assert kept == unicodedata.normalize("NFC", text)
    assert check_ref(kept) == kept
    assert printable(kept) == kept


@given(st.text(alphabet=st.characters(), max_size=40))
def test_nothing_that_is_shown_steers_a_terminal_or_a_spreadsheet(text: str) -> None:
    for shown in (printable(text), csv_cell(text), json_text(text)):
        hidden = {c for c in shown if unicodedata.category(c) in HIDDEN_CATEGORIES}
        assert hidden <= set(JOINERS)
    assert not csv_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(alphabet=st.characters(), max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from([None, 2]),
)
def test_escaped_json_says_the_same(value: object, indent: int | None) -> None:
    import json

    assert json.loads(json_text(value, indent)) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "--", "…", "?", "none", "NONE!", "n/a", "N.A.", "nichts", "keine", "no",
     "keine  Alternative", "not applicable", "TBD", "无", "無", "没有", "なし", "нет", "aucune"],
)  # fmt: skip
def test_words_that_state_nothing(text: str) -> None:
    assert is_empty_word(text)


@pytest.mark.parametrize(
    "text", ["card", "none of the gates needs a face", "无障碍通道", "PIN", "7", "Karte", "No. 7"]
)
def test_words_that_state_something(text: str) -> None:
    assert not is_empty_word(text)


@pytest.mark.parametrize("case", ["2026-117", "案件2026第7号", "a", "K/7.b_#", "x" * 64, "पत्र-7"])
def test_a_case_is_of_any_script(case: str) -> None:
    assert check_case(case) == case
    assert check_case("e\u0301-1") == "\u00e9-1"


@pytest.mark.parametrize(
    "case",
    [
        "", " ", "a b", "a\u00a0b", "a\u3000b", "a\tb", "a\n", "\x1b[2J", "a\u202eb", "a\u200bb",
        "a\udcff", "x" * 65, "x" * 10_000, "none", "-", "n/a", "无",
    ],
)  # fmt: skip
def test_what_is_no_case(case: str) -> None:
    with pytest.raises(BadText, match="The case"):
        check_case(case)
