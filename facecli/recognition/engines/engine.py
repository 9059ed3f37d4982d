"""The interface of every recognition engine, and the specifications of those that ship.

An engine is a detector, landmarks, an alignment, a template network and a metric. Its id
changes when any of these changes, and templates of different ids are never compared. A
specification imports no numerical package, so commands that open no image start quickly. `load`
imports the heavy packages; call it in a worker process.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import ModelFailed, UnknownEngine
from facecli.printable import counted
from facecli.recognition.engines.card_handicap import CardHandicap
from facecli.recognition.engines.scoring import (
    PLAIN,
    Crowds,
    NetworkOutput,
    NormTerm,
    Scoring,
    vectors_of,
)
from facecli.workers.wire import OR_NAN

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import numpy as np
    import numpy.typing as npt

    Rgb = npt.NDArray[np.uint8]
    Landmarks = npt.NDArray[np.float32]

FaceBox = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels; right and bottom are exclusive."""
Coordinate = Annotated[float, OR_NAN]
Points = tuple[tuple[Coordinate, Coordinate], ...]
"""Five landmarks, x and y in pixels, in the order of `RIGHT_EYE` and so on; NaN where the engine
does not locate a point."""

DEFAULT = "sface"
MOST_VIEWS = 2
"""Views of a face in one template: the face and its mirror image."""
RIGHT_EYE, LEFT_EYE, NOSE_TIP, RIGHT_MOUTH, LEFT_MOUTH = range(5)
"""Rows of the landmarks of a face; right and left are the subject's own."""

RESNET_SHA256 = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
"""SHA-256 of `dlib_face_recognition_resnet_model_v1.dat` as D. King published it."""
MMOD_SHA256 = "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6"
"""SHA-256 of `mmod_human_face_detector.dat` as D. King published it."""
DLIB_LANDMARKS_SHA256 = "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"
"""SHA-256 of `shape_predictor_5_face_landmarks.dat` as D. King published it."""
YUNET_SHA256 = "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"
"""SHA-256 of `face_detection_yunet_2023mar_int8bq.onnx` in OpenCV's model zoo."""
YUNET = f"YuNet 2023mar {YUNET_SHA256}, 1024 pixels by whole factors, score 0.7, overlap 0.3"
"""The detector of `sface` and of a user's own networks."""
SFACE_SHA256 = "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"
"""SHA-256 of `face_recognition_sface_2021dec_int8bq.onnx` in OpenCV's model zoo."""


@dataclass(frozen=True)
class QualityScale:
    """The measure of a capture's quality with an engine, chosen for what it tells of errors.

    measure: the norm of the network's output, or the detector's score of the face. zero, hundred:
    its values at quality 0 and 100; linear between. lowest: quality below which an enrolment is
    refused.
    """

    measure: Literal["norm", "score"]
    zero: float
    hundred: float
    lowest: int = 0


YUNET_QUALITY = QualityScale("score", zero=0.7, hundred=0.95)
"""Quality by YuNet's score; it finds no face below 0.7."""
HOG_QUALITY = QualityScale("score", zero=0.0, hundred=2.5)
"""Quality by the score of dlib's HOG detector."""
SFACE_QUALITY = QualityScale("norm", zero=6.0, hundred=15.0, lowest=28)
"""Quality by the norm of SFace's output. Of upright faces 0.2 % lie below 28, norm 8.5, and 87 % of
faces that are upside down; at norm 9, 38 % of genuine comparisons are missed at FMR 1e-4."""
SFACE_SCORING = Scoring(
    crowds=Crowds(
        file="sface.crowds.json",
        sha256="1619739da481fd0a0eb2bad5b6db6e5c05daa44c2b271b34f4265622f6d2ddcc",
        weight=0.2,
        usual=0.2959,
    ),
    norm=NormTerm(weight=0.01, low=9.0, middle=12.25, high=15.0),
    step=0.5 / 127,
    handicap_step=0.0008,
)
"""Scoring of `sface`, chosen by cross-validation (tests/benchmarks/choose_scoring.py)."""
DLIB_SCORING = Scoring(
    crowds=Crowds(
        file="dlib.crowds.json",
        sha256="149f911d2ef518f31821991f6ba12874457a841999299e3c977d927910ee4117",
        weight=0.35,
        usual=0.94,
    ),
    handicap_step=0.00012,
)
"""Scoring of `dlib` and `dlib-hog`. 8 bits were measured to lose up to 0.3 points of TMR."""


