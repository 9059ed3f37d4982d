"""Landlock restricts a process to what is listed, and to nothing beyond that."""

from __future__ import annotations

import socket
from functools import partial
from pathlib import Path

import pytest

from facecli.workers.confinement import landlock
from facecli.workers.local import Pool
from tests.workers.confinement import worlds

pytestmark = pytest.mark.skipif(landlock.version() < 6, reason="this kernel has less")


def test_only_what_is_granted_can_be_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with Pool(partial(worlds.restricted, str(tmp_path), port), bounds=None) as pool:
            acts = [
                "abi", "read inside", "list inside", "write inside", "make inside",
                "read outside", "connect", "connect elsewhere", "signal", "restrict further",
                "read inside",
            ]  # fmt: skip
            outcomes = [outcome for _, outcome in pool.map(acts)]
    denied = "PermissionError"
    assert outcomes == [
        str(landlock.version()), "content", "['file']", denied, denied,
        denied, str(("127.0.0.1", port)), denied, denied, str(landlock.version()),
        denied,
    ]  # fmt: skip
    assert (tmp_path / "file").read_text() == "content"
