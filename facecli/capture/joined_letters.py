"""Arabic letters as they are written: joined, by Pillow with Raqm, in a font of the system.

OpenCV's own font has them too, and OpenCV does not join them. It draws what this file cannot.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

from facecli.capture.drawn_letters import has_joining
from facecli.capture.font_places import FONTS

_NO_LETTER = "\uffff"
_PROBE_SIZE = 20


def font_file() -> Path | None:
    """Return the file of the font, or None if there is none or if Pillow cannot join letters."""
    if not (features.check("raqm") and features.check("fribidi")):
        return None
    return next((path for path in map(Path, FONTS) if path.is_file()), None)


def can_draw(text: str) -> bool:
    """Return True if the text has Arabic letters, and the font has each of its letters."""
    return has_joining(text) and _font(_PROBE_SIZE) is not None and all(map(_has_glyph, text))


def width(text: str, size: int) -> int:
    """Return the width in pixels of a text that `can_draw`, with letters of `size` pixels."""
    return int(np.ceil(_known(size).getlength(text))) + 1


def draw(
    picture: NDArray[np.uint8], text: str, origin: tuple[int, int], ink: tuple[int, int, int],
    size: int,
) -> None:  # fmt: skip
    """Write a text that `can_draw` onto a picture, which it changes.

    Args:
        picture: (height, width, 3) uint8 RGB, 0 to 255.
        origin: x and y in pixels of the left end of the line on which the letters stand.
        ink: red, green and blue of the letters, 0 to 255.
        size: of the letters in pixels.
    """
    image = Image.fromarray(picture)
    ImageDraw.Draw(image).text(origin, text, ink, _known(size), anchor="ls")
    picture[:] = np.asarray(image)


def warm_up() -> None:
    """Read the font and load the libraries, for a worker that will open no file any more."""
    if can_draw("\u0645"):
        draw(np.zeros((8, 8, 3), np.uint8), "\u0645", (0, 8), (255, 255, 255), _PROBE_SIZE)


@lru_cache(maxsize=1)
def _data() -> bytes | None:
    file = font_file()
    try:
        return None if file is None else file.read_bytes()
    except OSError:  # this user may not read it
        return None


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    data = _data()
    if data is None:
        return None
    try:
        return ImageFont.truetype(BytesIO(data), size, layout_engine=ImageFont.Layout.RAQM)
    except OSError:  # it is damaged
        return None


def _known(size: int) -> ImageFont.FreeTypeFont:
    font = _font(size)
    if font is None:
        raise ValueError("no font is there: ask can_draw first")
    return font


@lru_cache(maxsize=4096)
def _has_glyph(char: str) -> bool:
    font = _known(_PROBE_SIZE)
    return bytes(font.getmask(char)) != bytes(font.getmask(_NO_LETTER))
