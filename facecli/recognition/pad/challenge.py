"""The challenge of `--liveness`: turn the head left and right, in an order nobody knows before.

A picture that is held up has no depth: however it is turned, its nose stays where the plane of
eyes and mouth has it, and a recording does not turn when it is asked. Both are looked for on five
landmarks alone. Pure: no pixels, no engine, no clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from facecli.recognition.analysis.head_pose import head_pose
from facecli.recognition.engines.engine import (
    LEFT_EYE,
    LEFT_MOUTH,
    NOSE_TIP,
    RIGHT_EYE,
    RIGHT_MOUTH,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from facecli.recognition.engines.engine import Points

    Array = npt.NDArray[np.float64]

Side: TypeAlias = Literal["left", "right"]
"""The subject's own."""
Broken: TypeAlias = Literal["wrong-turn", "turn-too-late", "turn-jumped", "flat-face", "face-lost"]
"""Why a challenge was not met."""

STEPS = 4
"""Turns that are asked for: 14 orders that have both sides, so that a recording with one of them
meets the challenge once in 14 times."""
TURNED = 12.0
"""Degrees of yaw, as `head_pose` reads it, from looking ahead to a turn that counts. It
reads a turn low; the turn that it takes is about 20 degrees and more."""
PARALLAX = 0.12
"""Least shift of the nose out of the plane of eyes and mouth, in inter-eye distances. A nose 0.57
before the eyes (the mean head of `quality`) shifts by 0.2 in a turn of 20 degrees."""
AHEAD = 8.0
"""Degrees of yaw within which somebody looks ahead."""
CONFIRMED = 2
"""Frames that must show a turn: one may be misread."""
BASE = 5
"""Frames in a row, looking ahead alike, over which the face's own arrangement is averaged."""
FURTHEST = 25.0
"""Degrees of yaw beyond which nobody looks ahead, however their nose is made."""
PAUSE, LONGEST_PAUSE = 0.4, 1.2
"""Seconds of looking ahead before a turn is asked for; how many is random."""
TIME = 5.0
"""Seconds for a turn, and for looking ahead again."""
LOST = 2.0
"""Seconds without the face, or without a frame at all, that break the challenge."""
ON_THE_WAY = 3.0
"""Degrees of yaw towards the side that the frame before a turn must show at least: a head comes by
there, pictures that are swapped jump."""


JUMPS = 3
"""Turns whose way was not seen that are asked for again: a slow camera may miss it."""


class Step(NamedTuple):
    """After `pause` seconds of looking ahead, turn to `side`."""

    pause: float
    side: Side


class Turn(NamedTuple):
    """Against looking ahead. degrees: of yaw, positive to the subject's left. parallax: of the
    nose against the plane of eyes and mouth, in inter-eye distances, of the same sign."""

    degrees: float
    parallax: float


def steps() -> list[Step]:
    """A challenge that cannot be foreseen; both sides are in it."""
    sides: list[Side] = ["left"]
    while len(set(sides)) == 1:
        sides = [secrets.choice(("left", "right")) for _ in range(STEPS)]
    span = LONGEST_PAUSE - PAUSE
    return [Step(PAUSE + span * secrets.randbelow(1001) / 1000, side) for side in sides]


@dataclass
class _Held:
    """How many frames in a row show the same, and since when."""

    what: str = ""
    since: float = 0.0
    frames: int = 0

    def see(self, what: str, seconds: float) -> _Held:
        same = what == self.what
        return _Held(what, self.since if same else seconds, self.frames + 1 if same else 1)


