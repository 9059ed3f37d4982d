"""One worker process: messages in pieces, messages that are none, and its end."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from facecli.errors.workers import WorkersFailed
from facecli.workers import process as process_module
from facecli.workers.answers import Answers, refusal_in
from facecli.workers.child import MessageKind
from facecli.workers.process import WorkerProcess, end, exchange
from tests.workers import jobs
from tests.workers.processes import children_from_now_on

LONG = 60.0  # seconds: nothing takes so long, unless it hangs


@pytest.fixture
def started() -> Iterator[Callable[..., WorkerProcess]]:
    """Starts workers, and ends them with the test."""
    workers: list[WorkerProcess] = []

    def start(setup: Callable[[], object] = jobs.obeying) -> WorkerProcess:
        worker = WorkerProcess(pickle.dumps(setup), memory_limit=0, threads=1, debug=False)
        workers.append(worker)
        return worker

    yield start
    end(workers)


def messages_of(worker: WorkerProcess, number: int) -> list[tuple[MessageKind, bytes]]:
    """Wait for that many messages, or for the end of the worker."""
    found: list[tuple[MessageKind, bytes]] = []
    deadline, more = time.monotonic() + LONG, True
    while len(found) < number and more:
        assert time.monotonic() < deadline
        exchange([worker], deadline)
        messages, more = worker.receive()
        found += messages
    return found


def order(worker: WorkerProcess, what: str, value: object) -> None:
    worker.send(MessageKind.TASK, pickle.dumps((what, value)))


def result_of(kind: MessageKind, content: bytes) -> Any:
    return Answers(jobs.obeying).read(kind, content, None)


def test_a_worker_reports_each_step(started: Callable[..., WorkerProcess]) -> None:
    worker = started()
    order(worker, "echo", 42)
    kinds, contents = zip(*messages_of(worker, 3), strict=True)
    assert kinds == (MessageKind.READY, MessageKind.STARTED, MessageKind.RESULT)
    assert result_of(kinds[-1], contents[-1]) == 42


def test_a_message_larger_than_the_pipe_goes_in_pieces(
    started: Callable[..., WorkerProcess],
) -> None:
    worker = started()
    order(worker, "echo", bytes(5_000_000))
    assert worker.has_unsent
    *_, (kind, content) = messages_of(worker, 3)
    assert len(result_of(kind, content)) == 5_000_000
    assert not worker.has_unsent


def test_what_was_sent_before_the_end_arrives(started: Callable[..., WorkerProcess]) -> None:
    worker = started()
    order(worker, "echo", 1)
    order(worker, "exit", 3)
    kinds = [kind for kind, _ in messages_of(worker, 100)]
    assert kinds[:3] == [MessageKind.READY, MessageKind.STARTED, MessageKind.RESULT]
    assert worker.epitaph() == "ended itself (exit code 3)"


def test_a_refused_setup_is_a_message(started: Callable[..., WorkerProcess]) -> None:
    [(kind, content)] = messages_of(started(jobs.refusing), 1)
    assert kind is MessageKind.REFUSED
    assert "its hash is another" in str(refusal_in(kind, content))


def test_bytes_that_are_no_message_end_the_exchange(started: Callable[..., WorkerProcess]) -> None:
    worker = started()
    order(worker, "garble", None)
    messages_of(worker, 100)
    assert worker.epitaph() == "sent something that is not a message"


def test_how_a_killed_worker_ended(started: Callable[..., WorkerProcess]) -> None:
    worker = started()
    order(worker, "kill", signal.SIGKILL)
    messages_of(worker, 100)
    assert worker.epitaph() == "was killed (SIGKILL, perhaps for lack of memory)"


def test_a_deadline_that_is_over_waits_for_nothing(started: Callable[..., WorkerProcess]) -> None:
    worker = started(jobs.never_ready)
    for _ in range(1000):
        exchange([worker], 0.0)
    assert worker.receive() == ([], True)


def test_no_process_is_left_after_the_end() -> None:
    started = children_from_now_on()
    workers = [
        WorkerProcess(pickle.dumps(jobs.obeying), memory_limit=0, threads=1, debug=False)
        for _ in range(2)
    ]
    assert len(started()) == 2
    end(workers)
    assert started() == set()
    end(workers)  # once more does nothing


def test_a_worker_that_cannot_be_started_leaves_no_descriptor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_module, "_CHILD", "\0")  # no path has this
    before = os.listdir("/proc/self/fd")
    with pytest.raises(ValueError, match="null byte"):
        WorkerProcess(pickle.dumps(jobs.obeying), memory_limit=0, threads=1, debug=False)
    assert os.listdir("/proc/self/fd") == before


def test_an_interpreter_that_is_gone_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/proc/none/python")
    before = os.listdir("/proc/self/fd")
    with pytest.raises(WorkersFailed, match="no such file"):
        WorkerProcess(pickle.dumps(jobs.obeying), memory_limit=0, threads=1, debug=False)
    assert os.listdir("/proc/self/fd") == before


def test_no_secret_is_in_a_workers_environment(
    started: Callable[..., WorkerProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("FACECLI_KEY_FILE", "FACECLI_PASSPHRASE_COMMAND", "FACECLI_CAMERA_URL")
    for name in (*names, "CREDENTIALS_DIRECTORY"):
        monkeypatch.setenv(name, "SESAME")
    of_this_test = children_from_now_on()
    messages_of(started(), 1)
    [pid] = of_this_test()
    with open(f"/proc/{pid}/environ", "rb") as environment:
        assert b"SESAME" not in environment.read()
