"""Short video files made of the sample clip or of portraits, and a camera on the network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from sample_data.make_turn import write
from tests.conftest import SAMPLE_DATA

Rgb = NDArray[np.uint8]
TURN = SAMPLE_DATA / "video" / "turn.mp4"
RATE = 10
Change = Callable[[Rgb], Rgb]


def read(path: Path) -> list[Rgb]:
    """All frames of a video."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    pictures = []
    while (read := capture.read())[0]:
        pictures.append(np.asarray(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), np.uint8))
    return pictures


@lru_cache(maxsize=2)
def frames(path: Path) -> list[Rgb]:
    """All frames of a clip that does not change."""
    return read(path)


def turn() -> list[Rgb]:
    """The frames of the sample clip in which a head turns."""
    return frames(TURN)


def resized(pictures: Sequence[Rgb], size: tuple[int, int]) -> Iterator[Rgb]:
    """The same frames, (width, height)."""
    return (np.asarray(cv2.resize(rgb, size), np.uint8) for rgb in pictures)


def portrait(name: str, count: int) -> list[Rgb]:
    """A photograph of the sample data, still, 640 x 480."""
    with Image.open(SAMPLE_DATA / name) as image:
        fitted = ImageOps.pad(image.convert("RGB"), (640, 480))
    return [np.asarray(fitted)] * count


def dark(rgb: Rgb) -> Rgb:
    """Nearly no light."""
    return (rgb // 16).astype(np.uint8)


def bright(rgb: Rgb) -> Rgb:
    """Burnt out."""
    return np.clip(rgb.astype(int) * 3 + 90, 0, 255).astype(np.uint8)


def blurred(rgb: Rgb) -> Rgb:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), 6), np.uint8)


def small(rgb: Rgb) -> Rgb:
    """From far away."""
    canvas = np.full_like(rgb, 128)
    canvas[120:240, 160:320] = cv2.resize(rgb, (160, 120), interpolation=cv2.INTER_AREA)
    return canvas


def two(rgb: Rgb) -> Rgb:
    """Two people side by side."""
    half = rgb[:, 160:480]
    return np.ascontiguousarray(np.hstack([half, half[:, ::-1]]))


def beside(one: Rgb, other: Rgb) -> Rgb:
    """The middle of one picture, with the middle of the other to the right of it."""
    return np.ascontiguousarray(np.hstack([one[:, 160:480], other[:, 160:480]]))


def nobody(rgb: Rgb) -> Rgb:
    """An empty room."""
    return np.full_like(rgb, 120)


def clip(path: Path, *parts: Iterable[Rgb]) -> Path:
    """A video file of these frames, one part after the other."""
    return write(path, (rgb for part in parts for rgb in part), RATE)


def container(path: Path, pictures: Iterable[Rgb]) -> Path:
    """A video file of these frames in the container of its name; an MP4 with its index first, as
    for the web, so that it can be read as far as it goes."""
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), RATE, (640, 480)
    )
    for rgb in pictures:
        writer.write(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    writer.release()
    if path.suffix == ".mp4":
        path.write_bytes(_index_first(path.read_bytes()))
    return path


def strobe(path: Path, pictures: Sequence[Rgb], rate: int) -> Path:
    """A video file of which every second frame is dark, the first one too."""
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), rate, (640, 480)
    )
    for rgb in pictures:
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        writer.write(np.zeros_like(bgr))
        writer.write(bgr)
    writer.release()
    return path


def with_pixel_ratio(path: Path, across: int, down: int) -> Path:
    """Give an MP4 that ends with its index the box `pasp` (ISO/IEC 14496-12, 12.1.4.1)."""
    data = bytearray(path.read_bytes())
    box = (16).to_bytes(4) + b"pasp" + across.to_bytes(4) + down.to_bytes(4)
    at = end = 0
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"mp4v"):
        at = data.index(kind, at) - 4
        size = int.from_bytes(data[at : at + 4])
        end = at + size
        data[at : at + 4] = (size + len(box)).to_bytes(4)
        at += 4
    path.write_bytes(data[:end] + box + data[end:])
    return path


def _index_first(data: bytes) -> bytes:
    """An MP4 with `moov` before `mdat`, which must be the last two boxes."""
    at = data.index(b"mdat") - 4
    end = at + int.from_bytes(data[at : at + 4])
    index = bytearray(data[end:])
    assert index[4:8] == b"moov"
    table = index.index(b"stco")
    for chunk in range(int.from_bytes(index[table + 8 : table + 12])):
        place = slice(table + 12 + 4 * chunk, table + 16 + 4 * chunk)
        index[place] = (int.from_bytes(index[place]) + len(index)).to_bytes(4)
    return data[:at] + bytes(index) + data[at:end]


@contextmanager
def camera(pictures: Callable[[], Iterator[Rgb]]) -> Iterator[str]:
    """An MJPEG camera on this machine; when `pictures()` ends it breaks off, and is gone. Yields
    its URL."""
    shots = pictures()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        request.end_headers()
        for rgb in shots:
            jpeg = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
            request.wfile.write(head.encode() + b"\r\n\r\n" + jpeg + b"\r\n")

    with web_server(answer) as address:
        yield f"{address}/cam?password=sesame"


@contextmanager
def web_server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server on this machine that answers each request so. Yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):  # whoever looked went away
                answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
