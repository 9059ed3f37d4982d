"""Whether an engine can be loaded, found out in a worker before anything rests on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from facecli.recognition.engines import engine
from facecli.recognition.engines.engine import EngineSpec
from facecli.workers.local import Pool


def setup(which: str | EngineSpec) -> Callable[[str], str]:
    """Load the engine in this worker. Raises `UnknownEngine`, `ModelFailed`."""
    engine.load(which)
    return str


def check(spec: EngineSpec) -> None:
    """Load the engine once. Raises `ModelFailed` where it cannot be loaded."""
    with Pool[str, str](partial(setup, spec.loadable)) as pool:
        for _ in pool.map(["loaded"]):
            pass
