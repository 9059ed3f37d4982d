"""The question before what cannot be undone: answered, declined, or with nobody to ask."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from facecli.cli.confirmation import MOST_NAMED, confirm, listed, person
from facecli.cli.session import Settings
from facecli.consent import subjects
from facecli.consent.subjects import NewSubject
from facecli.errors.erasure import NotConfirmed
from tests.conftest import Facecli
from tests.prepared import opened

ASK = """
from pathlib import Path
from facecli.cli.confirmation import MOST_NAMED, confirm, listed, person
from facecli.cli.session import Settings
from facecli.errors.erasure import Declined
try:
    confirm(Settings(Path("x.db")), "Erase?", yes=False)
    print("confirmed")
except Declined:
    print("declined")
"""


def test_yes_answers_before_anybody_is_asked() -> None:
    confirm(Settings(Path("x.db"), no_input=True), "Erase?", yes=True)


def test_nobody_to_ask_is_no_consent() -> None:
    with pytest.raises(NotConfirmed):
        confirm(Settings(Path("x.db"), no_input=True), "Erase?", yes=False)


@pytest.mark.parametrize(
    ("answer", "expected"), [("y\n", "confirmed"), ("n\n", "declined"), ("\n", "declined")]
)
def test_a_terminal_is_asked_and_the_default_is_no(answer: str, expected: str) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer.encode())
        done = subprocess.run(
            [sys.executable, "-c", ASK],
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.stdout.strip() == expected
    assert "Erase?" in done.stderr


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (None, "A-1"),
        ("王小明", "A-1 (王小明)"),
        ("B-2 (Jo)", "A-1 (B-2 (Jo))"),
        ("\u200fJo", "A-1 (\\u{200f}Jo)"),
    ],
)
def test_a_person_is_shown_with_ref_and_name(ready: Facecli, name: str | None, shown: str) -> None:
    with opened(ready) as session, session.act() as act:
        subject = subjects.add(act, NewSubject("A-1"))
        act.db.execute("UPDATE subject SET name = ?", (name,))
        assert person(act.db, subject.subject_id) == shown


def test_a_name_cannot_control_the_terminal(ready: Facecli) -> None:
    with opened(ready) as session, session.act() as act:
        subject = subjects.add(act, NewSubject("A-1"))
        act.db.execute("UPDATE subject SET name = ?", ("\x1b[2K\rB-2\n\u202e",))
        shown = person(act.db, subject.subject_id)
    assert shown == "A-1 (\\u{1b}[2K\\u{d}B-2\\u{a}\\u{202e})"


def test_several_people_have_a_line_each() -> None:
    assert listed(["A-1"]) == ""
    assert listed(["A-1", "A-2"]) == "  A-1\n  A-2\n"
    many = listed([f"A-{number}" for number in range(MOST_NAMED + 3)]).splitlines()
    assert (len(many), many[-1]) == (MOST_NAMED + 1, "  and 3 more")
