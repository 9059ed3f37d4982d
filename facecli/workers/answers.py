"""Answers of worker processes, read in the parent: a result, a failure, or a refused setup."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any

from facecli.errors.base import FacecliError
from facecli.errors.workers import WorkersFailed
from facecli.workers.child import MessageKind

CRASHED = "worker-crashed"


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that gave no result: a reason code, and a sentence without its full stop."""

    code: str
    message: str


def result_of(kind: MessageKind, content: bytes) -> Any:
    """Return the result in a `RESULT` message, or the `Failure` in a `FAILED` one."""
    answer = _unpickled(content)
    return Failure(*answer) if kind is MessageKind.FAILED and isinstance(answer, tuple) else answer


def refusal_in(content: bytes) -> FacecliError:
    """Return the error in a `REFUSED` message: the one that setup raised, or `WorkersFailed`."""
    answer = _unpickled(content)
    if isinstance(answer, FacecliError):
        return answer
    return WorkersFailed(why=f"their setup ended with {answer}")


def _unpickled(content: bytes) -> object:
    """Load a worker's message. Workers run our own code, trusted as far as decoders are sound."""
    try:
        return pickle.loads(content)  # noqa: S301
    except Exception as error:
        return Failure("failed", f"its result cannot be read ({type(error).__name__})")
