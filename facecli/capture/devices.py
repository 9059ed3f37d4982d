"""List the cameras of this machine with Video4Linux; reads no pixels.

Requests, structures and constants are those of linux/videodev2.h. The library for them, linuxpy, is
under the GPL, which does not fit this project's licence; three requests are enough.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

QUERYCAP, ENUM_FMT, ENUM_FRAMESIZES = 0x80685600, 0xC0405602, 0xC02C564A
VIDEO_CAPTURE, DEVICE_CAPS = 0x1, 0x80000000
_CAPABILITY = struct.Struct("=16s32s32sIII12x")  # driver, card, bus, version, all, this device's
_FORMAT = struct.Struct("=III32s4sI12x")  # index, type, flags, description, pixels, bus
_SIZE = struct.Struct("=I4sI6I8x")  # index, pixels, type, width and height, or their ranges
_DISCRETE = 1
MOST = 64  # formats, and sizes of each: the limit for a driver whose list never ends

Request = Callable[[int, int, bytearray], None]


@dataclass(frozen=True)
class Device:
    """A camera.

    formats: such as `MJPG 1280x720, 640x480`. why: the reason why it cannot be opened, if so.
    """

    path: str
    name: str
    formats: tuple[str, ...] = ()
    why: str | None = None


def devices(root: Path = Path("/")) -> list[Device]:
    """Return the cameras of this machine in order of their numbers.

    Devices that capture no pictures (metadata, codecs) are left out.

    Args:
        root: the folder that contains `sys` and `dev`.
    """
    nodes = (root / "sys/class/video4linux").glob("video[0-9]*")
    found = (_device(root, node) for node in sorted(nodes, key=_number))
    return [device for device in found if device is not None]


def _number(node: Path) -> int:
    digits = node.name.removeprefix("video")
    return int(digits) if digits.isdecimal() else -1


def _device(root: Path, node: Path) -> Device | None:
    path = root / "dev" / node.name
    name = ""
    with suppress(OSError):
        name = (node / "name").read_text(encoding="utf-8", errors="replace").strip()
    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        return Device(str(path), name, why=(error.strerror or "it cannot be opened").lower())
    try:
        formats = described(handle, _ask)
    except OSError as error:
        return Device(str(path), name, why=(error.strerror or "it does not answer").lower())
    finally:
        os.close(handle)
    return None if formats is None else Device(str(path), name, tuple(formats))


def _ask(handle: int, request: int, content: bytearray) -> None:
    fcntl.ioctl(handle, request, content)


def described(handle: int, ask: Request) -> list[str] | None:
    """Return the formats of an open device, or None if it captures no pictures.

    Args:
        ask: does one `ioctl` and changes the content in place.

    Raises:
        OSError: the device does not know the first request.
    """
    content = bytearray(_CAPABILITY.size)
    ask(handle, QUERYCAP, content)
    *_, everything, own = _CAPABILITY.unpack(content)
    if not (own if everything & DEVICE_CAPS else everything) & VIDEO_CAPTURE:
        return None
    formats = []
    for pixels in _formats(handle, ask):
        sizes = ", ".join(_sizes(handle, ask, pixels))
        formats.append(f"{pixels.decode('ascii', 'replace').strip()} {sizes}".strip())
    return formats


def _formats(handle: int, ask: Request) -> Iterator[bytes]:
    for index in range(MOST):
        content = bytearray(_FORMAT.pack(index, VIDEO_CAPTURE, 0, b"", b"", 0))
        try:
            ask(handle, ENUM_FMT, content)
        except OSError:  # EINVAL after the last
            return
        yield _FORMAT.unpack(content)[4]


def _sizes(handle: int, ask: Request, pixels: bytes) -> Iterator[str]:
    for index in range(MOST):
        content = bytearray(_SIZE.pack(index, pixels, 0, *[0] * 6))
        try:
            ask(handle, ENUM_FRAMESIZES, content)
        except OSError:
            return
        _, _, kind, *sides = _SIZE.unpack(content)
        if kind == _DISCRETE:
            yield f"{sides[0]}x{sides[1]}"
            continue
        least_wide, most_wide, _, least_high, most_high, _ = sides
        yield f"{least_wide}x{least_high} to {most_wide}x{most_high}"
        return  # a format with a range has only this one
