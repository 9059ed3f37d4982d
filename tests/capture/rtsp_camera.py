"""Starts the RTSP camera of rtsp_server.py with the system's Python."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")


def require_rtsp_server() -> None:
    """Skip the test where GStreamer's server is not installed."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        done = subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False)
    except OSError:
        done = None
    if done is None or done.returncode != 0:
        pytest.skip("gir1.2-gst-rtsp-server-1.0 or python3-gi is not installed (make test-deps)")


def write_raw(path: Path, pictures: list[np.ndarray[Any, Any]]) -> Path:
    """Frames (BGR) as the server reads them: raw RGB, one after another."""
    path.write_bytes(b"".join(picture[:, :, ::-1].tobytes() for picture in pictures))
    return path


class RtspCamera:
    """A running camera. address: without the scheme. sent: the number of the last frame whose
    time has come, from 0."""

    def __init__(self, told: IO[str]) -> None:
        self.address = f"127.0.0.1:{int(told.readline())}/camera"
        self.sent = -1
        self._gone_out = threading.Condition()
        self._told = told
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def wait_for_frames(self, count: int) -> None:
        """Return once so many frames more have gone out."""
        until = self.sent + count
        with self._gone_out:
            assert self._gone_out.wait_for(lambda: self.sent >= until, timeout=20)

    def join(self) -> None:
        """Wait until the server, which was ended, says no more."""
        self._thread.join()

    def _listen(self) -> None:
        for _ in self._told:
            with self._gone_out:
                self.sent += 1
                self._gone_out.notify_all()


@contextmanager
def rtsp_server(raw: Path, size: tuple[int, int], rate: int, *login: str) -> Iterator[RtspCamera]:
    """A running camera, which asks for a login if one is given."""
    width, height = map(str, size)
    command = [SYSTEM_PYTHON, str(SERVER), str(raw), width, height, str(rate), *login]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            camera = RtspCamera(server.stdout)
            yield camera
        finally:
            server.kill()
        camera.join()
