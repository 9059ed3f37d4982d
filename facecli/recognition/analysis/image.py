"""The analysis of one image in a worker: decode, detect, assess, make templates.

`load_analysis_worker` runs once in each worker and returns the function for its tasks. Requests
and results are plain values. A template travels as bytes, so that the parent needs neither pixels
nor numpy. Nothing here is written to disk.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from facecli.errors.capture import CaptureFailed
from facecli.recognition.analysis.head_pose import inter_eye_distance
from facecli.recognition.analysis.quality import Quality, assess, refusal
from facecli.recognition.analysis.soundness import dimension_of, is_sha256, is_sound
from facecli.recognition.analysis.warm_up import warm_up
from facecli.recognition.engines.engine import DetectedFace, Engine, EngineSpec, FaceBox, load

if TYPE_CHECKING:
    from facecli.capture.images import Capture
    from facecli.recognition.engines.engine import Rgb

MOST_FACES = 256
"""Faces of one probe image that get a template; further faces are only counted."""
SMALL_FACE = 40.0
"""Pixels between the eyes below which the image is decoded again, finer."""


@dataclass(frozen=True)
class AnalysisRequest:
    """One image to analyse.

    mode "enrol": make a template of the main face, unless its quality refuses it.
    mode "probe": make templates of all faces up to `most_faces`.
    keep_photo: return the picture to keep as well, if an enrolment is accepted.
    content: bytes of an image that is not in a file; errors then call it `path`.
    """

    path: str
    mode: Literal["enrol", "probe"]
    keep_photo: bool = False
    most_faces: int = MOST_FACES
    content: bytes | None = field(default=None, repr=False)

    @property
    def file(self) -> str | None:
        """The file that the parent opens for the worker."""
        return self.path if self.content is None else None

    def read(self, at_least: int | None = None) -> Capture:
        """Return the decoded image (see `capture.images.decode`). Raises `CaptureFailed`."""
        from facecli.capture.images import decode, read_image

        if self.content is not None:
            return decode(self.content, self.path, at_least=at_least)
        return read_image(Path(self.path), at_least=at_least)


@dataclass(frozen=True)
class FaceAnalysis:
    """One face. box: in pixels of the whole image.

    template: little-endian float32, dimension as in the engine's spec, or None if it was refused
    (see `ImageAnalysis.reason`).
    """

    box: FaceBox
    quality: Quality
    template: bytes | None


@dataclass(frozen=True)
class ImageAnalysis:
    """The faces of one image.

    sha256: of the file's bytes, hexadecimal. width, height: pixels of the whole image, upright;
    boxes are in these pixels.
    faces: the largest first; when enrolling, only the main face.
    bystanders: number of other faces; they never get a template.
    reason: the refusal of an enrolment (`no-face` or a code of `quality.refusal`), else None.
    photo: JPEG in which bystanders are unrecognisable, if it was asked for.
    """

    path: str
    sha256: str
    width: int
    height: int
    faces: tuple[FaceAnalysis, ...]
    bystanders: int
    photo: bytes | None = None
    reason: str | None = None

    def is_answer_to(self, request: AnalysisRequest, engine: str | EngineSpec) -> bool:
        """Return False if no sound worker answers the request so."""
        enrolling = request.mode == "enrol"
        return (
            self.path == request.path
            and is_sha256(self.sha256)
            and is_sound(self, dimension_of(engine))
            and len(self.faces) <= (1 if enrolling else request.most_faces)
            and (enrolling or self.reason is None)
            and (self.photo is None or (enrolling and request.keep_photo))
        )


def load_analysis_worker(engine: str | EngineSpec) -> Callable[[AnalysisRequest], ImageAnalysis]:
    """Load an engine in this worker, and return the function that analyses images with it.

    Give `functools.partial(load_analysis_worker, spec.loadable)` to a pool.

    Raises:
        UnknownEngine: there is no engine of that name.
        ModelFailed: the engine cannot be loaded.
    """
    import cv2

    cv2.setNumThreads(1)  # the worker processes run in parallel
    loaded = load(engine)
    warm_up(loaded)

    def task(request: AnalysisRequest) -> ImageAnalysis:
        return analyse(loaded, request)

    return task


def analyse(engine: Engine, request: AnalysisRequest) -> ImageAnalysis:
    """Return the analysis of one image. Raises `CaptureFailed` if it cannot be used."""
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
    """Return the pixels of the longer side that the smallest face needs for its chip.

    None if this decoding is fine enough or was not reduced.
    """
    distances = [inter_eye_distance(face.landmarks, None) for face in found]
    smallest = min((d for d in distances if d is not None), default=SMALL_FACE)
    if capture.scale == 1 or smallest >= SMALL_FACE:
        return None
    longest = max(int(side) for side in capture.rgb.shape[:2])
    return math.ceil(longest * SMALL_FACE / max(smallest, 1.0))


def _enlarged(face: DetectedFace, factor: float) -> DetectedFace:
    """Return the same face in an image `factor` times as large."""
    left, top, right, bottom = (round(side * factor) for side in face.box)
    landmarks = (face.landmarks * factor).astype("f4")
    return DetectedFace((left, top, right, bottom), face.score, landmarks)


@dataclass(frozen=True)
class ImageWithFaces:
    """One decoded image and the faces found in it, the largest first.

    path: the name of the image in errors. rgb: (height, width, 3) uint8 RGB. scale: of `rgb` to the
    whole image, 0..1.
    """

    engine: Engine
    path: str
    rgb: Rgb
    scale: float
    found: Sequence[DetectedFace]

    def main_face(self) -> tuple[tuple[FaceAnalysis, ...], str | None]:
        """Return the largest face and None, or the face without template and the refusal."""
        if not self.found:
            return (), "no-face"
        quality = self._quality(0)
        reason = refusal(quality, "enrol")
        template = None if reason else self._templates(1)[0]
        return (FaceAnalysis(self._whole_box(0), quality, template),), reason

    def main_template(self) -> bytes | None:
        """Return the template of the largest face of any quality, or None without a face."""
        return self._templates(1)[0] if self.found else None

    def all_faces(self, most: int) -> tuple[FaceAnalysis, ...]:
        """Return the `most` largest faces, each with its template."""
        templates = self._templates(min(most, len(self.found)))
        return tuple(
            FaceAnalysis(self._whole_box(at), self._quality(at), template)
            for at, template in enumerate(templates)
        )

    def _quality(self, at: int) -> Quality:
        others = [face for index, face in enumerate(self.found) if index != at]
        return assess(self.rgb, self.found[at], others, self.scale)

    def _whole_box(self, at: int) -> FaceBox:
        left, top, right, bottom = (round(side / self.scale) for side in self.found[at].box)
        return left, top, right, bottom

    def _templates(self, count: int) -> list[bytes]:
        import numpy as np

        rows = np.asarray(self.engine.templates(self.rgb, self.found[:count]), "<f4")
        if rows.shape != (count, self.engine.spec.dimension) or not np.isfinite(rows).all():
            raise CaptureFailed(path=self.path, why="the engine made no usable template of it")
        return [row.tobytes() for row in rows]


def photo_of(view: ImageWithFaces) -> bytes:
    """Return the photo to keep as JPEG.

    Only the subject consented to being stored, so the other faces are made unrecognisable.
    """
    from facecli.capture.images import encode_jpeg

    kept = view.rgb.copy()
    for other in view.found[1:]:
        _coarsen(kept, other.box)
    left, top, right, bottom = view.found[0].box
    kept[top:bottom, left:right] = view.rgb[top:bottom, left:right]
    return encode_jpeg(kept)


def _coarsen(rgb: Rgb, box: FaceBox) -> None:
    """Replace a face, and a quarter of its size around it, by 4 x 4 tiles."""
    import cv2
    import numpy as np

    left, top, right, bottom = box
    wider, taller = (right - left) // 4, (bottom - top) // 4
    part = rgb[max(top - taller, 0) : bottom + taller, max(left - wider, 0) : right + wider]
    if part.size:
        tiles = cv2.resize(np.ascontiguousarray(part), (4, 4), interpolation=cv2.INTER_AREA)
        size = (part.shape[1], part.shape[0])
        part[:] = cv2.resize(tiles, size, interpolation=cv2.INTER_NEAREST)
