"""The cues of one frame for presentation attack detection.

Runs in a worker process. `guided_capture.liveness` decides from the cues of many frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facecli.recognition.engines.engine import Engine, Points
from facecli.recognition.pad import replays, screens

if TYPE_CHECKING:
    from facecli.recognition.analysis.image import ImageWithFaces
    from facecli.recognition.engines.engine import DetectedFace, Rgb
    from facecli.recognition.engines.sface import YuNet
    from facecli.recognition.pad.network import PadNetwork


@dataclass(frozen=True)
class PadChecks:
    """The checks to make. challenge: turn the head as asked. network: the user's own, a file."""

    challenge: bool = False
    network: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The user's files that a worker reads for these checks."""
        return () if self.network is None else (self.network,)


@dataclass(frozen=True)
class Cues:
    """The cues of one frame, and of its main face if there is one.

    frame_print: see `replays.print_of`; empty without a challenge. template: of the main face,
    also if enrolment refuses the frame. points: its five landmarks in pixels. pattern: of a
    screen, see `screens.pattern`; None if it could not be assessed. real: the user's network,
    0..1, higher is more likely a real face; None without a network.
    """

    frame_print: bytes
    template: bytes | None = None
    points: Points = ()
    pattern: float | None = None
    real: float | None = None


class CueFinder:
    """Finds the cues of frames.

    Landmarks are YuNet's with every engine, since the thresholds were set for them.

    Raises:
        ModelFailed, PadModelFailed
    """

    def __init__(self, engine: Engine, checks: PadChecks) -> None:
        self._challenge = checks.challenge
        self._detector = _yunet(engine) if checks.challenge else None
        self._network = _network(checks.network)

    def cues(self, view: ImageWithFaces, template: bytes | None) -> Cues:
        """Return the cues of one frame and the faces found in it.

        Args:
            template: of the main face, if it was made already.

        Raises:
            CaptureFailed: no usable template came of the face.
        """
        frame_print = replays.print_of(view.rgb) if self._challenge else b""
        if not view.found:
            return Cues(frame_print)
        face = view.found[0]
        real = self._network.real(view.rgb, face.box) if self._network else None
        if not self._challenge:
            return Cues(frame_print, real=real)
        return Cues(
            frame_print,
            template=template or view.main_template(),
            points=self._points(view.rgb, face),
            pattern=screens.pattern(view.rgb, face.box),
            real=real,
        )

    def _points(self, rgb: Rgb, face: DetectedFace) -> Points:
        """Return the five landmarks of this face; empty where YuNet does not find it."""
        if self._detector is not None:
            middle = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
            seen = [one for one in self._detector.detect(rgb) if _holds(one, middle)]
            if not seen:
                return ()
            face = seen[0]
        finite = all(math.isfinite(value) for point in face.points for value in point)
        return face.points if finite else ()


def _yunet(engine: Engine) -> YuNet | None:
    """Return a detector for the landmarks; None where the engine's own are YuNet's."""
    if engine.spec.landmarks.startswith("YuNet"):
        return None
    from facecli.recognition.engines import sface

    return sface.detector(engine.spec.name)


def _network(path: Path | None) -> PadNetwork | None:
    if path is None:
        return None
    from facecli.recognition.pad.network import PadNetwork

    return PadNetwork(path)


def _holds(face: DetectedFace, point: tuple[float, float]) -> bool:
    left, top, right, bottom = face.box
    return left <= point[0] < right and top <= point[1] < bottom
