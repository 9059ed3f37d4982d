"""`match --video --annotate DIR`: one picture a track, strangers blurred in each of them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests import clips
from tests.capture.mjpeg_server import mjpeg_camera
from tests.conftest import SAMPLE_DATA, Facecli, Run
from tests.smalldisk import on_small_disk

CLIP = SAMPLE_DATA / "video" / "passage.mp4"
PICTURES = ["track-0001.jpg", "track-0002.jpg", "track-0003.jpg"]


def watch(facecli: Facecli, folder: Path, *more: object, video: Path = CLIP) -> Run:
    arguments = ["--purpose", "gate", "--format", "json", "--annotate", folder]
    return facecli("match", "--video", video, *arguments, *more)


def pixels(path: Path) -> Any:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def inner(box: list[int]) -> tuple[slice, slice]:
    """The middle half of a box, where no frame or caption is drawn."""
    left, top, right, bottom = box
    wide, tall = (right - left) // 4, (bottom - top) // 4
    return np.s_[top + tall : bottom - tall, left + wide : right - wide]


def change(picture: Path, row: dict[str, Any]) -> float:
    """The change of a row's face in the picture of its own best frame."""
    where = inner(row["box"])
    before = clips.frames(CLIP)[row["frame"]].astype(int)
    return float(np.abs(before[where] - pixels(picture)[where]).mean())


def detail(picture: Path, row: dict[str, Any]) -> float:
    """The detail in a face: the mean step between two neighbouring pixels."""
    return float(np.abs(np.diff(pixels(picture)[inner(row["box"])], axis=1)).mean())


def test_each_track_is_a_picture_with_strangers_unrecognisable(
    enrolled: Facecli, tmp_path: Path
) -> None:
    run = watch(enrolled, tmp_path / "o")
    assert run.code == 0, run.err
    folder = tmp_path / "o"
    assert sorted(path.name for path in folder.iterdir()) == PICTURES
    assert folder.stat().st_mode & 0o777 == 0o700
    near, stranger, crossing = run.json()
    for name, row in zip(PICTURES, (near, stranger, crossing), strict=True):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
        assert pixels(folder / name).shape == (480, 640, 3)
        if row["decision"] == "match":
            assert change(folder / name, row) < 5, name
        else:
            assert change(folder / name, row) > 15, name


def test_who_is_beside_a_track_is_shown_only_if_known_by_then(
    enrolled: Facecli, tmp_path: Path
) -> None:
    """The unmatched track ends later, so that it is not known when the first is shown."""
    folder = tmp_path / "o"
    near, stranger, _ = watch(enrolled, folder).json()
    sharp = detail(folder / PICTURES[0], near)
    assert sharp > 3
    assert detail(folder / PICTURES[0], stranger) < sharp / 2


def test_who_has_matched_by_then_is_shown_beside_a_stranger(
    enrolled: Facecli, tmp_path: Path
) -> None:
    """The stranger stays when the other has gone; frames that are no better keep an early one."""
    [known], [stranger] = (
        clips.portrait(f"probes/{name}.jpg", 1) for name in ("gate-2", "stranger")
    )
    both, alone = (clips.beside(one, stranger) for one in (known, clips.nobody(known)))
    path = clips.clip(tmp_path / "c.mp4", [both] * 8, [alone] * 32)
    folder = tmp_path / "o"
    near, other = watch(enrolled, folder, video=path).json()
    assert (near["ref"], other["decision"]) == ("A-1002", "no-match")
    picture = folder / f"track-{other['track']:04}.jpg"
    assert other["frame"] < 8  # both are in it
    assert near["last_seconds"] < other["last_seconds"]
    sharp = detail(picture, near)
    assert sharp > 3
    assert detail(picture, other) < sharp / 2


def test_faces_without_a_match_stay_when_asked(enrolled: Facecli, tmp_path: Path) -> None:
    rows = watch(enrolled, tmp_path / "o", "--no-blur").json()
    assert max(change(tmp_path / "o" / PICTURES[row["track"] - 1], row) for row in rows) < 5


