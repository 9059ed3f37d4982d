"""`match --video --annotate FILE.mp4`: the whole video, everybody without a match blurred."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from facecli.recognition.engines import engine
from sample_data.make_turn import head_of
from tests import clips
from tests.conftest import PROJECT, SAMPLE_DATA, Facecli, Run
from tests.smalldisk import on_small_disk

CLIP = SAMPLE_DATA / "video" / "passage.mp4"
Rows = list[dict[str, Any]]


def watch(facecli: Facecli, film: Path, *more: object, video: Path = CLIP) -> Run:
    arguments = ["--purpose", "gate", "--format", "json", "--annotate", film]
    return facecli("match", "--video", video, *arguments, *more)


def change(before: Any, after: Any, box: list[int]) -> float:
    """The mean change in the middle half of a box."""
    left, top, right, bottom = box
    wide, tall = (right - left) // 4, (bottom - top) // 4
    where = np.s_[top + tall : bottom - tall, left + wide : right - wide]
    return float(np.abs(before[where].astype(int) - after[where]).mean())


def best(film: Path, rows: Rows) -> list[float]:
    """The change of each track's face in its best frame."""
    before, after = clips.frames(CLIP), clips.read(film)
    return [change(before[row["frame"]], after[row["frame"]], row["box"]) for row in rows]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what this module's tests make once."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def shown(enrolled: Facecli, made: Path) -> tuple[Path, Rows]:
    """The film of the clip, and the rows of the search; made once, and only read."""
    film, rows = made / "film.mp4", made / "rows.json"
    if not rows.exists():
        run = watch(enrolled, film)
        assert run.code == 0, run.err
        rows.write_text(run.out)
    return film, json.loads(rows.read_text())


def test_the_video_is_shown_with_strangers_unrecognisable(shown: tuple[Path, Rows]) -> None:
    film, rows = shown
    assert film.stat().st_mode & 0o777 == 0o600
    near, stranger, crossing = best(film, rows)
    assert max(near, crossing) < 8
    assert stranger > 15
    capture = cv2.VideoCapture(str(film), cv2.CAP_FFMPEG)
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(15)
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 89  # up to the last look, at frame 88
    assert sorted(path.name for path in film.parent.iterdir()) == ["film.mp4", "rows.json"]


def test_a_stranger_is_blurred_at_every_frame_between_two_looks(
    enrolled: Facecli, tmp_path: Path
) -> None:
    """A face as large as the box found every frame, looked at anew, is nowhere to be found."""
    film = tmp_path / "film.mp4"
    assert watch(enrolled, film, "--every", 5).code == 0
    before, after = clips.frames(CLIP), clips.read(film)
    detector = cv2.FaceDetectorYN.create(
        str(PROJECT / "facecli/models/face_detection_yunet_2023mar_int8bq.onnx"),
        "", (640, 480), score_threshold=0.7,
    )  # fmt: skip
    checked = 0
    for number in range(36, 86):
        found = detector.detect(cv2.cvtColor(before[number], cv2.COLOR_RGB2BGR))[1]
        for left, top, width, height in [] if found is None else found[:, :4].astype(int):
            if 380 < left + width / 2 < 520 and width < 110:  # where the stranger stands
                box = [left, top, left + width, top + height]
                assert change(before[number], after[number], box) > 12, number
                checked += 1
    assert checked > 25


