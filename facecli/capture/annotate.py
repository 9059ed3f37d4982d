"""Draw boxes and captions onto a picture, and make bystanders unrecognisable."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from facecli.capture import joined_letters
from facecli.capture.drawn_letters import parts_in_order_of_display
from facecli.capture.marks import Mark, PixelBox

Rgb: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), 0 to 255, red first."""

# Bluish green and vermilion of Okabe and Ito's palette, distinct with any colour vision.
_COLOURS = {"match": (0, 158, 115), "no-match": (213, 94, 0)}
_INK = (255, 255, 255)
_GROUND = (24, 24, 24)
_BLUR_CELLS = 4
_BLUR_MARGIN = 0.2
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def annotate(rgb: Rgb, marks: Sequence[Mark]) -> Rgb:
    """Return a copy of a (height, width, 3) uint8 RGB picture with every mark drawn.

    Lines and letters grow with the picture. Captions stay inside it, beside their box where there
    is room, and are shortened where there is not. A box may extend beyond the picture; one that
    lies completely outside is skipped.
    """
    picture = np.array(rgb, dtype=np.uint8, order="C")
    height, width = picture.shape[:2]
    shown = [(mark, _clip(mark.box, width, height)) for mark in marks]
    shown = [(mark, box) for mark, box in shown if _area(box) > 0]
    for mark in marks:
        hidden = _clip(mark.reach or mark.box, width, height)
        if mark.blur and _area(hidden) > 0:
            _blur(picture, hidden)
    line = max(1, round(max(width, height) / 500))
    for mark, box in shown:
        _outline(picture, box, _COLOURS[mark.kind], line)
    taken = [box for _, box in shown]
    for mark, box in shown:
        if mark.caption:
            taken.append(_caption(picture, box, mark, line, taken))
    return picture


