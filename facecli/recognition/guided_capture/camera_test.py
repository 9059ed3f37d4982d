"""Test whether a camera delivers what enrolment and matching need, over a few seconds of frames.

Opens no camera and needs no database. Faces are found and measured, and nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

ENOUGH_A_SECOND = 10.0
"""Frames per second that guidance is made for."""
DARK, BRIGHT = 40.0, 215.0
"""Mean grey level of a picture, 0..255, below and above which faces lack detail. They equal the
limits of a face's LuminanceMean."""
ADVICE = {
    "no-frames": "Only one frame came: check the connection, and other programs that use it.",
    "slow": "Fewer than 10 frames per second: try a smaller --size or --mjpeg, or check the link.",
    "dark": "The picture is dark: add light, or try a longer --exposure.",
    "bright": "The picture is overexposed: reduce the light, or try a shorter --exposure.",
    "face-too-small": "Faces are too small to enrol: move the camera nearer, or raise --size.",
    "blurred": "Faces are blurred: wipe or focus the lens, and add light in the dark.",
    "too-dark": "Faces are too dark: light them from the front.",
    "too-bright": "Faces are too bright: reduce the light on them.",
    "not-a-face": "Faces are hardly recognisable: clean the lens, and check its focus and place.",
    "rotated": "Faces are not upright: mount the camera upright, or turn its frames with --rotate.",
    "turned-away": "Faces are turned away: mount the camera in front of them, at eye level.",
}


@dataclass
class CameraTest:
    """Collects frames, and lists what is wrong. live: the rate of frames is the camera's own."""

    live: bool
    size: str | None = None
    frames: int = 0
    with_face: int = 0
    widths: list[int] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    _brightness: list[float] = field(default_factory=list)
    _first: tuple[int, float] | None = None
    _last: tuple[int, float] = (0, 0.0)

    def take(self, rgb: Rgb, seen: FrameAnalysis) -> None:
        """Add a frame, (height, width, 3) uint8 RGB, and its analysis."""
        self.size = f"{rgb.shape[1]}x{rgb.shape[0]}"
        self.frames += 1
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
        """Frames per second, with those that were not analysed; None for a single frame."""
        if self._first is None or self._last[1] <= self._first[1]:
            return None
        return (self._last[0] - self._first[0]) / (self._last[1] - self._first[1])

    @property
    def brightness(self) -> float | None:
        """Mean grey level of the pictures, 0..255; None without one."""
        return sum(self._brightness) / len(self._brightness) if self._brightness else None

    def problems(self) -> list[str]:
        """Return codes of `ADVICE`, the most general first. No face is not a problem: perhaps
        nobody is there."""
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
        """Return the fields of `facecli.camera-test/1`. Face widths are in pixels."""
        return {
            "size": self.size,
            "frames_a_second": None if self.rate is None else round(self.rate, 1),
            "brightness": None if self.brightness is None else round(self.brightness),
            "frames": self.frames,
            "frames_with_face": self.with_face,
            "face_width": max(self.widths, default=None),
            "problems": self.problems(),
        }
