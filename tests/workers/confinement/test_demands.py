"""The demands of a process on the confinement of its workers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from facecli.workers.confinement import demands, landlock, seccomp
from tests.conftest import SAMPLE_DATA

ROOT = Path(__file__).parents[3]
LOOK = ("camera", "test", str(SAMPLE_DATA / "video/turn.mp4"), "--seconds", "0.5")


def test_complete_confinement_is_required_once_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(demands, "_required", False)
    assert not demands.required()
    demands.require_confinement()
    assert demands.required()


def test_what_is_lacking_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(demands, "_tell", None)
    demands.note_what_is_lacking("There is no Landlock here")  # nobody wants to know
    demands.when_confined_less(told.append)
    for lacks in ("", "There is no Landlock here", "There is no Landlock here"):
        demands.note_what_is_lacking(lacks)
    assert told == ["There is no Landlock here."]


@pytest.mark.skipif(
    not (landlock.version() and seccomp.is_known()), reason="this kernel confines less"
)
@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ("seccomp", "There is no Landlock here: decoders have one lock instead of two."),
        ("landlock", "There is no seccomp here: decoders can still start processes."),
        ("none", "There is neither Landlock nor seccomp here: decoders are not confined."),
    ],
)
def test_a_command_on_a_lesser_kernel_works_or_refuses(
    layers: str, told: str, tmp_path: Path
) -> None:
    def run(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.workers.lesser_kernel", layers, *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    seen = run("-v", *LOOK)
    assert seen.returncode in (0, 3)  # 3: slower than a camera should be
    assert seen.stderr.count(told) == 1
    config = tmp_path / "config.toml"
    config.write_text("require_sandbox = true")
    refused = run("--config", config, *LOOK)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert told.rstrip(".") in refused.stderr


@pytest.mark.skipif(shutil.which("fakeroot") is None, reason="fakeroot is not installed")
def test_under_fakeroot_decoders_are_confined_and_work() -> None:
    """Its library makes calls that a sealed worker may not make."""
    command = ["fakeroot", sys.executable, "-m", "facecli", "-v", *LOOK]
    seen = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert seen.returncode in (0, 3), seen.stderr
    assert "There is n" not in seen.stderr
