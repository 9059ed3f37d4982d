"""`match --video`, `--url`: the sample clip as a file, over HTTP and over RTSP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests import clips
from tests.capture.mjpeg_server import MjpegCamera, mjpeg_camera
from tests.capture.rtsp_camera import require_rtsp_server, rtsp_server, write_raw
from tests.conftest import SAMPLE_DATA, Facecli, Run

CLIP = SAMPLE_DATA / "video/passage.mp4"
VIDEO_FIELDS = {
    "schema", "path", "track", "first_seconds", "last_seconds", "frame", "face", "box", "quality",
    "decision", "rank", "ref", "name", "distance", "threshold", "reason", "engine",
    "calibration",
}  # fmt: skip


@pytest.fixture(scope="session")
def pictures() -> list[Any]:
    """The clip's frames, BGR."""
    capture = cv2.VideoCapture(str(CLIP), cv2.CAP_FFMPEG)
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    assert len(frames) == 90
    return frames


@pytest.fixture
def passing(pictures: list[Any]) -> Iterator[MjpegCamera]:
    """A network camera that shows the clip again and again."""
    with mjpeg_camera(rate=15, login="guard:s3cret", pictures=pictures) as camera:
        yield camera


def watch(facecli: Facecli, *more: object) -> Run:
    return facecli("match", "--purpose", "gate", "--format", "json", *more)


def entries(facecli: Facecli, *actions: str) -> list[dict[str, Any]]:
    shown = facecli("log", "show", "-n", 100, "--format", "json").json()
    return [entry for entry in shown if entry["action"] in actions]


# -- files ----------------------------------------------------------------------------------


def test_every_second_frame_dark_hides_nobody(enrolled: Facecli, tmp_path: Path) -> None:
    path = clips.strobe(tmp_path / "strobe.mp4", clips.portrait("probes/gate-2.jpg", 20), 20)
    [row] = watch(enrolled, "--video", path).json()
    assert (row["ref"], row["decision"]) == ("A-1002", "match")


def test_a_film_that_is_upside_down_says_how_to_turn_it(enrolled: Facecli, tmp_path: Path) -> None:
    pictures = [rgb[::-1, ::-1] for rgb in clips.portrait("probes/gate-2.jpg", 12)]
    path = clips.clip(tmp_path / "c.mp4", pictures)
    done = watch(enrolled, "--video", path)
    assert (done.code, {row["ref"] for row in done.json()}) == (0, {None})
    assert "Turn the frames clockwise by 180 degrees with --rotate." in done.err
    [row] = (turned := watch(enrolled, "--video", path, "--rotate", 180)).json()
    assert (row["ref"], "--rotate" in turned.err) == ("A-1002", False)


