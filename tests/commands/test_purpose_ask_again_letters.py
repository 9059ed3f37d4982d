"""`purpose ask-again --letter`: a letter to each person, and the log's entry of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Facecli
from tests.smalldisk import on_small_disk


@pytest.fixture
def revised(ready: Facecli, purposes_file: Any) -> Facecli:
    """Three people who agreed to the first version, one of them to the Chinese notice."""
    for ref, lang in (("A-1", "en"), ("A-2", "zh"), ("../A-3", "en")):
        ready("subject", "add", ref)
        stated = ("--purpose", "gate", "--expires", "1y", "--notice-lang", lang)
        assert ready("consent", "record", ref, *stated).code == 0
    assert ready("purpose", "apply", purposes_file(scope='"Every gate"')).code == 0
    return ready


@pytest.mark.rule("readable-papers")
def test_each_is_asked_in_the_language_of_their_notice(revised: Facecli, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    done = revised("purpose", "ask-again", "gate", "--letter", folder, "--format", "json")
    assert (done.code, len(done.json())) == (0, 3)
    assert f"Wrote 3 letters to {folder}." in done.err
    assert len(list(folder.iterdir())) == 6
    assert all(path.name.startswith("letter-") for path in folder.iterdir())
    assert "We ask for your consent again" in (folder / "letter-A-1.txt").read_text()
    assert "再次征求您的同意" in (folder / "letter-A-2.txt").read_text(encoding="utf-8")
    [entry] = revised("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["purpose"]) == ("purpose.ask-again", "gate")
    assert entry["details"] == {"letters": 3, "version": 2}


def test_one_language_for_all_or_english_where_there_is_none(
    revised: Facecli, tmp_path: Path
) -> None:
    done = revised("purpose", "ask-again", "gate", "--letter", tmp_path / "l", "--lang", "fr")
    assert done.err.count("facecli has no texts in fr") == 1
    assert "We ask for your" in (tmp_path / "l" / "letter-A-2.txt").read_text()


def test_where_nobody_is_asked_nothing_is_written_or_recorded(
    ready: Facecli, tmp_path: Path
) -> None:
    done = ready("purpose", "ask-again", "gate", "--letter", tmp_path / "letters")
    assert (done.code, "Wrote 0 letters" in done.err) == (0, True)
    entries = ready("log", "show", "--format", "json").json()
    assert "purpose.ask-again" not in {entry["action"] for entry in entries}


def test_a_full_disk_records_nothing_and_leaves_whole_letters(revised: Facecli) -> None:
    command = ("purpose", "ask-again", "gate", "--letter")
    run, left = on_small_disk(revised, 64, *command, "{disk}/letters")
    assert (run.code, "could not be written" in run.err) == (74, True)
    letters = [name for name in left if name != "letters"]
    assert 0 < len(letters) < 6
    assert {Path(name).suffix for name in letters} <= {".html", ".txt"}
    entries = revised("log", "show", "--format", "json").json()
    assert "purpose.ask-again" not in {entry["action"] for entry in entries}


def test_a_folder_that_cannot_be_made_ends_with_74(revised: Facecli, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert revised("purpose", "ask-again", "gate", "--letter", tmp_path / "file" / "l").code == 74
    assert revised("purpose", "ask-again", "gate", "--letter", revised.db).code == 2
