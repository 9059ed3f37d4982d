"""Cameras for the tests of sources of frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.capture.mjpeg_server import numbered
from tests.capture.rtsp_camera import RtspCamera, require_rtsp_server, rtsp_server, write_raw

StartRtsp = Callable[..., RtspCamera]


@pytest.fixture(scope="session")
def raw_frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty numbered frames: two seconds of the RTSP camera."""
    path = tmp_path_factory.mktemp("raw") / "frames.rgb"
    return write_raw(path, [numbered(number) for number in range(40)])


@pytest.fixture
def rtsp_camera(raw_frames: Path) -> Iterator[StartRtsp]:
    """Starts an RTSP camera, with a login if one is given."""
    require_rtsp_server()
    with ExitStack() as stack:
        yield lambda *login: stack.enter_context(rtsp_server(raw_frames, (192, 96), 20, *login))


@pytest.fixture
def lasting_rtsp_camera(tmp_path: Path) -> Iterator[RtspCamera]:
    """An RTSP camera of eight seconds."""
    require_rtsp_server()
    raw = write_raw(tmp_path / "frames.rgb", [numbered(number) for number in range(160)])
    with rtsp_server(raw, (192, 96), 20) as camera:
        yield camera
