"""Arabic letters in pictures: joined as Raqm joins them, or apart where no font is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from facecli.capture import annotate, joined_letters
from facecli.capture.drawn_letters import in_order_of_display
from facecli.capture.film import Film
from facecli.capture.marks import Mark
from facecli.cli.annotation import PictureWriter
from facecli.recognition.annotation.picture_worker import PictureRequest
from tests import clips

NAME = "محمد العربي"
CAPTION = f"A-1 {NAME} 0.31"
URDU = "ٹیپو"
INK = (255, 255, 255)
SIZE = 24

needs_font = pytest.mark.skipif(joined_letters.font_file() is None, reason="no font with Arabic")


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(joined_letters, "FONTS", ())
    forget()
    yield
    forget()


def forget() -> None:
    for cached in (joined_letters._data, joined_letters._font, joined_letters._has_glyph):
        cached.cache_clear()
    annotate._shown.cache_clear()


def black() -> NDArray[np.uint8]:
    return np.zeros((60, 400, 3), np.uint8)


def drawn(text: str) -> NDArray[np.uint8]:
    picture = black()
    annotate._write(picture, text, (10, 40), SIZE)
    return picture


def by_pillow(text: str, engine: ImageFont.Layout) -> NDArray[np.uint8]:
    image = Image.fromarray(black())
    font = ImageFont.truetype(str(joined_letters.font_file()), SIZE, layout_engine=engine)
    ImageDraw.Draw(image).text((10, 40), text, INK, font, anchor="ls")
    return np.asarray(image)


@needs_font
@pytest.mark.parametrize("text", [NAME, CAPTION, URDU])
def test_a_name_is_drawn_joined_as_raqm_does_and_not_letter_by_letter(text: str) -> None:
    assert np.array_equal(drawn(text), by_pillow(text, ImageFont.Layout.RAQM))
    apart = by_pillow(in_order_of_display(text), ImageFont.Layout.BASIC)
    assert not np.array_equal(drawn(text), apart)


@needs_font
@pytest.mark.parametrize("text", [NAME, CAPTION, URDU])
def test_the_width_is_that_of_the_joined_letters(text: str) -> None:
    columns = np.flatnonzero(drawn(text).any(axis=(0, 2)))
    assert 0 <= joined_letters.width(text, SIZE) - (columns[-1] - 9) <= 4


@needs_font
def test_a_caption_in_two_scripts_has_the_letters_of_two_fonts() -> None:
    """No font has both Arabic and Chinese."""
    expected = black()
    annotate._write(expected, "王 ", (10, 40), SIZE)
    left = 10 + annotate._text_width("王 ", SIZE)
    joined_letters.draw(expected, NAME, (left, 40), INK, SIZE)
    assert np.array_equal(drawn(f"王 {NAME}"), expected)
    assert annotate._text_width("王 ", SIZE) > annotate._text_width("王", SIZE)


@needs_font
def test_letters_that_only_the_font_of_the_system_has_are_shown() -> None:
    assert annotate._showable(URDU) == URDU
    assert annotate._showable(f"{NAME}\u202e") == f"{NAME}\\u202e"


@pytest.mark.parametrize("text", ["Jo", "张伟", "שלמה", f"张伟 {NAME}", ""])
def test_what_needs_no_joining_or_has_other_letters_too_is_left_to_opencv(text: str) -> None:
    assert not joined_letters.can_draw(text)


def test_without_a_font_the_letters_are_drawn_apart(no_font: None) -> None:
    assert not joined_letters.can_draw(NAME)
    joined_letters.warm_up()
    assert drawn(NAME).any()
    assert annotate._showable(URDU) != URDU


def test_a_damaged_font_counts_as_none(
    no_font: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    font = tmp_path / "font.ttf"
    font.write_bytes(b"no font")
    monkeypatch.setattr(joined_letters, "FONTS", (str(font),))
    assert not joined_letters.can_draw(NAME)


@needs_font
def test_a_sealed_worker_draws_the_joined_letters(tmp_path: Path) -> None:
    picture = np.full((240, 400, 3), 90, np.uint8)
    Image.fromarray(picture).save(tmp_path / "in.png")
    marks = (Mark((40, 60, 200, 200), CAPTION, kind="match"),)
    notes: list[str] = []
    with PictureWriter(notes.append) as writer:
        writer.write("in", PictureRequest(str(tmp_path / "in.png"), tmp_path / "out.jpg", marks))
    with (tmp_path / "film").open("wb") as stream, Film(stream, "film", 10) as film:
        film.add(picture, marks)
        film.finish()
    assert notes == []
    wanted = annotate.annotate(picture, marks).astype(int)
    with Image.open(tmp_path / "out.jpg") as image:
        assert np.abs(np.asarray(image).astype(int) - wanted).mean() < 2
    [frame] = clips.read(tmp_path / "film")
    assert np.abs(frame.astype(int) - wanted).mean() < 4
