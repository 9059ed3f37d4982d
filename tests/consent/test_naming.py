"""Persons named in a text: in other letters, with other marks, in another order."""

from __future__ import annotations

import pytest

from facecli.consent.naming import as_names, as_refs, names_person


@pytest.mark.parametrize(
    ("text", "ref", "names", "expected"),
    [
        ("the file of A-1", "A-1", [], True),
        ("the file of A-10", "A-1", [], False),
        ("room 7", "7", [], True),
        ("room 17", "7", [], False),
        ("JO DOE's bank", "A-1", ["Jo Doe"], True),
        ("Doe, Jo", "A-1", ["Jo Doe"], True),
        ("Doe & Sons", "A-1", ["Jo Doe"], False),
        ("\u738b\u4f1f\u7684\u94f6\u884c", "A-1", ["\u738b\u4f1f"], True),
        ("\uff2a\uff4f Doe", "A-1", ["Jo Doe"], True),
        ("Gate Vendor Ltd", "A-1", [None, "Jo Doe"], False),
        ("Police, room 3", "A-1", ["Li"], False),
        ("the office of LI.", "A-1", ["Li"], True),
        ("Gate Vendor Management", "A-1", ["An", "Agé"], False),
        ("L\u200di's bank", "A-1", ["Li"], True),
        ("\u738b\u7684\u94f6\u884c", "A-1", ["\u738b"], True),
        ("Jo Does' archive", "A-1", ["Jo Doe"], True),
        ("Gate Vendor Ltd", "A-1", ["?"], False),
        ("\u738b\u4f1f\u7684\u94f6\u884c", "A-1", ["\u738b \u4f1f"], True),
        ("\u738b\u3000\u4f1f", "A-1", ["\u738b\u4f1f"], True),
        ("desk of A\u20101, Gate Vendor", "A-1", [], True),
        ("desk of A 1", "A-1", [], True),
        ("scan_A-1_left", "A-1", [], True),
        ("a1", "A-1", [], True),
        ("room A 12", "A-1", [], False),
        ("gates 1, 7", "17", [], False),
        ("gate_17", "17", [], True),
        ("JoDoe's bank", "A-1", ["Jo Doe"], True),
        ("the DOE-JO archive", "A-1", ["Jo Doe"], True),
        ("Jo_Doe", "A-1", ["Jo Doe"], True),
        ("Joan Doering", "A-1", ["Jo Doe"], False),
        ("Jean Luc Picard", "A-1", ["Jean-Luc Picard"], True),
        ("Hangzhou Police", "A-1", ["Zhou Hang"], False),
        ("HangZhou's desk", "A-1", ["Zhou Hang"], True),
        ("hangzhou's desk", "A-1", ["Zhou Hang"], True),
        ("Jodoe's bank", "A-1", ["Jo Doe"], True),
        ("Wuhan Bank", "A-1", ["An Bank"], False),
        ("भारतीय स्टेट बैंक, नगर न म र", "A-1", ["राम"], False),
        ("राम, कुमार", "A-1", ["कुमार राम"], True),
    ],
)
def test_a_text_that_names_a_person_is_told(
    text: str, ref: str, names: list[str | None], expected: bool
) -> None:
    assert names_person(text, ref, names) is expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jo-Doe", "Jo Doe"), ("jo_doe", "jo doe"), ("Doe.Jo", "Jo Doe"), ("Doe,Jo", "Jo Doe"),
        ("JoDoe", "Jo Doe"), ("DoeJo", "Jo Doe"), ("jodoe", "jo doe"), ("JODOE", "JO DOE"),
        ("Jean-Luc-Picard", "Jean-Luc Picard"), ("Jean-Luc-Picard", "Jean Luc Picard"),
        ("JeanLucPicard", "Jean Luc Picard"), ("JeanLucPicard", "Jean-Luc Picard"),
        ("picard.jean-luc", "jean-luc picard"), ("王_小明", "王 小明"), ("王小明", "王 小明"),
        ("王-小明", "王小明"),
        ("van_der_Berg-Jan", "Jan van der Berg"), ("a.b.c.d.e", "a b c d e"),
    ],
)  # fmt: skip
def test_a_text_without_blanks_spells_names(text: str, name: str) -> None:
    assert name in as_names(text)


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("12/26", {"12 26", "12-26"}),
        ("A.1", {"A1", "A 1", "A-1"}),
        ("17.", {"17", "17 "}),
        ("1226", {"1226", "1 226", "12 26", "122 6"}),
    ],
)
def test_a_text_without_blanks_spells_refs_in_their_order(text: str, refs: set[str]) -> None:
    assert as_refs(text) == refs


@pytest.mark.parametrize("text", ["a" * 64, "a-" * 32, "aB" * 32, "-", "", "案" * 64, "A-b" * 21])
def test_the_names_that_a_case_may_spell_are_few(text: str) -> None:
    assert len(as_names(text)) <= 256
