"""The meaning of a worker's message to its parent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from facecli.errors.command_line import BadInput
from facecli.errors.workers import WorkersFailed
from facecli.workers import wire
from facecli.workers.answers import Answers, Failure, refusal_in
from facecli.workers.child import MessageKind
from facecli.workers.wire import Forged
from tests.workers import jobs


@dataclass(frozen=True)
class Sum:
    """An answer that names its task."""

    task: int
    total: int

    def is_answer_to(self, task: int, addend: int) -> bool:
        return self.task == task and self.total == task + addend


def adding(addend: int) -> Callable[[int], Sum]:
    return lambda task: Sum(task, task + addend)


def test_a_result_is_returned_as_it_is() -> None:
    content = wire.pack(("code", "message"))
    assert Answers(jobs.obeying).read(MessageKind.RESULT, content, 1) == ("code", "message")


def test_a_failure_has_its_code_and_message() -> None:
    content = wire.pack(("too-dark", "a.jpg: it is dark"))
    failure = Answers(jobs.doubling).read(MessageKind.FAILED, content, 1)
    assert failure == Failure("too-dark", "a.jpg: it is dark")


@pytest.mark.parametrize(
    "content",
    [
        b"no answer",
        wire.pack("text"),
        wire.pack(("Not A Code", "")),
        wire.pack(("", "")),
        wire.pack(("code", "m" * 100_000)),
    ],
)
def test_a_failure_that_is_none_is_forged(content: bytes) -> None:
    with pytest.raises(Forged):
        Answers(jobs.doubling).read(MessageKind.FAILED, content, 1)


def test_a_result_of_another_type_is_forged() -> None:
    with pytest.raises(Forged):
        Answers(jobs.doubling).read(MessageKind.RESULT, wire.pack("text"), 1)


def test_a_result_that_does_not_fit_its_task_is_forged() -> None:
    """The answer is compared with the task, and with what the worker was set up with."""
    answers = Answers(partial(adding, 5))
    assert answers.read(MessageKind.RESULT, wire.pack(Sum(2, 7)), 2) == Sum(2, 7)
    for forged, task in ((Sum(2, 7), 3), (Sum(2, 8), 2)):
        with pytest.raises(Forged):
            answers.read(MessageKind.RESULT, wire.pack(forged), task)


def test_a_setup_must_state_the_type_of_its_answers() -> None:
    def silent() -> Any:
        return None

    with pytest.raises(TypeError, match="must state"):
        Answers(silent)


def test_a_refusal_is_the_error_of_the_setup_or_names_its_type() -> None:
    error = BadInput(what="the model", why="its hash is another")
    assert str(refusal_in(MessageKind.REFUSED, wire.pack_error(error))) == str(error)
    other = refusal_in(MessageKind.BROKEN, wire.pack("RuntimeError"))
    assert isinstance(other, WorkersFailed)
    assert "RuntimeError" in str(other)


@pytest.mark.parametrize("kind", [MessageKind.REFUSED, MessageKind.BROKEN])
def test_a_forged_refusal_is_still_a_refusal(kind: MessageKind) -> None:
    assert isinstance(refusal_in(kind, b"no answer"), WorkersFailed)
