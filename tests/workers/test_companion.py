"""One process that is asked one thing after another, also by who is interrupted meanwhile."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any

from facecli.workers import interruption, process
from facecli.workers.companion import Companion
from tests.workers import jobs

LARGE = 300_000  # bytes: more than a pipe takes at once


class _AtLine:
    """Ctrl-C when the so-manieth line of `workers.process` is run."""

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
            with Companion(jobs.measuring) as companion:
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
