"""Where frames come from: a camera of this machine, one on the network, or a video file.

Light: it imports nothing that sees pixels. What is printed of a source is its `name`, in which
nothing of a URL but scheme, host and port is left: cameras take passwords as user information,
in the query and in the path alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from facecli.errors.command_line import BadInput
from facecli.printable import printable

SCHEMES = ("rtsp", "rtsps", "http", "https")
URL_VARIABLE = "FACECLI_CAMERA_URL"
Rotation = Literal[0, 90, 180, 270]

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^/?#]*@)?"
    r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._~-]+)(?P<port>:[0-9]{1,5})?(?P<rest>[/?#].*)?",
    re.DOTALL,
)
_DEVICE = re.compile(r"(?:/dev/video)?([0-9]{1,3})")


@dataclass(frozen=True)
class Source:
    """A source of frames and how it is to be read.

    address: a device's path, a URL (never to be printed: print `name`), or a video file's path.
    size: (width, height) in pixels to ask a camera for. mjpeg: ask a device for compressed
    frames, which USB carries at a higher rate. exposure: of a device, in the driver's own
    units (V4L2's exposure_time_absolute: 100 microseconds); None leaves it automatic.
    rotate: degrees clockwise by which frames are turned.
    """

    kind: Literal["device", "url", "video"]
    address: str = field(repr=False)
    size: tuple[int, int] | None = None
    mjpeg: bool = False
    exposure: int | None = None
    rotate: Rotation = 0

    @property
    def live(self) -> bool:
        """Whether frames come whether or not they are asked for."""
        return self.kind != "video"

    @property
    def path(self) -> str:
        """What records call it: a file's path as it was given, else its name."""
        return self.address if self.kind == "video" else self.name

    @property
    def name(self) -> str:
        """The source as it may be printed and logged."""
        if self.kind != "url":
            return printable(self.address)
        match = _URL.fullmatch(self.address)
        if match is None:
            return "the camera's URL"
        more = "/…" if (match["rest"] or "/") != "/" else ""
        return f"{match['scheme'].lower()}://{match['host']}{match['port'] or ''}{more}"


def device(which: str) -> Source:
    """The camera of that number or /dev/video path. Raises `BadInput`."""
    match = _DEVICE.fullmatch(which)
    if match is not None:
        return Source("device", f"/dev/video{int(match[1])}")
    if which.startswith("/dev/") and ".." not in which:
        return Source("device", which)
    why = "a device is a number, as in 0, or a path, as in /dev/video0; see `facecli camera list`"
    raise BadInput(what=f"The device {printable(which)}", why=why)


def url(address: str) -> Source:
    """The camera at a URL. Raises `BadInput`, whose message quotes nothing of the URL."""
    match = _URL.fullmatch(address)
    if match is None or not address.isprintable() or " " in address:
        raise BadInput(what="The camera's URL", why="it is none: expected rtsp://HOST/… or http://")
    if match["scheme"].lower() not in SCHEMES:
        raise BadInput(what="The camera's URL", why=f"its scheme is none of {', '.join(SCHEMES)}")
    return Source("url", address)


def url_from(given: str | None, file: Path | None, environment: Mapping[str, str]) -> Source | None:
    """The camera of `--url`, else of the first line of `--url-file`, else of the environment."""
    if given is not None:
        return url(given)
    if file is not None:
        try:
            with file.open(encoding="utf-8") as stream:
                return url(stream.readline().strip())
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise BadInput(what=f"The URL file {printable(str(file))}", why=why.lower()) from None
    address = environment.get(URL_VARIABLE)
    return url(address) if address else None


def video(path: Path) -> Source:
    """The video file at that path."""
    return Source("video", str(path))
