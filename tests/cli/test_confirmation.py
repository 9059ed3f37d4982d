"""The question before what cannot be undone: answered, declined, or with nobody to ask."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from facecli.cli.confirmation import confirm
from facecli.cli.session import Settings
from facecli.errors.erasure import NotConfirmed

ASK = """
from pathlib import Path
from facecli.cli.confirmation import confirm
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
