"""Guided capture of one person, frame by frame: gather good frames until they suffice.

Opens no camera and stores nothing. Analyses come in, guidance goes out, and at the end there are
the frames to enrol together, all of one person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Protocol

from facecli.capture.frame_geometry import is_dark
from facecli.capture.frames import Frame
from facecli.errors.recognition import EnrolmentRefused, NoGoodFrame
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis, FrameRequest
from facecli.recognition.guided_capture.frame_selection import (
    GoodFrame,
    OneSitting,
    choose,
    spread,
)
from facecli.recognition.guided_capture.guidance import (
    Guidance,
    Instruction,
    instruct,
    instruct_challenged,
)
from facecli.recognition.guided_capture.liveness import Liveness
from facecli.workers.answers import Failure

FRAMES_PER_SECOND = 15
"""Frames of a file that are analysed per second of its time."""
AT_LEAST = 1.5
"""Seconds after the first good frame in which more are gathered, to choose from."""
AT_MOST = 5.0
"""Seconds after which enough good frames suffice, however similar they are."""
DIFFERENT = 0.3
"""Spread of the chosen templates that ends it earlier, as a share of the same-person distance."""
KEPT = 48
"""Good frames kept to choose from: bounds memory."""


class FrameAnalysers(Protocol):
    """Analyses frames in the order in which they come; `workers.local.Pool` fits."""

    def map(
        self, tasks: Iterable[FrameRequest]
    ) -> Iterator[tuple[FrameRequest, FrameAnalysis | Failure]]:
        """Yield each request with its analysis, or the reason why there is none."""


class GuidedCapture:
    """Gathers the good frames of one person.

    Args:
        path: the name of the source in errors.
        wanted: the number of frames to enrol.
        sitting: decides whether two frames show one person.
        liveness: refuses presentation attacks, if that is wanted.

    `reasons` counts the frames that were not good, by reason code.
    """

    def __init__(
        self, path: str, wanted: int, sitting: OneSitting, liveness: Liveness | None = None
    ) -> None:
        self._path = path
        self._wanted = wanted
        self._sitting = sitting
        self._liveness = liveness
        self._previous: FrameAnalysis | None = None
        self._good: list[FrameAnalysis] = []
        self._first_good: float | None = None
        self._last = 0.0
        self._frames = 0
        self._angles: Counter[int] = Counter()  # of frames that are not upright
        self.reasons: Counter[str] = Counter()

    def take(self, frame: FrameAnalysis) -> Guidance:
        """Take the next frame, and return the guidance that follows from it.

        Raises:
            EnrolmentRefused: another person came before the camera (`identity-changed`).
            PresentationRefused: see `Liveness.take`.
        """
        self._frames += 1
        self._last = frame.seconds
        instruction = instruct(frame, self._previous)
        self._previous = frame
        if instruction == "good":
            self._keep(frame)
        if self._liveness is not None:
            instruction = _challenged(self._liveness, frame, instruction)
        if frame.reason is not None and instruction not in ("look-left", "look-right"):
            self.reasons[frame.reason] += 1
        face = frame.face
        if face is not None and face.rotation:
            self._angles[face.rotation] += 1
        return Guidance(
            seconds=round(frame.seconds, 3),
            frame=frame.number,
            instruction=instruction,
            reason=frame.reason,
            quality=face.quality if face else None,
            good=len(self._good),
            box=face.box if face else None,
            wanted=self._wanted,
        )

    def fail(self, reason: str) -> None:
        """Count a frame that could not be analysed."""
        self._frames += 1
        self.reasons[reason] += 1

    @property
    def done(self) -> bool:
        """True once the good frames suffice."""
        if self._liveness is not None and not self._liveness.passed:
            return False
        if self._first_good is None or len(self._good) < self._wanted:
            return False
        since = self._last - self._first_good
        if since < AT_LEAST:
            return False
        return since >= AT_MOST or self._spread() >= DIFFERENT * self._sitting.same

    def chosen(self) -> list[FrameAnalysis]:
        """Return the frames to enrol, the best first; fewer than wanted if there are no more.

        Raises:
            NoGoodFrame: there is none; the message counts the reasons.
            PresentationRefused: see `Liveness.finish`.
        """
        if not self._good:
            raise NoGoodFrame(
                path=self._path,
                frames=self._frames,
                counts=_listed(self.reasons, self._angles),
                reason=self.reasons.most_common(1)[0][0] if self.reasons else "no-frame",
            )
        if self._liveness is not None:
            self._liveness.finish()
        frames, how = self._good_frames(), self._sitting.scoring
        return [self._good[at] for at in choose(frames, self._wanted, how)]

    def _keep(self, frame: FrameAnalysis) -> None:
        template = _template(frame)
        first = _template(self._good[0]) if self._good else template
        if not self._sitting.one_person(template, first):
            raise EnrolmentRefused(reason="identity-changed", path=self._path)
        if self._first_good is None:
            self._first_good = frame.seconds
        self._good.append(frame)
        if len(self._good) > KEPT:  # the first stays: the others are compared with it
            rest = range(1, len(self._good))
            del self._good[min(rest, key=lambda at: _quality(self._good[at]))]

    def _good_frames(self) -> list[GoodFrame]:
        return [GoodFrame(_template(frame), _quality(frame)) for frame in self._good]

    def _spread(self) -> float:
        frames, how = self._good_frames(), self._sitting.scoring
        chosen = choose(frames, self._wanted, how)
        return spread([frames[at].template for at in chosen], how)


def guide_frames(
    requests: Iterable[FrameRequest], analysers: FrameAnalysers, capture: GuidedCapture
) -> Iterator[tuple[FrameRequest, Guidance]]:
    """Analyse frames until the good ones suffice, and yield each with its guidance.

    Raises:
        EnrolmentRefused, PresentationRefused: see `GuidedCapture.take`.
    """
    for request, analysis in analysers.map(requests):
        if not isinstance(analysis, FrameAnalysis):
            capture.fail(analysis.code)
            continue
        yield request, capture.take(analysis)
        if capture.done:
            return


def frame_requests(
    frames: Iterable[Frame], path: str, max_seconds: float, *, live: bool, keep_photo: bool = False
) -> Iterator[FrameRequest]:
    """Yield a request for each frame of a camera, or for FRAMES_PER_SECOND of a file.

    Args:
        max_seconds: the time of the last frame.
        live: the source is a camera.
        keep_photo: see `FrameRequest`.
    """
    timely = takewhile(lambda frame: frame.seconds <= max_seconds, frames)
    for frame in timely if live else _few(timely):
        yield FrameRequest(frame.rgb, frame.number, frame.seconds, path, keep_photo)


def _few(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield FRAMES_PER_SECOND. A dark one waits, as long again, for one that is not dark."""
    due, waiting = 0.0, None
    for frame in frames:
        dark = is_dark(frame.rgb)
        if waiting is not None and dark and frame.seconds >= due + 1 / FRAMES_PER_SECOND:
            yield waiting
            due, waiting = max(due + 1 / FRAMES_PER_SECOND, waiting.seconds), None
        if frame.seconds < due:
            continue
        if dark:
            waiting = waiting or frame
        else:
            yield frame
            due, waiting = max(due + 1 / FRAMES_PER_SECOND, frame.seconds), None
    if waiting is not None:
        yield waiting


def _challenged(liveness: Liveness, frame: FrameAnalysis, usual: Instruction) -> Instruction:
    """Pass a frame to the liveness check; return its instruction, or else the usual one."""
    liveness.take(frame, good=usual == "good")
    return instruct_challenged(frame, liveness.asked, usual) if liveness.asked else usual


def _template(frame: FrameAnalysis) -> bytes:
    template = frame.face.template if frame.face else None
    if template is None:
        raise ValueError("a frame without a template is no good frame")
    return template


def _quality(frame: FrameAnalysis) -> int:
    return (frame.face.quality if frame.face else None) or 0


def _listed(reasons: Counter[str], angles: Counter[int]) -> str:
    """Return `no-face 12, too-dark 3`, the most frequent first, and how turned frames are mended.

    angles: counts frames by the degrees clockwise by which they must be turned.
    """
    listed = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    if listed.startswith("rotated "):
        [(angle, _)] = angles.most_common(1)
        listed += f"; turn the frames clockwise by {angle} degrees with --rotate"
    return listed or "none was usable"
