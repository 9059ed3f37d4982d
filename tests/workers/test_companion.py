"""One process that answers questions in order, also when the asker is interrupted."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from facecli import interruption
from facecli.errors.base import FacecliError
from facecli.errors.workers import WorkersFailed
from facecli.workers import process
from facecli.workers.companion import Companion
from tests.workers import jobs

unconfined = partial(Companion[Any, Any], bounds=None)
LARGE = 300_000  # bytes: more than a pipe takes at once


class _AtLine:
    """Ctrl-C when the N-th line of `workers.process` runs."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __call__(self, frame: FrameType, event: str, _: Any) -> _AtLine | None:
        if frame.f_code.co_filename != process.__file__:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)
        return self


def test_an_interruption_garbles_no_message() -> None:
    """Ctrl-C at each line of sending in turn: it is answered whole, or not at all."""
    interrupted = 0
    numbers = (signal.SIGINT, signal.SIGTERM)
    before, tracing = [signal.getsignal(one) for one in numbers], sys.gettrace()
    interruption.install()
    try:
        for line in range(1, 40):
            with unconfined(jobs.measuring) as companion:
                companion.ask(b"first")
                assert companion.answer(60) == 5
                try:
                    sys.settrace(_AtLine(line))
                    companion.ask(bytes(LARGE))
                except KeyboardInterrupt:
                    interrupted += 1
                finally:
                    sys.settrace(tracing)
                companion.ask(b"the last")
                answer = companion.answer(60)
                assert answer == 8 or (answer, companion.answer(60)) == (LARGE, 8), line
    finally:
        for one, handler in zip(numbers, before, strict=True):
            signal.signal(one, handler)
    assert interrupted > 10


def test_waiting_returns_once_it_is_set_up_and_questions_follow() -> None:
    with unconfined(jobs.doubling) as companion:
        companion.wait()
        companion.wait()
        companion.ask(4)
        assert companion.answer(30) == 8


def test_waiting_for_one_that_cannot_be_set_up_raises(tmp_path: Path) -> None:
    with unconfined(jobs.refusing) as companion, pytest.raises(FacecliError) as refused:
        companion.wait()
    assert not isinstance(refused.value, WorkersFailed)
    dying: Companion[Any, Any] = unconfined(partial(jobs.dying, str(tmp_path / "diary")))
    with dying as companion, pytest.raises(WorkersFailed, match="before any"):
        companion.wait()
