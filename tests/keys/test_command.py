"""Passphrase commands: their first line, within a time, and what they leave behind."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from facecli.errors.keys import UnusableKey
from facecli.keys import command
from facecli.keys.slots import Secret
from facecli.keys.sources import KeySource, obtain
from tests.conftest import PROJECT

OPTION = "--passphrase-command"
LONG = 60.0  # seconds; only reached if it fails


def take(text: str) -> Secret:
    return obtain(KeySource(OPTION, text), None, Path("facecli.db"), pytest.fail)


@pytest.mark.parametrize(
    "text", ["echo open sesame", "printf 'open sesame\\nmore'", "echo open sesame; echo more >&2"]
)
def test_the_first_line_that_a_command_prints(text: str) -> None:
    assert take(text) == Secret("passphrase", b"open sesame")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("echo SESAME; exit 3", "status 3"),
        ("kill -9 $$", "status -9"),
        ("/no/such/command 2>/dev/null", "status 127"),
        ("true", "empty"),
        ("echo", "empty"),
        ("echo; echo SESAME", "empty"),
        ("printf 'SESAME\\377'", "not UTF-8"),
        ("yes SESAME", "more than a passphrase"),
        ("head -c 70000 /dev/zero", "more than a passphrase"),
    ],
)
def test_a_command_that_gives_no_passphrase(text: str, why: str) -> None:
    with pytest.raises(UnusableKey, match=why) as refused:
        take(text)
    assert refused.value.exit_code == 12
    assert "SESAME" not in str(refused.value)


def test_a_command_may_not_read_what_is_meant_for_facecli() -> None:
    assert take('read line; echo "heard <$line>"').value == b"heard <>"


@pytest.mark.parametrize(
    "text", ["sleep 600", "echo SESAME; exec sleep 600", "exec >&-; sleep 600"]
)
def test_a_command_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(command, "SECONDS", 0.2)
    with pytest.raises(UnusableKey, match=r"did not end within 0\.2 s") as refused:
        take(text)
    assert refused.value.exit_code == 12
    assert "SESAME" not in str(refused.value)


def test_nothing_is_left_running_of_a_command_that_is_given_up(tmp_path: Path) -> None:
    pipe = tmp_path / "held-open"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(UnusableKey, match="more than a passphrase"):
            take(f"exec 3>{pipe}; echo up >&3; sleep 600 & yes SESAME")
        assert os.read(reader, 10) == b"up\n"
        assert select.select([reader], [], [], LONG)[0], "somebody still holds it"
        assert os.read(reader, 10) == b""
    finally:
        os.close(reader)


@pytest.mark.parametrize("sign", ["INT", "TERM"])
def test_an_interruption_at_once_leaves_no_command_behind(tmp_path: Path, sign: str) -> None:
    """The command itself interrupts facecli, which may not yet know that it has started."""
    tmp_path.chmod(0o700)
    own = tmp_path / "own"
    waiting = f"echo $$ >'{own}'; kill -{sign} $PPID; exec sleep 600"
    done = subprocess.run(
        [sys.executable, "-m", "facecli", "--db", str(tmp_path / "a.db"), OPTION, waiting, "init"],
        capture_output=True,
        check=False,
        timeout=LONG,
    )
    assert done.returncode == 130
    assert b"Interrupted." in done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(own.read_text()), 0)


# -- on a terminal --------------------------------------------------------------------------


# The kernel hangs a terminal up when its session's leader ends, and drops what nobody has read yet.
# So the leader starts facecli, and ends with its code only once the test has read all.
LEADER = """
import fcntl, os, signal, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
facecli = subprocess.Popen([sys.executable, "-m", "facecli", *sys.argv[2:]])
signal.signal(signal.SIGINT, signal.SIG_IGN)
code = facecli.wait()
os.read(int(sys.argv[1]), 1)
sys.exit(code)
"""


class _Terminal:
    """facecli on a terminal of its own: what a person sees and types there."""

    def __init__(self, *arguments: str | Path) -> None:
        self._ours, theirs = pty.openpty()
        held, self._hold = os.pipe()
        leader = [sys.executable, "-c", LEADER, str(held), *map(str, arguments)]
        self._leader = subprocess.Popen(
            leader, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            pass_fds=[held],
        )  # fmt: skip
        os.close(theirs)
        os.close(held)

    def type(self, text: bytes) -> None:
        os.write(self._ours, text)

    def read_until(self, word: bytes) -> bytes:
        seen = b""
        while word not in seen:
            assert select.select([self._ours], [], [], LONG)[0], seen
            try:
                seen += os.read(self._ours, 1000)
            except OSError as error:
                pytest.fail(f"the terminal was closed after {seen!r}: {error}")
        return seen

    def code(self) -> int:
        os.close(self._hold)
        self._hold = -1
        return self._leader.wait(LONG)

    def close(self) -> None:
        for descriptor in (self._hold, self._ours):
            if descriptor >= 0:
                os.close(descriptor)
        self._leader.kill()
        self._leader.wait()


def test_a_command_may_ask_on_the_terminal(tmp_path: Path) -> None:
    asking = "printf 'What is it? ' >/dev/tty; read -r line </dev/tty; echo \"$line\""
    tmp_path.chmod(0o700)
    with closing(_Terminal("--db", tmp_path / "a.db", OPTION, asking, "init")) as terminal:
        terminal.read_until(b"What is it? ")
        terminal.type(b"open sesame, please\n")
        assert b"Created" in terminal.read_until(b"facecli.log/")
        assert terminal.code() == 0


def test_a_command_is_interrupted_with_facecli(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    # Ctrl-C reaches the command once its group has the terminal.
    foreground = 'until read -r _ _ _ _ g _ _ t _ < /proc/$$/stat && [ "$g" = "$t" ]; do :; done'
    # In place of the shell: one that has just forked can miss the signal while it begins to wait.
    waiting = f"{foreground}; echo waiting >&2; exec sleep 600"
    with closing(_Terminal("--db", tmp_path / "a.db", OPTION, waiting, "init")) as terminal:
        terminal.read_until(b"waiting")
        terminal.type(b"\x03")
        assert b"Interrupted." in terminal.read_until(b"Interrupted.")
        assert terminal.code() == 130
    assert list(tmp_path.iterdir()) == []


EARLY = """
import os, signal, subprocess, sys
from facecli import interruption
from facecli.cli import hook_process
from facecli.keys import command

class Early(subprocess.Popen):
    def __init__(self, *words, **options):
        super().__init__(*words, **options)
        print(self.pid, flush=True)
        os.kill(os.getpid(), signal.SIGINT)  # as early as Ctrl-C can come

interruption.install()
subprocess.Popen = Early
try:
    print(eval(sys.argv[1]))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("command.first_line('exec sleep 600', '--passphrase-command')", "interrupted"),
        ("hook_process.run(['/bin/sleep', '600'], {}, 600)", "was interrupted."),
    ],
    ids=["passphrase", "hook"],
)
def test_nothing_is_left_running_that_was_interrupted_as_it_started(call: str, told: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", EARLY, call], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as process:
        out, _ = process.communicate(timeout=60)
    pid, end = out.splitlines()
    assert end.endswith(told)
    assert not Path(f"/proc/{pid}").exists()
