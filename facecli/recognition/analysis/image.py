"""The analysis of one image in a worker: decode, detect, assess, make templates.

`load_analysis_worker` runs once in each worker and returns the function for its tasks. Requests
and results are plain values. A template travels as bytes, so that the parent needs neither pixels
nor numpy. Nothing here is written to disk.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from facecli.capture.frame_geometry import is_dark
from facecli.errors.capture import CaptureFailed
from facecli.recognition.analysis import quality, rotation
from facecli.recognition.analysis.face_boxes import is_same_place
from facecli.recognition.analysis.head_pose import inter_eye_distance
from facecli.recognition.analysis.rotation import Angle
from facecli.recognition.analysis.soundness import (
    is_code,
    is_digest_of,
    is_sha256,
    is_template,
    is_within,
    spec_of,
)
from facecli.recognition.analysis.warm_up import warm_up
from facecli.recognition.engines import scoring
from facecli.recognition.engines.engine import DetectedFace, Engine, EngineSpec, FaceBox, load
from facecli.workers.wire import Between

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
    rotate: compare the turned faces of a probe as they are upright.
    content: bytes of an image that is not in a file; errors then call it `path`.
    """

    path: str
    mode: Literal["enrol", "probe"]
    keep_photo: bool = False
    rotate: bool = True
    most_faces: int = MOST_FACES
    content: bytes | None = field(default=None, repr=False)

    @property
    def file(self) -> str | None:
        """The file that the parent opens for the worker."""
        return self.path if self.content is None else None

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return len(self.content or b"")

    def portable(self, name: str) -> AnalysisRequest:
        """Return the request with the bytes of its file, called `name`, for another machine.

        Raises:
            CaptureFailed: the file cannot be read.
        """
        from facecli.capture.images import read_bytes

        content = read_bytes(Path(self.path)) if self.content is None else self.content
        return replace(self, path=name, content=content)

    def read(self, at_least: int | None = None) -> Capture:
        """Return the decoded image (see `capture.images.decode`). Raises `CaptureFailed`."""
        from facecli.capture.images import decode, read_image

        if self.content is not None:
            return decode(self.content, self.path, at_least=at_least)
        return read_image(Path(self.path), at_least=at_least)


@dataclass(frozen=True)
class FaceAnalysis:
    """One face. box: in pixels of the whole image.

    quality: unified, 0..100, higher is better, or None if it was not assessed, as for a refused
    face. template: the stored form (`scoring.packed`), or None if it was refused (see
    `ImageAnalysis.reason`). rotation: degrees clockwise by which the image must be turned so that
    the face is upright: 0, 90, 180 or 270.
    """

    box: FaceBox
    quality: Annotated[int, Between(0, 100)] | None
    template: bytes | None
    rotation: Angle = 0

    def is_sound(self, width: int, height: int, spec: EngineSpec, *, refused: bool) -> bool:
        """Return True for a face of an image of that size: without a template only if refused."""
        if not is_within(self.box, width, height):
            return False
        if self.template is None:
            return refused
        return not refused and is_template(self.template, spec)


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
            and (request.content is None or is_digest_of(self.sha256, request.content))
            and self.is_sound(spec_of(engine))
            and len(self.faces) <= (1 if enrolling else request.most_faces)
            and (enrolling or self.reason is None)
            and (self.photo is None or (enrolling and request.keep_photo))
        )

    def is_sound(self, spec: EngineSpec) -> bool:
        """Return True if its parts agree.

        A face has no template exactly if the image was refused, and nothing is kept of a refused
        image.
        """
        refused = self.reason is not None
        return (
            min(self.width, self.height) >= 1
            and self.bystanders >= 0
            and (self.reason is None or is_code(self.reason))
            and not (refused and self.photo is not None)
            and all(
                face.is_sound(self.width, self.height, spec, refused=refused) for face in self.faces
            )
        )

    def renamed(self, path: str) -> ImageAnalysis:
        """Return the same analysis of an image that is called `path`."""
        return replace(self, path=path)


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
    angle: Angle = 0
    found = engine.detect(capture.rgb)
    if not found and (enrolling or request.rotate):
        angle, found = rotation.faces_when_turned(engine, capture.rgb)
    finer = _finer(capture, found)
    if finer is not None:
        reduced, capture = capture, request.read(finer)
        found = [_enlarged(face, capture.scale / reduced.scale) for face in found]
    rgb = rotation.turned(capture.rgb, angle)
    view = ImageWithFaces(engine, request.path, rgb, capture.scale, found, angle)
    reason = None
    if enrolling:
        faces, reason = view.main_face()
    else:
        view, faces = view.probe_faces(request.most_faces, rotate=request.rotate)
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


class MadeTemplate(NamedTuple):
    """A template in stored form, the unified quality of its capture, and the network's norm."""

    template: bytes
    quality: int | None
    norm: float


