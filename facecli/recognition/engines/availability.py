"""The files that an engine needs, and a trial load in a worker process."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from facecli.errors.recognition import MissingExtra, ModelFailed
from facecli.recognition.engines.engine import EngineSpec, load
from facecli.recognition.engines.weights import (
    DLIB_LANDMARKS,
    MMOD,
    RESNET,
    SFACE,
    YUNET,
    Weights,
    read_shipped,
    verify,
)
from facecli.workers.local import Pool

SHIPPED = (YUNET, SFACE)
PACKAGE = "face_recognition_models"
PACKAGED = (MMOD, DLIB_LANDMARKS, RESNET)
"""The files that the engines of EXTRAS need from that package."""
EXTRAS = {"dlib": "dlib", "dlib-hog": "dlib", "reference": "reference"}
"""The extra of facecli that installs the weights, by engine."""


class EnginePart(NamedTuple):
    """A file that an engine needs.

    `read` raises `ModelFailed` or `MissingExtra` if the file is missing or is not the expected one.
    """

    name: str
    read: Callable[[], object]


def shipped_parts() -> Iterator[EnginePart]:
    """Yield the weights that ship with facecli."""
    for weights in SHIPPED:
        yield EnginePart(weights.file, partial(read_shipped, weights, "sface"))


def further_parts(spec: EngineSpec) -> Iterator[EnginePart]:
    """Yield the other files of this engine: weights of a package, or a model card's network."""
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
    return verify(content, weights, engine)


def load_engine_worker(which: str | EngineSpec) -> Callable[[str], str]:
    """Load the engine in this worker; tasks do nothing. Raises `UnknownEngine`, `ModelFailed`."""
    load(which)
    return str


def check_loads(spec: EngineSpec) -> None:
    """Load the engine once in a worker. Raises `ModelFailed` if it cannot be loaded."""
    with Pool[str, str](partial(load_engine_worker, spec.loadable)) as pool:
        for _ in pool.map(["loaded"]):
            pass
