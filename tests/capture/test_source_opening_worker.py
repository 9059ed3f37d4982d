"""Opening a source: refused before a decoder sees it, and explained in words of our own."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecli.capture import sources
from facecli.capture.source_opening_worker import (
    _cause,
    _ffmpeg_options,
    open_capture,
)
from facecli.capture.sources import Source


def refusal(source: Source) -> str:
    """The reason why a source does not open."""
    capture, why = open_capture(source, 5, 1)
    assert capture is None
    return why


@pytest.fixture(autouse=True)
def _own_ffmpeg_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a source sets what FFmpeg may do in this process; the next test starts without."""
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A short video file."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for value in range(5):
        writer.write(np.full((48, 64, 3), 40 * value, np.uint8))
    writer.release()
    return path


def test_a_video_opens(clip: Path) -> None:
    capture, why = open_capture(sources.video(clip), 5, 1)
    assert why == ""
    assert (capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FPS)) == (64, 10)
    capture.release()


def test_what_is_no_file_or_no_device_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for a writer
    assert refusal(sources.video(tmp_path / "pipe")) == "it is not a regular file"
    assert refusal(sources.video(tmp_path)) == "it is not a regular file"
    assert refusal(sources.video(tmp_path / "none")) == "no such file or directory"
    assert refusal(sources.device("/dev/fd")) == "it is not a camera"
    assert refusal(sources.device("/dev/null")) == "it is busy, or it does not deliver pictures"


def test_a_file_that_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("Dear Sir\n" * 100)
    assert refusal(sources.video(tmp_path / "text.mp4")) == "it is damaged or not a video"


def test_nothing_of_a_url_is_in_the_reason() -> None:
    why = refusal(sources.url("http://guard:s3cret@127.0.0.1:9/t0ken"))
    assert why == "nothing listens on that port"


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("Server returned 401 Unauthorized (authorization failed)", "another user name"),
        ("method DESCRIBE failed: 404 (Not Found)", "nothing under that path"),
        ("Connection to tcp://cam:9 failed: Connection refused", "nothing listens"),
        ("Format not on whitelist 'avi,flv,mov'", "a still picture (a camera's snapshot)"),
        ("Protocol 'file' not on whitelist 'http,tcp'!", "may not be opened"),
        ("anything else that quotes http://guard:s3cret@cam/", "not answer with a video stream"),
    ],
)
def test_messages_of_ffmpeg_become_words_of_our_own(message: str, why: str) -> None:
    cause = _cause(sources.url("rtsp://cam/live"), message)
    assert why in cause
    assert "s3cret" not in cause


def test_only_the_protocols_of_the_source_are_allowed(clip: Path) -> None:
    def options(source: Source) -> dict[str, str]:
        pairs = _ffmpeg_options(source, 2).split("|")
        return dict(pair.split(";") for pair in pairs)

    assert options(sources.video(clip))["protocol_whitelist"] == "fd"
    over_http = options(sources.url("http://cam/live"))
    assert over_http["protocol_whitelist"] == "http,tcp"
    assert over_http["timeout"] == "2000000"
    assert "rtsp_transport" not in over_http
    over_rtsp = options(sources.url("RTSP://cam/live"))
    assert over_rtsp["rtsp_transport"] == "tcp"
    for named in (over_http, over_rtsp):
        assert "file" not in named["protocol_whitelist"].split(",")
        assert "hls" not in named["format_whitelist"].split(",")
