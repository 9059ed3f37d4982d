"""`camera list` and `camera test`, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecli.capture import devices
from facecli.capture.devices import Device
from tests.capture.mjpeg_server import mjpeg_camera
from tests.capture.tls_server import shown
from tests.conftest import SAMPLE_DATA, Facecli
from tests.workers.cluster.certificates import Authority

CLIP = SAMPLE_DATA / "video/turn.mp4"


def test_the_list_may_be_empty(facecli: Facecli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "devices", list)
    run = facecli.bare("camera", "list", "--format", "json")
    assert (run.code, run.json()) == (0, [])


def test_cameras_are_listed(facecli: Facecli, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        Device("/dev/video0", "Desk", ("MJPG 640x480",)),
        Device("/dev/video2", "Door", why="permission denied"),
    ]
    monkeypatch.setattr(devices, "devices", lambda: found)
    [desk, door] = facecli.bare("camera", "list", "--format", "json").json()
    assert desk == {
        "schema": "facecli.camera/1", "path": "/dev/video0", "name": "Desk",
        "formats": ["MJPG 640x480"], "problem": None,
    }  # fmt: skip
    assert door["problem"] == "permission denied"
    table = facecli.bare("camera", "list").out.splitlines()
    assert table[0].split() == ["PATH", "NAME", "FORMATS", "PROBLEM"]
    assert "Desk" in table[1]


def test_a_video_with_a_face_is_measured(facecli: Facecli) -> None:
    run = facecli.bare("camera", "test", CLIP, "--seconds", 1, "--format", "json")
    found = run.json()
    assert (run.code, run.err, found["problems"]) == (0, "", [])
    assert found["schema"] == "facecli.camera-test/1"
    assert found["frames"] > 5
    assert found["frames_with_face"] == found["frames"]
    assert 40 < found["face_width"] < 640
    assert 5 < found["frames_a_second"] < 61


def test_a_network_camera_is_measured_and_told_what_is_wrong(
    facecli: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    dark: list[Any] = [np.full((96, 192, 3), 8, np.uint8)]
    # So slow that what a loaded machine lets wait for seconds is still slow when it comes at once.
    with mjpeg_camera(rate=2, login="guard:s3cret", pictures=dark) as camera:
        monkeypatch.setenv("FACECLI_CAMERA_URL", camera.url)
        run = facecli.bare("camera", "test", "--seconds", 2, "--format", "json")
    found = run.json()
    assert run.code == 3
    assert found["problems"] == ["slow", "dark"]
    assert found["frames_with_face"] == 0
    assert [line.split(":")[0] for line in run.err.splitlines()] == [
        "Fewer than 10 frames per second", "The picture is dark",
        "No face was found. Stand in front "
        "of the camera to measure faces too.",
    ]  # fmt: skip
    assert "s3cret" not in run.out + run.err


def test_a_camera_behind_tls_is_measured_if_its_certificate_is_named(
    facecli: Facecli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Authority(tmp_path / "tls").sign("camera", itself=True)
    grey: list[Any] = [np.full((96, 192, 3), 128, np.uint8)]
    with mjpeg_camera(login="guard:s3cret", pictures=grey, tls=shown(own)) as camera:
        monkeypatch.setenv("FACECLI_CAMERA_URL", camera.url)
        test = ("camera", "test", "--seconds", 1, "--format", "json")
        refused = facecli.bare(*test)
        measured = facecli.bare(*test, "--camera-ca", own.cert)
        port = camera.url.rpartition(":")[2].partition("/")[0]
    assert (refused.code, refused.out) == (1, "")
    assert "name its certificate" in refused.err
    assert measured.json()["source"] == f"https://127.0.0.1:{port}/…"
    assert measured.json()["frames"] > 1
    assert "s3cret" not in measured.out + measured.err + refused.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["/dev/video97"], 1, "The camera /dev/video97 delivers no pictures"),
        (["none.mp4"], 1, "none.mp4 cannot be read as a video"),
        (["file://x"], 1, "its scheme must be one of"),
        ([], 2, "give a SOURCE"),
        (["0", "--url-file", "x"], 2, "not both"),
        ([CLIP, "--size", "640x480"], 2, "camera of this machine"),
        (["http://guard:s3cret@127.0.0.1:9/s3cret"], 1, "http://127.0.0.1:9/"),
        (["https://a:s3cret@127.0.0.1:9/s3cret"], 1, "https://127.0.0.1:9/… delivers no pictures"),
        (["0", "--camera-ca", CLIP], 2, "--camera-ca is for a camera at https:// or rtsps://"),
        (["rtsp://cam", "--camera-ca", CLIP], 2, "--camera-ca is for a camera at https://"),
        (["https://cam", "--camera-ca", "none.pem"], 1, "none.pem of --camera-ca"),
        (["https://cam", "--camera-ca", CLIP], 1, "it has no certificate in PEM"),
    ],
)
def test_what_is_no_camera_is_refused(
    facecli: Facecli, arguments: list[object], code: int, words: str
) -> None:
    run = facecli.bare("camera", "test", *arguments)
    assert (run.code, words in run.err, run.out) == (code, True, "")
    assert "s3cret" not in run.err


def test_a_device_that_is_no_camera_is_not_sent_back_to_the_same_command(
    facecli: Facecli,
) -> None:
    run = facecli.bare("camera", "test", "/dev/null")
    assert (run.code, run.out) == (1, "")
    assert "Check that it is a camera" in run.err
    assert "camera test" not in run.err


def test_an_image_is_no_video(facecli: Facecli, tmp_path: Path) -> None:
    run = facecli.bare("camera", "test", SAMPLE_DATA / "probes/gate-1.jpg")
    assert (run.code, "as a video" in run.err) == (1, True)
