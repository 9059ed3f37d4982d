"""The list of cameras, from a kernel's answers as linux/videodev2.h lays them out."""

from __future__ import annotations

import errno
import struct
from pathlib import Path

import pytest

from facecli.capture import devices

CAPTURE, METADATA = 0x1, 0x800000
SIZES = {b"MJPG": [(1280, 720), (640, 480)], b"YUYV": [(640, 480)]}


class Camera:
    """A driver's side of the requests. sizes: by format; ranges where `stepwise`."""

    def __init__(self, own: int, everything: int | None = None, stepwise: bool = False) -> None:
        self.own = own
        self.everything = devices.DEVICE_CAPS | own if everything is None else everything
        self.stepwise = stepwise

    def ask(self, handle: int, request: int, content: bytearray) -> None:
        assert handle == 3
        {
            devices.QUERYCAP: self._capability,
            devices.ENUM_FMT: self._format,
            devices.ENUM_FRAMESIZES: self._size,
        }[request](content)

    def _capability(self, content: bytearray) -> None:
        struct.pack_into("=II", content, 84, self.everything, self.own)

    def _format(self, content: bytearray) -> None:
        index, kind = struct.unpack_from("=II", content)
        assert kind == CAPTURE
        if index >= len(SIZES):
            raise OSError(errno.EINVAL, "no more")
        content[44:48] = list(SIZES)[index]

    def _size(self, content: bytearray) -> None:
        (index,) = struct.unpack_from("=I", content)
        sizes = SIZES[bytes(content[4:8])]
        if index >= (1 if self.stepwise else len(sizes)):
            raise OSError(errno.EINVAL, "no more")
        if self.stepwise:
            struct.pack_into("=7I", content, 8, 3, 32, 1920, 8, 24, 1080, 8)
        else:
            struct.pack_into("=III", content, 8, 1, *sizes[index])


def test_formats_and_their_sizes() -> None:
    assert devices.described(3, Camera(CAPTURE).ask) == ["MJPG 1280x720, 640x480", "YUYV 640x480"]


def test_a_range_of_sizes() -> None:
    assert devices.described(3, Camera(CAPTURE, stepwise=True).ask) == [
        "MJPG 32x24 to 1920x1080", "YUYV 32x24 to 1920x1080",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("camera", "is_one"),
    [
        (Camera(CAPTURE), True),
        (Camera(METADATA, devices.DEVICE_CAPS | CAPTURE | METADATA), False),  # its other node is
        (Camera(0, CAPTURE), True),  # a driver that does not tell its nodes apart
        (Camera(CAPTURE, METADATA), False),
    ],
)
def test_what_captures_no_pictures_is_no_camera(camera: Camera, is_one: bool) -> None:
    assert (devices.described(3, camera.ask) is not None) == is_one


def test_a_driver_that_never_ends_its_list_is_stopped() -> None:
    camera = Camera(CAPTURE)

    def endless(handle: int, request: int, content: bytearray) -> None:
        if request == devices.QUERYCAP:
            camera.ask(handle, request, content)
        elif request == devices.ENUM_FRAMESIZES:
            raise OSError(errno.ENOTTY, "not known")

    formats = devices.described(3, endless)
    assert formats is not None
    assert len(formats) == devices.MOST


def test_devices_come_by_number_and_say_why_they_cannot_be_asked(tmp_path: Path) -> None:
    for number, name in ((10, "Door"), (2, "Desk"), (3, "Gone")):
        node = tmp_path / f"sys/class/video4linux/video{number}"
        node.mkdir(parents=True)
        (node / "name").write_text(f"{name}\n")
    (tmp_path / "dev").mkdir()
    for number in (2, 10):
        (tmp_path / f"dev/video{number}").touch()  # a file: no device, and it says so
    found = devices.devices(tmp_path)
    assert [device.name for device in found] == ["Desk", "Gone", "Door"]
    assert [device.formats for device in found] == [()] * 3
    assert found[1].why == "no such file or directory"
    assert "ioctl" in (found[0].why or "")


def test_a_machine_without_cameras_has_none(tmp_path: Path) -> None:
    assert devices.devices(tmp_path) == []
