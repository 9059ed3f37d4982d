"""A window that shows what the camera sees; runs in a worker process.

OpenCV's window system ends its whole process where there is no display, which is why this is
never done in the parent. See `capture.preview` for the other side.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from facecli.capture import annotate
from facecli.capture.marks import Box, Mark, Picture
from facecli.errors.capture import NoDisplay

Rgb: TypeAlias = NDArray[np.uint8]

TITLE = "facecli"
LEAST_WIDTH = 640
"""Pixels; smaller pictures are enlarged, so that letters stay readable."""
_ESCAPE, _QUIT = 27, ord("q")


def setup() -> Callable[[Picture], bool]:
    """Open the window; the function that shows a picture in it and says whether it is still
    wanted (neither closed, nor Escape or q pressed in it).

    Raises `NoDisplay`.
    """
    if not os.environ.get("DISPLAY"):
        raise NoDisplay(why="DISPLAY is not set")
    cv2.setNumThreads(1)
    cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    size = (0, 0)

    def show(picture: Picture) -> bool:
        nonlocal size
        if size != (0, 0) and not _is_open():
            return False  # showing anything would open it again
        drawn = draw(picture)
        height, width = drawn.shape[:2]
        if (width, height) != size:  # else the user's own size is left alone
            size = (width, height)
            cv2.resizeWindow(TITLE, width, height)
        cv2.imshow(TITLE, cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
        return cv2.waitKey(1) not in (_ESCAPE, _QUIT)

    return show


def _is_open() -> bool:
    try:
        return bool(cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1)
    except cv2.error:  # there is no window of that name any more
        return False


def draw(picture: Picture) -> Rgb:
    """(height, width, 3) RGB: the picture, its face outlined, the words in a band below it."""
    rgb = np.asarray(picture.rgb, np.uint8)
    factor = max(LEAST_WIDTH / rgb.shape[1], 1.0)
    if factor > 1:
        rgb = np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor), np.uint8)
    kind: Literal["match", "no-match"] = "match" if picture.good else "no-match"
    marks = [Mark(_times(picture.box, factor), "", kind=kind)] if picture.box else []
    shown = annotate.annotate(rgb, marks)
    return np.vstack([shown, annotate.band(picture.words, rgb.shape[1], kind)])


def _times(box: Box, factor: float) -> Box:
    left, top, right, bottom = (round(side * factor) for side in box)
    return left, top, right, bottom
