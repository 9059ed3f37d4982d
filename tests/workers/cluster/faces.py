"""Analyses of images for a worker of a test's cluster: made up, and forged where an image says."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from facecli.recognition.analysis.image import AnalysisRequest, FaceAnalysis, ImageAnalysis

TEMPLATE = bytes([22, 23] * 64) + b"\x00"  # of `sface`: 128 components, and a handicap
FACE = FaceAnalysis((10, 10, 60, 70), 50, TEMPLATE)


def analysed(path: str, content: bytes) -> ImageAnalysis:
    """The analysis that the worker makes up for an image."""
    return ImageAnalysis(path, hashlib.sha256(content).hexdigest(), 100, 80, (FACE,), 0)


def invented_worker(_engine: str) -> Callable[[AnalysisRequest], ImageAnalysis]:
    """Return the function that makes analyses up, as if with an engine."""
    return lambda request: analysed(request.path, request.content or b"")


def _face(**changed: Any) -> dict[str, Any]:
    return {"faces": (replace(FACE, **changed),)}


FORGERIES: dict[bytes, dict[str, Any]] = {
    b"a box that is no number": _face(box=(math.nan, 10, 60, 70)),
    b"a box outside of the image": _face(box=(10, 10, 110, 70)),
    b"a box inside out": _face(box=(60, 10, 10, 70)),
    b"a quality over 100": _face(quality=101),
    b"a quality that is no number": _face(quality=math.nan),
    b"an angle in between": _face(rotation=45),
    b"a template that is too short": _face(template=TEMPLATE[:-1]),
    b"a template that is too long": _face(template=TEMPLATE + b"\0"),
    b"a template of another engine": _face(template=bytes(4 * 128)),
    b"a template without length": _face(template=bytes(len(TEMPLATE))),
    b"an answer for another image": {"sha256": "0" * 64},
    b"another name": {"path": "image-1"},
    b"no digest": {"sha256": ""},
    b"more faces than may be": {"faces": (FACE,) * 257},
    b"fewer bystanders than none": {"bystanders": -1},
    b"an image without width": {"width": 0},
    b"a width beyond numbers": {"width": 2**70},
    b"a photo nobody asked for": {"photo": b"jpeg"},
    b"a reason for no refusal": {"reason": "blurred"},
    b"words as long as a book": {"reason": "x" * 5 * 2**20},
}
"""The changes to the analysis of an image with these bytes."""
_FORGED = {hashlib.sha256(content).hexdigest(): change for content, change in FORGERIES.items()}


def forged(image: ImageAnalysis) -> ImageAnalysis:
    """The analysis as a worker that was taken over sends it."""
    assert isinstance(image, ImageAnalysis)  # the worker itself takes what it made up
    return replace(image, **_FORGED.get(image.sha256, {}))
