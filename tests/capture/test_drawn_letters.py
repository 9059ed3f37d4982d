"""Letters in pictures: in the order in which they are read, and of the scripts that are stated."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facecli.capture import annotate
from facecli.capture.annotate import _has_glyph
from facecli.capture.drawn_letters import (
    SCRIPTS,
    in_order_of_display,
    parts_in_order_of_display,
    scripts_not_drawn,
)

SAMPLES = {
    "ARABIC": "\u0645", "CJK": "\u4eba", "CYRILLIC": "\u0416", "GREEK": "\u03a9",
    "HANGUL": "\ud55c", "HEBREW": "\u05e9", "HIRAGANA": "\u3042", "KATAKANA": "\u30ab",
    "LATIN": "\u0151",
}  # fmt: skip


def test_the_font_has_every_script_that_is_stated() -> None:
    assert set(SAMPLES) == SCRIPTS
    assert all(_has_glyph(letter) for letter in SAMPLES.values())
    assert scripts_not_drawn("".join(SAMPLES.values())) == set()


@pytest.mark.parametrize(
    ("text", "lacking"),
    [("Jo", set()), ("Jo \u0e2a\u0e21", {"Thai"}), ("\u0928\u10d0", {"Devanagari", "Georgian"}),
     ("\u2014 \u20ac 5", set())],
)  # fmt: skip
def test_a_script_that_the_font_lacks_is_named(text: str, lacking: set[str]) -> None:
    assert scripts_not_drawn(text) == lacking
    if lacking:
        assert not all(_has_glyph(one) for one in text if one.isalpha())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A-1 Jo", "A-1 Jo"),
        ("张伟", "张伟"),
        ("\u05d0\u05d1\u05d2", "\u05d2\u05d1\u05d0"),
        ("A-1 \u05d0\u05d1", "A-1 \u05d1\u05d0"),
        ("\u05d0\u05d1 12", "12 \u05d1\u05d0"),
    ],
)
def test_right_to_left_letters_are_brought_into_the_order_of_display(text: str, shown: str) -> None:
    assert in_order_of_display(text) == shown


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A-1 张", [("A-1 张", "A-1 张")]),
        ("张 \u0645\u062d", [("张 ", "张 "), ("\u062d\u0645", "\u0645\u062d")]),
        (
            "A \u0645\u062d \u0645 1",
            [("A 1 ", "A 1 "), ("\u0645 \u062d\u0645", "\u0645\u062d \u0645")],
        ),
        ("\u0645\u062d 张", [("张 ", "张 "), ("\u062d\u0645", "\u0645\u062d")]),
    ],
)
def test_words_that_are_joined_are_parts_of_their_own(
    text: str, parts: list[tuple[str, str]]
) -> None:
    assert list(parts_in_order_of_display(text)) == parts


def test_a_picture_shows_a_name_as_it_is_read() -> None:
    stored, displayed = "\u05d0\u05d1\u05d2", "\u05d2\u05d1\u05d0"
    picture = np.zeros((60, 200, 3), np.uint8)
    cv2.putText(picture, displayed, (10, 40), (255, 255, 255), cv2.FontFace("sans"), 24, 500)
    wanted = picture.copy()
    picture[:] = 0
    annotate._write(picture, stored, (10, 40), 24)
    assert wanted.any()
    assert np.array_equal(picture, wanted)
