"""Frames of real video files, through the process that decodes them."""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecli.capture import frames as frames_module
from facecli.capture import frames_worker, sources
from facecli.capture.frames import open_frames
from facecli.capture.frames_worker import RawFrame
from facecli.capture.source_opening_worker import MAX_PIXELS
from facecli.errors.capture import BrokenOff, FilmDamaged, NotAVideo
from facecli.workers import shared_memory
from sample_data.make_turn import write
from tests import clips
from tests.capture.fake_camera import lying_frames_worker
from tests.conftest import SAMPLE_DATA

COUNT, RATE = 12, 20.0


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve grey frames of 96 x 64 that grow lighter, the left half red; 20 a second."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), RATE,
                             (96, 64))  # fmt: skip
    for number in range(COUNT):
        bgr = np.full((64, 96, 3), 20 * number, np.uint8)
        bgr[:, :48] = (0, 0, 255)
        writer.write(bgr)
    writer.release()
    return path


def test_every_frame_of_a_file_comes_in_order_with_its_time(clip: Path) -> None:
    with open_frames(sources.video(clip)) as frames:
        assert not frames.live
        seen = list(frames)
    assert [frame.number for frame in seen] == list(range(COUNT))
    assert [frame.seconds for frame in seen] == pytest.approx(
        [number / RATE for number in range(COUNT)], abs=0.002
    )
    greys = [float(frame.rgb[:, 60:].mean()) for frame in seen]
    assert greys == sorted(greys)
    assert greys[-1] > 200


def test_frames_are_rgb_with_rows_first(clip: Path) -> None:
    with open_frames(sources.video(clip)) as frames:
        rgb = next(iter(frames)).rgb
    assert rgb.shape == (64, 96, 3)
    assert rgb.dtype == np.uint8
    red, green, blue = rgb[10, 10]
    assert red > 200 > 60 > max(green, blue)


def test_a_frame_is_passed_on_to_a_worker_in_the_memory_that_its_decoder_wrote(
    tmp_path: Path,
) -> None:
    path = clips.clip(tmp_path / "clip.mp4", clips.turn()[:1])
    with open_frames(sources.video(path)) as frames:
        frame = next(iter(frames))
    tasks = [shared_memory.pickled(frame.rgb) for _ in range(2)]
    one, other = (handle for _, handle in tasks if handle is not None)
    assert os.path.samestat(os.fstat(one), os.fstat(other))
    assert all(len(task) < 500 for task, _ in tasks)
    assert (shared_memory.unpickled(tasks[0][0], one) == frame.rgb).all()
    os.close(other)


def test_with_every_the_frames_between_are_passed_over(clip: Path) -> None:
    with open_frames(sources.video(clip), every=5) as frames:
        assert [frame.number for frame in frames] == [0, 5, 10]


