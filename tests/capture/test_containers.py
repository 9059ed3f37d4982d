"""Complete video files and those that were cut off, by the lengths that they state."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.capture.containers import ends_in_zeros, is_cut_off, is_whole_mp4
from tests import clips
from tests.conftest import SAMPLE_DATA

SAMPLES = sorted((SAMPLE_DATA / "video").iterdir())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_sample_clips_are_whole(path: Path) -> None:
    assert not is_cut_off(path)
    assert is_whole_mp4(path)


@pytest.fixture(params=["mp4", "avi", "mkv"])
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return clips.container(tmp_path / f"clip.{request.param}", clips.turn()[:6])


def test_zeros_at_the_end_are_told(whole: Path) -> None:
    assert not ends_in_zeros(whole)
    whole.write_bytes(whole.read_bytes() + bytes(4000))
    assert not ends_in_zeros(whole)
    whole.write_bytes(whole.read_bytes() + bytes(96))
    assert ends_in_zeros(whole)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_told(whole: Path, share: float) -> None:
    assert not is_cut_off(whole)
    data = whole.read_bytes()
    whole.write_bytes(data[: int(share * len(data))])
    assert is_cut_off(whole)
    assert not is_whole_mp4(whole)


def test_one_byte_is_enough(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes()[:-1])
    assert is_cut_off(whole)


def test_what_follows_the_end_is_no_alarm(whole: Path) -> None:
    for more in (b"\0", b"\0" * 100, b"no container at all"):
        whole.write_bytes(whole.read_bytes() + more)
        assert not is_cut_off(whole)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\0\0\0\0AVI LIST",
        b"RIFF\xff\xff\xff\xffAVI LIST",
        b"\x1a\x45\xdf\xa3",
        b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff",
        b"\x1a\x45\xdf\xa3\x00",
        b"\x00\x00\x00\x00ftypisom",
        b"\x00\x00\x00\x02ftypisom",
        b"FLV\x01\x05\x00\x00\x00\x09",
        b"\x47\x40\x11\x10",
        bytes(range(64)),
    ],
)
def test_a_file_that_does_not_say_how_long_it_is_is_no_alarm(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "clip"
    path.write_bytes(data)
    assert not is_cut_off(path)
    assert not is_whole_mp4(path)


def test_large_boxes_are_measured_by_their_long_size(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    body = b"\0\0\0\1mdat" + (16 + 5).to_bytes(8) + b"12345"
    path.write_bytes(b"\0\0\0\x08ftyp" + body + b"\0\0\0\x08moov")
    assert is_whole_mp4(path)
    path.write_bytes(path.read_bytes()[:-9])
    assert is_cut_off(path)


def test_an_index_alone_is_no_whole_video(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x08ftyp\0\0\0\x08moov")
    assert not is_whole_mp4(path)
