"""Sources of frames: what names one, and that nothing of a URL but its host is printed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from facecli.capture import sources
from facecli.capture.sources import Source
from facecli.errors.command_line import BadInput

SECRETS = ("guard", "s3cret", "t0ken", "live")


@pytest.mark.parametrize(
    ("which", "path"),
    [
        ("0", "/dev/video0"),
        ("007", "/dev/video7"),
        ("/dev/video12", "/dev/video12"),
        ("/dev/v4l/by-id/usb-cam", "/dev/v4l/by-id/usb-cam"),
    ],
)
def test_a_device_by_number_or_path(which: str, path: str) -> None:
    assert sources.device(which) == Source("device", path)


@pytest.mark.parametrize("which", ["", "-1", "1234", "video0", "/dev/../etc/passwd", "/tmp/x"])
def test_anything_else_is_no_device(which: str) -> None:
    with pytest.raises(BadInput, match="a device is a number"):
        sources.device(which)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("rtsp://guard:s3cret@cam/live?t=t0ken#x", "rtsp://cam/…"),
        ("RTSP://cam:8554/live", "rtsp://cam:8554/…"),
        ("http://cam", "http://cam"),
        ("http://cam/", "http://cam"),
        ("https://[fe80::1]:443/live", "https://[fe80::1]:443/…"),
        ("http://guard:s3cret@evil@cam/live", "http://cam/…"),
    ],
)
def test_a_url_is_printed_without_its_secrets(address: str, name: str) -> None:
    source = sources.url(address)
    assert source.name == source.path == name
    for secret in SECRETS:
        assert secret not in source.name + repr(source)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "cam",
        "file:///s3cret",
        "ftp://guard:s3cret@cam/",
        "rtsp://ca m/s3cret",
        "rtsp://cam/\n",
        "https://cam:0/s3cret",
        "https://cam:65536/s3cret",  # would be taken for port 0
    ],
)
def test_what_is_no_url_of_a_camera_is_refused_unquoted(address: str) -> None:
    with pytest.raises(BadInput) as refused:
        sources.url(address)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "secure", "endpoint", "reached", "host"),
    [
        ("http://cam/live", False, ("cam", 80), "http://192.0.2.7:80/live", "cam"),
        ("RTSP://a:b@cam:8554", False, ("cam", 8554), "rtsp://a:b@192.0.2.7:8554", "cam:8554"),
        ("https://cam/?t=x", True, ("cam", 443), "http://192.0.2.7:443/?t=x", "cam"),
        ("HTTPS://a@cam:8443/", True, ("cam", 8443), "http://a@192.0.2.7:8443/", "cam:8443"),
        ("rtsps://cam", True, ("cam", 322), "rtsp://192.0.2.7:322", "cam"),
        ("https://192.0.2.7", True, ("192.0.2.7", 443), "http://192.0.2.7:443", None),
    ],
)
def test_a_decoder_reaches_a_camera_by_its_number_and_without_tls(
    address: str, secure: bool, endpoint: tuple[str, int], reached: str, host: str | None
) -> None:
    source = replace(sources.url(address), ca="certificates", rotate=90)
    assert (source.secure, source.endpoint) == (secure, endpoint)
    assert source.at("192.0.2.7") == Source("url", reached, rotate=90, host=host)


def test_a_url_comes_from_the_option_the_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("rtsp://file/live\nsecond line\n")
    environment = {sources.URL_VARIABLE: "rtsp://environment/live"}
    option, file = "rtsp://option/live", tmp_path / "url"
    expected = {
        (option, file): "rtsp://option/…",
        (None, file): "rtsp://file/…",
        (None, None): "rtsp://environment/…",
    }
    for (given, path), name in expected.items():
        source = sources.url_from(given, path, environment)
        assert source is not None
        assert source.name == name
    assert sources.url_from(None, None, {}) is None


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_url_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "url").write_bytes(content)
    with pytest.raises(BadInput, match="The URL file"):
        sources.url_from(None, tmp_path / "url", {})


def test_a_video_keeps_the_path_that_was_given() -> None:
    source = sources.video(Path("clips/a\x1b[2J.mp4"))
    assert source.path == "clips/a\x1b[2J.mp4"
    assert "\x1b" not in source.name
    assert not source.live