def test_what_is_no_video_is_refused_with_its_reason(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no video at all")
    fifo = tmp_path / "fifo.mp4"
    os.mkfifo(fifo)
    for path, why in (
        (text, "damaged or not a video"),
        (fifo, "not a regular file"),
        (tmp_path, "not a regular file"),
        (tmp_path / "missing.mp4", "no such file"),
    ):
        with pytest.raises(NotAVideo, match=why), open_frames(sources.video(path)):
            pass


def test_a_playlist_that_names_another_file_is_not_followed(clip: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n")
    concatenation = tmp_path / "list.ffconcat"
    concatenation.write_text(f"ffconcat version 1.0\nfile '{clip}'\n")
    for path in (playlist, concatenation):
        with pytest.raises(NotAVideo), open_frames(sources.video(path)):
            pass


@pytest.mark.parametrize(
    "lie",
    [
        RawFrame(0, 96, 0, 0.0),
        RawFrame(-64, -96, 0, 0.0),
        RawFrame(MAX_PIXELS, 2, 0, 0.0),
        RawFrame(2**62, 2**62, 0, 0.0),
        RawFrame(64, 96, -1, 0.0),
        RawFrame(64, 96, 0, math.nan),
    ],
)
def test_a_forged_frame_ends_the_source(
    lie: RawFrame, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying = partial(lying_frames_worker, lie)
    monkeypatch.setattr(frames_worker, "read_frames_worker", lying)
    with (
        open_frames(sources.video(clip)) as frames,
        pytest.raises(NotAVideo, match="the process that had it"),
    ):
        next(iter(frames))


@pytest.mark.parametrize("name", ["turn.mp4", "passage.mp4"])
def test_a_sealed_worker_reads_the_same_frames(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def seen() -> list[tuple[int, float, str]]:
        with open_frames(sources.video(SAMPLE_DATA / "video" / name), every=10) as frames:
            return [
                (frame.number, frame.seconds, hashlib.sha256(frame.rgb.tobytes()).hexdigest())
                for frame in frames
            ]

    sealed = seen()
    monkeypatch.setattr(frames_module, "_bounds", lambda _: None)
    assert seen() == sealed
    assert len(sealed) > 3


def damaged(path: Path, packets: range) -> Path:
    """A Motion JPEG in an MP4 whose pictures of these numbers are nothing but zeros."""
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mjpg"), RATE, (96, 64)
    )
    for number in range(COUNT):
        writer.write(np.full((64, 96, 3), 20 * number, np.uint8))
    writer.release()
    data = path.read_bytes()
    starts = [found.start() for found in re.finditer(b"\xff\xd8\xff", data)]
    for number in packets:
        end = data.index(b"\xff\xd9", starts[number]) + 2
        data = data[: starts[number]] + bytes(end - starts[number]) + data[end:]
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("packets", [range(5, 6), range(3, 9), range(1, COUNT - 1)])
def test_a_film_goes_on_behind_damaged_packets_and_says_so(tmp_path: Path, packets: range) -> None:
    kept = [number for number in range(COUNT) if number not in packets]
    with open_frames(sources.video(damaged(tmp_path / "clip.mp4", packets))) as frames:
        coming = iter(frames)
        seen = [round(float(frame.rgb.mean()) / 20) for frame in islice(coming, len(kept))]
        with pytest.raises(FilmDamaged, match=f"{len(kept)} frames could be read"):
            next(coming)
    assert seen == kept


@pytest.mark.parametrize(("kind", "codec"), [("mkv", "mp4v"), ("webm", "VP80"), ("avi", "MJPG")])
def test_a_film_of_which_the_rest_is_zeros_is_damaged(
    tmp_path: Path, kind: str, codec: str
) -> None:
    """Their packets are lost without a word of FFmpeg."""
    rng = np.random.default_rng(7)
    pictures = (rng.integers(0, 255, (64, 96, 3), np.uint8) for _ in range(120))
    path = write(tmp_path / f"clip.{kind}", pictures, 15, codec)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    with open_frames(sources.video(path)) as frames, pytest.raises(FilmDamaged, match="damaged"):
        list(frames)
    for whole in (data, data + bytes(len(data))):  # with room behind it
        path.write_bytes(whole)
        with open_frames(sources.video(path), every=1) as frames:
            assert len(list(frames)) == 120


@contextmanager
def film_server(film: bytes, sent: int) -> Iterator[str]:
    """A server that states the length of a film and sends so many bytes. Yields its URL."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "video/mp4")
        request.send_header("Content-Length", str(len(film)))
        request.end_headers()
        request.wfile.write(film[:sent])

    with clips.web_server(answer) as address:
        yield f"{address}/film.mp4"


def test_a_film_whose_web_server_breaks_off_did_not_come_to_its_end(tmp_path: Path) -> None:
    film = clips.container(tmp_path / "film.mp4", clips.turn()[:40]).read_bytes()
    with film_server(film, len(film)) as url, open_frames(sources.url(url)) as frames:
        assert list(frames)[-1].seconds == pytest.approx(3.9, abs=0.2)
    with (
        film_server(film, len(film) // 2) as url,
        open_frames(sources.url(url)) as frames,
        pytest.raises(BrokenOff),
    ):
        deque(frames, maxlen=0)


def test_packets_that_fail_before_the_first_frame_are_no_damage(tmp_path: Path) -> None:
    with open_frames(sources.video(damaged(tmp_path / "clip.mp4", range(2)))) as frames:
        assert [round(float(frame.rgb.mean()) / 20) for frame in frames] == [*range(2, COUNT)]
