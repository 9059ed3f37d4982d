from __future__ import annotations

import io
from pathlib import Path

import cv2
import pytest
from PIL import Image

from facecli.capture import sources
from facecli.capture.frames import open_frames
from facecli.capture.source_opening_worker import open_capture
from facecli.capture.video_kinds import why_no_video
from facecli.errors.capture import NotAVideo
from tests import clips
from tests.conftest import SAMPLE_DATA


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (picture("GIF"), "it is a GIF"),
        (picture("JPEG"), "it is an image (JPEG); name it without --video"),
        (picture("TGA"), "it is an image (TGA)"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9" + bytes(64), "Windows Media (WMV)"),
        (b".RMF\0\0\0\x12", "RealMedia"),
    ],
)
def test_what_is_no_readable_video_is_named(
    tmp_path: Path, data: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "")
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    assert words in str(why_no_video(str(path)))
    capture, why = open_capture(sources.video(path), 5, 1)
    assert capture is None
    assert words in why


def test_it_is_named_through_the_worker_too(tmp_path: Path) -> None:
    path = tmp_path / "clip.gif"
    path.write_bytes(picture("GIF"))
    with pytest.raises(NotAVideo, match="it is a GIF"), open_frames(sources.video(path)):
        pass


def test_a_video_and_text_are_left_to_the_decoder(tmp_path: Path) -> None:
    assert why_no_video(str(SAMPLE_DATA / "video" / "turn.mp4")) is None
    (tmp_path / "text").write_text("Dear Sir")
    assert why_no_video(str(tmp_path / "text")) is None
    assert why_no_video(str(tmp_path / "none")) is None


def test_a_codec_that_opens_and_cannot_be_decoded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "")
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 10, (640, 480)
    )
    writer.write(cv2.cvtColor(clips.turn()[0], cv2.COLOR_RGB2BGR))
    writer.release()
    path.write_bytes(path.read_bytes().replace(b"mp4v", b"av01").replace(b"esds", b"free"))
    capture, why = open_capture(sources.video(path), 5, 1)
    assert capture is None
    assert why.startswith("its video is AV1, which cannot be decoded here")
