"""What a worker does for one image: decode, detect, assess, make templates.

`setup` is run once in each worker and returns the function for its tasks. Requests and results
are plain values; a template travels as bytes, so that the parent stays free of pixels and may
stay free of numpy. Nothing here is written to disk.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from facecli.errors.capture import CaptureFailed
from facecli.recognition.analysis import quality as qualities
from facecli.recognition.analysis.quality import Quality
from facecli.recognition.engines import engine as engines
from facecli.recognition.engines.engine import DetectedFace, Engine, EngineSpec, FaceBox

if TYPE_CHECKING:
    from facecli.capture.images import Capture
    from facecli.recognition.engines.engine import Rgb

MOST_FACES = 256
"""Faces of one probe image that are templated; more are counted."""


SMALL_FACE = 40.0
"""Pixels between the eyes below which a chip is cut from a finer decoding of the image."""


@dataclass(frozen=True)
class AnalysisRequest:
    """One image to analyse.

    mode "enrol": the main face only, and only if its quality does not refuse it.
    mode "probe": every face up to `most_faces`.
    keep_photo: in an accepted enrolment, return the picture to be kept as well.
    content: the image file's bytes, where it is in no file; `path` is then what errors call it.
    """

    path: str
    mode: Literal["enrol", "probe"]
    keep_photo: bool = False
    most_faces: int = MOST_FACES
    content: bytes | None = field(default=None, repr=False)

    def read(self, at_least: int | None = None) -> Capture:
        """The image, decoded (see `capture.images.decode`). Raises `CaptureFailed`."""
        from facecli.capture.images import decode, read_image

        if self.content is not None:
            return decode(self.content, self.path, at_least=at_least)
        return read_image(Path(self.path), at_least=at_least)


@dataclass(frozen=True)
class FaceAnalysis:
    """One face. template: little-endian float32, dimension as in the engine's spec, or None
    where none may be made (see `ImageAnalysis.reason`)."""

    box: FaceBox
    quality: Quality
    template: bytes | None


@dataclass(frozen=True)
class ImageAnalysis:
    """What was seen in one image.

    sha256: of the file's bytes, hexadecimal. width, height: pixels of the whole image, upright;
    boxes are in these pixels.
    faces: the largest first; when enrolling at most one, the main face.
    bystanders: faces that were found and are not in `faces`; never templated.
    reason: why no template was made when enrolling (`no-face` or a code of `quality.refusal`),
    else None. photo: JPEG with bystanders made unrecognisable, if it was asked for.
    """

    path: str
    sha256: str
    width: int
    height: int
    faces: tuple[FaceAnalysis, ...]
    bystanders: int
    photo: bytes | None = None
    reason: str | None = None


def load_analysis_worker(engine: str | EngineSpec) -> Callable[[AnalysisRequest], ImageAnalysis]:
    """Load an engine in this worker; the function that it returns analyses images with it.

    Give `functools.partial(load_analysis_worker, spec.loadable)` to a pool.

    Raises:
        UnknownEngine: there is no engine of that name.
        ModelFailed: the engine cannot be loaded.
    """
    import cv2

    cv2.setNumThreads(1)  # workers are the parallelism
    loaded = engines.load(engine)

    def task(request: AnalysisRequest) -> ImageAnalysis:
        return analyse(loaded, request)

    return task


def analyse(engine: Engine, request: AnalysisRequest) -> ImageAnalysis:
    """The analysis of one image file. Raises `CaptureFailed` for one that cannot be used."""
    enrolling = request.mode == "enrol"
    keep = request.keep_photo and enrolling
    least = None if keep else engine.spec.decode_at_least
    capture = request.read(least)
    found = engine.detect(capture.rgb)
    finer = _finer(capture, found)
    if finer is not None:
        reduced, capture = capture, request.read(finer)
        found = [_enlarged(face, capture.scale / reduced.scale) for face in found]
    view = ImageWithFaces(engine, request.path, capture.rgb, capture.scale, found)
    reason = None
    if enrolling:
        faces, reason = view.main_face()
    else:
        faces = view.all_faces(request.most_faces)
    return ImageAnalysis(
        path=request.path,
        sha256=capture.sha256,
        width=capture.size[0],
        height=capture.size[1],
        faces=faces,
        bystanders=len(view.found) - len(faces),
        photo=photo_of(view) if keep and reason is None else None,
        reason=reason,
    )


def _finer(capture: Capture, found: Sequence[DetectedFace]) -> int | None:
    """Pixels of the longer side with which the chip of every face has the pixels it can use; None
    where this decoding has them or was not reduced."""
    distances = [qualities.inter_eye_distance(face.landmarks, None) for face in found]
    smallest = min((d for d in distances if d is not None), default=SMALL_FACE)
    if capture.scale == 1 or smallest >= SMALL_FACE:
        return None
    longest = max(int(side) for side in capture.rgb.shape[:2])
    return math.ceil(longest * SMALL_FACE / max(smallest, 1.0))


def _enlarged(face: DetectedFace, factor: float) -> DetectedFace:
    """The same face in an image `factor` times as large."""
    left, top, right, bottom = (round(side * factor) for side in face.box)
    landmarks = (face.landmarks * factor).astype("f4")
    return DetectedFace((left, top, right, bottom), face.score, landmarks)


@dataclass(frozen=True)
class ImageWithFaces:
    """One decoded image and the faces found in it, the largest first, at `scale` of the file's
    own pixels. `path` is what errors call it."""

    engine: Engine
    path: str
    rgb: Rgb
    scale: float
    found: Sequence[DetectedFace]

    def main_face(self) -> tuple[tuple[FaceAnalysis, ...], str | None]:
        """The largest face, templated unless a reason, which comes second, speaks against it."""
        if not self.found:
            return (), "no-face"
        quality = self._quality(0)
        reason = qualities.refusal(quality, "enrol")
        template = None if reason else self._templates(1)[0]
        return (FaceAnalysis(self._whole_box(0), quality, template),), reason

    def main_template(self) -> bytes | None:
        """The template of the largest face, whatever its quality; None if there is no face."""
        return self._templates(1)[0] if self.found else None

    def all_faces(self, most: int) -> tuple[FaceAnalysis, ...]:
        """The `most` largest faces, each with its template."""
        templates = self._templates(min(most, len(self.found)))
        return tuple(
            FaceAnalysis(self._whole_box(at), self._quality(at), template)
            for at, template in enumerate(templates)
        )

    def _quality(self, at: int) -> Quality:
        others = [face for index, face in enumerate(self.found) if index != at]
        return qualities.assess(self.rgb, self.found[at], others, self.scale)

    def _whole_box(self, at: int) -> FaceBox:
        left, top, right, bottom = (round(side / self.scale) for side in self.found[at].box)
        return left, top, right, bottom

    def _templates(self, count: int) -> list[bytes]:
        import numpy as np

        rows = np.asarray(self.engine.templates(self.rgb, self.found[:count]), "<f4")
        if rows.shape != (count, self.engine.spec.dimension) or not np.isfinite(rows).all():
            raise CaptureFailed(path=self.path, why="no usable template came of it")
        return [row.tobytes() for row in rows]


def photo_of(view: ImageWithFaces) -> bytes:
    """The picture to keep: nobody but the subject agreed to be stored, so other faces go."""
    from facecli.capture.images import encode_jpeg

    kept = view.rgb.copy()
    for other in view.found[1:]:
        _coarsen(kept, other.box)
    left, top, right, bottom = view.found[0].box
    kept[top:bottom, left:right] = view.rgb[top:bottom, left:right]
    return encode_jpeg(kept)


def _coarsen(rgb: Rgb, box: FaceBox) -> None:
    """Replace a face and its surroundings (a quarter of its size around) by 4 x 4 tiles."""
    import cv2
    import numpy as np

    left, top, right, bottom = box
    wider, taller = (right - left) // 4, (bottom - top) // 4
    part = rgb[max(top - taller, 0) : bottom + taller, max(left - wider, 0) : right + wider]
    if part.size:
        tiles = cv2.resize(np.ascontiguousarray(part), (4, 4), interpolation=cv2.INTER_AREA)
        size = (part.shape[1], part.shape[0])
        part[:] = cv2.resize(tiles, size, interpolation=cv2.INTER_NEAREST)
