"""Errors that mean that no memory was left, as libraries raise them."""

from __future__ import annotations

import errno

import pytest

from facecli.errors.recognition import ModelFailed
from facecli.errors.shortage import ran_out


def in_other_words(error: Exception) -> None:
    try:
        raise error
    except Exception:
        raise ModelFailed(engine="mine", why="it is not taken") from None


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libdrm.so.2: failed to map segment from shared object"),
        RuntimeError("Exception during initialization: std::bad_alloc"),
        RuntimeError("Failed to allocate memory for requested buffer of size 7077888"),
        ValueError("(-4:Insufficient memory) Failed to allocate 9 bytes in 'OutOfMemoryError'"),
    ],
    ids=repr,
)
def test_a_lack_of_memory_is_recognised_in_what_arose_from_it(error: Exception) -> None:
    assert ran_out(error)
    with pytest.raises(ModelFailed) as later:
        in_other_words(error)
    assert ran_out(later.value)


@pytest.mark.parametrize(
    "error",
    [
        ModelFailed(engine="mine", why="out of memory.onnx is missing"),
        FileNotFoundError(errno.ENOENT, "No such file", "out of memory.jpg"),
        ImportError("libgl.so.1: cannot open shared object file"),
        ValueError("a damaged network"),
    ],
    ids=repr,
)
def test_other_errors_and_names_of_files_are_no_lack_of_memory(error: Exception) -> None:
    assert not ran_out(error)
