"""Drawing a result onto its image in a worker, so that the parent never decodes pixels."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facecli.errors import OutputFailed

if TYPE_CHECKING:
    from facecli.capture.marks import Mark
    from facecli.recognition.engine import Rgb


@dataclass(frozen=True)
class AnnotationRequest:
    """Draw `marks` (see `capture.marks.Mark`) onto the image at `path` and write it to
    `output`: PNG if that ends in .png, else JPEG. An existing file is replaced."""

    path: str
    output: str
    marks: tuple[Mark, ...]


def setup() -> Callable[[AnnotationRequest], str]:
    """The function that annotates one image and returns the path it wrote; for a pool."""
    import cv2

    cv2.setNumThreads(1)
    return annotate_file


def annotate_file(request: AnnotationRequest) -> str:
    """Write the annotated image, whole or not at all, readable by its owner alone.

    Raises `CaptureFailed` for an image that cannot be used and `OutputFailed`.
    """
    from facecli.capture.annotate import annotate
    from facecli.capture.images import read_image

    drawn = annotate(read_image(Path(request.path)).rgb, request.marks)
    target = Path(request.output)
    _write_atomically(target, _encode(drawn, target.suffix.lower()))
    return request.output


def _encode(rgb: Rgb, suffix: str) -> bytes:
    from facecli.capture.images import encode_jpeg

    if suffix != ".png":
        return encode_jpeg(rgb)
    import cv2

    done, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    if not done:
        raise OutputFailed(path=suffix, why="the picture could not be encoded")
    return data.tobytes()


def _write_atomically(target: Path, data: bytes) -> None:
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".facecli-")
    except OSError as error:
        raise OutputFailed(path=target, why=error.strerror or "no reason given") from None
    try:
        with os.fdopen(handle, "wb") as stream:  # mkstemp created it with mode 0600
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, target)
    except OSError as error:
        os.unlink(name)
        raise OutputFailed(path=target, why=error.strerror or "no reason given") from None
