"""The process of a hook: what it inherits, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from facecli.cli import hook_process

HANGS = "import os, time; os.fork(); time.sleep(600)"


def test_it_has_its_arguments_as_they_are_and_no_open_file(tmp_path: Path) -> None:
    made = tmp_path / "made"
    code = (
        "import os, sys; fds = sorted(map(int, os.listdir('/proc/self/fd')))\n"
        f"open({str(made)!r}, 'w').write(repr((sys.argv[1:], fds[:3], len(fds), "
        "os.environ.get('EVENT'), sys.stdin.read())))"
    )
    with (tmp_path / "open").open("w") as secret:
        secret.write("x")
        program = [sys.executable, "-c", code, "$(id); `id`"]
        assert hook_process.run(program, {"EVENT": "on_failure"}, 60) is None
    # The fourth is the folder that it lists.
    assert made.read_text() == repr((["$(id); `id`"], [0, 1, 2], 4, "on_failure", ""))


@pytest.mark.parametrize(
    ("program", "trouble"),
    [
        (["/no/such/program"], "did not start: no such file or directory"),
        (["/etc"], "did not start: permission denied"),
        ([sys.executable, "-c", "raise SystemExit(7)"], "ended with status 7"),
        (["/bin/sh", "-c", "kill -KILL $$"], "was ended by signal 9"),
        ([sys.executable, "-c", HANGS], "did not end within 0.2 s"),
    ],
)
def test_its_trouble_is_told_in_one_sentence(program: list[str], trouble: str) -> None:
    found = hook_process.run(program, {}, 0.2 if HANGS in program else 60)
    assert found == f"The hook {program[0]} {trouble}."


def test_its_output_goes_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    assert hook_process.run(["/bin/echo", "told"], {}, 60) is None
    assert capfd.readouterr().out == ""


def test_a_process_that_it_leaves_running_does_not_hold_stderr(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as told, open(writer, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        assert hook_process.run(["/bin/sh", "-c", "sleep 600 & echo left $!"], {}, 60) is None
        stream.close()
        word, left = told.read().split()  # would wait for whoever still held it
    os.kill(int(left), signal.SIGKILL)
    assert word == b"left"


def test_all_of_a_long_output_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    program = [sys.executable, "-c", "print('x' * 1_000_000)"]
    assert hook_process.run(program, {}, 60) is None
    assert capfd.readouterr().err == "x" * 1_000_000 + "\n"


def test_output_that_never_ends_is_cut_off_with_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open(os.devnull, "w") as nothing:
        monkeypatch.setattr(sys, "stderr", nothing)
        found = hook_process.run(["/usr/bin/yes"], {}, 0.2)
    assert found == "The hook /usr/bin/yes did not end within 0.2 s."


def test_nobody_who_reads_its_output_is_no_trouble_of_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        found = hook_process.run(["/usr/bin/yes"], {}, 60)
    assert found == "The hook /usr/bin/yes was ended by signal 13."