def test_names_are_written_only_when_asked(enrolled: Facecli, tmp_path: Path) -> None:
    """The caption above the box: as long as the ref and distance, or longer by the name."""
    near = watch(enrolled, tmp_path / "refs").json()[0]
    watch(enrolled, tmp_path / "names", "--show-names")
    left, top, right, _ = near["box"]
    widths = []
    for folder in ("refs", "names"):
        line = pixels(tmp_path / folder / PICTURES[0])[top - 20 : top - 4, left : right + 200]
        ground = (line < 60).all(axis=2).mean(axis=0) > 0.3
        widths.append(int(ground.sum()))
    assert widths[0] > 40
    assert widths[1] > widths[0] + 40


@pytest.mark.parametrize("size", [(160, 120), (1920, 1080)])
def test_other_sizes_are_drawn_too(
    enrolled: Facecli, tmp_path: Path, size: tuple[int, int]
) -> None:
    path = clips.clip(tmp_path / "c.mp4", clips.resized(clips.turn()[:12], size))
    [row] = watch(enrolled, tmp_path / "o", "--no-blur", video=path).json()
    picture = pixels(tmp_path / "o" / PICTURES[0])
    assert picture.shape == (size[1], size[0], 3)
    left, top, _, bottom = row["box"]
    edge = picture[(top + bottom) // 2, left - 2 : left + 4]
    assert np.abs(np.diff(edge, axis=0)).max() > 40  # the box


def test_a_purpose_that_nobody_agreed_to_blurs_everybody(enrolled: Facecli, tmp_path: Path) -> None:
    arguments = ["--purpose", "attendance", "--format", "json", "--max-seconds", 2]
    [row] = enrolled("match", "--video", CLIP, *arguments, "--annotate", tmp_path / "o").json()
    assert change(tmp_path / "o" / PICTURES[0], row) > 15


# -- what goes wrong ------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/proc", "/dev/null/o", "{tmp}/file/o"])
def test_a_place_that_takes_no_pictures_is_refused_before_anything_is_searched(
    enrolled: Facecli, tmp_path: Path, target: str
) -> None:
    (tmp_path / "file").write_text("mine")
    run = watch(enrolled, Path(target.format(tmp=tmp_path)))
    assert run.code == 74
    assert "could not be written" in run.err
    assert run.out == ""
    assert (tmp_path / "file").read_text() == "mine"
    logged = enrolled("log", "show", "-n", 9, "--format", "json").json()
    assert not [entry for entry in logged if entry["action"] in ("watch.match", "match")]


def test_a_picture_that_cannot_be_written_is_exit_74(enrolled: Facecli, tmp_path: Path) -> None:
    (tmp_path / "o" / PICTURES[1]).mkdir(parents=True)  # a folder is in its place
    run = watch(enrolled, tmp_path / "o")
    assert run.code == 74
    assert "Track 2: not annotated" in run.err
    assert [row["ref"] for row in run.json()] == ["A-1002", None, "A-1001"]
    assert (tmp_path / "o" / PICTURES[2]).is_file()


def test_a_full_disk_is_exit_74_and_leaves_no_half_picture(enrolled: Facecli) -> None:
    run, left = on_small_disk(
        enrolled, 48, "match", "--video", CLIP, "--purpose", "gate", "--annotate", "{disk}/o"
    )
    assert run.code == 74
    assert "Track 2: not annotated" in run.err
    assert "no space left on device" in run.err
    assert left == ["o", f"o/{PICTURES[0]}"]


def test_sigterm_leaves_the_pictures_of_who_was_there_and_nothing_else(
    enrolled: Facecli, tmp_path: Path
) -> None:
    pictures = [frame[:, :, ::-1] for frame in clips.frames(CLIP)[15:60]]
    folder = tmp_path / "o"
    arguments = ["match", "--purpose", "gate", "--format", "jsonl", "--annotate", str(folder)]
    with mjpeg_camera(rate=15, pictures=pictures) as camera:
        command = [sys.executable, "-m", "facecli", *enrolled.globals, *arguments]
        with subprocess.Popen(
            [*command, "--url", camera.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            try:
                assert process.stdout is not None
                process.stdout.readline()  # of a track that has ended; the clip goes on
                process.send_signal(signal.SIGTERM)
                rest, _ = process.communicate(timeout=60)
            finally:
                process.kill()
    assert process.returncode == 130
    expected = [f"track-{number:04}.jpg" for number in range(1, 2 + len(rest.splitlines()))]
    assert sorted(path.name for path in folder.iterdir()) == expected
    for name in expected:
        assert pixels(folder / name).shape == (480, 640, 3)