def band(text: str, width: int, kind: Literal["match", "no-match"]) -> Rgb:
    """Return a band of text as (height, width, 3) uint8 RGB, wrapped between words.

    Letters grow with `width`, which is in pixels. `kind` gives the colour of the upper edge.
    """
    size = max(16, round(width / 28))
    pad = max(2, size // 3)
    rows: list[str] = []
    for word in _showable(text).split():
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and _text_width(longer, size) <= width - 4 * pad:
            rows[-1] = longer
        else:
            rows.append(word)
    # Always room for two lines, so that the size of the whole does not change.
    picture = np.full(
        (round(1.5 * size) * max(len(rows), 2) + 2 * pad, width, 3), _GROUND, np.uint8
    )
    picture[:pad] = _COLOURS[kind]
    for at, row in enumerate(rows):
        _write(picture, row, (2 * pad, 2 * pad + round(1.5 * size * at + size)), size)
    return picture


# -- bystanders ---------------------------------------------------------------------------


def _blur(picture: Rgb, box: PixelBox) -> None:
    """Replace the face and its surroundings by a blend of 4 x 4 average colours.

    Smooth blurs can be undone and fine mosaics recognised: McPherson et al., "Defeating Image
    Obfuscation with Deep Learning", 2016, identify faces in mosaics of 16 x 16, and less well of
    8 x 8. These 48 numbers hold no identity, however large the face was.
    """
    height, width = picture.shape[:2]
    left, top, right, bottom = box
    across = round((right - left) * _BLUR_MARGIN)
    down = round((bottom - top) * _BLUR_MARGIN)
    left, top, right, bottom = _clip(
        (left - across, top - down, right + across, bottom + down), width, height
    )
    face = picture[top:bottom, left:right]
    cells = cv2.resize(face, (_BLUR_CELLS, _BLUR_CELLS), interpolation=cv2.INTER_AREA)
    if min(face.shape[:2]) < _BLUR_CELLS:
        cells[:] = face.mean(axis=(0, 1))
    smooth = cv2.resize(cells, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    picture[top:bottom, left:right] = smooth


# -- lines and letters --------------------------------------------------------------------


def _outline(picture: Rgb, box: PixelBox, colour: tuple[int, int, int], line: int) -> None:
    """Draw a coloured frame with a dark rim, visible on any background."""
    left, top, right, bottom = box
    corners = (left, top), (right - 1, bottom - 1)
    cv2.rectangle(picture, *corners, _GROUND, line + 2 * max(1, line // 2))
    cv2.rectangle(picture, *corners, colour, line)


def _caption(
    picture: Rgb, box: PixelBox, mark: Mark, line: int, taken: Sequence[PixelBox]
) -> PixelBox:
    """Write the mark's caption where it covers the least of other marks; return its box."""
    height, width = picture.shape[:2]
    size = max(6, min(max(13, round(max(width, height) / 42)), height // 3))
    label = _label(mark.caption, size, width, _COLOURS[mark.kind], line)
    high, wide = min(label.shape[0], height), min(label.shape[1], width)
    left, top, right, bottom = box
    x = max(0, min(left, width - wide))
    other_x = max(0, min(right - wide, width - wide))
    places = [
        (place_x, max(0, min(place_y, height - high)))
        for place_y in (top - high, bottom, top, bottom - high)
        for place_x in (x, other_x)
    ]
    boxes = [(px, py, px + wide, py + high) for px, py in places]
    best = min(boxes, key=lambda place: sum(_area(_overlap(place, other)) for other in taken))
    picture[best[1] : best[3], best[0] : best[2]] = label[:high, :wide]
    return best


def _label(text: str, size: int, room: int, colour: tuple[int, int, int], line: int) -> Rgb:
    """Return the caption as a picture: light letters on dark, a coloured edge at the left."""
    edge = max(2, 2 * line)
    pad = max(2, size // 3)
    shown = _shortened(_showable(text), size, room - edge - 2 * pad)
    wide = edge + 2 * pad + _text_width(shown, size)
    label = np.full((round(1.5 * size), wide, 3), _GROUND, np.uint8)
    label[:, :edge] = colour
    _write(label, shown, (edge + pad, round(1.12 * size)), size)
    return label


def _write(picture: Rgb, text: str, origin: tuple[int, int], size: int) -> None:
    left, line = origin
    for part, joined in _parts(text):
        if joined:
            joined_letters.draw(picture, part, (left, line), _INK, size)
        else:
            # OpenCV's own font covers Latin, Greek, Cyrillic, Hebrew, Chinese, Japanese and Korean.
            # A wrapping range that is never reached: otherwise text at the edge would be wrapped.
            cv2.putText(picture, part, (left, line), _INK, _font(), size, 500, wrap=(0, 1 << 20))
        left += _part_width(part, joined, size)


def _text_width(text: str, size: int) -> int:
    return sum(_part_width(part, joined, size) for part, joined in _parts(text))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text from left to right, and whether `joined_letters` draws them.

    No font has both Arabic and Chinese, so that a text may need two.
    """
    if joined_letters.can_draw(text):
        yield text, True
        return
    for part, logical in parts_in_order_of_display(text):
        joined = joined_letters.can_draw(logical)
        yield logical if joined else part, joined


def _part_width(part: str, joined: bool, size: int) -> int:
    if joined:
        return joined_letters.width(part, size)
    left, _, width, _ = cv2.getTextSize(
        (1 << 20, 1 << 12), part, (0, 0), _font(), size, 500, wrap=(0, 1 << 20)
    )
    return int(left) + int(width) + 1


@lru_cache(maxsize=1)
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")


def _shortened(text: str, size: int, room: int) -> str:
    """Return as much of the text as fits into `room` pixels, with an ellipsis if it was cut."""
    if _text_width(text, size) <= room:
        return text
    fits, fails = 0, len(text)
    while fits + 1 < fails:
        middle = (fits + fails) // 2
        if _text_width(text[:middle] + "…", size) <= room:
            fits = middle
        else:
            fails = middle
    return text[:fits].rstrip() + "…"


def _showable(text: str) -> str:
    """Return the text on one line, with invisible characters and missing glyphs as escapes."""
    line = unicodedata.normalize("NFC", text)[:500]
    if joined_letters.can_draw(line) and not any(map(_is_unshown, line)):
        return line
    return "".join(map(_shown, line))


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    if " " <= char <= "~":
        return char
    if _is_unshown(char) or not _has_glyph(char):
        return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
    return char


def _is_unshown(char: str) -> bool:
    return unicodedata.category(char) in _UNSHOWN


def _has_glyph(char: str) -> bool:
    """Return True if the font has the character; OpenCV draws a question mark if not."""
    return not np.array_equal(_drawn(char), _drawn("?"))


def _drawn(char: str) -> Rgb:
    picture = np.zeros((40, 60, 3), np.uint8)
    _write(picture, char, (10, 30), 20)
    return picture


# -- boxes --------------------------------------------------------------------------------


def _clip(box: PixelBox, width: int, height: int) -> PixelBox:
    return _overlap(box, (0, 0, width, height))


def _overlap(one: PixelBox, other: PixelBox) -> PixelBox:
    return (
        max(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        min(one[3], other[3]),
    )


def _area(box: PixelBox) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])
