"""Show camera frames in a window, in a worker process that `capture.preview` starts.

Without a display, OpenCV's window system ends its whole process. The parent therefore never opens
a window.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from facecli.capture import annotate
from facecli.capture.marks import Mark, PixelBox, PreviewPicture
from facecli.errors.capture import NoDisplay

Rgb: TypeAlias = NDArray[np.uint8]

TITLE = "facecli"
LEAST_WIDTH = 640
"""Pixels. Smaller pictures are enlarged, so that letters stay readable."""
_ESCAPE, _QUIT = 27, ord("q")


def show_preview_worker() -> Callable[[PreviewPicture], bool]:
    """Open the window and return the function that shows a picture in it.

    That function returns False once the window was closed, or Escape or q was pressed in it.

    Raises:
        NoDisplay: no window can be opened.
    """
    if not os.environ.get("DISPLAY"):
        raise NoDisplay(why="DISPLAY is not set")
    cv2.setNumThreads(1)
    cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    size = (0, 0)

    def show(picture: PreviewPicture) -> bool:
        nonlocal size
        if size != (0, 0) and not _is_open():
            return False  # showing anything would open it again
        drawn = draw(picture)
        height, width = drawn.shape[:2]
        if (width, height) != size:  # otherwise keep the size that the user gave it
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


def draw(picture: PreviewPicture) -> Rgb:
    """Return the picture with its face outlined and the words in a band below it.

    (height, width, 3) uint8 RGB, at least `LEAST_WIDTH` wide.
    """
    rgb = np.asarray(picture.rgb, np.uint8)
    factor = max(LEAST_WIDTH / rgb.shape[1], 1.0)
    if factor > 1:
        rgb = np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor), np.uint8)
    kind: Literal["match", "no-match"] = "match" if picture.good else "no-match"
    marks = [Mark(_times(picture.box, factor), "", kind=kind)] if picture.box else []
    shown = annotate.annotate(rgb, marks)
    return np.vstack([shown, annotate.band(picture.words, rgb.shape[1], kind)])


def _times(box: PixelBox, factor: float) -> PixelBox:
    left, top, right, bottom = (round(side * factor) for side in box)
    return left, top, right, bottom
