"""Shipped weights, networks built from them once and cached, and ONNX Runtime sessions.

A built network is cached under `$XDG_CACHE_HOME/facecli`. Its file name is a hash of its source
and its recipe, and its own hash is checked at every load. The cache is trusted only in a
directory that no other user can write. Without a trusted or writable cache, the network is built
in memory each time, with the same result.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines.engine import (
    DLIB_LANDMARKS_SHA256,
    MMOD_SHA256,
    RESNET_SHA256,
    SFACE_SHA256,
    YUNET_SHA256,
)
from facecli.workers.confinement.paths import cache_folder

if TYPE_CHECKING:
    import onnxruntime

FORMAT = b"facecli-network/1"
LONGEST_HEAD = 256
"""Bytes of the first line of a cached network."""


@dataclass(frozen=True)
class Weights:
    """A file of weights and the SHA-256 that it must have."""

    file: str
    sha256: str


YUNET = Weights("face_detection_yunet_2023mar_int8bq.onnx", YUNET_SHA256)
SFACE = Weights("face_recognition_sface_2021dec_int8bq.onnx", SFACE_SHA256)
MMOD = Weights("mmod_human_face_detector.dat", MMOD_SHA256)
DLIB_LANDMARKS = Weights("shape_predictor_5_face_landmarks.dat", DLIB_LANDMARKS_SHA256)
RESNET = Weights("dlib_face_recognition_resnet_model_v1.dat", RESNET_SHA256)


@dataclass(frozen=True)
class Recipe:
    """The way to build a network from weights. A change of `build` needs a new `version`."""

    name: str
    version: int
    build: Callable[[bytes], bytes]


def read_shipped(weights: Weights, engine: str) -> bytes:
    """Return the content of weights in `facecli/models`. Raises `ModelFailed`."""
    try:
        content = files("facecli.models").joinpath(weights.file).read_bytes()
    except OSError as error:
        why = f"its weights {weights.file} cannot be read ({error.strerror})"
        raise ModelFailed(engine=engine, why=why) from None
    return verify(content, weights, engine)


def verify(content: bytes, weights: Weights, engine: str) -> bytes:
    """Return the content if its hash is the expected one. Raises `ModelFailed`."""
    if hashlib.sha256(content).hexdigest() != weights.sha256:
        why = f"its weights {weights.file} are not the file they should be"
        raise ModelFailed(engine=engine, why=why)
    return content


def built_network(
    weights: Weights, recipe: Recipe, engine: str, read: Callable[[], bytes]
) -> bytes:
    """Return the network that `recipe` builds from these weights, from the cache if possible.

    Two processes may build it at the same time: both get the same network, and the cache file is
    replaced whole.

    Args:
        read: returns the verified content of the weights; called only to build the network.

    Raises:
        ModelFailed: the network cannot be built.
    """
    identity = f"{recipe.name}/{recipe.version}/{weights.sha256}"
    key = hashlib.sha256(identity.encode()).hexdigest()
    folder = cache_folder()
    path = folder / f"{recipe.name}-{key[:24]}.network" if folder else None
    cached = _read_cached(path, key) if path else None
    if cached is not None:
        return cached
    content = _build(recipe, read(), engine)
    if path is not None and _write_cached(path, key, content):
        sys.stderr.write(f"facecli: prepared the network {recipe.name} once, kept in {path}\n")
    return content


def open_session(content: bytes, engine: str, threads: int = 1) -> onnxruntime.InferenceSession:
    """Return a session of a network. One thread by default: worker processes run in parallel.

    The graph is optimised anew each time. A cached optimised graph would fit one kind of processor
    only, and would save 25 ms of the half second that a worker takes to start.

    Raises:
        ModelFailed: ONNX Runtime does not accept the network.
    """
    # Since version 1.29 ONNX Runtime keeps a device id and usage records in the home folder and
    # sends them to its maker. It reads this variable once, when it is imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # An idle thread must not spin: on a loaded machine a search otherwise took twice as much
    # processor time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Free the memory of a large image instead of keeping it for the next one.
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have no common base class
        why = f"ONNX Runtime does not take its network ({type(error).__name__})"
        raise ModelFailed(engine=engine, why=why) from None


def _build(recipe: Recipe, source: bytes, engine: str) -> bytes:
    try:
        return recipe.build(source)
    except ModelFailed:
        raise
    except Exception as error:
        why = f"its weights cannot be turned into the network {recipe.name} ({error!r:.200})"
        raise ModelFailed(engine=engine, why=why) from error


def _read_cached(path: Path, key: str) -> bytes | None:
    """Return the network in a cache file; None if it is missing, damaged or another user's."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as stream:
            state = os.fstat(stream.fileno())
            if state.st_uid != os.geteuid() or state.st_mode & 0o022:
                return None
            head, content = stream.readline(LONGEST_HEAD).removesuffix(b"\n"), stream.read()
    except OSError:
        return None
    digest = hashlib.sha256(content).hexdigest()
    return content if head == _head(key, digest) else None


def _write_cached(path: Path, key: str, content: bytes) -> bool:
    """Write a network to the cache, whole or not at all. Return True if it was written."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(_head(key, hashlib.sha256(content).hexdigest()) + b"\n" + content)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        return False
    return True


def _head(key: str, digest: str) -> bytes:
    return FORMAT + f" {key} {digest}".encode()
