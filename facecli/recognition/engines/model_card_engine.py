"""The engine of a model card: YuNet finds the faces, the user's own network makes the template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines import alignment, scoring, sface, weights
from facecli.recognition.engines.engine import DetectedFace, EngineSpec
from facecli.recognition.engines.scoring import NetworkOutput

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnxruntime

    from facecli.recognition.engines.engine import ModelCard, Rgb


def create(spec: EngineSpec) -> ModelCardEngine:
    """Return the engine with both sessions open, tried once. Raises `ModelFailed`."""
    if spec.card is None:
        raise ValueError("an engine without a card")
    session = weights.open_session(spec.card.content(), spec.name)
    engine = ModelCardEngine(spec, spec.card, sface.detector(spec.name), session)
    engine.try_out()
    return engine


class ModelCardEngine:
    """Templates of a user's own network: of unit length, or unchanged, as the card demands."""

    def __init__(
        self,
        spec: EngineSpec,
        card: ModelCard,
        detector: sface.YuNet,
        session: onnxruntime.InferenceSession,
    ) -> None:
        self.spec = spec
        self._card = card
        self._detector = detector
        self._session = session
        self._points = sface.FIVE_POINTS * np.float32(card.input_size / sface.SIDE)

    def try_out(self) -> None:
        """Run the network once on a pattern.

        Raises:
            ModelFailed: the network does not fit its card.
        """
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            why = f"its model has {len(inputs)} inputs and {len(outputs)} outputs, not one each"
            raise ModelFailed(engine=self.spec.name, why=why)
        with np.errstate(all="ignore"):  # what is too large is refused below
            found = self._tried()
            if found.size != self.spec.dimension:
                why = (
                    f"its model gives {found.size} numbers, and the card has {self.spec.dimension}"
                )
                raise ModelFailed(engine=self.spec.name, why=why)
            try:
                scoring.stored(self.spec.scoring, self._output(found[None]))
            except ValueError:
                why = "its model gives zeros, or numbers that are not finite or too large"
                raise ModelFailed(engine=self.spec.name, why=why) from None

    def _tried(self) -> npt.NDArray[np.float32]:
        """Return the output for a pattern. Raises `ModelFailed`."""
        try:
            return self._run(_pattern(self._card.input_size))
        except Exception as error:  # ONNX Runtime's exceptions have no common base class
            why = f"its model does not take what the card describes ({type(error).__name__})"
            raise ModelFailed(engine=self.spec.name, why=why) from None

    def detect(self, rgb: Rgb) -> list[DetectedFace]:
        """Return every face of the image (height, width, 3) uint8 RGB, the largest first."""
        return self._detector.detect(rgb)

    def templates(self, rgb: Rgb, faces: Sequence[DetectedFace]) -> NetworkOutput:
        """Return the vector of each face, with its norm if it is scaled to unit length."""
        rows = np.empty((len(faces), self.spec.dimension), np.float32)
        for at, face in enumerate(faces):
            similarity = alignment.between(face.landmarks, self._points)
            found = self._run(alignment.chip(rgb, similarity, self._card.input_size))
            rows[at] = found if found.size == self.spec.dimension else np.nan  # no usable template
        return self._output(rows)

    def _output(self, rows: npt.NDArray[np.float32]) -> NetworkOutput:
        cosine = self._card.metric == "cosine"
        return NetworkOutput.of_unit_length(rows) if cosine else NetworkOutput.unchanged(rows)

    def _run(self, chip: Rgb) -> npt.NDArray[np.float32]:
        """Return the network's output (dimension,) for one chip (side, side, 3) uint8 RGB.

        One chip at a time, because many models accept a batch of one only.
        """
        pixels = chip if self._card.colour == "RGB" else chip[:, :, ::-1]
        mean = np.asarray(self._card.mean, np.float32)
        plane = (pixels.astype(np.float32) - mean) * np.float32(self._card.scale)
        if self._card.layout == "NCHW":
            plane = plane.transpose(2, 0, 1)
        feed = {self._session.get_inputs()[0].name: np.ascontiguousarray(plane[None])}
        [found] = self._session.run(None, feed)
        return np.asarray(found, np.float32).reshape(-1)


def _pattern(side: int) -> Rgb:
    """Return (side, side, 3) uint8 RGB of many values: on plain grey a network may give zeros."""
    return (np.arange(side * side * 3) * 7 % 251).astype(np.uint8).reshape(side, side, 3)
