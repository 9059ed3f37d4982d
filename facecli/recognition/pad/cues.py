"""What a worker finds in one frame that tells a person from a picture of one.

Only found here; what it means over many frames is said in `liveness`.
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
    from facecli.recognition.pad.network import PadModel


@dataclass(frozen=True)
class Wanted:
    """What is to be found. challenge: whether one is made. pad_model: the user's network."""

    challenge: bool = False
    pad_model: Path | None = None


@dataclass(frozen=True)
class Cues:
    """Of one frame. mark: its print (`replays.print_of`); empty where no challenge is made.

    Of the main face, where there is one: template, also where enrolment would refuse the frame;
    points: the five landmarks in pixels; pattern: of a screen (`screens.pattern`), None where it
    could not be assessed; real: what the user's network says, 0..1, None without one.
    """

    mark: bytes
    template: bytes | None = None
    points: Points = ()
    pattern: float | None = None
    real: float | None = None


class Examiner:
    """Finds the cues of frames.

    The landmarks are YuNet's whatever the engine, as thresholds were set for them. Raises
    `ModelFailed` and `PadModelFailed`.
    """

    def __init__(self, engine: Engine, wanted: Wanted) -> None:
        from facecli.recognition.engines import sface
        from facecli.recognition.pad import network as pad_model

        self._challenge = wanted.challenge
        located = engine.spec.landmarks.startswith("YuNet")
        self._detector: YuNet | None = None if located else sface.detector(engine.spec.name)
        self._pad: PadModel | None = (
            pad_model.PadModel(wanted.pad_model) if wanted.pad_model else None
        )

    def cues(self, view: ImageWithFaces, template: bytes | None) -> Cues:
        """The cues of one frame and the faces found in it. template: of the main face, where it
        was made already. Raises `CaptureFailed`."""
        mark = replays.print_of(view.rgb) if self._challenge else b""
        if not view.found:
            return Cues(mark)
        face = view.found[0]
        real = self._pad.real(view.rgb, face.box) if self._pad else None
        if not self._challenge:
            return Cues(mark, real=real)
        return Cues(
            mark,
            template=template or view.main_template(),
            points=self._points(view.rgb, face),
            pattern=screens.pattern(view.rgb, face.box),
            real=real,
        )

    def _points(self, rgb: Rgb, face: DetectedFace) -> Points:
        """The five landmarks of this face; empty where YuNet does not see it."""
        if self._detector is not None:
            middle = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
            seen = [one for one in self._detector.detect(rgb) if _holds(one, middle)]
            if not seen:
                return ()
            face = seen[0]
        finite = all(math.isfinite(value) for point in face.points for value in point)
        return face.points if finite else ()


def _holds(face: DetectedFace, point: tuple[float, float]) -> bool:
    left, top, right, bottom = face.box
    return left <= point[0] < right and top <= point[1] < bottom
