"""The instruction that a frame calls for: what the person before the camera should do next.

Pure functions of an analysis and the one before it. An instruction is a code for scripts and a
sentence for people. Left and right are the subject's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from facecli.recognition.analysis.head_pose import head_pose
from facecli.recognition.engines.engine import FaceBox
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis

Instruction: TypeAlias = Literal[
    "no-face", "one-person", "closer", "back", "turn-left", "turn-right", "chin-up", "chin-down",
    "upright", "face-camera", "less-light", "more-light", "hold-still", "sharpen", "good",
    "look-ahead", "look-left", "look-right",
]  # fmt: skip

Say: TypeAlias = Callable[..., str]
"""Returns a sentence in a language, with its values filled in."""


def spoken(sentence: str) -> str:
    """Mark a sentence that is read aloud, so that `make catalogues` collects it."""
    return sentence


def in_english(sentence: str, /, **values: object) -> str:
    """Return an English sentence with its values filled in."""
    return sentence.format_map(values)


WORDS: dict[Instruction, str] = {
    "no-face": spoken("No face found: step in front of the camera."),
    "one-person": spoken("One person only: others please step aside."),
    "closer": spoken("Come closer."),
    "back": spoken("Move back a little."),
    "turn-left": spoken("Turn your head to your left, to the camera."),
    "turn-right": spoken("Turn your head to your right, to the camera."),
    "chin-up": spoken("Raise your chin."),
    "chin-down": spoken("Lower your chin."),
    "upright": spoken("Hold your head upright."),
    "face-camera": spoken("Look into the camera."),
    "less-light": spoken("Too bright: less light on the face."),
    "more-light": spoken("Too dark: more light on the face."),
    "hold-still": spoken("Hold still."),
    "sharpen": spoken("Blurred: hold still; if it stays so, wipe or focus the lens."),
    "good": spoken("Good. Look into the camera and move your head a little."),
    "look-ahead": spoken("Look into the camera and hold still."),
    "look-left": spoken("Now turn your head slowly to your left, and stay."),
    "look-right": spoken("Now turn your head slowly to your right, and stay."),
}
_ASKED: dict[str, Instruction] = {
    "ahead": "look-ahead", "left": "look-left", "right": "look-right",
}  # fmt: skip

_OF_REASON: dict[str, Instruction] = {
    "no-face": "no-face",
    "several-faces": "one-person",
    "face-too-small": "closer",
    "too-bright": "less-light",
    "too-dark": "more-light",
    "rotated": "upright",
}
FILLS = 0.9
"""Share of the picture's height or width from which a face is too near: the chin is cut off."""
MOVED = 0.08
"""Shift of a face's middle between two frames, in face widths, above which the head moves. At ten
frames per second and usual exposures it smears the face by about a tenth of that."""


@dataclass(frozen=True)
class Guidance:
    """The guidance after one frame.

    seconds, frame: time and number of the frame. reason: why it is not good enough to enrol.
    quality: unified, 0..100, higher is better. good: good frames so far. box: of the main face,
    (left, top, right, bottom) in pixels. wanted: good frames that are enrolled. say: speaks the
    person's language.
    """

    seconds: float
    frame: int
    instruction: Instruction
    reason: str | None
    quality: int | None
    good: int
    box: FaceBox | None
    wanted: int = 1
    say: Say = field(default=in_english, repr=False, compare=False)

    @property
    def words(self) -> str:
        """The instruction as a sentence."""
        return self.say(WORDS[self.instruction])

    @property
    def count(self) -> str:
        """The progress, such as `2 of 3`; empty before a good frame, or if one is enough."""
        if self.wanted == 1 or not self.good:
            return ""
        done = min(self.good, self.wanted)
        return self.say(spoken("{done} of {wanted}"), done=done, wanted=self.wanted)

    @property
    def counted_words(self) -> str:
        """The instruction as a sentence, with the progress."""
        return f"{self.words} ({self.count})" if self.count else self.words

    def record(self) -> dict[str, Any]:
        """Return the fields of an event `facecli.guidance/1`."""
        return {
            "seconds": self.seconds,
            "frame": self.frame,
            "instruction": self.instruction,
            "words": self.words,
            "reason": self.reason,
            "quality": self.quality,
            "good": self.good,
            "wanted": self.wanted,
            "box": list(self.box) if self.box else None,
        }


def instruct(frame: FrameAnalysis, previous: FrameAnalysis | None = None) -> Instruction:
    """Return the instruction for `frame`; `previous` is the frame analysed before it."""
    reason, face = frame.reason, frame.face
    if face is None:
        return _OF_REASON.get(reason or "no-face", "no-face")
    if reason == "turned-away":
        return _turn_back(frame)
    if reason == "blurred":
        before = previous.face if previous else None
        moving = before is not None and _shift(face.box, before.box) > MOVED
        return "hold-still" if moving else "sharpen"
    if reason is not None:
        return _OF_REASON.get(reason, "face-camera")
    return "back" if _fills(face.box, frame.image.width, frame.image.height) else "good"


def instruct_challenged(frame: FrameAnalysis, asked: str, otherwise: Instruction) -> Instruction:
    """Return the instruction while a challenge runs: its own, unless the face is not seen well.

    asked: "ahead", "left" or "right". otherwise: the instruction without a challenge.
    """
    hindered = frame.reason not in (None, "turned-away", "blurred")
    return otherwise if hindered or otherwise in ("no-face", "back") else _ASKED[asked]


def _turn_back(frame: FrameAnalysis) -> Instruction:
    """Return the turn that undoes the largest one.

    A nose that points to the right of the picture is turned to the subject's own left.
    """
    pose = head_pose(frame.landmarks) if frame.landmarks else None
    if pose is None or pose.yaw is None:
        return "face-camera"
    turns: Sequence[tuple[float, Instruction]] = (
        (abs(pose.yaw), "turn-right" if pose.yaw > 0 else "turn-left"),
        (abs(pose.pitch or 0.0), "chin-down" if (pose.pitch or 0.0) > 0 else "chin-up"),
        (abs(pose.roll or 0.0), "upright"),
    )
    return max(turns, key=lambda turn: turn[0])[1]


def _shift(box: FaceBox, before: FaceBox) -> float:
    """Return how far the middle of a box moved, in widths of the box."""
    shift = [(box[at] + box[at + 2] - before[at] - before[at + 2]) / 2 for at in (0, 1)]
    return math.hypot(*shift) / max(box[2] - box[0], 1)


def _fills(box: FaceBox, width: int, height: int) -> bool:
    left, top, right, bottom = box
    return right - left > FILLS * width or bottom - top > FILLS * height
