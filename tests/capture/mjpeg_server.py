"""A camera on the network as many are: JPEGs in one endless HTTP answer, on loopback.

Every frame says its number in its own pixels, so that a test can tell which one it sees and how
many came after it. What a camera can do wrong is scripted, step by step.
"""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np

BITS = 12
CELL = 16
Step = str
"""One of "frame", "large frame", "garbage", "stall", "drop"; or "pour" and the length that is
stated for a picture that does not end, of which `POURED` bytes go out."""

POURED = 2**29


def numbered(number: int, size: tuple[int, int] = (BITS * CELL, 96)) -> np.ndarray[Any, Any]:
    """A BGR frame whose top row of cells is the number in binary, on grey."""
    width, height = size
    frame = np.full((height, width, 3), 96, np.uint8)
    for bit in range(BITS):
        frame[:CELL, bit * CELL : (bit + 1) * CELL] = 255 * (number >> bit & 1)
    return frame


def number_of(rgb: np.ndarray[Any, Any]) -> int:
    """The number in a frame that `numbered` made."""
    middle = CELL // 2
    cells = [rgb[middle, bit * CELL + middle].mean() > 127 for bit in range(BITS)]
    return sum(1 << bit for bit, lit in enumerate(cells) if lit)


class MjpegCamera:
    """The server; `url` is its address, `sent` the number of the last frame that went out.
    `while_pouring` is called while a picture without end goes out.

    script: what each connection does, step by step; after the last connection's the server
    refuses. None: frames without end. login: NAME:PASSWORD to be asked for. pictures: BGR, shown
    again and again instead of numbers. tls: what it shows over TLS.

    redirect: where its one path sends a client to, if not empty. heard: what came by HTTP.
    """

    def __init__(
        self,
        script: Iterable[Iterable[Step]] | None,
        rate: float,
        login: str | None,
        pictures: Sequence[Any] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.sent = -1
        self.redirect = ""
        self.heard: list[str] = []
        self.while_pouring: Callable[[], None] = lambda: None
        self.requests = 0
        self.closing = threading.Event()
        self._gone_out = threading.Condition()
        self._scripts = iter(script) if script is not None else None
        self._period = 1 / rate
        self._login = login
        self._pictures = pictures
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.requests += 1
                camera.heard.append(f"{self.requestline}\n{self.headers}")
                camera._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self._server.handle_error = lambda *_: None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        login = f"{self._login}@" if self._login else ""
        return (
            f"{self._scheme}://{login}127.0.0.1:{self._server.server_port}/video.mjpg?token=s3cret"
        )

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def close_connections(self) -> None:
        """Go away: no frame more, and no connection more."""
        self._scripts = iter(())
        self.closing.set()

    def wait_for_frames(self, count: int) -> None:
        """Return once so many frames more have gone out."""
        until = self.sent + count
        with self._gone_out:
            assert self._gone_out.wait_for(lambda: self.sent >= until, timeout=20)

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        if self.redirect and request.path.startswith("/video.mjpg"):
            request.send_response(302)
            request.send_header("Location", self.redirect)
            request.end_headers()
            return
        if self._login is not None:
            expected = "Basic " + base64.b64encode(self._login.encode()).decode()
            if request.headers.get("Authorization") != expected:
                request.send_response(401)
                request.send_header("WWW-Authenticate", 'Basic realm="camera"')
                request.end_headers()
                return
        steps = self._steps()
        if steps is None:
            request.send_error(404)
            return
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        request.end_headers()
        try:
            for step in steps:
                if step == "drop" or not self._take(step, request):
                    return
        except OSError:
            return

    def _steps(self) -> Iterator[Step] | None:
        if self._scripts is None:
            return iter(lambda: "frame", None)
        script = next(self._scripts, None)
        return None if script is None else iter(script)

    def _take(self, step: Step, request: BaseHTTPRequestHandler) -> bool:
        """Do one step; False once the test is over."""
        if step == "stall":
            self.closing.wait()
            return False
        if step.startswith("pour"):
            self._pour(step.removeprefix("pour "), request)
            return False
        if step == "garbage":
            body = bytes(range(256)) * 20
        else:
            done, data = cv2.imencode(".jpg", self._frame(2 if step == "large frame" else 1))
            assert done
            body = data.tobytes()
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
        request.wfile.write(head.encode() + body + b"\r\n")
        request.wfile.flush()
        if step != "garbage":
            with self._gone_out:
                self.sent += 1
                self._gone_out.notify_all()
        return not self.closing.wait(self._period)

    def _pour(self, length: str, request: BaseHTTPRequestHandler) -> None:
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n"
        request.wfile.write(head.encode())
        block = bytes(1 << 20)
        for _ in range(POURED // len(block)):
            request.wfile.write(block)
            self.while_pouring()

    def _frame(self, scale: int) -> np.ndarray[Any, Any]:
        number = self.sent + 1
        if self._pictures:
            picture: np.ndarray[Any, Any] = self._pictures[number % len(self._pictures)]
            return picture
        return np.kron(numbered(number), np.ones((scale, scale, 1), np.uint8))


@contextmanager
def mjpeg_camera(
    script: Iterable[Iterable[Step]] | None = None,
    rate: float = 50.0,
    login: str | None = None,
    pictures: Sequence[Any] = (),
    tls: ssl.SSLContext | None = None,
) -> Iterator[MjpegCamera]:
    """A running camera."""
    camera = MjpegCamera(script, rate, login, pictures, tls)
    try:
        yield camera
    finally:
        camera.close()
