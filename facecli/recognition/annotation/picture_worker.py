"""Draw an annotated picture. Runs in a worker process: the parent never decodes pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facecli.capture.marks import Mark


@dataclass(frozen=True)
class PictureRequest:
    """A picture to draw.

    image: the path of an image file, or its bytes. output: the file that the parent writes the
    picture to. marks: what is drawn on it.
    """

    image: str | bytes = field(repr=False)
    output: Path
    marks: tuple[Mark, ...]

    @property
    def file(self) -> str | None:
        """The file that the parent opens for the worker."""
        return self.image if isinstance(self.image, str) else None

    @property
    def name(self) -> str:
        """The name of the image in errors."""
        return self.image if isinstance(self.image, str) else self.output.name


def load_picture_worker() -> Callable[[PictureRequest], bytes]:
    """Return the function that draws pictures, for a pool."""
    import cv2
    import numpy as np

    from facecli.capture import joined_letters
    from facecli.capture.annotate import annotate
    from facecli.capture.marks import Mark
    from facecli.capture.warm_up import warm_up_decoders

    cv2.setNumThreads(1)
    warm_up_decoders()
    joined_letters.warm_up()
    annotate(np.zeros((64, 64, 3), np.uint8), [Mark((8, 8, 40, 40), "warm", kind="match")])
    return drawn


def drawn(request: PictureRequest) -> bytes:
    """Return the annotated picture as a JPEG.

    Raises:
        CaptureFailed: the image cannot be used.
    """
    from facecli.capture.annotate import annotate
    from facecli.capture.images import decode, encode_jpeg, read_image

    if isinstance(request.image, str):
        capture = read_image(Path(request.image))
    else:
        capture = decode(request.image, request.name)
    return encode_jpeg(annotate(capture.rgb, request.marks))
