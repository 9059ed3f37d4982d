"""Calls to the kernel."""

from __future__ import annotations

import ctypes
import os
import sys

import pytest

from facecli.workers.confinement import kernel
from facecli.workers.local import Pool
from tests.workers.confinement import worlds

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")


def test_a_call_that_is_refused_raises_its_error() -> None:
    assert kernel.system_call(39 if kernel.architecture() == "x86_64" else 172) == os.getpid()
    with pytest.raises(FileNotFoundError):
        kernel.system_call(437, ctypes.c_int(-100), b"/none\0", bytes(24), ctypes.c_size_t(24))


def test_hidden_memory_is_not_dumped() -> None:
    with Pool(worlds.hidden, bounds=None) as pool:
        [(_, dumpable)] = pool.map([""])
    assert dumpable == "0"
