"""The preview: a real window on a real X server, compared with what it should show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from facecli.capture import preview_worker
from facecli.capture.marks import PreviewPicture
from facecli.capture.preview import Preview
from facecli.errors.capture import NoDisplay
from facecli.errors.command_line import Interrupted
from facecli.recognition.guided_capture.guidance import WORDS
from tests.display import Display, closed_after_the_third, display, needs_xvfb

GREEN, VERMILION = (0, 158, 115), (213, 94, 0)
BOX = (200, 120, 360, 330)
GREY = np.full((480, 640, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    with display(tmp_path_factory.mktemp("screen")) as found:
        yield found


def outline(rgb: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, ...]:
    """The box around all pixels of that colour above the band of words: an outline's place."""
    rows, columns = np.nonzero((rgb[:470] == colour).all(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@needs_xvfb
@pytest.mark.parametrize(("good", "colour"), [(True, GREEN), (False, VERMILION)])
def test_the_face_is_outlined_on_the_screen(
    screen: Display, monkeypatch: pytest.MonkeyPatch, good: bool, colour: tuple[int, int, int]
) -> None:
    monkeypatch.setenv("DISPLAY", screen.name)
    picture = PreviewPicture(GREY, "Come closer.", BOX, good)
    wanted = preview_worker.draw(picture)
    shown = None
    for _ in range(3):  # without a window manager, on a busy machine, Qt may never paint a window
        with Preview() as preview:
            # The server places and paints it in its own time: the same again until it is there.
            for _ in preview.follow((number, picture) for number in range(400)):
                if (shown := found(screen.screenshot(), wanted, colour)) is not None:
                    break
        if shown is not None:
            break
    assert shown is not None, "the window never showed the picture"
    assert outline(shown, colour) == BOX


def found(screenshot: np.ndarray, wanted: np.ndarray, colour: tuple[int, int, int]) -> Any:
    """The part of the screen that is as large as `wanted` and has its first pixel of a colour in
    the same place; None if that is not all on the screen, or something else is in it."""
    height, width = wanted.shape[:2]
    places = [np.argwhere((picture == colour).all(axis=2)) for picture in (screenshot, wanted)]
    if not len(places[0]):
        return None
    top, left = (places[0].min(axis=0) - places[1].min(axis=0)).clip(0)
    part = screenshot[top : top + height, left : left + width]
    return part if np.array_equal(part, wanted) else None


@needs_xvfb
def test_closing_the_window_interrupts(screen: Display, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", screen.name)
    monkeypatch.setattr("facecli.capture.preview._show_preview_worker", closed_after_the_third)
    with Preview() as preview:  # which is the first picture: the camera is being opened
        shown = preview.follow((number, PreviewPicture(GREY, "x")) for number in range(9))
        assert [next(shown), next(shown)] == [0, 1]
        with pytest.raises(Interrupted):
            next(shown)


@pytest.mark.parametrize("name", [None, ":173"])
def test_without_a_display_it_says_so(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    if name is None:
        monkeypatch.delenv("DISPLAY", raising=False)
    else:
        monkeypatch.setenv("DISPLAY", name)
    with pytest.raises(NoDisplay, match="without --preview"), Preview():
        pass


@pytest.mark.parametrize("width", [160, 640, 1920])
def test_words_are_as_large_at_any_size(width: int) -> None:
    """Letters take the same share of the picture's width, and none is cut off."""
    rgb = np.full((width * 3 // 4, width, 3), 128, np.uint8)
    drawn = preview_worker.draw(PreviewPicture(rgb, WORDS["sharpen"], None, True))
    factor = max(640 / width, 1)
    band = drawn[round(rgb.shape[0] * factor) :]
    ink = np.argwhere((band > 200).all(axis=2))
    assert drawn.shape[1] == max(width, 640)
    tall = (ink[:, 0].max() - ink[:, 0].min()) / drawn.shape[1]
    assert 0.05 < tall < 0.11  # two lines
    assert 0.01 * drawn.shape[1] < ink[:, 1].min()
    assert ink[:, 1].max() < 0.99 * drawn.shape[1]


def test_a_small_picture_is_enlarged_with_its_box() -> None:
    rgb = np.full((240, 320, 3), 128, np.uint8)
    drawn = preview_worker.draw(PreviewPicture(rgb, "x", (100, 60, 180, 165), True))
    assert outline(drawn, GREEN) == (200, 120, 360, 330)
