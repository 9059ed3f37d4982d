"""An X server without a screen, whose picture can be read."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facecli.capture.marks import PreviewPicture

needs_xvfb = pytest.mark.skipif(
    shutil.which("Xvfb") is None, reason="needs the Debian package xvfb"
)


@dataclass(frozen=True)
class Display:
    """A running X server: its name for DISPLAY, and where it keeps its picture."""

    name: str
    framebuffer: Path

    def screenshot(self) -> NDArray[np.uint8]:
        """(height, width, 3) RGB. The file is an X window dump (X11/XWDFile.h)."""
        content = self.framebuffer.read_bytes()
        header = struct.unpack(">25I", content[:100])
        size, width, height, line, colours = (header[at] for at in (0, 4, 5, 12, 19))
        pixels = np.frombuffer(content, np.uint8, line * height, size + 12 * colours)
        return pixels.reshape(height, line // 4, 4)[:, :width, 2::-1]


@contextmanager
def display(folder: Path) -> Iterator[Display]:
    """Start Xvfb on a free number, with a screen of 1600 x 1200."""
    ready, told = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(told), "-screen", "0", "1600x1200x24", "-nocursor",
         "-nolisten", "tcp", "-fbdir", str(folder)],
        pass_fds=[told], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(told)
    with os.fdopen(ready) as line:
        number = line.readline().strip()
    try:
        yield Display(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(30)


def closed_after_the_third() -> Callable[[PreviewPicture], bool]:
    """The preview's work, in a window that its user closes after the third picture."""
    import cv2

    from facecli.capture import preview_worker

    show, count = preview_worker.show_preview_worker(), 0

    def task(picture: PreviewPicture) -> bool:
        nonlocal count
        wanted = show(picture)
        count += 1
        if count == 3:
            cv2.destroyWindow(preview_worker.TITLE)
        return wanted

    return task
