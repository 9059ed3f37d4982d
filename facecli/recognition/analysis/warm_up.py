"""Analyse an invented face, so that a worker has imported all that analysis needs.

A sealed worker opens no file, and so imports nothing any more (see `workers.confinement.steps`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from facecli.recognition.analysis import rotation
from facecli.recognition.analysis.quality import assess
from facecli.recognition.engines import scoring
from facecli.recognition.engines.engine import DetectedFace, Engine

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

_SIDE = 160
_LANDMARKS = ((60, 70), (100, 70), (80, 90), (65, 110), (95, 110))
"""Of a face in the middle: the eyes, the tip of the nose, the corners of the mouth."""


def invented_face() -> tuple[Rgb, DetectedFace]:
    """Return an image (160, 160, 3) uint8 RGB, and the place of a face that is not in it."""
    import numpy as np

    ramp = np.linspace(0, 255, _SIDE, dtype=np.uint8)
    rgb = np.repeat(np.tile(ramp, (_SIDE, 1))[:, :, np.newaxis], 3, axis=2)
    return rgb, DetectedFace((40, 40, 120, 130), None, np.array(_LANDMARKS, np.float32))


def warm_up(engine: Engine) -> None:
    """Decode small images of each format, and make and compare a template with this engine."""
    import numpy as np

    from facecli.capture.warm_up import warm_up_decoders

    warm_up_decoders()
    rgb, face = invented_face()
    rotation.faces_when_turned(engine, rgb)
    assess(rgb, face, [face])
    rotation.upright_angle(engine, rgb, face)
    engine.templates(rgb, [face])  # of what is no face, they may be unusable
    how, even = engine.spec.scoring, np.ones((1, engine.spec.dimension), np.float32)
    usable = scoring.NetworkOutput.of_unit_length(even)
    [template] = scoring.packed(how, scoring.stored(how, usable))
    scoring.distance_between(how, template, template)
