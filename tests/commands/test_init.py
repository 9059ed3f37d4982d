"""`facecli init`: what is created, and what is never overwritten."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from facecli.recognition.engines import engine, of_database
from tests.conftest import Facecli
from tests.prepared import opened


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_init_creates_three_files_for_their_owner_alone(facecli: Any, umask: int) -> None:
    before = os.umask(umask)
    try:
        done = facecli("init")
    finally:
        os.umask(before)
    assert done.code == 0
    assert names(facecli.folder) == ["facecli.db", "facecli.db.keys", "facecli.key"]
    for path in facecli.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "keep a copy apart" in done.err


def test_init_is_logged_and_remembers_its_engine(facecli: Any) -> None:
    assert facecli("init", "--label", "desk", "--engine", "reference").code == 0
    _, entry = facecli("log", "show", "--format", "json").json()
    assert (entry["seq"], entry["action"]) == (2, "init")
    assert entry["actor"]["slot"] == entry["details"]["slot"] == "desk"
    with opened(facecli) as session:
        meta = {row[0]: row[1] for row in session.db.rows("SELECT name, value FROM meta")}
    assert meta["engine"] == "reference"
    assert meta["engine_id"] == entry["details"]["engine"]
    document = json.loads((facecli.folder / "facecli.db.keys").read_text())
    assert document["database_id"] == meta["database_id"]
    assert [slot["label"] for slot in document["slots"]] == ["desk"]


def test_the_number_of_views_is_part_of_the_databases_engine(facecli: Any) -> None:
    assert facecli("init", "--engine", "dlib", "--views", "1").code == 0
    with opened(facecli) as session:
        assert of_database.engine_of(session.db) == engine.spec("dlib", 1)
    assert engine.spec("dlib", 1).engine_id in facecli("log", "show", "--format", "json").out


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (["--views", "1"], 1, "the engine sface has no choice of views"),
        (["--engine", "dlib", "--views", "3"], 2, "1<=x<=2"),
        (["--engine", "dlib", "--views", "0"], 2, "1<=x<=2"),
        (["--engine", "mine.toml", "--views", "2"], 1, "a model card has no choice of views"),
    ],
)
def test_views_that_cannot_be_create_nothing(
    facecli: Any, options: list[str], code: int, word: str
) -> None:
    done = facecli("init", *options)
    assert (done.code, names(facecli.folder)) == (code, [])
    assert word in done.err


def test_two_databases_have_nothing_in_common(facecli: Any) -> None:
    assert facecli("init").code == 0
    other = facecli.folder / "other.db"
    assert facecli.bare("--db", other, "--key-file", facecli.key, "init").code == 0
    assert facecli.db.read_bytes()[:16] != other.read_bytes()[:16]
    os.rename(facecli.folder / "other.db.keys", facecli.folder / "facecli.db.keys")
    assert facecli("subject", "list").code == 12


def test_an_existing_key_file_is_used_and_not_changed(facecli: Any) -> None:
    facecli.key.write_text("a key of my own, long enough\n")
    facecli.key.chmod(0o600)
    assert facecli("init").code == 0
    assert facecli.key.read_text() == "a key of my own, long enough\n"
    assert facecli("subject", "list").code == 0


@pytest.mark.parametrize("there", ["facecli.db", "facecli.db.keys"])
def test_nothing_is_overwritten(facecli: Any, there: str) -> None:
    (facecli.folder / there).write_text("precious")
    done = facecli("init")
    assert done.code == 1
    assert f"{there} exists already" in done.err
    assert names(facecli.folder) == [there]
    assert (facecli.folder / there).read_text() == "precious"


def test_a_second_init_changes_nothing(facecli: Any) -> None:
    assert facecli("init").code == 0
    before = {path.name: path.read_bytes() for path in facecli.folder.iterdir()}
    assert facecli("init").code == 1
    assert {path.name: path.read_bytes() for path in facecli.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--engine", "none"], 21, "no engine none"),
        (["--label", ""], 2, "label"),
        (["--label", "a\nb"], 2, "label"),
        (["--label", "\udcff"], 2, "label"),
        (["--passphrase-command", "true"], 2, "Two key sources"),
        (["extra"], 2, "extra"),
    ],
)
def test_an_init_that_is_refused_leaves_nothing(
    facecli: Any, options: list[str], code: int, said: str
) -> None:
    done = facecli("init", *options)
    assert done.code == code
    assert said in done.err
    assert names(facecli.folder) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [("/", 1), ("/proc/facecli.db", 74), ("file/facecli.db", 10), ("open/facecli.db", 1)],
)
def test_a_place_where_no_database_can_be(facecli: Any, path: str, code: int) -> None:
    (facecli.folder / "file").write_text("a file")
    (facecli.folder / "open").mkdir()
    (facecli.folder / "open").chmod(0o777)
    place = facecli.folder / path
    done = facecli.bare("--db", place, "--key-file", facecli.key, "init")
    assert done.code == code
    assert "unexpected" not in done.err
    assert list((facecli.folder / "open").iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "code"), [(KeyboardInterrupt(), 130), (MemoryError(), 1), (OSError(28, "full"), 74)]
)
def test_an_init_that_fails_halfway_leaves_nothing_that_it_made(
    facecli: Any, monkeypatch: pytest.MonkeyPatch, fault: BaseException, code: int
) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("facecli.store.opening.migrate", fail)
    done = facecli("init")
    assert done.code == code
    assert f"Removed the new key file {facecli.key} again" in done.err
    assert names(facecli.folder) == []
    facecli.key.write_text("a key of my own, long enough\n")
    facecli.key.chmod(0o600)
    assert facecli("init").code == code
    assert names(facecli.folder) == ["facecli.key"]


def test_the_default_place_is_made_for_its_owner_alone(
    facecli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(facecli.folder))
    assert facecli.bare("--key-file", facecli.key, "init").code == 0
    place = facecli.folder / "facecli"
    assert names(place) == ["facecli.db", "facecli.db.keys"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert facecli.bare("--key-file", facecli.key, "subject", "list").code == 0


# -- passphrases ----------------------------------------------------------------------------


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person types at a terminal, answer by answer."""
    answers: list[str] = []
    monkeypatch.setattr("getpass.getpass", lambda question: answers.pop(0))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    return answers


