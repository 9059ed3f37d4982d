"""Reading frames with OpenCV, in a process of its own: see `capture.frames`, which starts it.

Decoders and drivers are attack surface and may block for ever; here they can be killed. Files
are read frame by frame on request. Live sources are drained by a thread, so that what is handed
out is always the newest frame and never one that waited in a buffer.
"""

from __future__ import annotations

import ctypes
import math
import os
import re
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from facecli.capture.containers import is_cut_off
from facecli.capture.sources import Source

Bgr: TypeAlias = Any

MAX_PIXELS = 50_000_000
FEW_A_SECOND = 10
# Containers only: no playlists, no scripts of other files, no still images.
_FORMATS = "avi,flv,h264,hevc,ivf,matroska,webm,mjpeg,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,ogg"
_NETWORK_FORMATS = f"{_FORMATS},mpjpeg,rtsp,rtp,sdp"
_PROTOCOLS = {
    "rtsp": "rtsp,rtp,rtcp,tcp,udp,srtp",
    "rtsps": "rtsps,rtsp,rtp,rtcp,tcp,tls,udp,srtp",
    "http": "http,tcp",
    "https": "https,http,tls,tcp",
}
# What FFmpeg's messages mean, to be told in words of our own; the messages may quote the URL.
_CAUSES = (
    ("401 \\(?Unauthorized", "it wants another user name and password"),
    ("403 \\(?Forbidden", "it does not let this user in"),
    ("404 \\(?Not Found", "it has nothing under that path"),
    ("failed: Connection refused", "nothing listens on that port"),
    ("Failed to resolve hostname", "there is no host of that name"),
    ("failed: No route to host", "that host cannot be reached"),
    ("failed: Network is unreachable", "that host cannot be reached"),
    ("timed out", "it did not answer in time"),
    ("Interrupted", "it did not answer in time"),
    ("not on whitelist", "it points to what may not be opened"),
)


_STANDARD = (1, 2)


@dataclass(frozen=True)
class Open:
    """The first question: open the source. Answered by `Opened`, or by why it cannot be opened.

    seconds, read_seconds: how long the backend may take for that, and for each frame.
    """

    seconds: float
    read_seconds: float


@dataclass(frozen=True)
class Opened:
    """The source is open. `live`: its newest frame is handed out, not each in its order. `rate`:
    frames a second, on an average."""

    live: bool
    rate: float


@dataclass(frozen=True)
class Next:
    """The question for the next frame, or the newest that was not handed out yet."""


@dataclass(frozen=True)
class Shot:
    """One frame: `pixels` are height * width * 3 bytes RGB; `number` counts from 0 all frames that
    came; `seconds` is the media's time, or the monotonic clock's for a live source."""

    height: int
    width: int
    number: int
    seconds: float
    pixels: bytes


@dataclass(frozen=True)
class Ended:
    """No more frames come. `whole` tells a file's end from a source that broke off."""

    whole: bool


Question: TypeAlias = Open | Next
Answer: TypeAlias = Opened | Shot | Ended | str


def setup(source: Source, every: int | None) -> Callable[[Question], Answer]:
    """The function that answers the questions about one source; for a `Companion`.

    every: hand out each so-manieth frame of a file alone; None: about FEW_A_SECOND.
    """
    os.environ["OPENCV_LOG_LEVEL"] = "SILENT"
    os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "24"  # warnings, which `_heard` reads
    import cv2

    cv2.setNumThreads(1)
    reader: _InOrder | _Newest | None = None

    def reply(question: Question) -> Answer:
        nonlocal reader
        if isinstance(question, Open):
            capture, why = _opened(source, question)
            if capture is None:
                return why
            live = source.live and not _has_an_end(source, capture)
            rate = _rate(capture)
            reader = _Newest(capture, source) if live else _InOrder(capture, source, every)
            return Opened(live, rate)
        return reader.next() if reader is not None else Ended(whole=False)

    return reply


def _has_an_end(source: Source, capture: Any) -> bool:
    """Whether a URL is that of a file on a web server, which is sent as fast as it is taken."""
    import cv2

    served = source.address[:4].lower() == "http"
    return source.kind == "url" and served and capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0


def _rate(capture: Any) -> float:
    """Frames a second, as the file says or as is usual."""
    import cv2

    rate = float(capture.get(cv2.CAP_PROP_FPS))
    return rate if 0 < rate <= 1000 else 25.0


class _InOrder:
    """Every frame, or every so-manieth, in the order of the file."""

    def __init__(self, capture: Any, source: Source, every: int | None) -> None:
        self._capture = capture
        self._source = source
        self._every = every or max(1, round(_rate(capture) / FEW_A_SECOND))
        self._number = -1
        self._seconds = -1.0

    def next(self) -> Answer:
        """The next frame, or `Ended`."""
        import cv2

        for _ in range(self._every if self._number >= 0 else 1):
            if not self._capture.grab():
                return Ended(whole=not self._is_cut_off())
            self._number += 1
        done, bgr = self._capture.retrieve()
        if not done:
            return Ended(whole=False)
        seconds = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if seconds <= self._seconds:  # a file without proper times: go by its rate
            seconds = max(self._seconds, self._number / _rate(self._capture))
        self._seconds = seconds
        return _shot(bgr, self._source.rotate, self._number, seconds)

    def _is_cut_off(self) -> bool:
        """Whether the file says that there should be more; FFmpeg tells of no difference."""
        if self._source.kind != "video":
            return False
        try:
            return is_cut_off(Path(self._source.address))
        except OSError:
            return True


