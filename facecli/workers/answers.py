"""Answers of worker processes, read in the parent: a result, a failure, or a refused setup.

A worker may have been taken over by the file that it decodes. Its answers are checked against the
types that its setup states (`wire`), and against the task.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from facecli.errors.base import FacecliError
from facecli.errors.workers import WorkersFailed
from facecli.workers import wire
from facecli.workers.child import MessageKind
from facecli.workers.confinement.demands import note_what_is_lacking
from facecli.workers.confinement.steps import Confinement
from facecli.workers.wire import Forged

ANSWERS = (MessageKind.RESULT, MessageKind.FAILED, MessageKind.DECLINED)
CRASHED = "worker-crashed"
FORGED = "sent an answer that no such task can have"
"""Continues "the worker that had it"."""
_CODE = re.compile(r"[a-z][a-z0-9-]{1,40}")
_LONGEST_MESSAGE = 10_000
"""Characters: a message names a path."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that gave no result: a reason code, and a sentence without its full stop."""

    code: str
    message: str


class Answers:
    """Reads the answers of workers that share a setup.

    The class of an answer may have a method `is_answer_to(task, *arguments)`, with the arguments of
    the `partial` that was the setup. It returns False if no sound worker answers the task so.

    Raises:
        TypeError: the setup is not annotated with the type of its answers.
    """

    def __init__(self, setup: Callable[..., Any]) -> None:
        self._type = wire.answer_type(setup)
        self._arguments: tuple[Any, ...] = getattr(setup, "args", ())
        self._options: dict[str, Any] = getattr(setup, "keywords", {})

    def read(self, kind: MessageKind, content: bytes, task: Any) -> Any:
        """Return the result in a `RESULT` message, or the `Failure` in another one.

        Raises:
            Forged: no sound worker answers this task so.
        """
        if kind in (MessageKind.FAILED, MessageKind.DECLINED):
            return _failure(content)
        answer = wire.unpack(content, self._type)
        fits = getattr(answer, "is_answer_to", None)
        if fits is not None and not fits(task, *self._arguments, **self._options):
            raise Forged("not an answer to this task")
        return answer


def _failure(content: bytes) -> Failure:
    code, message = wire.unpack(content, tuple[str, str])
    if not _CODE.fullmatch(code) or len(message) > _LONGEST_MESSAGE:
        raise Forged("not a failure")
    return Failure(code, message)


def confinement_in(content: bytes) -> Confinement | None:
    """Return what confines the worker, from a `READY` message. Raises `Forged`."""
    found: Confinement | None = wire.unpack(content, Confinement | None)
    if found is not None:
        note_what_is_lacking(found.lacks)
    return found


def refusal_in(kind: MessageKind, content: bytes) -> FacecliError:
    """Return the error in a `REFUSED` or `BROKEN` message."""
    try:
        if kind is MessageKind.REFUSED:
            return wire.unpack_error(content)
        return WorkersFailed(why=f"their setup ended with {wire.unpack(content, str)}")
    except Forged:
        return WorkersFailed(why=f"one {FORGED}")
