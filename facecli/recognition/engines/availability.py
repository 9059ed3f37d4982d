"""What an engine needs: the files it is made of, and a trial load in a worker process."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from facecli.errors.recognition import MissingExtra, ModelFailed
from facecli.recognition.engines import weights as model_weights
from facecli.recognition.engines.engine import (
    DLIB_LANDMARKS_SHA256,
    MMOD_SHA256,
    RESNET_SHA256,
    EngineSpec,
    load,
)
from facecli.recognition.engines.weights import Weights
from facecli.workers.local import Pool

SHIPPED = (model_weights.YUNET, model_weights.SFACE)
PACKAGE = "face_recognition_models"
PACKAGED = (
    Weights("mmod_human_face_detector.dat", MMOD_SHA256),
    Weights("shape_predictor_5_face_landmarks.dat", DLIB_LANDMARKS_SHA256),
    Weights("dlib_face_recognition_resnet_model_v1.dat", RESNET_SHA256),
)
"""What the engines of EXTRAS take from that package."""
EXTRAS = {"dlib": "dlib", "dlib-hog": "dlib", "reference": "reference"}
"""Engines, and the extra of facecli that brings their weights."""


class EnginePart(NamedTuple):
    """A file of weights; `read` raises ModelFailed or MissingExtra where it is not as it should."""

    name: str
    read: Callable[[], object]


def shipped_parts() -> Iterator[EnginePart]:
    """The weights that come with facecli."""
    for weights in SHIPPED:
        yield EnginePart(weights.file, partial(model_weights.read_shipped, weights, "sface"))


def further_parts(spec: EngineSpec) -> Iterator[EnginePart]:
    """What else this engine needs: weights from a package, or the network of a model card."""
    if spec.card is not None:
        yield EnginePart(spec.card.model, spec.card.content)
    elif spec.name in EXTRAS:
        for weights in PACKAGED:
            yield EnginePart(weights.file, partial(_packaged, weights, spec.name))


def _packaged(weights: Weights, engine: str) -> bytes:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingExtra(what=f"The engine {engine}", package=PACKAGE, extra=EXTRAS[engine])
    path = Path(found.submodule_search_locations[0]) / "models" / weights.file
    try:
        content = path.read_bytes()
    except OSError as error:
        why = f"its weights {weights.file} cannot be read ({error.strerror})"
        raise ModelFailed(engine=engine, why=why) from None
    return model_weights.verify(content, weights, engine)


def load_engine_worker(which: str | EngineSpec) -> Callable[[str], str]:
    """Load the engine in this worker. Raises `UnknownEngine`, `ModelFailed`."""
    load(which)
    return str


def check_loads(spec: EngineSpec) -> None:
    """Load the engine once. Raises `ModelFailed` where it cannot be loaded."""
    with Pool[str, str](partial(load_engine_worker, spec.loadable)) as pool:
        for _ in pool.map(["loaded"]):
            pass