@dataclass(frozen=True)
class EngineSpec:
    """The parts of an engine. A different part has a different name, and so a different id."""

    name: str
    detector: str
    landmarks: str
    alignment: str
    network: str
    metric: str
    dimension: int
    module: str
    decode_at_least: int | None = None
    """Pixels to keep along the longer side when a large JPEG is decoded at 1/2, 1/4 or 1/8; None:
    images are decoded whole."""
    views: int | None = None
    """Number of views averaged into one template, or None if the engine offers no choice: 1 is the
    aligned face, 2 the face and its mirror image."""
    card: ModelCard | None = None
    """The card of a user's own network (see `model_card`)."""
    calibration_text: str | None = None
    """JSON text of a calibration that replaces the shipped one."""
    quality: QualityScale | None = None
    """The measure of quality; None: it is not assessed. Not part of the id."""
    scoring: Scoring = PLAIN
    """The way in which templates are stored and compared."""

    @property
    def files(self) -> tuple[str, ...]:
        """The user's files that a worker reads to load this engine."""
        return () if self.card is None else (self.card.model,)

    @cached_property
    def engine_id(self) -> str:
        """The name and 12 hexadecimal digits of a hash of all parts: `reference-0a1b2c3d4e5f`."""
        parts = (
            self.name,
            self.detector,
            self.landmarks,
            self.alignment,
            self.network,
            self.metric,
            str(self.dimension),
            str(self.decode_at_least),
            *([] if self.views is None else [f"views {self.views}"]),
            *([] if self.scoring == PLAIN else [repr(self.scoring)]),
        )
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return f"{self.name}-{digest[:12]}"

    @property
    def loadable(self) -> str | EngineSpec:
        """The argument of `load` in a worker: a shipped engine's name, else the specification."""
        return self.name if self == _SPECS.get(self.name) else self

    def calibrated(self, text: str | None) -> EngineSpec:
        """Return the same engine with this calibration (a `calibration.dump`), or unchanged."""
        return self if text is None else replace(self, calibration_text=text)

    @property
    def calibration_file(self) -> Traversable:
        """The calibration file that ships with this engine (see `calibration.load`)."""
        views = "" if self.views is None else f"-{self.views}"
        return files("facecli.models").joinpath(f"{self.name}{views}.calibration.json")


@dataclass(frozen=True, eq=False)
class DetectedFace:
    """One face found in an image.

    box: within the image, in pixels. score: the detector's own, higher is more certain, or None.
    landmarks: (5, 2) float32, x and y in pixels: the subject's right eye, left eye, nose tip,
    right and left corner of the mouth; NaN where the engine does not locate a point.
    """

    box: FaceBox
    score: float | None
    landmarks: Landmarks

    @property
    def points(self) -> Points:
        """The landmarks as plain numbers, for the parent process."""
        return tuple((float(x), float(y)) for x, y in self.landmarks)

    @property
    def area(self) -> int:
        """Number of pixels inside the box."""
        left, top, right, bottom = self.box
        return max(right - left, 0) * max(bottom - top, 0)


class Engine(Protocol):
    """The interface that workers call. Images are (height, width, 3) uint8 RGB."""

    @property
    def spec(self) -> EngineSpec:
        """The specification of this engine."""

    def detect(self, rgb: Rgb) -> list[DetectedFace]:
        """Return every face in the image, the largest first; empty if there is none."""

    def templates(self, rgb: Rgb, faces: Sequence[DetectedFace]) -> NetworkOutput:
        """Return the vector and norm of each face of this image, in order.

        `scoring.stored` makes the stored form of them.
        """


_SPECS = {
    spec.name: spec
    for spec in (
        EngineSpec(
            name="reference",
            detector="dlib HOG, upsampled once, images shrunk to 1600 pixels (face_recognition 1)",
            landmarks="dlib 5 points",
            alignment="dlib chip 150, padding 0.25",
            network=f"dlib_face_recognition_resnet_model_v1 {RESNET_SHA256}",
            metric="euclidean",
            dimension=128,
            module="facecli.recognition.engines.reference",
        ),
        EngineSpec(
            name="sface",
            detector=YUNET,
            landmarks="YuNet 5 points",
            alignment="similarity to ArcFace's 5 points, chip 112",
            network=f"SFace 2021dec {SFACE_SHA256}, float32",
            metric="handicapped, unit length",
            dimension=128,
            module="facecli.recognition.engines.sface",
            decode_at_least=1000,
            quality=SFACE_QUALITY,
            scoring=SFACE_SCORING,
        ),
        EngineSpec(
            name="dlib",
            detector=f"dlib MMOD {MMOD_SHA256}, 1024 pixels, 2 sizes of 4 by 4 cells where YuNet "
            f"2023mar {YUNET_SHA256} scores 0.3; YuNet alone from 0.7",
            landmarks=f"dlib 5 points {DLIB_LANDMARKS_SHA256}",
            alignment="dlib chip 150, padding 0.25",
            network=f"dlib_face_recognition_resnet_model_v1 {RESNET_SHA256}",
            metric="handicapped, unit length",
            dimension=128,
            module="facecli.recognition.engines.dlib.engine",
            decode_at_least=1000,
            views=2,
            quality=YUNET_QUALITY,
            scoring=DLIB_SCORING,
        ),
        EngineSpec(
            name="dlib-hog",
            detector="dlib HOG, not enlarged, 1024 pixels by whole factors",
            landmarks=f"dlib 5 points {DLIB_LANDMARKS_SHA256}",
            alignment="dlib chip 150, padding 0.25",
            network=f"dlib_face_recognition_resnet_model_v1 {RESNET_SHA256}",
            metric="handicapped, unit length",
            dimension=128,
            module="facecli.recognition.engines.dlib.hog",
            decode_at_least=1000,
            views=2,
            quality=HOG_QUALITY,
            scoring=DLIB_SCORING,
        ),
    )
}


