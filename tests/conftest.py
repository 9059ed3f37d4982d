"""Fixtures for all tests: a facecli to call, a database of its own, the sample photographs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from facecli.cli import key_rotation
from facecli.cli import session as session_module
from facecli.cli.main import main
from facecli.commands import backup, init
from facecli.store.connection import keyed

if TYPE_CHECKING:
    from tests.browser import Browser

pytest_plugins = ["pytester", "tests.ci_skips"]

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE_DATA = PROJECT / "sample_data"
PARK = ZoneInfo("Asia/Shanghai")  # the time zone of the sample purposes
READY_ENTRIES = 5  # in the log of `ready`: init and its epoch, two purposes, their time zone


# A shell starts background jobs with SIGINT ignored, and every process of a test would inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def unguarded(*arguments: Any, guarded: bool, **named: Any) -> Any:
    """Connect without SQLCipher's guard of memory, which stays on until the process ends.

    Every later test would take twice as long. tests/commands/test_key.py shows who has the guard.
    """
    return keyed(*arguments, guarded=False, **named)


pytest.MonkeyPatch().setattr("facecli.store.database.keyed", unguarded)


@dataclass(frozen=True)
class Run:
    """What a call of facecli gave."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Its stdout, parsed."""
        return json.loads(self.out)


def with_notice(arguments: Sequence[object]) -> list[object]:
    """The arguments; where a consent without a form is recorded, its notice was shown."""
    shown = [*arguments]
    recording = [word for word in shown if not str(word).startswith("-")][:2]
    if recording in (["enroll", "file"], ["enroll", "batch"], ["consent", "record"]) and not (
        {"--evidence", "--notice-shown", "--help"} & {*shown}
    ):
        shown.append("--notice-shown")
    return shown


class Facecli:
    """Calls facecli with a database and key of its own, in this process or in another."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.db = folder / "facecli.db"
        self.key = folder / "facecli.key"
        self._capsys = capsys

    @property
    def globals(self) -> list[str]:
        """The global options that name the database and its key."""
        return ["--no-input", "--db", str(self.db), "--key-file", str(self.key)]

    def __call__(self, *arguments: object) -> Run:
        """Run a command in this process. Whoever consents was shown the notice."""
        return self.bare(*self.globals, *with_notice(arguments))

    def copy(self, folder: Path) -> Facecli:
        """The same database, key and files in a folder that is made anew."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        for file in self.folder.iterdir():
            if file.is_file():
                shutil.copy(file, folder)
        return Facecli(folder, self._capsys)

    def bare(self, *arguments: object) -> Run:
        """Run exactly these arguments in this process."""
        self._capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = self._capsys.readouterr()
        return Run(code, out, err)

    def process(
        self, *arguments: object, env: Mapping[str, str] | None = None, **options: Any
    ) -> Run:
        """Run a command as a user would: in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "facecli", *self.globals, *map(str, with_notice(arguments))],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
            timeout=120,
            check=False,
            **options,
        )
        return Run(done.returncode, done.stdout, done.stderr)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.moment

    @property
    def today(self) -> date:
        """The day at the park of the sample purposes."""
        return self.moment.astimezone(PARK).date()

    def advance(self, **length: float) -> None:
        """Go on by so many days, hours, …"""
        self.moment += timedelta(**length)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, _ready_once: Path) -> Clock:
    """The clock that facecli reads, held by the test; only for calls in this process."""
    held = Clock()
    for module in (session_module, backup, init, key_rotation):  # those that name it
        monkeypatch.setattr(module, "clock", held)
    return held


@pytest.fixture(scope="session", autouse=True)
def _no_outside_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No variable and no configuration of the machine reaches facecli, here or in a process.

    A process reads /etc/facecli/config.toml only where the user has no configuration. So there is
    one, which is empty.
    """
    home = tmp_path_factory.mktemp("configuration")
    (home / "facecli").mkdir()
    (home / "facecli" / "config.toml").touch(mode=0o600)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("FACECLI_")]:
            patch.delenv(name)
        patch.delenv("CREDENTIALS_DIRECTORY", raising=False)
        patch.setenv("XDG_CONFIG_HOME", str(home))
        patch.setattr("facecli.cli.config.SYSTEM", home / "etc/facecli/config.toml")
        yield


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that this test starts do not measure coverage, which takes modules and disk.

    It also takes as long again as a command. What examples and programs of others call, the tests
    of the commands call too.
    """
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def facecli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Facecli:
    """facecli with no database yet."""
    return Facecli(tmp_path, capsys)


def made(folder: Path, *commands: list[str]) -> Path:
    """The folder, after these commands on its database."""
    options = ["--no-input", "--db", f"{folder}/facecli.db", "--key-file", f"{folder}/facecli.key"]
    for command in commands:
        subprocess.run(
            [sys.executable, "-m", "facecli", *options, *command],
            env={**os.environ, "TZ": "UTC"},  # the purposes state another zone
            check=True,
            capture_output=True,
        )
    return folder


@pytest.fixture(scope="session")
def _ready_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample purposes, made once and copied by `ready`."""
    apply = ["purpose", "apply", f"{SAMPLE_DATA}/purposes.toml"]
    return made(tmp_path_factory.mktemp("ready"), ["init"], apply)


@pytest.fixture(scope="session")
def _enrolled_once(tmp_path_factory: pytest.TempPathFactory, _ready_once: Path) -> Path:
    """A database with the sample manifest enrolled, made once and copied by `enrolled`."""
    folder = tmp_path_factory.mktemp("enrolled")
    shutil.copytree(_ready_once, folder, dirs_exist_ok=True)
    return made(folder, ["enroll", "batch", f"{SAMPLE_DATA}/manifest.csv"])


@pytest.fixture
def ready(facecli: Facecli, _ready_once: Path) -> Facecli:
    """facecli with a database and the sample purposes, and nobody in it."""
    shutil.copytree(_ready_once, facecli.folder, dirs_exist_ok=True)
    return facecli


@pytest.fixture
def enrolled(facecli: Facecli, _enrolled_once: Path) -> Facecli:
    """facecli with the three people of the sample manifest enrolled for the gate."""
    shutil.copytree(_enrolled_once, facecli.folder, dirs_exist_ok=True)
    return facecli


@pytest.fixture
def purposes_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a copy of the sample purposes with some lines changed: `field="new value"`."""

    def write(**changes: str) -> Path:
        folder = tmp_path / "purposes"
        (folder / "notices").mkdir(parents=True, exist_ok=True)
        for notice in (SAMPLE_DATA / "notices").glob("*.md"):
            (folder / "notices" / notice.name).write_bytes(notice.read_bytes())
        lines = (SAMPLE_DATA / "purposes.toml").read_text(encoding="utf-8").splitlines()
        for field, value in changes.items():
            at = next(i for i, line in enumerate(lines) if line.startswith(f"{field} ="))
            lines[at] = f"{field} = {value}"
        path = folder / "purposes.toml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser without a window; whoever uses it carries the mark `with_browser`."""
    from tests.browser import browser

    with browser() as started:
        yield started


@pytest.fixture
def sample_data() -> Path:
    """The folder of the sample data."""
    return SAMPLE_DATA
