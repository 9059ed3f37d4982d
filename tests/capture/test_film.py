"""Making an annotated video: frames and marks go in, an MP4 that plays comes out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facecli.capture.film import Film
from facecli.capture.marks import Mark
from facecli.errors.command_line import OutputFailed
from tests import clips
from tests.workers.processes import children_from_now_on

Rgb = NDArray[np.uint8]
BLUE, RED = (30, 60, 200), (200, 40, 40)


def plain(size: tuple[int, int], colour: tuple[int, int, int]) -> Rgb:
    return np.full((size[1], size[0], 3), colour, np.uint8)


def made(path: Path, frames: Sequence[Rgb], marks: Sequence[Mark] = (), rate: float = 10) -> None:
    with path.open("wb") as stream, Film(stream, str(path), rate) as film:
        for frame in frames:
            film.add(frame, marks)
        film.finish()


@pytest.mark.parametrize("size", [(16, 16), (160, 120), (333, 251), (640, 480), (1920, 1080)])
def test_frames_come_out_as_they_went_in(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "film"  # whatever it is called: the file may have no name at all
    made(path, [plain(size, BLUE)] * 3 + [plain(size, RED)] * 2)
    frames = clips.read(path)
    assert len(frames) == 5
    width, height = size[0] // 2 * 2, size[1] // 2 * 2  # what the codec halves must be even
    for frame, colour in zip(frames, (BLUE, BLUE, BLUE, RED, RED), strict=True):
        assert frame.shape == (height, width, 3)
        assert np.abs(frame.astype(int).mean(axis=(0, 1)) - colour).max() < 6


@pytest.mark.parametrize("rate", [0.5, 14.985, 23.976, 29.97002997, 59.94, 119.88, 1000])
def test_it_has_the_rate_of_the_original(tmp_path: Path, rate: float) -> None:
    path = tmp_path / "film.mp4"
    made(path, [plain((64, 48), BLUE)] * 4, rate=rate)
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(rate, rel=0.001)
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 4


def test_what_is_marked_is_blurred_in_all_of_its_reach(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    fine = np.kron(noise[::8, ::8], np.ones((8, 8, 1), np.uint8))  # what the codec keeps
    mark = Mark((100, 100, 140, 140), "", blur=True, reach=(40, 40, 200, 200))
    made(tmp_path / "f.mp4", [fine], [mark])
    [frame] = clips.read(tmp_path / "f.mp4")
    steps = np.abs(np.diff(frame.astype(int), axis=1)).mean(axis=2)
    assert steps[145:195, 45:195].mean() < 2
    assert steps[50:190, 250:310].mean() > 5


def test_a_mark_outside_may_reach_into_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "f.mp4"
    half = plain((320, 240), BLUE)
    half[:, ::16] = RED
    made(path, [half], [Mark((-90, 100, -10, 200), "", blur=True, reach=(-90, 60, 120, 200))])
    [frame] = clips.read(path)
    assert np.abs(np.diff(frame[80:180, 4:100].astype(int), axis=1)).max() < 30
    assert np.abs(np.diff(frame[80:180, 200:300].astype(int), axis=1)).max() > 30


def test_frames_of_another_size_are_fitted(tmp_path: Path) -> None:
    made(tmp_path / "f.mp4", [plain((64, 48), BLUE), plain((128, 96), RED)])
    assert [frame.shape for frame in clips.read(tmp_path / "f.mp4")] == [(48, 64, 3)] * 2


def test_a_film_without_a_frame_is_none(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed):
        made(tmp_path / "f.mp4", [])


def test_nothing_is_written_beside_it_but_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link leads OpenCV, which opens a film by its path, to the descriptor of the film."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))  # of the process that encodes
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))  # of this one, if it is known already
    path = tmp_path / "f.mp4"
    with path.open("wb") as stream, Film(stream, str(path), 10) as film:
        for _ in range(3):
            film.add(plain((64, 48), BLUE), ())
        [folder] = temporary.iterdir()
        assert [one.is_symlink() for one in folder.iterdir()] == [True]
    assert list(temporary.iterdir()) == []
    assert sorted(one.name for one in tmp_path.iterdir()) == ["f.mp4", "tmp"]


def test_its_process_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "f.mp4"
    started = children_from_now_on()
    with path.open("wb") as stream, Film(stream, str(path), 10) as film:
        film.add(plain((64, 48), BLUE), ())
        assert len(started()) == 1
    assert started() == set()
