"""The challenge of `--liveness`: turn the head left and right, in a random order.

A picture held before a camera has no depth: however it is turned, its nose stays in the plane of
eyes and mouth. A recording does not turn when it is asked. Both show in five landmarks.

Pure: no pixels, no engine, no clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

from facecli.recognition.pad.head_turn import AHEAD, TURNED, Turn, normalised, turn_between, yaw

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Points
    from facecli.recognition.pad.head_turn import Landmarks

Side: TypeAlias = Literal["left", "right"]
"""The subject's own."""
Broken: TypeAlias = Literal["wrong-turn", "turn-too-late", "turn-jumped", "flat-face", "face-lost"]
"""The reason why a challenge was broken."""

STEPS = 4
"""Turns per challenge. 14 orders have both sides, so a recording of one of them meets the
challenge once in 14 times."""
CONFIRMED = 2
"""Frames that must show a turn: one may be misread."""
BASE = 5
"""Frames in a row, looking ahead alike, over which the face's own landmarks are averaged."""
FURTHEST = 25.0
"""Degrees of yaw beyond which no head looks ahead, whatever the shape of its nose."""
PAUSE, LONGEST_PAUSE = 0.4, 1.2
"""Seconds of looking ahead before a turn is asked for, from shortest to longest: random."""
TIME = 5.0
"""Seconds for a turn, and for looking ahead again."""
LOST = 2.0
"""Seconds without the face, or without any frame, that break the challenge."""
ON_THE_WAY = 3.0
"""Least degrees of yaw to the side in the frame before a turn: a head passes there, but pictures
that are swapped jump."""
JUMPS = 3
"""Turns that are asked for again because their way was not seen: a slow camera may miss it."""


class Step(NamedTuple):
    """After `pause` seconds of looking ahead, turn to `side`."""

    pause: float
    side: Side


def steps() -> list[Step]:
    """Return the steps of a challenge that cannot be foreseen; both sides are in it."""
    sides: list[Side] = ["left"]
    while len(set(sides)) == 1:
        sides = [secrets.choice(("left", "right")) for _ in range(STEPS)]
    span = LONGEST_PAUSE - PAUSE
    return [Step(PAUSE + span * secrets.randbelow(1001) / 1000, side) for side in sides]


def orders() -> Iterator[list[Step]]:
    """Yield the steps of every challenge, with the shortest pauses: for recordings."""
    for sides in product(get_args(Side), repeat=STEPS):
        if len(set(sides)) > 1:
            yield [Step(PAUSE, side) for side in sides]


@dataclass
class _Held:
    """The number of frames in a row that show the same, and the time of the first."""

    what: str = ""
    since: float = 0.0
    frames: int = 0

    def see(self, what: str, seconds: float) -> _Held:
        """Return this with one more frame."""
        same = what == self.what
        return _Held(what, self.since if same else seconds, self.frames + 1 if same else 1)


class Challenge:
    """One run of the challenge, frame by frame.

    `asked`: the present request, to look "ahead" or to one side. `met`: all turns were made, and
    the head is back. `broken`: the reason why it cannot be met any more.
    """

    def __init__(self, to_do: Sequence[Step]) -> None:
        self.asked: Literal["ahead", "left", "right"] = "ahead"
        self.met = False
        self.broken: Broken | None = None
        self._to_do = list(to_do)
        self._ahead: list[Landmarks] = []
        self._base: Landmarks | None = None
        self._since: float | None = None  # the time of the present request
        self._seen: float | None = None  # the time of the last frame
        self._held = _Held()
        self._yaw = 0.0  # in the frame before
        self._jumped = False
        self._jumps = 0
        self._flat = False
        self._coming_back: Side | None = None

    def take(self, seconds: float, points: Points, good: bool) -> None:
        """Take the next frame of the same face.

        Args:
            points: the five landmarks in pixels.
            good: the frame is good enough to enrol. Only such frames show the face ahead.
        """
        if self.met or self.broken:
            return
        self.lose(seconds)  # after so long without a frame, it may be another person
        self._seen = seconds
        face = normalised(points)
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
        """Return the side that a frame shows, or "jumped" from a jump until the head is back."""
        facing = turn.facing
        before = self._yaw if turn.degrees > 0 else -self._yaw
        if facing == "ahead":
            self._jumped = False
        elif abs(turn.degrees) >= TURNED and before < ON_THE_WAY:
            self._jumped = True
        return "jumped" if self._jumped else facing

    def lose(self, seconds: float) -> None:
        """Take a frame without the face, or with others beside it."""
        begun = self._base is not None and not self.met and self._seen is not None
        if begun and seconds - (self._seen or 0.0) > LOST:
            self.broken = self.broken or "face-lost"

    def _learn(self, face: Landmarks, seconds: float, good: bool) -> None:
        """Average the landmarks of BASE frames that look ahead alike."""
        own = yaw(face)
        if not good or abs(own) > FURTHEST:
            return
        if any(abs(own - yaw(other)) > AHEAD for other in self._ahead):
            self._ahead = []
        self._ahead.append(face)
        if len(self._ahead) == BASE:
            self._base = sum(self._ahead[1:], self._ahead[0]) / BASE
            self._ask("ahead", seconds)

    def _ask(self, what: Literal["ahead", "left", "right"], seconds: float) -> None:
        self.asked, self._since, self._flat = what, seconds, False
        self._held = _Held()

    def _look_ahead(self, seconds: float) -> None:
        """Wait until the head is back from a turn, and has paused."""
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
