"""Letters that ask again, in the language of each person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.query import latest
from facecli.cli.ask_again_letters import ask_in_writing
from facecli.errors.command_line import OutputFailed
from tests.papers.conftest import asked_again
from tests.prepared import opened


@pytest.mark.parametrize(
    ("shown", "lang", "words"),
    [("zh", None, "再次征求您的同意"), ("zh", "en", "We ask for"), (None, None, "We ask for"),
     ("../zh", None, "We ask for"), ("fr", "zh-CN", "再次征求您的同意")],
)  # fmt: skip
def test_a_letter_is_in_the_language_asked_for_or_that_of_the_notice_shown(
    ready: Any, tmp_path: Path, shown: str | None, lang: str | None, words: str
) -> None:
    person = replace(asked_again(scope="Every gate"), notice_lang=shown)
    with opened(ready) as session:
        assert ask_in_writing(session, "gate", [person], tmp_path, lang) == 1
        assert latest(session.db, 1)[0]["details"] == {"letters": 1, "version": 2}
    assert words in (tmp_path / "letter-A-1.txt").read_text(encoding="utf-8")


def test_letters_that_cannot_be_written_are_not_recorded(ready: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with opened(ready) as session:
        before = latest(session.db, 1)
        with pytest.raises(OutputFailed):
            ask_in_writing(session, "gate", [asked_again()], tmp_path / "file" / "l", None)
        assert latest(session.db, 1) == before
