"""Open a camera, a stream or a video file with OpenCV, and find out why one cannot be opened.

Runs in the worker process of `frames_worker`. FFmpeg may open nothing but the very source that the
user named. Its messages, which may quote the URL, are replaced by sentences of our own.
"""

from __future__ import annotations

import math
import os
import re
import stat
from typing import Any, Literal

from facecli.capture.ffmpeg_messages_worker import ffmpeg_messages
from facecli.capture.sources import Source
from facecli.capture.video_kinds import AV1, AV1_CODES, why_no_video
from facecli.workers import files

MAX_PIXELS = 50_000_000
"""Pixels that one frame may have."""
# Containers only: no playlists, no scripts of other files, no still images.
_FORMATS = "avi,flv,h264,hevc,ivf,matroska,webm,mjpeg,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,ogg"
_NETWORK_FORMATS = f"{_FORMATS},mpjpeg,rtsp,rtp,sdp"
_PROTOCOLS = {"rtsp": "rtsp,rtp,rtcp,tcp,udp,srtp", "http": "http,tcp"}
# Patterns of FFmpeg's messages, and what each means.
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
    (
        "Format not on whitelist",
        "it delivers a still picture (a camera's snapshot) or a playlist, not a video stream; name "
        "the camera's video stream",
    ),
    ("not on whitelist", "it redirects to an address that may not be opened"),
)


def open_capture(source: Source, seconds: float, read_seconds: float) -> tuple[Any, str]:
    """Open `source` with OpenCV.

    Args:
        seconds: seconds that the backend may take to open it.
        read_seconds: seconds that the backend may take for each frame.

    Returns:
        The open `cv2.VideoCapture` and an empty text; or None and the reason as a clause.
    """
    import cv2

    why = _unfit(source)
    if why:
        return None, why
    with ffmpeg_messages() as messages:
        capture = _capture(source, seconds, read_seconds)
    if not capture.isOpened():
        return None, _cause(source, "".join(messages))
    width = capture.get(cv2.CAP_PROP_FRAME_WIDTH)
    if width * capture.get(cv2.CAP_PROP_FRAME_HEIGHT) > MAX_PIXELS:
        return None, f"its frames have more than {MAX_PIXELS // 1_000_000} million pixels"
    if _codec(capture) in AV1_CODES:
        if not _decodes(capture):
            return None, AV1
        if not source.live:  # from its first frame on
            capture = _capture(source, seconds, read_seconds)
    return capture, ""


def _codec(capture: Any) -> str:
    """Return the four letters of the codec."""
    import cv2

    return (
        int(capture.get(cv2.CAP_PROP_FOURCC))
        .to_bytes(8, "little", signed=True)[:4]
        .decode("latin-1")
    )


def _decodes(capture: Any) -> bool:
    """Return True if a first frame can be decoded; FFmpeg opens some codecs that it cannot."""
    with ffmpeg_messages():
        return bool(capture.grab())


def _unfit(source: Source) -> str | None:
    """Return why a device or file cannot be used, before a driver or decoder sees it; or None."""
    try:
        if source.kind == "device":
            return _unfit_device(source.address)
        if source.kind == "video":
            with files.opened(source.address) as handle:
                regular = stat.S_ISREG(os.fstat(handle).st_mode)
            return None if regular else "it is not a regular file"
    except OSError as error:
        return (error.strerror or "it cannot be opened").lower()
    return None


def _unfit_device(path: str) -> str | None:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        return None if stat.S_ISCHR(os.fstat(handle).st_mode) else "it is not a camera"
    finally:
        os.close(handle)


def _cause(source: Source, messages: str) -> str:
    for sign, cause in _CAUSES if source.kind == "url" else ():
        if re.search(sign, messages):
            return cause
    kind = why_no_video(source.address) if source.kind == "video" else None
    return (
        kind
        or {
            "device": "it is busy, or it does not deliver pictures",
            "url": "it does not answer with a video stream",
            "video": "it is damaged or not a video",
        }[source.kind]
    )


def _capture(source: Source, seconds: float, read_seconds: float) -> Any:
    import cv2

    if source.kind == "device":
        os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = str(math.ceil(read_seconds))
        capture = cv2.VideoCapture(source.address, cv2.CAP_V4L2)
        if capture.isOpened():
            adjust(capture, source)
        return capture
    address, options = source.address, _ffmpeg_options(source, seconds)
    if source.kind == "video":  # by its descriptor: a sealed worker opens nothing
        with files.opened(source.address) as handle:
            os.lseek(handle, 0, os.SEEK_SET)
            address, options = "fd:", f"{options}|fd;{os.dup(handle)}"
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = options
    parameters = [
        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, max(1, round(1000 * seconds))),
        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, max(1, round(1000 * read_seconds))),
        *(cv2.CAP_PROP_N_THREADS, 1),
    ]
    return cv2.VideoCapture(address, cv2.CAP_FFMPEG, parameters)


def _ffmpeg_options(source: Source, seconds: float) -> str:
    """Return FFmpeg's options as `name;value|name;value`, with the protocols that are allowed."""
    if source.kind == "video":
        options = {"protocol_whitelist": "fd", "format_whitelist": _FORMATS}
    else:
        scheme = source.address.split(":", 1)[0].lower()
        options = {
            "protocol_whitelist": _PROTOCOLS[scheme],
            "format_whitelist": _NETWORK_FORMATS,
            "timeout": str(round(1_000_000 * seconds)),
            "fflags": "nobuffer",
            "analyzeduration": "1000000",  # of the stream's microseconds; 5 seconds otherwise
        }
        if scheme == "rtsp":
            options["rtsp_transport"] = "tcp"
        if source.host is not None and scheme == "http":
            options["headers"] = f"Host: {source.host}"
    return "|".join(f"{name};{value}" for name, value in options.items())


def adjust(capture: Any, source: Source) -> None:
    """Apply the settings of `source` to an open device. A device ignores what it does not know."""
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
