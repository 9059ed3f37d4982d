"""Completions, tried in the shells themselves: what Tab offers, and that it starts no program."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT, Facecli
from tools.docs.command_tree import Node, tree
from tools.docs.completions import SCRIPTS

pytestmark = pytest.mark.usefixtures("unmeasured")

TREE = tree()
PATIENCE = 30  # seconds until a shell that says nothing is given up

# A line as typed, with \t for Tab, and the words that facecli is called with.
TYPED = [
    ("facecli enr\tb\t --res\t", ["enroll", "batch", "--resume"]),
    ("facecli enrol f\t A-1 --keep-p\t", ["enrol", "file", "A-1", "--keep-photo"]),
    ("facecli --lock-wait 3 purp\tap\t", ["--lock-wait", "3", "purpose", "apply"]),
    ("facecli --key-f\tsecr\t log sh\t", ["--key-file", "secret.key", "log", "show"]),
    ("facecli match --format c\t", ["match", "--format", "csv"]),
    ("facecli match --format=c\t", ["match", "--format", "csv"]),
    ("facecli match --annotate fol\t", ["match", "--annotate", "folder"]),
    ("facecli match --purpose gate pic\t", ["match", "--purpose", "gate", "picture one.jpg"]),
    ("facecli verify secr\t", ["verify", "secr"]),
    ("facecli verify A-1 secr\t", ["verify", "A-1", "secret.key"]),
    ("facecli completion f\t", ["completion", "fish"]),
    ("facecli init --engine sf\t", ["init", "--engine", "sface"]),
]
SETUP = {
    "bash": "PS1='ready> '; PS2=; bind 'set enable-bracketed-paste off'; source {script}\n",
    "zsh": "PROMPT='ready> '; unsetopt zle_bracketed_paste; zstyle ':completion:*' completer "
    "_complete; fpath=({functions} $fpath); autoload -U compinit; compinit -u -D; "
    "bindkey '^I' complete-word\n",
}
START = {"bash": ["bash", "--noprofile", "--norc", "-i"], "zsh": ["zsh", "-f", "-i"]}


def needs(shell: str) -> str:
    """The shell's path. Without that shell the test is skipped, which in CI is a failure."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed (make test-deps)")
    return found


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with some files, and a facecli on the PATH that tells when it was started."""
    for name in ("secret.key", "picture one.jpg"):
        (tmp_path / "work" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "work" / name).touch()
    (tmp_path / "work/folder").mkdir()
    program = tmp_path / "bin/facecli"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho >> {tmp_path}/started\nprintf "<%s>" "$@"; echo "<end>"\n')
    program.chmod(0o755)
    functions = tmp_path / "functions"
    functions.mkdir()
    shutil.copy(PROJECT / "completions/facecli.zsh", functions / "_facecli")
    return tmp_path


class Terminal:
    """A shell on a terminal of its own, for a person who types."""

    def __init__(self, shell: str, place: Path, script: Path | None = None) -> None:
        self.program = place / "started"
        self._master, slave = pty.openpty()
        environment = {
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "PATH": f"{place}/bin:{os.environ['PATH']}",
            "TERM": "dumb",
        }
        self._process = subprocess.Popen(
            START[shell],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=place / "work",
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self._said = ""
        source = script or PROJECT / f"completions/facecli.{shell}"
        script_name = shlex.quote(str(source))
        self.type(
            SETUP[shell].format(script=script_name, functions=shlex.quote(f"{place}/functions"))
        )
        self.type("echo set'-'up\n")
        self.wait_for(r"set-up\r?\n")

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """What the shell says, once it has said this; it is then forgotten."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self._said)):
            ready, _, _ = select.select([self._master], [], [], deadline - time.monotonic())
            assert ready, f"the shell said no more than {self._said!r}"
            self._said += os.read(self._master, 65536).decode()
        self._said = self._said[found.end() :]
        return found

    def arguments(self, line: str) -> list[str]:
        """Type a line, with its Tabs, and Enter: the words that facecli was started with.

        Shells differ in two things that are all the same to facecli: `--option=value` comes
        apart here, and a folder loses its `/`.
        """
        *typed, last = line.split("\t")
        for piece in typed:
            self.type(f"{piece}\t")
        self.type(f"{last}\n")
        said = self.wait_for(r"(<[^\r]*>)<end>")
        assert self.program.read_text() == "\n", "Tab started the program as well"
        self.program.unlink()
        words = re.findall(r"<([^>]*)>", said[1])
        return [part.rstrip("/") for word in words for part in word.split("=")]

    def close(self) -> None:
        os.close(self._master)
        self._process.kill()
        self._process.wait()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_tab_completes_what_is_typed(shell: str, place: Path) -> None:
    needs(shell)
    terminal = Terminal(shell, place)
    try:
        found = [(line, terminal.arguments(line)) for line, _ in TYPED]
    finally:
        terminal.close()
    assert found == TYPED


