"""Drawing a result onto its image in a worker, so that the parent never decodes pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facecli.capture.marks import Mark


@dataclass(frozen=True)
class AnnotationRequest:
    """Draw `marks` (see `capture.marks.Mark`) onto an image. `output` is where the picture is to
    go: the worker only draws.

    image: the path of an image file, or the bytes of one.
    """

    image: str | bytes = field(repr=False)
    output: Path
    marks: tuple[Mark, ...]


def setup() -> Callable[[AnnotationRequest], bytes]:
    """The function that annotates one image and returns it as a JPEG; for a pool."""
    import cv2

    cv2.setNumThreads(1)
    return annotated


def annotated(request: AnnotationRequest) -> bytes:
    """The annotated image, a JPEG. Raises `CaptureFailed` for an image that cannot be used."""
    from facecli.capture.annotate import annotate
    from facecli.capture.images import decode, encode_jpeg, read_image

    if isinstance(request.image, str):
        capture = read_image(Path(request.image))
    else:
        capture = decode(request.image, request.output.name)
    return encode_jpeg(annotate(capture.rgb, request.marks))
