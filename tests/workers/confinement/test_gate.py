"""A worker that reads a stream reaches its camera and nobody else, whatever it asks for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from facecli.workers.companion import Companion
from facecli.workers.confinement import landlock, seccomp
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.gate import MOST_CONNECTIONS, Gate, resolve
from facecli.workers.confinement.profiles import Profile
from tests.workers.confinement import worlds

Worker = Companion[tuple[str, tuple[str, int]], str]
pytestmark = pytest.mark.skipif(
    not (landlock.version() >= 6 and seccomp.is_known()), reason="this kernel confines less"
)


def listening(stack: ExitStack, host: str = "127.0.0.1", port: int = 0) -> tuple[str, int]:
    """The address of a server that lives as long as the stack."""
    server = stack.enter_context(socket.socket())
    server.bind((host, port))
    server.listen(50)
    address: tuple[str, int] = server.getsockname()
    return address


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


@pytest.fixture
def camera(stack: ExitStack) -> tuple[str, int]:
    return listening(stack)


@pytest.fixture
def worker(stack: ExitStack, camera: tuple[str, int]) -> Worker:
    found = resolve(*camera, 5)
    assert found is not None
    bounds = Bounds(Profile.STREAM, port=camera[1])
    made: Worker = Companion(worlds.connecting, bounds=bounds, gate=Gate(found, 5))
    stack.enter_context(made)
    made.wait()
    assert made.confinement is not None
    assert made.confinement.gate
    return made


def outcome(worker: Worker, way: str, address: tuple[str, int]) -> object:
    worker.ask((way, address))
    return worker.answer(30)


def test_whatever_it_asks_for_it_reaches_the_camera(
    worker: Worker, camera: tuple[str, int], stack: ExitStack
) -> None:
    others = [
        listening(stack),
        listening(stack, "127.0.0.2", camera[1]),  # another host, the same port
        ("192.0.2.1", 22),
    ]
    for asked in (camera, *others):
        assert outcome(worker, "connect", asked) == str(camera)


@pytest.mark.parametrize(
    "way",
    ["UDP", "MPTCP", "UNIX", "fast open", "fast open by sendmsg", "listen", "resolve", "read"],
)
def test_no_other_way_leads_out(way: str, worker: Worker, camera: tuple[str, int]) -> None:
    assert outcome(worker, way, camera) in ("PermissionError", "OSError", "gaierror", "LookupError")


def test_its_connections_are_numbered(worker: Worker, camera: tuple[str, int]) -> None:
    assert outcome(worker, "often", camera) == str(MOST_CONNECTIONS)


def test_a_camera_that_is_not_there_refuses(stack: ExitStack, camera: tuple[str, int]) -> None:
    found = resolve(*camera, 5)
    assert found is not None
    stack.close()
    bounds = Bounds(Profile.STREAM, port=camera[1])
    with Companion(worlds.connecting, bounds=bounds, gate=Gate(found, 5)) as worker:
        assert outcome(worker, "connect", camera) == "ConnectionRefusedError"


def test_names_are_resolved_in_the_parent() -> None:
    found = resolve("localhost", 80, 5)
    assert found is not None
    assert found.number in ("127.0.0.1", "[::1]")
    assert resolve("no-such-host.invalid", 80, 5) is None
    assert resolve("a" * 300, 80, 5) is None
