"""The meaning of a worker's message to its parent."""

from __future__ import annotations

import pickle

from facecli.errors.command_line import BadInput
from facecli.errors.workers import WorkersFailed
from facecli.workers.answers import Failure, refusal_in, result_of
from facecli.workers.child import MessageKind


def test_a_result_is_returned_as_it_is() -> None:
    assert result_of(MessageKind.RESULT, pickle.dumps(("code", "message"))) == ("code", "message")


def test_a_failure_has_its_code_and_message() -> None:
    failure = result_of(MessageKind.FAILED, pickle.dumps(("too-dark", "a.jpg: it is dark")))
    assert failure == Failure("too-dark", "a.jpg: it is dark")


def test_a_result_that_cannot_be_read_is_a_failure() -> None:
    failure = result_of(MessageKind.RESULT, b"no pickle")
    assert isinstance(failure, Failure)
    assert failure.code == "failed"
    assert "cannot be read" in failure.message


def test_a_refusal_is_the_error_of_the_setup_or_names_its_type() -> None:
    error = BadInput(what="the model", why="its hash is another")
    assert str(refusal_in(pickle.dumps(error))) == str(error)
    other = refusal_in(pickle.dumps("RuntimeError"))
    assert isinstance(other, WorkersFailed)
    assert "RuntimeError" in str(other)
