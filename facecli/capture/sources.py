"""Sources of frames: a camera of this machine, a camera on the network, or a video file.

Imports nothing that sees pixels. Only the `name` of a source is printed. It has only scheme, host
and port of a URL, because cameras accept passwords as user information, in the query and in the
path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_LAST_PORT = 65535
_BEHIND_TLS = {"rtsps": "rtsp", "https": "http"}
_DEVICE = re.compile(r"(?:/dev/video)?([0-9]{1,3})")


@dataclass(frozen=True)
class Source:
    """A source of frames and the settings to read it with.

    address: a device's path, a URL (never print it: print `name`), or a video file's path.
    size: (width, height) in pixels to request from a camera. mjpeg: request compressed frames from
    a device, which USB carries at a higher rate. exposure: of a device, in the driver's units
    (V4L2's exposure_time_absolute: 100 microseconds); None leaves it automatic.
    rotate: degrees clockwise by which frames are turned. ca: certificates in PEM, of which one must
    vouch for a camera behind TLS; None: the system's authorities. host: the host's name, where the
    address has its number instead (see `at`).
    """

    kind: Literal["device", "url", "video"]
    address: str = field(repr=False)
    size: tuple[int, int] | None = None
    mjpeg: bool = False
    exposure: int | None = None
    rotate: Rotation = 0
    ca: str | None = field(default=None, repr=False)
    host: str | None = None

    @property
    def secure(self) -> bool:
        """True if the URL is one of a camera behind TLS."""
        return self.kind == "url" and self._parts()["scheme"].lower() in _BEHIND_TLS

    @property
    def endpoint(self) -> tuple[str, int]:
        """The host and the port of a URL."""
        match = self._parts()
        port = int(match["port"][1:]) if match["port"] else _PORTS[match["scheme"].lower()]
        return match["host"].strip("[]"), port

    def at(self, number: str) -> Source:
        """Return the same camera as a decoder reaches it: by its number, and never by TLS.

        The number stands there as it stands in a URL.
        """
        match = self._parts()
        scheme = match["scheme"].lower()
        scheme = _BEHIND_TLS.get(scheme, scheme)
        port = match["port"] or f":{_PORTS[match['scheme'].lower()]}"
        before = self.address[match.end("scheme") : match.start("host")]
        after = self.address[match.end("port") if match["port"] else match.end("host") :]
        host = None if match["host"] == number else match["host"] + (match["port"] or "")
        address = f"{scheme}{before}{number}{port}{after}"
        return replace(self, address=address, host=host, ca=None)

    def _parts(self) -> re.Match[str]:
        match = _URL.fullmatch(self.address)
        if match is None:
            raise ValueError("a source that is not a URL")
        return match

    @property
    def live(self) -> bool:
        """True if frames come without being asked for."""
        return self.kind != "video"

    @property
    def path(self) -> str:
        """The source in records: a file's path as it was given, or the name."""
        return self.address if self.kind == "video" else self.name

    @property
    def name(self) -> str:
        """The source in prints and logs."""
        if self.kind != "url":
            return printable(self.address)
        match = _URL.fullmatch(self.address)
        if match is None:
            return "the camera's URL"
        more = "/…" if (match["rest"] or "/") != "/" else ""
        return f"{match['scheme'].lower()}://{match['host']}{match['port'] or ''}{more}"


def device(which: str) -> Source:
    """Return the camera with that number or /dev/video path. Raises `BadInput`."""
    match = _DEVICE.fullmatch(which)
    if match is not None:
        return Source("device", f"/dev/video{int(match[1])}")
    if which.startswith("/dev/") and ".." not in which:
        return Source("device", which)
    why = "a device is a number, as in 0, or a path, as in /dev/video0; see `facecli camera list`"
    raise BadInput(what=f"The device {printable(which)}", why=why)


def url(address: str) -> Source:
    """Return the camera at a URL. Raises `BadInput`, whose message quotes nothing of the URL."""
    match = _URL.fullmatch(address)
    if match is None or not address.isprintable() or " " in address:
        raise BadInput(what="The camera's URL", why="it is not a URL such as rtsp://HOST/PATH")
    if match["scheme"].lower() not in SCHEMES:
        raise BadInput(
            what="The camera's URL", why=f"its scheme must be one of {', '.join(SCHEMES)}"
        )
    if match["port"] and not 0 < int(match["port"][1:]) <= _LAST_PORT:
        raise BadInput(what="The camera's URL", why=f"its port must be one of 1 to {_LAST_PORT}")
    return Source("url", address)


def url_from(given: str | None, file: Path | None, environment: Mapping[str, str]) -> Source | None:
    """Return the camera of `--url`, or of the first line of `--url-file`, or of the environment."""
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
    """Return the video file at that path."""
    return Source("video", str(path))