def test_faces_without_a_match_stay_when_asked(enrolled: Facecli, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    assert max(best(film, watch(enrolled, film, "--no-blur").json())) < 8


def test_nobody_is_shown_for_a_purpose_that_nobody_agreed_to(
    enrolled: Facecli, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    arguments = ["--format", "json", "--annotate", film, "--max-seconds", 2.2]
    run = enrolled("match", "--video", CLIP, "--purpose", "attendance", *arguments)
    assert min(best(film, run.json())) > 15
    assert len(clips.read(film)) == 33  # frame 32, at 2.13 seconds, was looked at last


def test_names_are_written_only_when_asked(
    enrolled: Facecli, tmp_path: Path, shown: tuple[Path, Rows]
) -> None:
    refs, [near, *_] = shown
    watch(enrolled, tmp_path / "names.mp4", "--show-names")
    left, top, right, _ = near["box"]
    widths = []
    for film in (refs, tmp_path / "names.mp4"):
        line = clips.read(film)[near["frame"]][top - 20 : top - 4, left : min(right + 200, 640)]
        widths.append(int(((line < 60).all(axis=2).mean(axis=0) > 0.3).sum()))
    assert widths[0] > 40
    assert widths[1] > widths[0] + 40


@pytest.mark.parametrize(("size", "rotate"), [((160, 120), 0), ((1920, 1080), 0), ((640, 480), 90)])
def test_any_size_and_rotation(
    enrolled: Facecli, tmp_path: Path, size: tuple[int, int], rotate: int
) -> None:
    upright = [np.rot90(rgb, rotate // 90) for rgb in clips.resized(clips.turn()[:7], size)]
    path = clips.clip(tmp_path / "c.mp4", upright)
    film = tmp_path / "film.mp4"
    run = watch(enrolled, film, "--rotate", rotate, video=path)
    assert run.code == 0, run.err
    assert [row["decision"] for row in run.json()] == ["no-match"]  # of him nobody has a template
    [before, *_], [after, *_] = list(clips.resized(clips.turn()[:1], size)), clips.read(film)
    assert after.shape == (size[1], size[0], 3)
    assert change(before, after, run.json()[0]["box"]) > 12


def test_a_video_that_breaks_off_is_shown_as_far_as_it_goes(
    enrolled: Facecli, tmp_path: Path
) -> None:
    path = clips.container(tmp_path / "clip.mp4", clips.frames(CLIP)[6:66])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    run = watch(enrolled, tmp_path / "film.mp4", video=path)
    assert run.code == 3
    assert 10 < len(clips.read(tmp_path / "film.mp4")) < 60


# -- what goes wrong ------------------------------------------------------------------------


def logged(facecli: Facecli) -> list[str]:
    shown = facecli("log", "show", "-n", 100, "--format", "json").json()
    return [entry["action"] for entry in shown if entry["action"] in ("match", "watch.match")]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--url", "http://127.0.0.1:9/", "--annotate", "{tmp}/film.mp4"], "name a folder"),
        (["--device", "0", "--annotate", "{tmp}/film.mp4"], "name a folder"),
        ([SAMPLE_DATA, "--annotate", "{tmp}/film.mp4"], "not for image files: name a folder"),
        (["--video", CLIP, "--annotate", "{tmp}/film.avi"], "an annotated video is an MP4"),
        (["--video", CLIP, "--annotate", "{tmp}/text"], "it is a file; name a folder"),
    ],
)
def test_what_cannot_be_shown_there_is_a_usage_error(
    enrolled: Facecli, tmp_path: Path, arguments: list[object], why: str
) -> None:
    (tmp_path / "text").write_text("mine")
    given = [str(one).format(tmp=tmp_path) for one in arguments]
    run = enrolled("match", "--purpose", "gate", *given)
    assert run.code == 2
    assert why in " ".join(run.err.split())
    assert logged(enrolled) == []
    assert not list(tmp_path.glob("film*"))


@pytest.mark.parametrize("target", ["/proc/film.mp4", "{tmp}/nowhere/film.mp4", "{tmp}/null.mp4"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_searched(
    enrolled: Facecli, tmp_path: Path, target: str
) -> None:
    (tmp_path / "null.mp4").symlink_to("/dev/null")
    run = watch(enrolled, Path(target.format(tmp=tmp_path)))
    assert run.code == 74
    assert "could not be written" in run.err
    assert run.out == ""
    assert logged(enrolled) == []


def test_a_film_never_replaces_the_video_it_shows(enrolled: Facecli, tmp_path: Path) -> None:
    shutil.copy(CLIP, tmp_path / "clip.mp4")
    (tmp_path / "same.mp4").symlink_to("clip.mp4")
    run = watch(enrolled, tmp_path / "same.mp4", video=tmp_path / "clip.mp4")
    assert run.code == 2
    assert (tmp_path / "clip.mp4").read_bytes() == CLIP.read_bytes()
    assert logged(enrolled) == []


def test_an_older_film_is_replaced_only_by_a_whole_one(enrolled: Facecli, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_text("older")
    assert watch(enrolled, film, video=tmp_path / "nowhere.mp4").code == 1
    assert film.read_text() == "older"
    assert watch(enrolled, film, "--max-seconds", 1).code == 0
    assert len(clips.read(film)) == 15


@pytest.mark.parametrize("kilobytes", [4, 400])
def test_a_full_disk_is_exit_74_and_leaves_nothing(enrolled: Facecli, kilobytes: int) -> None:
    run, left = on_small_disk(
        enrolled, kilobytes,
        "match", "--video", CLIP, "--purpose", "gate", "--format", "json",
        "--annotate", "{disk}/film.mp4",
    )  # fmt: skip
    assert run.code == 74, run.err
    assert "film.mp4 could not be written: the disk is full" in run.err
    assert left == []
    assert len(run.json()) == 3  # what was found is reported all the same


def test_a_video_that_changes_meanwhile_is_not_shown(enrolled: Facecli, tmp_path: Path) -> None:
    """Its faces would be elsewhere. The change comes when the first pass has told its rows."""
    path, film = tmp_path / "clip.mp4", tmp_path / "film.mp4"
    shutil.copy(CLIP, path)
    with running(enrolled, path, film) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.utime(path)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 74
    assert b"changed after it was searched" in said
    assert not film.exists()


def running(facecli: Facecli, video: Path, film: Path) -> subprocess.Popen[bytes]:
    arguments = ["match", "--video", video, "--purpose", "gate", "--format", "jsonl"]
    command = [sys.executable, "-m", "facecli", *facecli.globals, *arguments, "--annotate", film]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize(
    ("number", "rows"),
    [(signal.SIGINT, 1), (signal.SIGTERM, 3)],
    ids=["SIGINT, first pass", "SIGTERM, second pass"],
)
def test_an_interruption_leaves_nothing(
    enrolled: Facecli, tmp_path: Path, rows: int, number: signal.Signals
) -> None:
    """The first row comes amid the first pass, the last one when it ends."""
    path, film = tmp_path / "clip.mp4", tmp_path / "films" / "film.mp4"
    film.parent.mkdir()
    clips.clip(path, clips.frames(CLIP)[:60] if rows == 1 else clips.frames(CLIP))
    with running(enrolled, path, film) as process:
        assert process.stdout is not None
        for _ in range(rows):
            process.stdout.readline()
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert list(film.parent.iterdir()) == []


def test_a_stranger_in_a_known_persons_place_is_blurred(enrolled: Facecli, tmp_path: Path) -> None:
    """As a cut in the film would put one: place alone would take them for the one before."""
    names = ("enrol/A-1002.jpg", "enrol/A-1001.jpg")  # their eyes in the same place
    known, stranger = (head_of(SAMPLE_DATA / name).picture for name in names)
    # A better face would be compared anyway.
    stranger = np.asarray(cv2.GaussianBlur(stranger, (0, 0), 2.5), np.uint8)
    [box] = [face.box for face in engine.load("sface").detect(stranger)]
    enrolled("revoke", "A-1001", "--yes")
    parts = [known] * 12, [stranger] * 5, [known] * 12
    video = clips.clip(tmp_path / "cut.mp4", *parts)
    run = watch(enrolled, tmp_path / "film.mp4", "--every", 1, video=video)
    assert run.code == 0, run.err
    assert run.json()[0]["ref"] == "A-1002"
    before, after = clips.frames(video), clips.read(tmp_path / "film.mp4")
    for number in range(12, 17):
        assert change(before[number], after[number], list(box)) > 15
    for number in (0, 5, 28):
        assert change(before[number], after[number], list(box)) < 8


def test_looks_too_far_apart_are_refused_and_nothing_is_searched(
    enrolled: Facecli, tmp_path: Path
) -> None:
    run = watch(enrolled, tmp_path / "film.mp4", "--every", 50)
    assert run.code == 2
    assert "at 15 frames per second give 6 or less" in run.err
    assert list(tmp_path.glob("film*")) == []
    last = enrolled("log", "show", "-n", "1", "--format", "json").json()
    assert last[0]["action"] != "match"