def test_a_new_passphrase_is_asked_for_twice(facecli: Any, typed: list[str]) -> None:
    typed += ["open sesame", "open sesame"]
    assert facecli.bare("--db", facecli.db, "init").code == 0
    typed += ["open sesame"]
    assert facecli.bare("--db", facecli.db, "subject", "list").code == 0
    typed += ["open simsim"]
    assert facecli.bare("--db", facecli.db, "subject", "list").code == 12
    assert typed == []


@pytest.mark.parametrize("answers", [["open sesame", "open simsim"], [""]])
def test_two_passphrases_that_differ(facecli: Any, typed: list[str], answers: list[str]) -> None:
    typed += answers
    done = facecli.bare("--db", facecli.db, "init")
    assert done.code == 12
    assert "differ or are empty" in done.err
    assert names(facecli.folder) == []


def test_nobody_is_asked_without_a_terminal(facecli: Any) -> None:
    done = facecli.bare("--no-input", "--db", facecli.db, "init")
    assert done.code == 12
    assert "No key was given" in done.err
    assert names(facecli.folder) == []


def test_a_calibration_that_is_none_is_named_whole_and_in_words(
    facecli: Facecli, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    missing = facecli("init", "--calibration", other)
    other.write_text("{")
    damaged = facecli("init", "--calibration", other)
    for done, why in ((missing, "no such file"), (damaged, "not written by `facecli evaluate")):
        assert done.code == 1
        assert str(other) in done.err
        assert why in done.err
        assert "Error" not in done.err


def test_a_trust_key_that_cannot_be_printed_does_not_undo_the_database(facecli: Facecli) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "facecli", *map(str, facecli.globals), "init"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 75
    assert "Do not repeat the command" in done.stderr
    assert facecli("subject", "list").code == 0