# -- what is offered, for every command ---------------------------------------------------


def offers(node: Node) -> Iterator[tuple[str, set[str]]]:
    """Lines that end where the cursor is, and all that should be offered there."""
    line = node.words
    yield f"{line} -", {name for option in node.options for name in option.names}
    yield f"{line} ", {child.path[-1] for child in node.children} or first_words(node)
    for option in node.options:
        if option.values is not None and option.values.kind in ("words", "text"):
            for name in option.names:
                yield f"{line} {name} ", set(option.values.words)


def first_words(node: Node) -> set[str]:
    if node.arguments and node.arguments[0].values.kind in ("file", "directory"):
        return {"folder/", "picture one.jpg", "secret.key"}
    return set(node.arguments[0].values.words) if node.arguments else set()


OFFERS = dict(offer for node in TREE.walk() for offer in offers(node))
FOLDERS = {
    f"{node.words} "
    for node in TREE.walk()
    if node.arguments and node.arguments[0].values.kind == "directory"
}
"""Lines after which a folder is expected; fish offers nothing else there."""


def test_bash_offers_every_command_and_option(place: Path) -> None:
    script = f"source {shlex.quote(str(PROJECT / 'completions/facecli.bash'))}\n"
    script += "compopt() { COMPREPLY=(folder/ 'picture one.jpg' secret.key); }\n"
    for line in OFFERS:
        words = line.split(" ")
        script += f"COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}; _facecli\n"
        script += "printf '%s\\t' \"${COMPREPLY[@]}\"; echo\n"
    done = subprocess.run(
        [needs("bash"), "--noprofile", "--norc", "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [set(filter(None, line.split("\t"))) for line in done.stdout.splitlines()]
    assert dict(zip(OFFERS, found, strict=True)) == OFFERS
    assert done.stderr == ""


def test_bash_completes_facecli_and_nothing_else() -> None:
    script = f"source {shlex.quote(str(PROJECT / 'completions/facecli.bash'))}; complete -p"
    done = subprocess.run(
        [needs("bash"), "--noprofile", "--norc", "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "complete -F _facecli facecli\n"


def test_fish_offers_every_command_and_option(place: Path) -> None:
    script = f"source {shlex.quote(str(PROJECT / 'completions/facecli.fish'))}\n"
    for line in OFFERS:
        script += f"echo '=='; complete -C {shlex.quote(line)}\n"
    done = subprocess.run(
        [needs("fish"), "--no-config", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=place / "work",
        env={**os.environ, "HOME": str(place), "PATH": f"{place}/bin:{os.environ['PATH']}"},
    )
    found = [
        {line.split("\t")[0].replace("\\ ", " ") for line in part.splitlines()} - {""}
        for part in done.stdout.split("==\n")[1:]
    ]
    expected = {line: {"folder/"} if line in FOLDERS else words for line, words in OFFERS.items()}
    assert dict(zip(OFFERS, found, strict=True)) == expected
    assert done.stderr == ""
    assert not (place / "started").exists()


# -- what is asked of the database, where the user wants that -------------------------------

ASKING = [
    ("facecli match --purpose g\t", ["match", "--purpose", "gate"]),
    ("facecli subject show Jo\t", ["subject", "show", "Jo Doe"]),
    ("facecli revoke A-1001 Jo\t", ["revoke", "A-1001", "Jo Doe"]),
]


@pytest.fixture
def asking(place: Path, enrolled: Facecli) -> Path:
    """The folder of `place`, where Tab may ask the database, and a REF needs quoting."""
    assert enrolled("subject", "add", "Jo Doe").code == 0
    program = place / "bin/facecli"
    where = {"FACECLI_DB": enrolled.db, "FACECLI_KEY_FILE": enrolled.key}
    settings = " ".join(f"{name}={shlex.quote(str(value))}" for name, value in where.items())
    real = f"PYTHONPATH={PROJECT} {settings} exec {shlex.quote(sys.executable)} -m facecli"
    calls = program.read_text().replace(
        "#!/bin/sh\n", f'#!/bin/sh\n[ "$1" = completion ] && {{ {real} "$@"; }}\n'
    )
    program.write_text(calls)
    for shell, script in SCRIPTS.items():
        (place / f"dynamic.{shell}").write_text(script(TREE, True))
    shutil.copy(place / "dynamic.zsh", place / "functions/_facecli")
    return place


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_tab_completes_purposes_and_refs_where_asked_to(shell: str, asking: Path) -> None:
    needs(shell)
    terminal = Terminal(shell, asking, asking / f"dynamic.{shell}")
    try:
        found = [(line, terminal.arguments(line)) for line, _ in ASKING]
    finally:
        terminal.close()
    assert found == ASKING


def test_fish_offers_purposes_and_refs_where_asked_to(asking: Path) -> None:
    script = f"source {shlex.quote(str(asking / 'dynamic.fish'))}\n"
    for line in ("facecli match --purpose ", "facecli revoke A-1001 J", "facecli subject show A"):
        script += f"echo '=='; complete -C {shlex.quote(line)}\n"
    done = subprocess.run(
        [needs("fish"), "--no-config", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HOME": str(asking), "PATH": f"{asking}/bin:{os.environ['PATH']}"},
    )
    parts = [
        [line.split("\t")[0].replace("\\ ", " ") for line in part.splitlines()]
        for part in done.stdout.split("==\n")[1:]
    ]
    assert parts == [["attendance", "gate"], ["Jo Doe"], ["A-1001", "A-1002", "A-1003"]]
    assert done.stderr == ""


@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_the_dynamic_script_differs_only_where_it_asks(shell: str) -> None:
    static, dynamic = (set(SCRIPTS[shell](TREE, one).splitlines()) for one in (False, True))
    asking = f"completion {shell} --offer"
    assert all(asking not in line for line in static)
    assert any(asking in line for line in dynamic)
    assert len(static - dynamic) <= 3


@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_the_script_is_one_that_the_shell_can_read(shell: str) -> None:
    subprocess.run([needs(shell), "-n", PROJECT / f"completions/facecli.{shell}"], check=True)


# -- the command --------------------------------------------------------------------------


@pytest.mark.parametrize("shell", sorted(SCRIPTS))
@pytest.mark.parametrize("dynamic", [False, True])
def test_the_command_prints_the_script_that_ships(
    facecli: Facecli, shell: str, dynamic: bool
) -> None:
    run = facecli.bare("completion", shell, *(["--dynamic"] if dynamic else []))
    assert (run.code, run.err) == (0, "")
    name = f"facecli{'-dynamic' if dynamic else ''}.{shell}"
    assert run.out == (PROJECT / "completions" / name).read_text(encoding="utf-8")


def test_a_shell_that_is_none_is_a_usage_error(facecli: Facecli) -> None:
    run = facecli.bare("completion", "tcsh")
    assert run.code == 2
    assert "'bash', 'zsh', 'fish'" in run.err
