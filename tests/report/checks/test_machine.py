"""The checks of the machine: free disk space, hooks and cameras."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facecli.errors.workers import NotConfined
from facecli.report.checks import machine
from facecli.workers.confinement.steps import Confinement
from tests.shut import shut


@pytest.mark.parametrize(
    ("found", "severity", "words"),
    [
        (Confinement(7, seccomp=True), "ok", "by seccomp and Landlock 7"),
        (Confinement(7, seccomp=False), "warning", "There is no seccomp here"),
        (Confinement(0, seccomp=True), "warning", "There is no Landlock here"),
        (Confinement(0, seccomp=False), "warning", "decoders are not confined"),
        (NotConfined(why="There is no Landlock here"), "error", "There is no Landlock here"),
    ],
)
def test_a_kernel_that_confines_less_is_warned_of(
    found: Confinement | NotConfined, severity: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here() -> Confinement:
        if isinstance(found, NotConfined):
            raise found
        return found

    monkeypatch.setattr(machine, "confinement_here", here)
    told = machine.sandbox()
    assert (told.check, told.severity, words in told.finding) == ("sandbox", severity, True)
    assert (told.remedy == "") == (severity == "ok")


def test_memory_of_ffmpeg_without_a_bound_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "is_bounded", lambda: False)
    told = machine.videos()
    assert (told.severity, "has no bound of its own" in told.finding) == ("warning", True)
    assert "opencv-python" in told.remedy
    monkeypatch.setattr(machine, "is_bounded", lambda: True)
    assert machine.videos().severity == "ok"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "facecli.db"
    path.touch()
    return path


def test_cameras_are_listed_by_number(tmp_path: Path) -> None:
    assert machine.cameras(tmp_path).severity == "ok"
    (tmp_path / "dev").mkdir()
    for number in (10, 2):
        (tmp_path / f"dev/video{number}").touch()
    assert machine.cameras(tmp_path).finding == "/dev/video2, /dev/video10"


def test_little_space_is_warned_of_and_none_is_an_error(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.disk(database).severity == "ok"
    space = os.statvfs(database.parent)
    os.truncate(database, space.f_bavail * space.f_frsize)  # a hole, as large as what is free
    assert machine.disk(database).severity == "warning"
    monkeypatch.setattr(machine, "LEAST", 2**62)
    assert machine.disk(database).severity == "error"


def test_the_space_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    found = machine.disk(tmp_path / "not" / "yet" / "facecli.db")
    assert (found.severity, f"free in {tmp_path}," in found.finding) == ("ok", True)


@pytest.mark.parametrize(
    ("mode", "severity", "words"),
    [
        (0o755, "ok", "hooks.on_failure: "),
        (0o644, "warning", "which this user cannot run"),
        (0o775, "warning", "and other users can change {program}."),
        (0o757, "warning", "and other users can change {program}."),
    ],
)
def test_a_hook_can_be_run_and_is_changed_by_nobody_else(
    tmp_path: Path, mode: int, severity: str, words: str
) -> None:
    program = tmp_path / "hook"
    program.touch()
    program.chmod(mode)
    found = machine.hook("hooks.on_failure", [str(program)])
    assert (found.check, found.severity) == ("hook", severity)
    assert words.format(program=program) in found.finding


@pytest.mark.parametrize("by", ["its folder", "a folder above", "folder of a link", "owner"])
def test_a_hook_that_others_can_replace_is_warned_of(tmp_path: Path, by: str) -> None:
    program = tmp_path / "above" / "folder" / "hook"
    program.parent.mkdir(parents=True)
    program.touch()
    program.chmod(0o755)
    named, place = program, program
    if by == "owner":
        if os.geteuid() != 0:
            pytest.skip("only root may give files away")
        os.chown(program, 65534, -1)
    else:
        if by == "folder of a link":
            (tmp_path / "links").mkdir()
            named = tmp_path / "links" / "hook"
            named.symlink_to(program)
        place = {"folder": program.parent, "folder above": program.parent.parent}.get(
            by, named.parent
        )
        place.chmod(0o777)
    found = machine.hook("hooks.on_failure", [str(named)])
    assert (found.severity, str(place) in found.remedy) == ("warning", True)
    place.chmod(0o1777)  # as /tmp: nobody replaces what is another's
    assert (machine.hook("hooks.on_failure", [str(named)]).severity == "ok") == (by != "owner")


def test_a_hook_that_this_user_may_not_reach_cannot_be_run(tmp_path: Path) -> None:
    program = tmp_path / "shut" / "hook"
    program.parent.mkdir()
    program.touch(0o755)
    with shut(program.parent):
        found = machine.hook("hooks.on_failure", [str(program)])
    assert "which this user cannot run" in found.finding


def test_the_hooks_of_this_machine_are_changed_by_nobody_else() -> None:
    assert machine.hook("hooks.on_failure", ["/bin/sh"]).severity == "ok"


@pytest.mark.parametrize(
    ("mode", "severity", "words"),
    [
        (0o644, "ok", "hooks.on_failure: /bin/sh {script}"),
        (None, "warning", "names the script {script}, which this user cannot read"),
        (0o646, "warning", "names {script}, and other users can change {script}."),
    ],
)
def test_the_script_of_a_hook_is_checked_as_its_program_is(
    tmp_path: Path, mode: int | None, severity: str, words: str
) -> None:
    script = tmp_path / "tell"
    if mode is not None:
        script.touch()
        script.chmod(mode)
    found = machine.hook("hooks.on_failure", ["/bin/sh", "-e", str(script)])
    assert found.severity == severity
    assert words.format(script=script) in found.finding
    found = machine.hook("hooks.on_failure", ["/bin/sh", "tell"])
    assert "the script tell without its whole path" in found.finding
