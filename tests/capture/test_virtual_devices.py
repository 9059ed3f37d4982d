"""Cameras that are programs, by their drivers and their places in sysfs."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.capture.virtual_devices import is_virtual


def silent(_: str) -> str:
    """A device that does not state its driver."""
    return ""


def listed(root: Path, place: str, driver: str | None) -> str:
    """A device in sysfs at a place, with its driver; returns its path."""
    node = root / "sys" / place / "video4linux" / "video7"
    node.mkdir(parents=True)
    if driver is not None:
        (root / "sys/drivers" / driver).mkdir(parents=True)
        (node.parent.parent / "driver").symlink_to(root / "sys/drivers" / driver)
        (node / "device").symlink_to(node.parent.parent)
    links = root / "sys/class/video4linux"
    links.mkdir(parents=True)
    (links / "video7").symlink_to(node)
    (root / "dev").mkdir()
    (root / "dev/video7").touch()
    return str(root / "dev/video7")


@pytest.mark.parametrize(
    ("place", "driver", "virtual"),
    [
        ("devices/virtual", None, True),  # v4l2loopback, akvcam
        ("devices/platform/vivid.0", "vivid", True),
        ("devices/platform/vimc.0", "vimc", True),
        ("devices/pci0000:00/usb1/1-2/1-2:1.0", "uvcvideo", False),
        ("devices/platform/soc/fe801000.csi", "unicam", False),
    ],
)
def test_the_place_in_sysfs_tells(
    tmp_path: Path, place: str, driver: str | None, virtual: bool
) -> None:
    device = listed(tmp_path, place, driver)
    assert is_virtual(device, tmp_path, silent) is virtual
    (tmp_path / "dev/by-name").symlink_to("video7")
    assert is_virtual(str(tmp_path / "dev/by-name"), tmp_path, silent) is virtual


@pytest.mark.parametrize(
    ("driver", "virtual"),
    [("v4l2 loopback", True), ("v4l2loopback", True), ("vivid", True), ("uvcvideo", False)],
)
def test_the_driver_tells_where_there_is_no_sysfs(
    tmp_path: Path, driver: str, virtual: bool
) -> None:
    assert is_virtual("/dev/video7", tmp_path, lambda _: driver) is virtual


@pytest.mark.parametrize("device", ["/dev/null", "/nowhere/video0"])
def test_what_is_no_camera_is_left_to_its_opener(tmp_path: Path, device: str) -> None:
    assert not is_virtual(device, tmp_path)
