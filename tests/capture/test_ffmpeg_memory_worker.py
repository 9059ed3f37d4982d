"""The bound of FFmpeg's allocator, in processes of their own: it binds the whole process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facecli.capture import ffmpeg_memory_worker
from facecli.capture.ffmpeg_memory_worker import bound_allocations

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing lists what is loaded")
ALLOCATING = """
import cv2
from facecli.capture.ffmpeg_memory_worker import _library, bound_allocations
import ctypes
done = bound_allocations(1 << 20)
allocate = _library().av_malloc
allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
print(done, allocate(1 << 19) is not None, allocate(1 << 21) is not None)
"""


def test_a_longer_block_is_refused_and_a_shorter_one_is_not() -> None:
    told = subprocess.check_output([sys.executable, "-c", ALLOCATING], text=True)
    assert told.split() == ["True", "True", "False"]


def test_without_ffmpeg_nothing_is_bound() -> None:
    code = ALLOCATING.replace("import cv2", "").split("allocate =")[0] + "print(done)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_without_a_list_of_what_is_loaded_nothing_is_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg_memory_worker, "_MAPPINGS", tmp_path / "absent")
    assert not bound_allocations(1)
