"""Decide on a recording of a presentation as a guided capture would, to measure the checks.

A recording does not react. So the challenge asks for the turns that the recording shows: a
recording meets it if it meets any order of turns. What the random order stops is not measured.
"""

from __future__ import annotations

from collections.abc import Sequence

from facecli.errors.recognition import EnrolmentRefused
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis
from facecli.recognition.guided_capture.frame_selection import OneSitting
from facecli.recognition.guided_capture.liveness import Liveness
from facecli.recognition.guided_capture.session import GuidedCapture
from facecli.recognition.pad.challenge import Step, orders, steps
from facecli.recognition.pad.cues import PadChecks
from facecli.workers.answers import Failure

WANTED = 3
"""Good frames of a capture, as `enroll camera` gathers them by default."""


def refusal(
    path: str,
    frames: Sequence[FrameAnalysis | Failure],
    sitting: OneSitting,
    checks: PadChecks,
) -> str | None:
    """Return the reason code for which a recording is refused; None if it is accepted.

    With a challenge, it is the reason in the order of turns that the recording follows longest.

    Args:
        path: the name of the recording in errors.
        frames: its analyses in order, with the cues that the checks need.
    """
    found = []
    for order in orders() if checks.challenge else [steps()]:
        reason, taken = _attempt(path, frames, sitting, checks, order)
        if reason is None:
            return None
        found.append((taken, reason))
    return max(found, key=lambda one: one[0])[1]


def _attempt(
    path: str,
    frames: Sequence[FrameAnalysis | Failure],
    sitting: OneSitting,
    checks: PadChecks,
    order: list[Step],
) -> tuple[str | None, int]:
    """Return the reason for which one capture is refused, and the frames until then."""
    liveness = Liveness(path, sitting, checks, lambda: order)
    capture = GuidedCapture(path, WANTED, sitting, liveness)
    taken = 0
    try:
        for frame in frames:
            taken += 1
            if isinstance(frame, Failure):
                capture.fail(frame.code)
                continue
            capture.take(frame)
            if capture.done:
                break
        capture.chosen()
    except EnrolmentRefused as refused:
        return refused.reason, taken
    return None, taken
