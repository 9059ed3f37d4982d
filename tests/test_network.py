"""A command that names no camera opens no connection; strace sees every process of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_DATA, Facecli
from tests.faults.tracing import needs_strace

COMMANDS = [
    ["init"],
    ["purpose", "apply", f"{SAMPLE_DATA}/purposes.toml"],
    ["enroll", "batch", f"{SAMPLE_DATA}/manifest.csv"],
    ["match", f"{SAMPLE_DATA}/probes/gate-2.jpg", "--purpose", "gate"],
    ["revoke", "A-1002", "--yes"],
    ["log", "show"],
]


def connections(folder: Path, command: list[str]) -> str:
    """Return the trace of every connection and datagram that a command and its workers start."""
    trace = folder / "trace"
    calls = "trace=connect,sendto,sendmsg"
    traced = ["strace", "-f", "--seccomp-bpf", "-o", str(trace), "-e", calls, "--", *command]
    subprocess.run(traced, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return trace.read_text()


@needs_strace
@pytest.mark.rule("no-network")
def test_no_command_reaches_for_the_network(facecli: Facecli) -> None:
    for arguments in COMMANDS:
        command = [sys.executable, "-m", "facecli", *facecli.globals, *arguments]
        assert "AF_INET" not in connections(facecli.folder, command), arguments


@needs_strace
def test_the_trace_would_show_a_connection(tmp_path: Path) -> None:
    reach = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    assert "AF_INET" in connections(tmp_path, [sys.executable, "-c", reach])
