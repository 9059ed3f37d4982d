"""Analyse an invented face, so that a worker has imported all that analysis needs.

A sealed worker opens no file, and so imports nothing any more (see `workers.confinement.steps`).
"""

from __future__ import annotations

from facecli.recognition.analysis import rotation
from facecli.recognition.analysis.quality import assess
from facecli.recognition.engines import scoring
from facecli.recognition.engines.engine import DetectedFace, Engine

_SIDE = 160
_LANDMARKS = ((60, 70), (100, 70), (80, 90), (65, 110), (95, 110))
"""Of a face in the middle: the eyes, the tip of the nose, the corners of the mouth."""


def warm_up(engine: Engine) -> None:
    """Decode small images of each format, and make and compare a template with this engine."""
    import numpy as np

    from facecli.capture.warm_up import warm_up_decoders

    warm_up_decoders()
    ramp = np.linspace(0, 255, _SIDE, dtype=np.uint8)
    rgb = np.repeat(np.tile(ramp, (_SIDE, 1))[:, :, np.newaxis], 3, axis=2)
    rotation.faces_when_turned(engine, rgb)
    landmarks = np.array(_LANDMARKS, np.float32)
    face = DetectedFace((40, 40, 120, 130), None, landmarks)
    assess(rgb, face, [face])
    rotation.upright_angle(engine, rgb, face)
    how = engine.spec.scoring
    [template] = scoring.packed(how, scoring.stored(how, engine.templates(rgb, [face])))
    scoring.distance_between(how, template, template)
