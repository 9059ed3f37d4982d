"""Tell cameras that are programs, such as v4l2loopback: whoever runs one can show any picture.

A driver of the kernel can be changed by its administrator, so that this is no proof of a real
camera. Reads no pixels.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from facecli.capture.devices import QUERYCAP

_VIRTUAL_DRIVERS = {"v4l2loopback", "v4l2 loopback", "vivid", "vimc", "akvcam", "visl", "cuse"}
_VIRTUAL_FOLDER = "devices/virtual/"
_DRIVER_BYTES = 16  # of VIDIOC_QUERYCAP's answer, first
_CAPABILITY_BYTES = 104


def is_virtual(
    device: str, root: Path = Path("/"), driver: Callable[[str], str] | None = None
) -> bool:
    """Return True if a program and no hardware makes the pictures of a device.

    Args:
        device: the path of the device; links are followed.
        root: the folder that contains `sys`.
        driver: returns the name of the driver of a device; by default the kernel is asked.
    """
    named = (driver or _driver)(device).casefold()
    return named in _VIRTUAL_DRIVERS or _is_virtual_in_sysfs(device, root)


def _driver(device: str) -> str:
    """Return the name of the driver as the device states it; empty if it does not answer."""
    content = bytearray(_CAPABILITY_BYTES)
    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.ioctl(handle, QUERYCAP, content)
    except OSError:
        return ""
    finally:
        os.close(handle)
    return bytes(content[:_DRIVER_BYTES]).split(b"\0", 1)[0].decode("ascii", "replace")


def _is_virtual_in_sysfs(device: str, root: Path) -> bool:
    """Return True if the kernel lists the device without hardware, or under a virtual driver."""
    node = root / "sys/class/video4linux" / Path(os.path.realpath(device)).name
    with suppress(OSError):
        if _VIRTUAL_FOLDER in f"{node.resolve(strict=True)}/":
            return True
        return (node / "device" / "driver").resolve(strict=True).name in _VIRTUAL_DRIVERS
    return False
