"""Is a person before the camera, or a picture of one? Frame after frame, until it is known.

Not certified and not to be taken for that: no laboratory has tested it by ISO/IEC 30107-3. What
it stops and what it does not is measured in `tests/benchmarks/bench_liveness.py`, with APCER and
BPCER as that standard defines them. Its name in the log is NAME.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from facecli.errors.recognition import PresentationRefused
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis
from facecli.recognition.guided_capture.frame_selection import distance
from facecli.recognition.pad.challenge import Challenge, Step, steps
from facecli.recognition.pad.cues import Cues, Wanted
from facecli.recognition.pad.replays import Replays
from facecli.recognition.pad.screens import SEEN

NAME = "turn-challenge/1"
SCREEN_FRAMES, OF_FRAMES = 4, 20
"""So many of the last frames show a screen's pattern: it is one."""
PAD_FRAMES = 5
"""Good frames over which the user's network is averaged, at least."""
PAD_REAL = 0.5
"""From which mean over good frames on, of how sure the user's network is, it is a real face."""


class Liveness:
    """Takes the frames of one capture; `asked` is what the person is to do, if anything.

    Args:
        path: what errors call the source.
        same: the largest distance of two templates of one person in one sitting.
        wanted: which checks are made.
        order: gives the challenge's steps.
    """

    def __init__(
        self, path: str, same: float, wanted: Wanted, order: Callable[[], list[Step]] = steps
    ) -> None:
        self._path = path
        self._same = same
        self._wanted = wanted
        self._challenge = Challenge(order()) if wanted.challenge else None
        self._replays = Replays()
        self._screens: deque[bool] = deque(maxlen=OF_FRAMES)
        self._real: list[float] = []
        self._first: bytes | None = None

    @property
    def asked(self) -> str | None:
        """ "ahead", "left" or "right" while a challenge runs."""
        challenge = self._challenge
        return None if challenge is None or challenge.met else challenge.asked

    @property
    def shown(self) -> bool:
        """Whether every check that is made has been passed, as far as the frames go."""
        met = self._challenge is None or self._challenge.met
        enough = self._wanted.pad_model is None or len(self._real) >= PAD_FRAMES
        return met and enough

    def take(self, frame: FrameAnalysis, good: bool) -> None:
        """Take the next frame into account. good: whether it would be enrolled.

        Raises:
            PresentationRefused: it is no person before the camera, or the challenge is broken.
        """
        cues = frame.cues
        if cues is None:
            raise ValueError("a frame whose cues were not looked for")
        if good and cues.real is not None:
            self._judge_real(cues.real)
        if self._challenge is None:
            return
        self._refuse(self._replays.take(frame.seconds, cues.mark))
        self._look_for_screen(cues)
        self._follow(self._challenge, frame, cues, good)

    def finish(self) -> None:
        """There are no more frames. Raises `PresentationRefused` if something was not shown."""
        if self._challenge is not None and not self._challenge.met:
            self._refuse("challenge-unfinished")
        if not self.shown:
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
        """The challenge is for one face: where it is not alone, or another, it is not seen."""
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
        return self._first is None or distance(template, self._first) <= self._same

    def _refuse(self, reason: str | None) -> None:
        if reason is not None:
            raise PresentationRefused(reason=reason, path=self._path)