class _Newest:
    """The newest frame. A thread of this process takes every frame as it comes."""

    def __init__(self, capture: Any, source: Source) -> None:
        self._capture = capture
        self._source = source
        self._changed = threading.Condition()
        self._newest: Bgr = None
        self._number = -1
        self._arrived = 0.0
        self._handed_out = -1
        self._over = False
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        try:
            while True:
                done, bgr = self._capture.read()
                with self._changed:
                    if not done:
                        break
                    self._newest, self._number = bgr, self._number + 1
                    self._arrived = time.monotonic()
                    self._changed.notify()
        finally:
            with self._changed:
                self._over = True
                self._changed.notify()

    def next(self) -> Answer:
        """The newest frame that was not handed out yet, waiting for it; or `Ended`."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > self._handed_out or self._over)
            if self._number == self._handed_out:
                return Ended(whole=False)
            self._handed_out = self._number
            bgr, number, arrived = self._newest, self._number, self._arrived
        return _shot(bgr, self._source.rotate, number, arrived)


def _shot(bgr: Bgr, rotate: int, number: int, seconds: float) -> Shot:
    import cv2

    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    if rotate:
        turns = {
            90: cv2.ROTATE_90_CLOCKWISE,
            180: cv2.ROTATE_180,
            270: cv2.ROTATE_90_COUNTERCLOCKWISE,
        }
        rgb = cv2.rotate(rgb, turns[rotate])
    height, width = rgb.shape[:2]
    return Shot(height, width, number, seconds, rgb.tobytes())


# -- opening ------------------------------------------------------------------------------


def _opened(source: Source, question: Open) -> tuple[Any, str]:
    """The open capture, or None and why there is none."""
    import cv2

    why = _unfit(source)
    if why:
        return None, why
    with _heard() as messages:
        capture = _capture(source, question)
    if not capture.isOpened():
        return None, _cause(source, "".join(messages))
    width = capture.get(cv2.CAP_PROP_FRAME_WIDTH)
    if width * capture.get(cv2.CAP_PROP_FRAME_HEIGHT) > MAX_PIXELS:
        return None, f"its frames have more than {MAX_PIXELS // 1_000_000} million pixels"
    return capture, ""


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What FFmpeg says meanwhile: nothing else tells why a stream cannot be opened.

    OpenCV prints it to the streams of C; both, otherwise discarded, go to a file that has no name.
    """
    messages: list[str] = []
    with tempfile.TemporaryFile() as file:
        kept = [os.dup(handle) for handle in _STANDARD]
        for handle in _STANDARD:
            os.dup2(file.fileno(), handle)
        try:
            yield messages
        finally:
            ctypes.CDLL(None).fflush(None)
            for handle, before in zip(_STANDARD, kept, strict=True):
                os.dup2(before, handle)
                os.close(before)
            file.seek(0)
            messages.append(file.read(1 << 16).decode("utf-8", "replace"))


def _unfit(source: Source) -> str | None:
    """What the file system says against a device or file, before a driver or decoder is asked."""
    if source.kind == "url":
        return None
    try:
        mode = os.stat(source.address).st_mode
        if source.kind == "device" and not stat.S_ISCHR(mode):
            return "it is not a camera"
        if source.kind == "video" and not stat.S_ISREG(mode):
            return "it is not a regular file"
        os.close(os.open(source.address, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        return (error.strerror or "it cannot be opened").lower()
    return None


def _cause(source: Source, messages: str) -> str:
    for sign, cause in _CAUSES if source.kind == "url" else ():
        if re.search(sign, messages):
            return cause
    return {
        "device": "it is busy, or no camera for pictures",
        "url": "it does not answer with a video stream",
        "video": "it is damaged or not a video",
    }[source.kind]


def _capture(source: Source, question: Open) -> Any:
    import cv2

    if source.kind == "device":
        os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = str(math.ceil(question.read_seconds))
        capture = cv2.VideoCapture(source.address, cv2.CAP_V4L2)
        if capture.isOpened():
            _adjust(capture, source)
        return capture
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _options(source, question)
    address = source.address if source.kind == "url" else os.path.abspath(source.address)
    parameters = [
        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, max(1, round(1000 * question.seconds))),
        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, max(1, round(1000 * question.read_seconds))),
        *(cv2.CAP_PROP_N_THREADS, 1),
    ]
    return cv2.VideoCapture(address, cv2.CAP_FFMPEG, parameters)


def _options(source: Source, question: Open) -> str:
    """FFmpeg's options: nothing may be opened but the very source that the user named."""
    if source.kind == "video":
        options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
    else:
        scheme = source.address.split(":", 1)[0].lower()
        options = {
            "protocol_whitelist": _PROTOCOLS[scheme],
            "format_whitelist": _NETWORK_FORMATS,
            "timeout": str(round(1_000_000 * question.seconds)),
            "fflags": "nobuffer",
            "analyzeduration": "1000000",  # of the stream's microseconds; 5 seconds otherwise
        }
        if scheme in ("rtsp", "rtsps"):
            options["rtsp_transport"] = "tcp"
    return "|".join(f"{name};{value}" for name, value in options.items())


def _adjust(capture: Any, source: Source) -> None:
    """Set what was asked of a device; what it does not know it ignores."""
    import cv2

    if source.mjpeg:
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    if source.size is not None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, source.size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, source.size[1])
    if source.exposure is not None:
        manual: Literal[1] = 1  # V4L2_EXPOSURE_MANUAL
        capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, manual)
        capture.set(cv2.CAP_PROP_EXPOSURE, source.exposure)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