@pytest.mark.parametrize("angle", [90, 270])
def test_a_film_on_its_side_says_how_to_turn_it(
    enrolled: Facecli, tmp_path: Path, angle: int
) -> None:
    """Lying faces are found rarely or never."""
    pictures = [np.rot90(rgb, angle // 90) for rgb in clips.portrait("probes/gate-2.jpg", 12)]
    path = clips.clip(tmp_path / "c.mp4", pictures)
    done = watch(enrolled, "--video", path)
    assert (done.code, {row["ref"] for row in done.json()} - {None}) == (0, set())
    assert done.err.count(f"clockwise by {angle} degrees with --rotate.") == 1
    [row] = (turned := watch(enrolled, "--video", path, "--rotate", angle)).json()
    assert (row["ref"], "--rotate" in turned.err) == ("A-1002", False)


def test_a_black_video_is_said_to_be_too_dark(enrolled: Facecli, tmp_path: Path) -> None:
    black = [np.zeros((480, 640, 3), np.uint8)] * 5
    run = watch(enrolled, "--video", clips.strobe(tmp_path / "black.mp4", black, 10))
    assert run.json() == []
    assert "5 frames of 5 too dark to show a face (`too-dark`). Check the lens" in run.err


def test_each_passer_is_one_row_and_one_search_in_the_log(enrolled: Facecli) -> None:
    run = watch(enrolled, "--video", CLIP, "--case", "2026-117")
    assert run.code == 0, run.err
    rows = run.json()
    assert [(row["track"], row["ref"], row["decision"]) for row in rows] == [
        (1, "A-1002", "match"),
        (2, None, "no-match"),
        (3, "A-1001", "match"),
    ]
    for row in rows:
        assert set(row) == VIDEO_FIELDS
        assert row["path"] == str(CLIP)
        assert row["first_seconds"] < row["frame"] / 15 + 0.01
        assert row["frame"] / 15 <= row["last_seconds"] + 0.01
    near, stranger, crossing = rows
    assert 0.3 <= near["first_seconds"] <= 1.0
    assert 2.3 <= near["last_seconds"] <= 2.7
    assert stranger["first_seconds"] < crossing["first_seconds"] < stranger["last_seconds"]
    assert "3 faces followed: 2 matched, 1 unknown and forgotten" in run.err
    [begun] = entries(enrolled, "watch.match")
    assert begun["details"]["source"] == "video"
    searches = entries(enrolled, "match")
    assert {entry["details"]["case"] for entry in [begun, *searches]} == {"2026-117"}
    assert [entry["details"]["faces"] for entry in searches] == [1, 1, 1]
    assert sum(entry["details"]["matches"] for entry in searches) == 2


def test_nobody_is_recognised_for_a_purpose_that_nobody_agreed_to(enrolled: Facecli) -> None:
    only = ["--max-seconds", 1.5, "--every", 5, "--format", "json"]
    [row] = enrolled("match", "--video", CLIP, "--purpose", "attendance", *only).json()
    assert row["decision"] == "no-match"


def test_it_ends_after_the_seconds_that_were_asked_for(enrolled: Facecli) -> None:
    run = watch(enrolled, "--video", CLIP, "--max-seconds", 1.5, "--every", 3)
    [row] = run.json()
    assert row["ref"] == "A-1002"
    assert row["last_seconds"] <= 1.5
    assert row["frame"] % 3 == 0
    assert run.err.startswith("8 frames analysed")  # frames 0 to 21 of 15 a second


def test_a_video_without_a_face_gives_an_empty_list(enrolled: Facecli, tmp_path: Path) -> None:
    path = tmp_path / "empty.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for _ in range(5):
        writer.write(np.zeros((240, 320, 3), np.uint8))
    writer.release()
    run = watch(enrolled, "--video", path)
    assert (run.code, run.json()) == (0, [])


def test_what_is_no_video_is_refused_and_nothing_is_logged(
    enrolled: Facecli, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(CLIP.read_bytes()[:5000])
    run = watch(enrolled, "--video", path)
    assert run.code == 1
    assert "cannot be read as a video" in run.err
    assert entries(enrolled, "watch.match", "match") == []


@pytest.mark.parametrize("kind", ["mp4", "mkv", "avi"])
def test_a_video_that_breaks_off_is_matched_as_far_as_it_goes(
    enrolled: Facecli, tmp_path: Path, kind: str
) -> None:
    path = clips.container(tmp_path / f"clip.{kind}", clips.frames(CLIP)[6:66])
    assert len(clips.read(path)) == 60
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    run = watch(enrolled, "--video", path)
    assert run.code == 3
    assert f"{path} ends after" in run.err
    assert "Copy the file again" in run.err
    assert run.json()[0]["ref"] == "A-1002"
    assert watch(enrolled, "--video", path, "--max-seconds", 1).code == 0  # it is whole up to there


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--video", CLIP, "--device", "0"], "give one of"),
        ([CLIP, "--video", CLIP], "not both"),
        (["--video", CLIP, "--recursive"], "for image files, not for frames"),
        ([SAMPLE_DATA, "--every", "3"], "for frames, not for image files"),
        ([], "name images, or frames"),
        (["--video", CLIP, "--size", "640x480"], "for a camera of this machine"),
        (["--device", "0", "--size", "640"], "not a size such as"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    enrolled: Facecli, arguments: list[object], why: str
) -> None:
    run = watch(enrolled, *arguments)
    assert run.code == 2
    assert why in " ".join(run.err.split())


def test_a_camera_that_is_not_there_is_told_at_once(enrolled: Facecli) -> None:
    run = watch(enrolled, "--device", "99")
    assert run.code == 1
    assert "/dev/video99 delivers no pictures: no such file" in run.err


@pytest.mark.parametrize("url", ["file:///etc/passwd", "concat:a|b", "/etc/passwd", "rtsp://"])
def test_an_address_that_is_no_cameras_is_refused_unsaid(enrolled: Facecli, url: str) -> None:
    run = watch(enrolled, "--url", url)
    assert run.code == 1
    assert "The camera's URL is not usable" in run.err
    assert "passwd" not in run.err


# -- streams --------------------------------------------------------------------------------


def test_a_stream_is_reported_while_it_runs_and_sigterm_ends_it(
    enrolled: Facecli, passing: MjpegCamera
) -> None:
    arguments = ["match", "--purpose", "gate", "--format", "jsonl"]
    with subprocess.Popen(
        [sys.executable, "-m", "facecli", *enrolled.globals, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FACECLI_CAMERA_URL": passing.url},
    ) as process:
        try:
            assert process.stdout is not None
            first = json.loads(process.stdout.readline())
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            rest, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    rows = [first, *map(json.loads, rest.splitlines())]
    assert len(rows) == len(entries(enrolled, "match"))
    assert first["path"].startswith("http://127.0.0.1:")
    for secret in ("guard", "s3cret", "video.mjpg"):
        assert secret not in json.dumps(rows) + said
    assert "unknown and forgotten" in said


def test_a_camera_that_is_lost_ends_it_with_what_was_seen(
    enrolled: Facecli, pictures: list[Any]
) -> None:
    script = [["frame"] * 40 + ["drop"]]
    with mjpeg_camera(script, rate=15, pictures=pictures) as camera:
        run = watch(enrolled, "--url", camera.url, "--max-seconds", 6)
    assert run.code == 3
    assert "was lost and did not come back within 6 s" in run.err
    assert [row["ref"] for row in run.json()] == ["A-1002", None]


def test_an_rtsp_camera_is_matched(enrolled: Facecli, pictures: list[Any], tmp_path: Path) -> None:
    require_rtsp_server()
    raw = write_raw(tmp_path / "clip.rgb", pictures[10:80])
    url_file = tmp_path / "url"
    with rtsp_server(raw, (640, 480), 15, "guard", "s3cret") as camera:
        url_file.write_text(f"rtsp://guard:s3cret@{camera.address}\n")
        run = watch(enrolled, "--url-file", url_file, "--max-seconds", 2.5)
    assert run.code == 0, run.err
    assert "A-1002" in {row["ref"] for row in run.json()}
    assert "s3cret" not in run.out + run.err
