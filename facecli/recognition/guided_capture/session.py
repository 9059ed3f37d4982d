"""Enrolment before a camera, frame by frame: what is good is gathered until it suffices.

Nothing here opens a camera or stores anything: analyses come in, guidance comes out, and at the
end the frames that are to be enrolled together, all of one person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from facecli.errors.recognition import EnrolmentRefused, NoGoodFrame
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis, FrameRequest
from facecli.recognition.guided_capture.frame_selection import Candidate, choose, distance, spread
from facecli.recognition.guided_capture.guidance import (
    WORDS,
    Instruction,
    instruct,
    instruct_challenged,
)
from facecli.recognition.guided_capture.liveness import Liveness
from facecli.workers.local import Failure

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

A_SECOND = 15
"""Frames of a file that are looked at in a second of it."""
AT_LEAST = 1.5
"""Seconds from the first good frame on for which more are gathered, to choose from."""
AT_MOST = 5.0
"""Seconds after which as many good frames as wanted suffice, however alike they are."""
DIFFERENT = 0.3
"""Share of the same-person distance by which frames must differ to end before that."""
KEPT = 48
"""Good frames kept to choose from: bounds memory."""


@dataclass(frozen=True)
class Guidance:
    """What to tell the person after one frame.

    good: how many good frames there are by now. quality: unified, 0..100. box: of the main face.
    """

    seconds: float
    frame: int
    instruction: Instruction
    reason: str | None
    quality: int | None
    good: int
    box: FaceBox | None

    @property
    def words(self) -> str:
        """The instruction as a sentence."""
        return WORDS[self.instruction]

    def record(self) -> dict[str, Any]:
        """The fields of an event `facecli.guidance/1`."""
        return {
            "seconds": self.seconds,
            "frame": self.frame,
            "instruction": self.instruction,
            "words": self.words,
            "reason": self.reason,
            "quality": self.quality,
            "good": self.good,
            "box": list(self.box) if self.box else None,
        }


class Frame(Protocol):
    """A frame of `capture.frames`."""

    @property
    def rgb(self) -> Rgb:
        """(height, width, 3) uint8 RGB."""

    @property
    def number(self) -> int:
        """Its place in the source."""

    @property
    def seconds(self) -> float:
        """When it was seen."""


class FrameAnalysers(Protocol):
    """Analyses frames, in the order in which they come: `workers.local.Pool` fits."""

    def map(
        self, tasks: Iterable[FrameRequest]
    ) -> Iterator[tuple[FrameRequest, FrameAnalysis | Failure]]:
        """Each frame with its analysis or why there is none."""


class Capturing:
    """Gathers the good frames of one person.

    Args:
        path: what errors call the source.
        wanted: how many frames to enrol.
        same: the largest distance of two templates of one person in one sitting.
        liveness: checks that it is a person, if that is wanted.
    """

    def __init__(
        self, path: str, wanted: int, same: float, liveness: Liveness | None = None
    ) -> None:
        self._path = path
        self._wanted = wanted
        self._same = same
        self._liveness = liveness
        self._previous: FrameAnalysis | None = None
        self._good: list[FrameAnalysis] = []
        self._first_good: float | None = None
        self._last = 0.0
        self._seen = 0
        self.reasons: Counter[str] = Counter()

    def take(self, frame: FrameAnalysis) -> Guidance:
        """Take the next frame into account; what to tell the person.

        Raises:
            EnrolmentRefused: another person came before the camera (`identity-changed`), or no
                person (see `liveness`).
        """
        self._seen += 1
        self._last = frame.seconds
        instruction = instruct(frame, self._previous)
        self._previous = frame
        if instruction == "good":
            self._keep(frame)
        if self._liveness is not None:
            instruction = self._challenged(self._liveness, frame, instruction)
        if frame.reason is not None and instruction not in ("look-left", "look-right"):
            self.reasons[frame.reason] += 1
        face = frame.face
        return Guidance(
            seconds=round(frame.seconds, 3),
            frame=frame.number,
            instruction=instruction,
            reason=frame.reason,
            quality=face.quality.unified if face else None,
            good=len(self._good),
            box=face.box if face else None,
        )

    def fail(self, reason: str) -> None:
        """Count a frame that could not be analysed."""
        self._seen += 1
        self.reasons[reason] += 1

    @staticmethod
    def _challenged(liveness: Liveness, frame: FrameAnalysis, told: Instruction) -> Instruction:
        liveness.take(frame, good=told == "good")
        return instruct_challenged(frame, liveness.asked, told) if liveness.asked else told

    @property
    def done(self) -> bool:
        """Whether what was gathered suffices."""
        if self._liveness is not None and not self._liveness.shown:
            return False
        if self._first_good is None or len(self._good) < self._wanted:
            return False
        passed = self._last - self._first_good
        if passed < AT_LEAST:
            return False
        return passed >= AT_MOST or self._spread() >= DIFFERENT * self._same

    def chosen(self) -> list[FrameAnalysis]:
        """The frames to enrol, the best first; fewer than wanted if there are no more.

        Raises:
            NoGoodFrame: there is none; says why, with counts.
            EnrolmentRefused: it was not shown that a person is before the camera.
        """
        if not self._good:
            raise NoGoodFrame(
                path=self._path,
                frames=self._seen,
                counts=_in_words(self.reasons),
                reason=self.reasons.most_common(1)[0][0] if self.reasons else "no-frame",
            )
        if self._liveness is not None:
            self._liveness.finish()
        return [self._good[at] for at in choose(self._candidates(), self._wanted)]

    def _keep(self, frame: FrameAnalysis) -> None:
        template = _template(frame)
        if self._good and distance(template, _template(self._good[0])) > self._same:
            raise EnrolmentRefused(reason="identity-changed", path=self._path)
        if self._first_good is None:
            self._first_good = frame.seconds
        self._good.append(frame)
        if len(self._good) > KEPT:  # the first stays: the others are compared with it
            rest = range(1, len(self._good))
            del self._good[min(rest, key=lambda at: _quality(self._good[at]))]

    def _candidates(self) -> list[Candidate]:
        return [Candidate(_template(frame), _quality(frame)) for frame in self._good]

    def _spread(self) -> float:
        candidates = self._candidates()
        return spread([candidates[at].template for at in choose(candidates, self._wanted)])


def watch(
    requests: Iterable[FrameRequest], analysers: FrameAnalysers, capturing: Capturing
) -> Iterator[tuple[FrameRequest, Guidance]]:
    """Look at frames until what was gathered suffices; each with what to tell the person.

    Raises:
        EnrolmentRefused: another person came before the camera.
    """
    for request, seen in analysers.map(requests):
        if not isinstance(seen, FrameAnalysis):
            capturing.fail(seen.code)
            continue
        yield request, capturing.take(seen)
        if capturing.done:
            return


def requests(
    frames: Iterable[Frame], path: str, max_seconds: float, *, live: bool, keep_photo: bool = False
) -> Iterator[FrameRequest]:
    """What to analyse: every frame of a live source, A_SECOND of a file, until the time is over."""
    due = 0.0
    for frame in frames:
        if frame.seconds > max_seconds:
            return
        if live or frame.seconds >= due:
            due = max(due + 1 / A_SECOND, frame.seconds)
            yield FrameRequest(frame.rgb, frame.number, frame.seconds, path, keep_photo)


def _template(frame: FrameAnalysis) -> bytes:
    template = frame.face.template if frame.face else None
    if template is None:
        raise ValueError("a frame without a template is no good frame")
    return template


def _quality(frame: FrameAnalysis) -> int:
    return (frame.face.quality.unified if frame.face else None) or 0


def _in_words(reasons: Counter[str]) -> str:
    """`no-face 12, too-dark 3`: the most frequent first."""
    listed = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    return listed or "none was usable"