class Challenge:
    """One run of the challenge, frame after frame.

    `asked` is what is asked for at the moment: to look "ahead", or to one side. `met`: all turns
    were made and the head is back. `broken`: why it was not met, for good.
    """

    def __init__(self, to_do: Sequence[Step]) -> None:
        self.asked: Literal["ahead", "left", "right"] = "ahead"
        self.met = False
        self.broken: Broken | None = None
        self._to_do = list(to_do)
        self._ahead: list[Array] = []
        self._base: Array | None = None
        self._since: float | None = None  # when what is asked for was asked for
        self._seen: float | None = None
        self._held = _Held()
        self._yaw = 0.0  # in the frame before
        self._jumped = False
        self._jumps = 0
        self._flat = False
        self._coming_back: Side | None = None

    def take(self, seconds: float, points: Points, good: bool) -> None:
        """Take the next frame of the same face into account.

        points: the face's landmarks in pixels. good: whether it looks ahead well enough to be
        enrolled; only such frames say how the face looks ahead.
        """
        if self.met or self.broken:
            return
        self.lose(seconds)  # a camera that gave nothing for so long may have another before it
        self._seen = seconds
        face = _arranged(points)
        if face is None:
            return
        if self._base is None:
            self._learn(face, seconds, good)
            return
        turn = turn_between(self._base, face)
        self._held = self._held.see(self._shows(turn), seconds)
        self._yaw = turn.degrees
        if self.asked == "ahead":
            self._look_ahead(seconds)
        else:
            self._turn(self.asked, turn, seconds)

    def _shows(self, turn: Turn) -> str:
        """What a frame shows; from a jump on, until the head is back, that it jumped."""
        facing = _facing(turn)
        before = self._yaw if turn.degrees > 0 else -self._yaw
        if facing == "ahead":
            self._jumped = False
        elif abs(turn.degrees) >= TURNED and before < ON_THE_WAY:
            self._jumped = True
        return "jumped" if self._jumped else facing

    def lose(self, seconds: float) -> None:
        """A frame of that time does not show the face, or not alone."""
        begun = self._base is not None and not self.met and self._seen is not None
        if begun and seconds - (self._seen or 0.0) > LOST:
            self.broken = self.broken or "face-lost"

    def _learn(self, face: Array, seconds: float, good: bool) -> None:
        yaw = _yaw(face)
        if not good or abs(yaw) > FURTHEST:
            return
        if any(abs(yaw - _yaw(other)) > AHEAD for other in self._ahead):
            self._ahead = []
        self._ahead.append(face)
        if len(self._ahead) == BASE:
            self._base = sum(self._ahead[1:], self._ahead[0]) / BASE
            self._ask("ahead", seconds)

    def _ask(self, what: Literal["ahead", "left", "right"], seconds: float) -> None:
        self.asked, self._since, self._flat = what, seconds, False
        self._held = _Held()

    def _look_ahead(self, seconds: float) -> None:
        """Back from a turn, and still until the next one is asked for."""
        held = self._held
        if held.what == "ahead":
            self._coming_back = None
        pause = self._to_do[0].pause if self._to_do else 0.0
        if held.what == "ahead" and held.frames >= CONFIRMED and seconds - held.since >= pause:
            self._go_on(seconds)
        elif self._is_turned() and held.what != self._coming_back:
            self.broken = "wrong-turn"
        elif self._is_late(seconds):
            self.broken = "turn-too-late"

    def _go_on(self, seconds: float) -> None:
        if self._to_do:
            self._ask(self._to_do.pop(0).side, seconds)
        else:
            self.met = True

    def _turn(self, asked: Side, turn: Turn, seconds: float) -> None:
        towards = turn.degrees if asked == "left" else -turn.degrees
        self._flat = self._flat or (self._held.what == "flat" and towards >= TURNED)
        if self._is_turned() and self._held.what == asked:
            self._coming_back = asked
            self._ask("ahead", seconds)
        elif self._is_turned():
            self.broken = "wrong-turn"
        elif self._held.what == "jumped" and self._held.frames >= CONFIRMED:
            self._ask_again(asked, seconds)
        elif self._is_late(seconds):
            self.broken = "flat-face" if self._flat else "turn-too-late"

    def _ask_again(self, side: Side, seconds: float) -> None:
        self._jumps += 1
        if self._jumps > JUMPS:
            self.broken = "turn-jumped"
        self._to_do.insert(0, Step(PAUSE, side))
        self._ask("ahead", seconds)

    def _is_turned(self) -> bool:
        return self._held.what in ("left", "right") and self._held.frames >= CONFIRMED

    def _is_late(self, seconds: float) -> bool:
        return self._since is not None and seconds - self._since > TIME


def _facing(turn: Turn) -> str:
    """left, right, ahead, or between; flat where the plane turns and the nose does not come out."""
    if abs(turn.degrees) < TURNED:
        return "ahead" if abs(turn.degrees) <= AHEAD else "between"
    if turn.parallax * turn.degrees <= 0 or abs(turn.parallax) < PARALLAX:
        return "flat"
    return "left" if turn.degrees > 0 else "right"


def turn_between(ahead: Array, now: Array) -> Turn:
    """How far a face has turned, from two arrangements of its landmarks, (5, 2) each.

    The plane of eyes and mouth is carried over by the homography of its four points; the nose of
    a picture goes with it, a nose with depth does not (plane plus parallax: Irani and Anandan,
    "Parallax Geometry of Pairs of Points for 3D Scene Analysis", 1996).
    """
    import cv2
    import numpy as np

    plane = [RIGHT_EYE, LEFT_EYE, RIGHT_MOUTH, LEFT_MOUTH]
    over = cv2.getPerspectiveTransform(ahead[plane].astype("f4"), now[plane].astype("f4"))
    nose = over @ [*ahead[NOSE_TIP], 1.0]
    along = now[LEFT_EYE] - now[RIGHT_EYE]
    shift = now[NOSE_TIP] - nose[:2] / (nose[2] or 1.0)
    return Turn(_yaw(now) - _yaw(ahead), float(shift @ along / np.dot(along, along)))


def _yaw(face: Array) -> float:
    return head_pose(face.tolist()).yaw or 0.0


def _arranged(points: Points) -> Array | None:
    """(5, 2): the landmarks with the middle of the eyes at 0 and the eyes one apart and level;
    None where one was not located."""
    import numpy as np

    flat = np.asarray(points, np.float64)
    if flat.shape != (5, 2) or not np.isfinite(flat).all():
        return None
    numbers = flat[:, 0] + 1j * flat[:, 1]
    across = numbers[LEFT_EYE] - numbers[RIGHT_EYE]
    if across == 0:
        return None
    turned = (numbers - (numbers[LEFT_EYE] + numbers[RIGHT_EYE]) / 2) / across
    return np.stack([turned.real, turned.imag], axis=1)
