"""Letters in files: names that no REF can turn, and nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from facecli.cli.letter_files import handing_over, letter_names, write_letter, write_letters
from facecli.cli.session import Session
from facecli.consent import asking_again, purposes
from facecli.consent.asking_again import AskAgain
from facecli.errors.audit import LetterLost
from facecli.errors.command_line import OutputFailed
from facecli.papers import receipt
from facecli.papers.ask_again import Circumstances
from facecli.papers.languages import choose
from facecli.papers.letter import Letter
from tests.conftest import Facecli
from tests.papers.conftest import receipt_facts
from tests.prepared import opened

ENGLISH, CHINESE = choose("en").language, choose("zh").language
HOSTILE = ["../../etc/passwd", "..", ".", "", "/", "-rf", "a/b", "a\\b", "CON\n", "\u202efdp.exe",
           "x" * 500, "张伟", "A-1", "a-1", "%2e%2e", "$(id)", "~"]  # fmt: skip


def letter() -> Letter:
    return receipt.letter(receipt_facts(), ENGLISH)


def hand_over(path: Path, then: Callable[[], object]) -> None:
    """Hand over a letter in an act that goes on with `then`."""
    with handing_over(path) as write:
        write(letter())
        then()


def test_no_ref_leaves_the_folder_or_names_a_hidden_file() -> None:
    names = letter_names(HOSTILE)
    assert len({name.casefold() for name in names}) == len(HOSTILE)
    for name in names:
        assert name.startswith("letter-")
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
        assert len(name) < 100
    assert letter_names(["A-1001", "staff_7"]) == ["letter-A-1001", "letter-staff_7"]


@pytest.mark.parametrize(
    ("name", "start"),
    [("l.html", "<!DOCTYPE html>"), ("l.HTM", "<!DOCTYPE html>"), ("l.txt", "Hangzhou Park"),
     ("letter", "Hangzhou Park")],
)  # fmt: skip
def test_the_name_of_the_file_chooses_page_or_text(tmp_path: Path, name: str, start: str) -> None:
    write_letter(letter(), tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_a_letter_is_there_once_the_act_is_over(tmp_path: Path) -> None:
    path, there = tmp_path / "l.txt", []
    hand_over(path, lambda: there.append(path.exists()))
    assert there == [False]
    assert path.read_text(encoding="utf-8").startswith("Hangzhou Park")


def test_of_an_act_that_fails_no_letter_is_left(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        hand_over(tmp_path / "l.txt", lambda: 1 / 0)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused_before_the_act(tmp_path: Path) -> None:
    acted = False
    with pytest.raises(OutputFailed) as failed, handing_over(tmp_path / "none" / "l.txt"):
        acted = True
    assert (acted, failed.value.exit_code) == (False, 74)


def test_a_letter_that_cannot_be_named_after_the_act_is_lost_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "l.txt"
    with pytest.raises(LetterLost) as lost:
        hand_over(path, path.mkdir)
    assert lost.value.exit_code == 75
    assert "log certificate" in str(lost.value)


def test_without_a_file_there_is_nothing_to_write_to() -> None:
    with handing_over(None) as write, pytest.raises(ValueError, match="no file"):
        write(letter())


@pytest.fixture
def revised(ready: Facecli, purposes_file: Any) -> Iterator[tuple[Session, Sequence[AskAgain]]]:
    """Two people who agreed to the first version of a purpose that has a second one now."""
    for ref in ("A-1", "../B"):
        ready("subject", "add", ref, "--name", f"Name of {ref}")
        ready("consent", "record", ref, "--purpose", "gate", "--expires", "1y")
    assert ready("purpose", "apply", purposes_file(scope='"Every gate"')).code == 0
    with opened(ready) as session:
        purpose = purposes.find(session.db, "gate")
        yield session, asking_again.people(session.db, purpose, session.now)


def circumstances(session: Session) -> Circumstances:
    return Circumstances(session.now, "Asia/Shanghai", "key")


def test_whoever_agreed_before_a_change_gets_a_letter_of_it(
    revised: tuple[Session, Sequence[AskAgain]], tmp_path: Path
) -> None:
    session, people = revised
    folder = tmp_path / "letters"
    pages = write_letters(people, circumstances(session), folder, lambda _: CHINESE)
    assert [page.name[:10] for page in pages] == ["letter-_B.", "letter-A-1"]
    assert len(list(folder.iterdir())) == 4
    assert {path.suffix for path in folder.iterdir()} == {".html", ".txt"}
    assert folder.stat().st_mode & 0o777 == 0o700
    words = (folder / "letter-A-1.txt").read_text(encoding="utf-8")
    assert "Every gate" in words
    assert "holders of an annual card" in words
    assert "再次征求您的同意" in words
    assert write_letters(people, circumstances(session), folder, lambda _: ENGLISH) == pages
    assert "We ask for your consent again" in (folder / "letter-A-1.txt").read_text()


def test_no_letter_replaces_a_file_of_facecli(
    revised: tuple[Session, Sequence[AskAgain]], ready: Facecli, tmp_path: Path
) -> None:
    session, people = revised
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter-A-1.txt").symlink_to(ready.db)
    with pytest.raises(click.UsageError, match="is a database or a backup"):
        write_letters(people, circumstances(session), tmp_path / "letters", lambda _: ENGLISH)
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["letter-A-1.txt"]
