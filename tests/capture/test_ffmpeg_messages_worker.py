"""What FFmpeg prints, and frames that it does not convert."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from facecli.capture import sources
from facecli.capture.ffmpeg_messages_worker import INTERLACED, ffmpeg_messages
from facecli.capture.frames import open_frames
from facecli.errors.capture import NotAVideo

_EXTENSION = b"\0\0\x01\xb5"  # MPEG-2 (ITU-T H.262, 6.2.2.3 and 6.2.3.1)
_SEQUENCE, _PICTURE = 1, 8


@pytest.fixture(scope="module")
def progressive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Ten light frames as MPEG-2."""
    path = tmp_path_factory.mktemp("clip") / "clip.mpg"
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mpg2"), 25.0, (640, 480)
    )
    for _ in range(10):
        writer.write(np.full((480, 640, 3), 200, np.uint8))
    writer.release()
    return path.read_bytes()


def interlaced(data: bytes, first: int) -> bytes:
    """The same film whose pictures, from one on, say that they consist of two fields."""
    film = bytearray(data)
    at, picture = film.find(_EXTENSION), 0
    while at >= 0:
        kind = film[at + 4] >> 4
        if kind == _SEQUENCE:
            film[at + 5] &= ~0x08  # progressive_sequence
        elif kind == _PICTURE:
            if picture >= first:
                film[at + 8] &= ~0x80  # progressive_frame
            picture += 1
        at = film.find(_EXTENSION, at + 1)
    return bytes(film)


def test_interlaced_frames_are_named_and_no_memory_is_shown_for_them(
    progressive: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mpg"
    for first in (0, 6):
        path.write_bytes(interlaced(progressive, first))
        seen: list[float] = []
        with open_frames(sources.video(path)) as frames:
            coming = (float(frame.rgb.mean()) for frame in frames)
            with pytest.raises(NotAVideo, match=re.escape(INTERLACED)):
                seen.extend(coming)
        assert seen == pytest.approx([200] * len(seen), abs=3)
        assert bool(seen) == bool(first)


def test_the_progressive_film_is_read(progressive: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.mpg"
    path.write_bytes(progressive)
    with open_frames(sources.video(path)) as frames:
        assert len(list(frames)) >= 10


def test_what_c_code_prints_is_collected_and_the_streams_come_back(capfd: Any) -> None:
    with ffmpeg_messages() as messages:
        os.write(2, b"to stderr, ")
        os.write(1, b"to stdout")
    assert messages == ["to stderr, to stdout"]
    os.write(2, b"afterwards")
    assert capfd.readouterr() == ("", "afterwards")
