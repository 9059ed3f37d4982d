"""The script of a worker, spoken to over its two pipes as a parent does."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from facecli.workers import child, wire
from facecli.workers.child import HEADER, MessageKind, Terms
from facecli.workers.confinement.bounds import Bounds
from tests.workers import jobs


class Parent:
    """Runs the script as a process, and speaks with it."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        setup: Callable[[], Any],
        *,
        parent: int | None = None,
        memory_limit: int = 0,
        bounds: Bounds | None = None,
        packets: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a worker and send it the terms and the setup.

        packets: let `os.read` return what was written together, and no more (pipe2(2)).
        """
        tasks, self.send_to = socket.socketpair()
        self.read_from, results = os.pipe2(os.O_DIRECT) if packets else os.pipe()
        handles = tasks.fileno(), results
        process = subprocess.Popen(
            [sys.executable, child.__file__, *map(str, handles)], pass_fds=handles
        )
        self._processes.append(process)
        tasks.close()
        os.close(results)
        terms = Terms(
            path=sys.path, parent=os.getpid() if parent is None else parent,
            memory_limit=memory_limit,
        )  # fmt: skip
        self.send(MessageKind.TERMS, terms)
        self.send(MessageKind.BOUNDS, bounds)
        self.send(MessageKind.SETUP, setup)
        return process

    def send(self, kind: MessageKind, *contents: object) -> None:
        """Send a message with each of these contents, all at once."""
        parts = [pickle.dumps(content) for content in contents]
        self.send_to.sendall(b"".join(HEADER.pack(len(data), kind) + data for data in parts))

    def read(self) -> tuple[MessageKind, Any]:
        """The next message."""
        length, kind = HEADER.unpack(self._exactly(HEADER.size))
        content = self._exactly(length)
        return MessageKind(kind), wire.unpack(content, Any) if content else None

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            part = os.read(self.read_from, length - len(data))
            assert part, "the worker has ended"
            data += part
        return data

    def has_ended(self) -> bool:
        """Wait for the end of the worker's messages."""
        return os.read(self.read_from, 1) == b""

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self.send_to.close()
        os.close(self.read_from)


def kinds_in(data: bytes) -> list[MessageKind]:
    """The kinds of whole messages."""
    found = []
    while data:
        length, kind = HEADER.unpack_from(data)
        found.append(MessageKind(kind))
        data = data[HEADER.size + length :]
    return found


@pytest.fixture
def parent() -> Iterator[Parent]:
    """The parent of a worker, which ends with the test."""
    made = Parent()
    yield made
    made.close()


def test_it_reports_that_it_is_ready_and_each_task(parent: Parent) -> None:
    parent.start(jobs.doubling)
    assert parent.read() == (MessageKind.READY, None)
    for number in (1, 2):
        parent.send(MessageKind.TASK, number)
        assert parent.read() == (MessageKind.STARTED, None)
        assert parent.read() == (MessageKind.RESULT, 2 * number)


def test_an_answer_comes_together_with_the_start_of_a_task_that_waits(parent: Parent) -> None:
    parent.start(jobs.doubling, packets=True)
    parent.send(MessageKind.TASK, 1, 2)
    written = [kinds_in(os.read(parent.read_from, 1 << 16)) for _ in range(4)]
    assert written == [
        [MessageKind.READY], [MessageKind.STARTED],
        [MessageKind.RESULT, MessageKind.STARTED], [MessageKind.RESULT],
    ]  # fmt: skip


def test_it_ends_when_its_pipe_does(parent: Parent) -> None:
    process = parent.start(jobs.doubling)
    parent.read()
    parent.send_to.close()
    assert process.wait(timeout=60) == 0


def test_it_does_not_work_for_a_parent_that_has_died(parent: Parent) -> None:
    process = parent.start(jobs.doubling, parent=1 if os.getpid() != 1 else 2)
    assert parent.has_ended()
    assert process.wait(timeout=60) == 0


def test_a_setup_that_fails_is_told_by_its_type_alone(parent: Parent) -> None:
    process = parent.start(jobs.raising)
    assert parent.read() == (MessageKind.BROKEN, "RuntimeError")
    assert process.wait(timeout=60) == 1


def test_an_error_of_ours_is_sent_whole(parent: Parent) -> None:
    parent.start(jobs.refusing)
    kind, (name, details) = parent.read()
    assert kind is MessageKind.REFUSED
    assert name == "facecli.errors.command_line:BadInput"
    assert details == {"what": "the model", "why": "its hash is another"}


@pytest.mark.parametrize(
    ("order", "failure"),
    [
        (
            ("fail", "the secret"),
            ("failed", "an unexpected KeyError ended the work on it"),
        ),
        (("capture-failed", "a.jpg"), ("too-many-pixels", "a.jpg: it is no image.")),
    ],
)
def test_a_task_that_fails_gives_a_code_and_a_message(
    parent: Parent, order: object, failure: object
) -> None:
    parent.start(jobs.obeying)
    assert parent.read()[0] is MessageKind.READY
    parent.send(MessageKind.TASK, order)
    parent.read()
    assert parent.read() == (MessageKind.FAILED, failure)


def test_memory_over_the_limit_fails_the_task(parent: Parent) -> None:
    parent.start(jobs.obeying, memory_limit=512 * 2**20)
    parent.read()
    parent.send(MessageKind.TASK, ("allocate", 2**30))
    parent.read()
    kind, (code, message) = parent.read()
    assert (kind, code) == (MessageKind.FAILED, "worker-crashed")
    assert "512 MiB" in message


def test_too_little_memory_in_the_setup_is_reported_as_that(parent: Parent) -> None:
    parent.start(jobs.hungry, memory_limit=512 * 2**20)
    kind, (name, details) = parent.read()
    assert (kind, name) == (MessageKind.REFUSED, "facecli.errors.workers:TooLittleForWorkers")
    assert details == {"why": "to begin takes more than the 512 MiB allowed to a worker"}


def test_a_worker_leaves_no_core_and_is_ended_before_its_parent(parent: Parent) -> None:
    """A core file would hold a photo."""
    process = parent.start(partial(jobs.obeying))
    parent.read()
    with open(f"/proc/{process.pid}/limits") as limits:
        [core] = [line for line in limits if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    with open(f"/proc/{process.pid}/oom_score_adj") as score:
        assert int(score.read()) == 800