def names() -> list[str]:
    """Return the names of the shipped engines, sorted."""
    return sorted(_SPECS)


def spec(name: str, views: int | None = None) -> EngineSpec:
    """Return the specification of the engine of that name.

    Args:
        views: number of views in a template, or None for the engine's default.

    Raises:
        UnknownEngine: there is no engine of that name.
        BadInput: the engine does not offer that number of views.
    """
    try:
        found = _SPECS[name]
    except KeyError:
        raise UnknownEngine(name=name, known=", ".join(names())) from None
    if views is None:
        return found
    if found.views is None or not 1 <= views <= MOST_VIEWS:
        choice = f"1 to {MOST_VIEWS}" if found.views else "no choice of views"
        raise BadInput(what=counted(views, "view"), why=f"the engine {name} has {choice}")
    return replace(found, views=views)


def load(which: str | EngineSpec) -> Engine:
    """Load an engine. This is slow and imports heavy packages: call it in a worker.

    Raises:
        UnknownEngine: there is no engine of that name.
        ModelFailed: packages, weights or crowds of the engine are missing or are not the expected
            ones.
    """
    chosen = spec(which) if isinstance(which, str) else which
    if chosen.scoring.crowds is not None:
        try:
            vectors_of(chosen.scoring.crowds)
        except (OSError, ValueError) as error:
            raise ModelFailed(engine=chosen.name, why=str(error)) from None
    make: Callable[[EngineSpec], Engine] = importlib.import_module(chosen.module).create
    return make(chosen)


LARGEST_MODEL = 2**31 - 1
"""Bytes of a model file: the limit of a protocol buffer."""


@dataclass(frozen=True)
class ModelCard:
    """The description of a user's network. `model` is an absolute path; see `model_card`."""

    name: str
    model: str
    sha256: str
    input_size: int
    layout: str
    colour: str
    mean: tuple[float, float, float]
    scale: float
    dimension: int
    metric: str
    licence: str
    handicap: CardHandicap | None = None

    def spec(self, calibration: str | None) -> EngineSpec:
        """Return the engine that this card describes.

        Its id covers everything that changes a template. It does not cover the path of the model,
        the licence or the calibration.
        """
        mean = " ".join(f"{value!r}" for value in self.mean)
        return EngineSpec(
            name=self.name,
            detector=YUNET,
            landmarks="YuNet 5 points",
            alignment=f"similarity to ArcFace's 5 points, chip {self.input_size}",
            network=f"{self.sha256}, {self.layout} {self.colour}, mean {mean}, "
            f"scale {self.scale!r}",
            metric=self._metric,
            dimension=self.dimension,
            module="facecli.recognition.engines.model_card_engine",
            decode_at_least=1000,
            card=self,
            quality=YUNET_QUALITY,
            calibration_text=calibration,
            scoring=PLAIN if self.handicap is None else self.handicap.scoring,
        )

    @property
    def _metric(self) -> str:
        if self.metric != "cosine":
            return "euclidean"
        return f"{'euclidean' if self.handicap is None else 'handicapped'}, unit length"

    def content(self) -> bytes:
        """Return the content of the model file, verified. Raises `ModelFailed`."""
        try:
            with open(self.model, "rb") as stream:
                content = stream.read(LARGEST_MODEL + 1)
        except OSError as error:
            why = f"its model {self.model} cannot be read ({error.strerror})"
            raise ModelFailed(engine=self.name, why=why) from None
        if hashlib.sha256(content).hexdigest() != self.sha256:
            why = f"its model {self.model} is not the file that the card names"
            raise ModelFailed(engine=self.name, why=why)
        return content
