"""The entry point: usage, help, exit codes, broken outputs, signals, and what is never shown."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from facecli import __version__
from facecli.cli import main as main_module
from facecli.cli.main import ALIASES, COMMANDS, main
from facecli.errors.base import Exit
from facecli.keys import sources
from facecli.store import opening
from tests.conftest import PROJECT
from tests.prepared import opened
from tests.shut import shut
from tools.docs.command_tree import tree

FACECLI = [sys.executable, "-m", "facecli"]


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a database or asks for a key fails."""

    def never(*_: object, **__: Any) -> None:
        raise AssertionError("the database or a key was asked for")

    for module, name in [
        (opening, "check_file"), (opening, "open_database"), (opening, "create"),
        (sources, "obtain"), (sources, "choose"),
    ]:  # fmt: skip
        monkeypatch.setattr(module, name, never)


# -- help and usage -------------------------------------------------------------------------


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("path", [node.path for node in tree().walk()], ids=" ".join)
def test_help_needs_neither_database_nor_key(facecli: Any, path: tuple[str, ...]) -> None:
    done = facecli.bare(*path, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: {' '.join(['facecli', *path])}")
    assert "Exit codes:" in done.out
    assert "Example" in done.out


@pytest.mark.usefixtures("untouched")
def test_the_version(facecli: Any) -> None:
    done = facecli.bare("--version")
    assert (done.code, done.out) == (0, f"facecli {__version__}\n")


def test_the_table_lists_every_command() -> None:
    here = {path.stem for path in (PROJECT / "facecli" / "commands").glob("[a-z]*.py")}
    assert set(COMMANDS) <= here
    assert {name.split("_")[0] for name in here} == set(COMMANDS)  # log_export.py is of `log`
    assert set(ALIASES.values()) <= set(COMMANDS)


@pytest.mark.usefixtures("untouched")
def test_enrol_is_another_spelling(facecli: Any) -> None:
    british, american = facecli.bare("enrol", "--help"), facecli.bare("enroll", "--help")
    assert british.code == american.code == 0
    assert british.out.splitlines()[1:] == american.out.splitlines()[1:]


USAGE: list[list[str]] = [
    ["nonsense"],
    ["--nonsense"],
    ["subject"],
    ["subject", "nonsense"],
    ["subject", "add"],
    ["subject", "list", "extra"],
    ["subject", "list", "--format", "yaml"],
    ["consent", "record", "A-1", "--purpose", "gate"],
    ["match", "photos"],
    ["match", "--purpose", "gate"],
    ["verify", "A-1", "a.jpg", "--purpose", "gate", "--fmr", "1e-3", "--threshold", "0.5"],
    ["match", "a.jpg", "--purpose", "gate", "--threshold", "nan"],
    ["match", "a.jpg", "--purpose", "gate", "--fmr", "2"],
    ["enroll", "file", "A-1", "a.jpg", "--purpose", "gate", "--given", "2026-01-01"],
    ["log", "show", "-n", "0"],
    ["-q", "-v", "subject", "list"],
    ["--lock-wait", "-1", "subject", "list"],
    ["--lock-wait", "nan", "subject", "list"],
    ["--lock-wait", "forever", "subject", "list"],
    ["--db"],
]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_a_usage_error_needs_neither_database_nor_key(facecli: Any, arguments: list[str]) -> None:
    done = facecli.bare(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage: facecli" in done.err or "Error: " in done.err


def test_two_key_sources_are_a_usage_error(ready: Any) -> None:
    done = ready.bare(*ready.globals, "--passphrase-command", "echo SESAME", "subject", "list")
    assert done.code == 2
    assert "--key-file and --passphrase-command" in done.err


def test_two_key_sources_in_the_environment(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACECLI_KEY_FILE", str(ready.key))
    assert ready.bare("--db", ready.db, "subject", "list").code == 0
    monkeypatch.setenv("FACECLI_PASSPHRASE_FILE", "x")
    assert ready.bare("--db", ready.db, "subject", "list").code == 2
    assert ready("subject", "list").code == 0  # the command line decides


def test_a_credential_of_systemd(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(ready.folder))
    monkeypatch.setenv("FACECLI_DB", str(ready.db))
    assert ready.bare("subject", "list").code == 0


# -- exit codes -----------------------------------------------------------------------------


def no_key(facecli: Any) -> Any:
    return facecli.bare("--no-input", "--db", facecli.db, "subject", "list")


def wrong_key(facecli: Any) -> Any:
    facecli.key.write_text("another key that is long enough\n")
    return facecli("subject", "list")


def open_key(facecli: Any) -> Any:
    facecli.key.chmod(0o644)
    return facecli("subject", "list")


def no_database(facecli: Any) -> Any:
    return facecli.bare("--db", facecli.folder / "none.db", "--key-file", "none", "subject", "list")


def not_ours(facecli: Any) -> Any:
    facecli.db.write_text("text")
    return facecli("subject", "list")


def no_slots(facecli: Any) -> Any:
    (facecli.folder / "facecli.db.keys").unlink()
    return facecli("subject", "list")


def damaged_page(facecli: Any) -> Any:
    content = bytearray(facecli.db.read_bytes())
    content[5000] ^= 1
    facecli.db.write_bytes(content)
    return facecli("subject", "list")


def open_database_file(facecli: Any) -> Any:
    facecli.db.chmod(0o640)
    return facecli("subject", "list")


def locked(facecli: Any) -> Any:
    with opened(facecli) as session, session.db.transaction():
        return facecli.bare(*facecli.globals, "--lock-wait", "0", "subject", "add", "A-1")


def newer(facecli: Any) -> Any:
    with opened(facecli) as session, session.db.transaction():
        session.db.execute("PRAGMA user_version = 4711")
    return facecli("subject", "list")


def call(*arguments: str) -> Callable[[Any], Any]:
    return lambda facecli: facecli(*arguments)


@pytest.mark.parametrize(
    ("run", "code"),
    [
        (call("subject", "list"), Exit.OK),
        (call("purpose", "apply", "none.toml"), Exit.FAILED),
        (open_database_file, Exit.FAILED),
        (call("subject"), Exit.USAGE),
        (no_database, Exit.NO_DATABASE),
        (not_ours, Exit.NO_DATABASE),
        (newer, Exit.NO_DATABASE),
        (locked, Exit.LOCKED),
        (no_key, Exit.KEY),
        (wrong_key, Exit.KEY),
        (open_key, Exit.KEY),
        (no_slots, Exit.KEY),
        (call("match", ".", "--purpose", "none"), Exit.UNKNOWN),
        (damaged_page, Exit.PAGE_DAMAGED),
        (call("subject", "list", "--output", "none/none"), Exit.OUTPUT),
    ],
)
def test_each_exit_code_has_its_sentence(ready: Any, run: Any, code: Exit) -> None:
    done = run(ready)
    assert done.code == code
    if code not in (Exit.OK, Exit.USAGE):
        assert done.out == ""
        assert done.err.startswith("facecli: ")
        assert len(done.err.splitlines()) == 1
        assert "unexpected" not in done.err


def test_a_missing_database_asks_for_no_key(facecli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "choose", lambda *_: pytest.fail("a key was asked for"))
    assert facecli("subject", "list").code == 10


def test_an_unexpected_fault_prints_no_values(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("MARKED-VALUE of a person")

    monkeypatch.setattr("facecli.consent.searches.subjects_who", fail)
    done = ready("subject", "list")
    assert done.code == 1
    assert "an unexpected fault (ValueError)" in done.err
    monkeypatch.setenv("FACECLI_DEBUG", "1")
    debugged = ready("subject", "list")
    assert debugged.code == 1
    assert "in fail" in debugged.err
    assert "MARKED-VALUE" not in done.err + debugged.err.replace('"MARKED-VALUE of a person"', "")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("subject list", 10, "This user may not open {db}."),
        ("status", 10, "This user may not open {db}."),
        ("doctor", 10, "This user may not open {db}."),
        ("--no-input init", 1, "This user has no access to {db}. Nothing was changed."),
    ],
)
def test_a_place_that_this_user_may_not_enter_is_no_fault_of_facecli(
    ready: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, code: int, told: str
) -> None:
    # The folder of these tests is closed to that user too, and a configuration might be in it.
    monkeypatch.setattr("facecli.cli.config.SYSTEM", Path(os.devnull, "config.toml"))
    database = tmp_path / "shut" / "facecli.db"
    database.parent.mkdir()
    key = ["--key-file", ready.key]
    ready.bare("--db", database, *key, *words.split())  # nobody else may read the modules
    with shut(database.parent):
        done = ready.bare("--db", database, *key, *words.split())
    assert (done.code, told.format(db=database) in done.err) == (code, True), done.err
    assert "sudo -u" in done.err


def test_a_working_directory_that_was_deleted_is_named(
    ready: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    relative = ready.bare("--db", "facecli.db", "--key-file", ready.key, "subject", "list")
    assert (relative.code, "working directory was deleted" in relative.err) == (2, True)
    assert ready("subject", "list").code == 0


@pytest.mark.parametrize(("when", "code", "said"), [
    ("before", 1, "Nothing was changed"), ("after", 75, "prints as done is done"),
])  # fmt: skip
def test_a_fault_after_the_commit_does_not_say_that_nothing_was_changed(
    ready: Any, monkeypatch: pytest.MonkeyPatch, when: str, code: int, said: str
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    ready("subject", "add", "A-1")
    name = {"before": "facecli.erasure.revocation.revoke", "after": "facecli.cli.copies.erased_in"}
    monkeypatch.setattr(name[when], fail)
    done = ready("revoke", "A-1", "--yes")
    assert done.code == code
    assert said in done.err
    assert ready("subject", "show", "A-1").code == (0 if when == "before" else 21)


# -- outputs that do not take what is written -------------------------------------------------


def shell(facecli: Any, line: str, unbuffered: str = "") -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which $F is facecli with its database; the status is facecli's."""
    command = " ".join([*FACECLI, *facecli.globals])
    return subprocess.run(
        ["bash", "-c", f'F="{command}"; {line}'],
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        capture_output=True, text=True, cwd=PROJECT, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "remedy"),
    [
        ("$F purpose list >/dev/full", 74, "Free some space or name another place"),
        ("$F --help >/dev/full", 74, "Free some space or name another place"),
        (
            "$F purpose list | true; exit ${PIPESTATUS[0]}",
            74,
            "Let the reader take all of the output",
        ),
        ("$F --help | true; exit ${PIPESTATUS[0]}", 74, "Let the reader take all of the output"),
        ("$F purpose list >&-", 74, "Open it or name another place"),
        ("$F subject add A-1 >&-", 0, ""),
        ("$F subject add A-1 2>&-", 0, ""),
        ("$F subject add A-1 2>/dev/full", 0, ""),
        ("$F subject show none 2>/dev/full", 21, ""),
        ("$F subject show none 2>&-", 21, ""),
        ("$F subject nonsense 2>/dev/full", 2, ""),
        ("$F subject nonsense 2>&-", 2, ""),
        ("$F purpose list 2>/dev/full", 0, ""),
        ("$F purpose list >/dev/full 2>&1", 74, None),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_closed_full_and_broken_outputs(
    ready: Any, line: str, code: int, remedy: str | None, unbuffered: str
) -> None:
    # `true` may end before or after facecli writes; `sleep` in its place would only take longer
    done = shell(ready, line.replace("| true", "| { exec <&-; wait; }"), unbuffered)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if code == 74 and remedy is not None:
        assert "stdout could not be written" in done.stderr
        assert remedy in done.stderr


def test_a_path_that_is_too_long_is_a_usage_error(ready: Any) -> None:
    done = ready("backup", "create", "n" * 300)
    assert (done.code, "nnn is not usable: it is too long" in done.err) == (2, True)
    done = ready.bare("--no-input", "--db", "n" * 300, "status")
    assert (done.code, "unexpected" in done.err) == (2, False)


def test_a_terminal_that_lacks_a_character(ready: Any) -> None:
    ready("subject", "add", "A-1", "--name", "王")
    done = ready.process("subject", "list", env={"PYTHONIOENCODING": "latin-1"})
    assert done.code == 0
    assert "\\u738b" in done.out


# -- signals --------------------------------------------------------------------------------


@contextmanager
def waiting_for_the_lock(facecli: Any) -> Iterator[subprocess.Popen[str]]:
    """A facecli that waits for another writer, and says on stderr when it does."""
    code = (
        "import sys, time; from facecli.store import lock_wait; sleep = time.sleep\n"
        "def told(s): sys.stderr.write('waiting\\n'); sys.stderr.flush(); sleep(60)\n"
        "lock_wait.time.sleep = told\n"
        "from facecli.cli.main import run; run(sys.argv[1:])"
    )
    arguments = [sys.executable, "-c", code, *facecli.globals, "subject", "add", "A-1"]
    with (
        opened(facecli) as session,
        session.db.transaction(),
        subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, cwd=PROJECT) as process,
    ):
        try:
            assert process.stderr is not None
            assert process.stderr.readline() == "waiting\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_command_with_nothing_done(ready: Any, number: signal.Signals) -> None:
    with waiting_for_the_lock(ready) as process:
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.replace("waiting\n", "").strip().startswith("facecli: Interrupted.")
    assert "Traceback" not in err
    assert ready("subject", "list", "--format", "json").json() == []


def test_an_interrupted_act_is_not_done(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("facecli.consent.subjects.find", interrupt)
    assert ready("subject", "add", "A-1").code == 130
    monkeypatch.undo()
    assert ready("subject", "list", "--format", "json").json() == []


# -- secrets --------------------------------------------------------------------------------

PASSPHRASE = "MARKED-sesame-4711"


def test_a_passphrase_is_shown_nowhere(facecli: Any, tmp_path: Path) -> None:
    """In no output, no traceback, no file and no argv, whatever goes wrong."""
    word = tmp_path / "word"
    word.write_text(PASSPHRASE + "\n")
    word.chmod(0o644)  # so that it is warned of
    seen = []
    base = ["--no-input", "--db", facecli.db]
    os.environ["FACECLI_DEBUG"] = "1"
    try:
        for arguments, code in [
            ([*base, "--passphrase-file", word, "init"], 0),
            ([*base, "--passphrase-file", word, "subject", "list"], 0),
            ([*base, "-q", "--passphrase-file", word, "subject", "list"], 0),
            ([*base, "--passphrase-command", f"cat {word}; exit 9", "subject", "list"], 12),
            ([*base, "--passphrase-command", f"cat {word} {word} | tr -d '\\n'", "init"], 1),
            ([*base, "--key-file", word, "subject", "list"], 12),
        ]:
            done = facecli.bare(*arguments)
            assert done.code == code
            seen += [done.out, done.err]
        assert seen[5] == ""  # -q
        main_module_fault = facecli.bare  # a fault of ours, with the passphrase in a frame's values
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("facecli.keys.slots.derive", broken_derivation)
            done = main_module_fault(*base, "--passphrase-file", word, "subject", "list")
        assert done.code == 1
        assert "unexpected fault" in done.err
        seen += [done.out, done.err]
    finally:
        del os.environ["FACECLI_DEBUG"]
    assert "sesame" not in "".join(seen)
    kept = [path.read_bytes() for path in facecli.folder.iterdir() if path != word]
    assert len(kept) == 2
    assert not any(PASSPHRASE.encode() in content for content in kept)


def broken_derivation(secret: Any, _: object) -> bytes:
    raise ValueError(f"cannot derive from {secret.value!r}")


def test_no_key_in_a_core_dump(facecli: Any) -> None:
    import resource

    assert facecli.bare("--version").code == 0
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


def test_a_passphrase_is_asked_for_on_a_terminal_without_echo(facecli: Any) -> None:
    """A real terminal: what is typed there is not shown, and Ctrl-D is no fault."""
    primary, secondary = pty.openpty()
    command = [*FACECLI, "--db", str(facecli.db), "init"]
    with subprocess.Popen(
        command, stdin=secondary, stdout=secondary, stderr=secondary, cwd=PROJECT,
        start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    ) as process:  # fmt: skip
        os.close(secondary)
        shown = read_until(primary, b"New passphrase: ")
        os.write(primary, PASSPHRASE.encode() + b"\n")
        shown += read_until(primary, b"Repeat the passphrase: ")
        os.write(primary, b"\x04")
        shown += read_until(primary, b"try again")
        process.wait(30)
    os.close(primary)
    assert process.returncode == 12
    assert b"nothing was typed" in shown
    assert b"sesame" not in shown
    assert list(facecli.folder.iterdir()) == []


def read_until(terminal: int, end: bytes) -> bytes:
    shown = b""
    while end not in shown:
        try:
            piece = os.read(terminal, 1024)
        except OSError:  # the other side is closed
            piece = b""
        assert piece, shown
        shown += piece
    return shown


def test_main_returns_what_run_exits_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["facecli", "--version"])
    with pytest.raises(SystemExit) as left:
        main_module.run()
    assert left.value.code == main(["--version"]) == 0


def test_v_says_more_on_stderr_and_q_nothing(ready: Any) -> None:
    assert "key slot 'first'" in ready.bare("-v", *ready.globals, "key", "list").err
    assert ready.bare(*ready.globals, "key", "list").err == ""
    assert "Not shown: " in ready.bare(*ready.globals, "purpose", "list").err
    assert ready.bare("-q", *ready.globals, "purpose", "list").err == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can hide memory")
def test_memory_is_hidden_before_the_passphrase_is_asked_for(tmp_path: Path) -> None:
    """Another process of the same user looks: the command that gives the passphrase."""
    looking = tmp_path / "look.py"
    looking.write_text(
        "import os, sys\n"
        f"sys.path.insert(0, {str(PROJECT)!r})\n"
        "from tests.workers.attacks import give_up_privileges\n"
        "give_up_privileges()  # root reads all memory\n"
        "for name in ('cmdline', 'environ', 'mem'):\n"
        "    try:\n"
        f"        open(f'/proc/{{os.getppid()}}/{{name}}', 'rb').close()\n"
        f"        open({str(tmp_path / 'read')!r}, 'a').write(f'{{name}} ')\n"
        "    except PermissionError:\n"
        "        pass\n"
    )
    command = [*FACECLI, "--db", str(tmp_path / "new.db"), "--passphrase-command",
               f"exec {sys.executable} {looking}", "init"]  # fmt: skip
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    assert done.returncode != 0  # no passphrase
    assert (tmp_path / "read").read_text() == "cmdline "