@dataclass(frozen=True)
class ImageWithFaces:
    """One decoded image and the faces found in it, the largest first.

    path: the name of the image in errors. rgb: (height, width, 3) uint8 RGB. scale: of `rgb` to the
    whole image, 0..1. angle: degrees clockwise by which the image was turned to find the faces.
    """

    engine: Engine
    path: str
    rgb: Rgb
    scale: float
    found: Sequence[DetectedFace]
    angle: Angle = 0

    def main_face(self) -> tuple[tuple[FaceAnalysis, ...], str | None]:
        """Return the largest face and None, or the face without template and the refusal."""
        if not self.found:
            return (), "too-dark" if is_dark(self.rgb) else "no-face"
        angle = self.angle or rotation.upright_angle(self.engine, self.rgb, self.found[0])
        face = FaceAnalysis(self._whole_box(0), None, None, angle)
        components = quality.assess(self.rgb, self.found[0], self.found[1:], self.scale)
        reason = "rotated" if angle else quality.refusal(components)
        if reason is None:
            [made] = self.templates(1)
            reason = quality.too_low(self.engine.spec.quality, made.quality)
            face = replace(face, quality=made.quality, template=None if reason else made.template)
        return (face,), reason

    def main_template(self) -> bytes | None:
        """Return the template of the largest face of any quality, or None without a face."""
        return self.templates(1)[0].template if self.found else None

    def probe_faces(
        self, most: int, *, rotate: bool
    ) -> tuple[ImageWithFaces, tuple[FaceAnalysis, ...]]:
        """Return the faces of `all_faces`, each once, and the view in which they were found.

        Where all faces that a detector finds are turned alike, the picture is, and the detector
        finds the others of it once it is upright.
        """
        faces = _each_once(self.all_faces(most, rotate=rotate))
        angles = {face.rotation for face in faces}
        if self.angle or len(angles) != 1 or 0 in angles:
            return self, faces
        rgb = rotation.turned(self.rgb, *angles)
        upright = replace(self, rgb=rgb, found=self.engine.detect(rgb), angle=angles.pop())
        if len(upright.found) < len(faces):
            return self, faces
        return upright, upright.all_faces(most)

    def all_faces(self, most: int, *, rotate: bool = False) -> tuple[FaceAnalysis, ...]:
        """Return the `most` largest faces, each with its template.

        rotate: make the template of a turned face as it is upright.
        """
        made = self.templates(min(most, len(self.found)))
        return tuple(
            self._turned_face(at, one.norm, rotate=rotate)
            or FaceAnalysis(self._whole_box(at), one.quality, one.template, self.angle)
            for at, one in enumerate(made)
        )

    def _turned_face(self, at: int, norm: float, *, rotate: bool) -> FaceAnalysis | None:
        """Return a face as it is upright, or None if it is upright, or its norm says so."""
        if not rotate or self.angle or not rotation.asks_for_look(self.engine.spec, norm):
            return None
        angle = rotation.upright_angle(self.engine, self.rgb, self.found[at])
        if not angle:
            return None
        box = self.found[at].box
        around = rotation.turned(rotation.surroundings(self.rgb, box), angle)
        face = rotation.central_face(self.engine, around)
        if face is None:
            return None
        view = ImageWithFaces(self.engine, self.path, around, 1.0, [face], angle)
        [upright] = view.all_faces(1)
        size = (self.rgb.shape[1], self.rgb.shape[0])
        there = rotation.out_of_surroundings(upright.box, box, size)
        return replace(upright, box=self._in_whole(there))

    def _whole_box(self, at: int) -> FaceBox:
        size = (self.rgb.shape[1], self.rgb.shape[0])
        return self._in_whole(rotation.turned_back(self.found[at].box, self.angle, size))

    def _in_whole(self, box: FaceBox) -> FaceBox:
        left, top, right, bottom = (round(side / self.scale) for side in box)
        return left, top, right, bottom

    def templates(self, count: int) -> list[MadeTemplate]:
        """Return the templates of the `count` largest faces.

        Raises:
            CaptureFailed: the network made no usable template of one.
        """
        spec = self.engine.spec
        output = self.engine.templates(self.rgb, self.found[:count])
        try:
            if output.vectors.shape != (count, spec.dimension):
                raise ValueError("another number of faces or dimensions")
            forms = scoring.stored(spec.scoring, output)
        except ValueError:
            why = "the engine made no usable template of it"
            raise CaptureFailed(path=self.path, why=why) from None
        packed = scoring.packed(spec.scoring, forms)
        norms = map(float, output.norms)
        return [
            MadeTemplate(template, quality.unified(spec.quality, face, norm), norm)
            for template, face, norm in zip(packed, self.found, norms, strict=False)
        ]


def _each_once(faces: Sequence[FaceAnalysis]) -> tuple[FaceAnalysis, ...]:
    """Leave out faces that were found twice: a turned face is found in parts by some detectors."""
    kept: list[FaceAnalysis] = []
    for face in faces:
        if not (face.rotation and any(is_same_place(face.box, one.box) for one in kept)):
            kept.append(face)
    return tuple(kept)


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
