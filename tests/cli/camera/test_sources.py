"""The options that name a source of frames, as a command gets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from facecli.capture.sources import Source
from facecli.cli.camera.sources import SourceChoice, from_environment, sources_of_frames
from tests.workers.cluster.certificates import Authority


@pytest.fixture
def clip(tmp_path: Path) -> str:
    """A file that is there; nothing reads it."""
    (tmp_path / "clip.mp4").touch()
    return str(tmp_path / "clip.mp4")


def parsed(*arguments: str, environment: bool = False) -> tuple[Source | None, str]:
    """The source that these options, or the environment, name, and what was printed."""
    found: list[Source | None] = []

    @click.command()
    @sources_of_frames
    def command(choose_source: SourceChoice) -> None:
        found.append(choose_source(environment))

    result = CliRunner().invoke(command, arguments)
    return (found[0] if found else None), result.output


def test_no_option_names_no_source() -> None:
    assert parsed() == (None, "")


def test_each_option_names_a_source(clip: str, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("rtsp://guard:s3cret@cam/live\n")
    assert parsed("--device", "0")[0] == Source("device", "/dev/video0")
    assert parsed("--url", "http://cam/live")[0] == Source("url", "http://cam/live")
    assert parsed("--video", clip)[0] == Source("video", clip)
    source, printed = parsed("--url-file", str(tmp_path / "url"))
    assert source == Source("url", "rtsp://guard:s3cret@cam/live")
    assert "s3cret" not in printed


@pytest.mark.parametrize(
    "other", [["--url", "http://cam/"], ["--device", "1"], ["--url-file", __file__]]
)
def test_two_sources_are_refused(clip: str, other: list[str]) -> None:
    source, printed = parsed("--video", clip, *other)
    assert source is None
    assert "give one of --device, --url, --url-file and --video" in printed


def test_settings_go_with_the_camera() -> None:
    source, _ = parsed(
        *("--device", "/dev/video2", "--size", "1280x720", "--mjpeg"),
        *("--exposure", "300", "--rotate", "90"),
    )
    assert source == Source("device", "/dev/video2", (1280, 720), True, 300, 90)


@pytest.mark.parametrize("setting", [["--size", "640x480"], ["--mjpeg"], ["--exposure", "300"]])
def test_settings_of_a_device_do_not_go_with_a_video(clip: str, setting: list[str]) -> None:
    source, printed = parsed("--video", clip, *setting)
    assert source is None
    assert "camera of this machine" in " ".join(printed.split())


def test_any_source_can_be_turned(clip: str) -> None:
    source, _ = parsed("--video", clip, "--rotate", "180")
    assert source is not None
    assert source.rotate == 180


@pytest.mark.parametrize("size", ["640", "0x480", "640x", "640X480", "1x1", "640x480x3"])
def test_what_is_not_a_size_is_refused(size: str) -> None:
    source, printed = parsed("--device", "0", "--size", size)
    assert source is None
    assert "not a size such as 640x480" in printed


def test_the_environment_names_a_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment() is None
    monkeypatch.setenv("FACECLI_CAMERA_URL", "rtsp://cam/live")
    found: Any = from_environment()
    assert found == Source("url", "rtsp://cam/live")


def test_settings_go_with_the_camera_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = Authority(tmp_path / "tls").sign("camera", itself=True)
    monkeypatch.setenv("FACECLI_CAMERA_URL", "https://cam/live")
    options = ("--camera-ca", str(own.cert), "--rotate", "90")
    source, _ = parsed(*options, environment=True)
    assert source == Source("url", "https://cam/live", rotate=90, ca=own.cert.read_text().strip())
    source, printed = parsed(*options)
    assert source is None
    assert "name it with --device, --url or --video" in " ".join(printed.split())


@pytest.mark.parametrize(
    "setting",
    [
        *(["--camera-ca", "none.pem"], ["--size", "640x480"], ["--mjpeg"], ["--exposure", "300"]),
        ["--rotate", "90"],
    ],
)
def test_settings_without_a_source_are_refused(setting: list[str]) -> None:
    source, printed = parsed(*setting)
    assert source is None
    assert f"{setting[0]} is for a camera or a video" in " ".join(printed.split())
