"""Presentation attack detection over the frames of one capture: a person, or a picture of one.

Not certified: no laboratory has tested it by ISO/IEC 30107-3. `tests/benchmarks/bench_liveness.py`
measures what it stops, with APCER and BPCER as that standard defines them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from facecli.errors.recognition import PresentationRefused
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis
from facecli.recognition.guided_capture.frame_selection import OneSitting
from facecli.recognition.pad.challenge import Challenge, Step, steps
from facecli.recognition.pad.cues import Cues, PadChecks
from facecli.recognition.pad.replays import Replays
from facecli.recognition.pad.screens import SEEN

NAME = "turn-challenge/1"
"""The check's name in the log."""
SCREEN_FRAMES, OF_FRAMES = 4, 20
"""A screen is seen when 4 of the last 20 frames show its pattern."""
PAD_FRAMES = 5
"""Good frames, at least, over which the score of the user's network is averaged."""
PAD_REAL = 0.5
"""Least mean score of the user's network over good frames for a real face."""


class Liveness:
    """Checks the frames of one capture.

    Args:
        path: the name of the source in errors.
        sitting: decides whether two frames show one person.
        checks: the checks to make.
        order: returns the steps of the challenge.
    """

    def __init__(
        self,
        path: str,
        sitting: OneSitting,
        checks: PadChecks,
        order: Callable[[], list[Step]] = steps,
    ) -> None:
        self._path = path
        self._sitting = sitting
        self._checks = checks
        self._challenge = Challenge(order()) if checks.challenge else None
        self._replays = Replays()
        self._screens: deque[bool] = deque(maxlen=OF_FRAMES)
        self._real: list[float] = []
        self._first: bytes | None = None

    @property
    def asked(self) -> str | None:
        """The challenge's present request, "ahead", "left" or "right"; None at its end."""
        challenge = self._challenge
        return None if challenge is None or challenge.met else challenge.asked

    @property
    def passed(self) -> bool:
        """True once every check is passed."""
        met = self._challenge is None or self._challenge.met
        enough = self._checks.network is None or len(self._real) >= PAD_FRAMES
        return met and enough

    def take(self, frame: FrameAnalysis, good: bool) -> None:
        """Take the next frame. good: it is good enough to enrol.

        Raises:
            PresentationRefused: a presentation attack is found, or the challenge is broken.
        """
        cues = frame.cues
        if cues is None:
            raise ValueError("a frame without cues")
        if good and cues.real is not None:
            self._judge_real(cues.real)
        if self._challenge is None:
            return
        self._refuse(self._replays.take(frame.seconds, cues.frame_print))
        self._look_for_screen(cues)
        self._follow(self._challenge, frame, cues, good)

    def finish(self) -> None:
        """End the checks. Raises `PresentationRefused` if one is not passed."""
        if self._challenge is not None and not self._challenge.met:
            self._refuse("challenge-unfinished")
        if not self.passed:
            self._refuse("too-few-frames")

    def _judge_real(self, real: float) -> None:
        self._real.append(real)
        if len(self._real) >= PAD_FRAMES and sum(self._real) / len(self._real) < PAD_REAL:
            self._refuse("presentation-attack")

    def _look_for_screen(self, cues: Cues) -> None:
        if cues.pattern is not None:
            self._screens.append(cues.pattern >= SEEN)
            if sum(self._screens) >= SCREEN_FRAMES:
                self._refuse("screen-seen")

    def _follow(self, challenge: Challenge, frame: FrameAnalysis, cues: Cues, good: bool) -> None:
        """Pass the frame to the challenge, which counts the face as lost if it is not alone, or is
        another."""
        if cues.template is None or not cues.points or frame.reason == "several-faces":
            challenge.lose(frame.seconds)
        else:
            if good and self._first is None:
                self._first = cues.template
            if self._is_known(cues.template):
                challenge.take(frame.seconds, cues.points, good)
            else:
                challenge.lose(frame.seconds)
        self._refuse(challenge.broken)

    def _is_known(self, template: bytes) -> bool:
        return self._first is None or self._sitting.one_person(template, self._first)

    def _refuse(self, reason: str | None) -> None:
        if reason is not None:
            raise PresentationRefused(reason=reason, path=self._path)
