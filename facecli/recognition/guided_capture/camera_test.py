"""Does a camera deliver what enrolment and matching need? Measured over a few seconds of it.

Nothing here opens a camera or needs a database; faces are found, measured and forgotten.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

ENOUGH_A_SECOND = 10.0
"""Frames a second that guidance is made for."""
DARK, BRIGHT = 40.0, 215.0
"""Mean of a picture, 0..255, below and above which faces lack detail; a face's own limits, of
LuminanceMean, are the same."""
ADVICE = {
    "no-frames": "One frame came and no more: see the connection, and what else uses the camera.",
    "slow": "Fewer than 10 frames a second: ask for a smaller --size or --mjpeg, or see the link.",
    "dark": "The picture is dark: more light, or a longer --exposure.",
    "bright": "The picture is overexposed: turn it away from the light, or a shorter --exposure.",
    "face-too-small": "Faces are too small to enrol: move the camera nearer, or a larger --size.",
    "blurred": "Faces are blurred: wipe or focus the lens; in the dark, more light.",
    "too-dark": "Faces are too dark: light them from the front.",
    "too-bright": "Faces are too bright: less light on them.",
    "turned-away": "Faces are seen from the side or from above: mount it in front, at eye level.",
}


@dataclass
class Trial:
    """Takes frames, and says what is wrong. live: whether the rate is the camera's own."""

    live: bool
    size: str | None = None
    looked: int = 0
    with_face: int = 0
    widths: list[int] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    _brightness: list[float] = field(default_factory=list)
    _first: tuple[int, float] | None = None
    _last: tuple[int, float] = (0, 0.0)

    def take(self, rgb: Rgb, seen: FrameAnalysis) -> None:
        """One frame, and what was seen in it."""
        self.size = f"{rgb.shape[1]}x{rgb.shape[0]}"
        self.looked += 1
        self._brightness.append(float(rgb.mean()))
        self._last = (seen.number, seen.seconds)
        self._first = self._first or self._last
        if seen.face is not None:
            self.with_face += 1
            self.widths.append(seen.face.box[2] - seen.face.box[0])
            if seen.reason is not None:
                self.reasons[seen.reason] += 1

    @property
    def rate(self) -> float | None:
        """Frames a second that came, those not looked at included; None of a single frame."""
        if self._first is None or self._last[1] <= self._first[1]:
            return None
        return (self._last[0] - self._first[0]) / (self._last[1] - self._first[1])

    @property
    def brightness(self) -> float | None:
        """Mean of the pictures, 0..255."""
        return sum(self._brightness) / len(self._brightness) if self._brightness else None

    def problems(self) -> list[str]:
        """Codes of `ADVICE`, the most general first; none if all is well. No face is no problem:
        perhaps nobody is there."""
        found = []
        if self.rate is None:
            found.append("no-frames")
        elif self.live and self.rate < ENOUGH_A_SECOND:
            found.append("slow")
        if self.brightness is not None and not DARK <= self.brightness <= BRIGHT:
            found.append("dark" if self.brightness < DARK else "bright")
        mostly = [code for code, count in self.reasons.items() if count > self.with_face / 2]
        return [*found, *(code for code in mostly if code in ADVICE)]

    def record(self) -> dict[str, Any]:
        """The fields of `facecli.camera-test/1`. Widths of faces are in pixels."""
        return {
            "size": self.size,
            "frames_a_second": None if self.rate is None else round(self.rate, 1),
            "brightness": None if self.brightness is None else round(self.brightness),
            "frames": self.looked,
            "frames_with_face": self.with_face,
            "face_width": max(self.widths, default=None),
            "problems": self.problems(),
        }
