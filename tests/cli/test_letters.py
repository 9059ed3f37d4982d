"""Letters on the way out: the width of the terminal, and a language that is not there."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pytest

from facecli.cli import letters
from facecli.papers.languages import choose
from facecli.papers.lines import columns
from facecli.papers.receipt import letter
from tests.cli.test_paging import read_until
from tests.conftest import Facecli
from tests.papers.conftest import receipt_facts


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_letter_fits_the_terminal_and_is_no_wider_than_a_page(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    letters.print_letter(letter(receipt_facts(), choose("zh").language), "table", None)
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("    f")]
    assert max(map(columns, lines)) <= min(width, 78)


def test_a_letter_in_a_file_does_not_depend_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = letter(receipt_facts(), choose("en").language)
    for width, name in ((40, "a"), (200, "b")):
        monkeypatch.setenv("COLUMNS", str(width))
        letters.print_letter(made, "table", tmp_path / name)
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text()


@pytest.mark.parametrize("name", ["a.html", "a.HTM", "a.txt", "html"])
def test_the_name_of_a_file_says_whether_a_letter_is_a_page(tmp_path: Path, name: str) -> None:
    made = letter(receipt_facts(), choose("en").language)
    letters.print_letter(made, "table", tmp_path / name)
    is_html = (tmp_path / name).read_text().startswith("<!DOCTYPE html>")
    assert is_html == ("." in name and "txt" not in name)
    letters.print_letter(made, "html", tmp_path / name)
    assert (tmp_path / name).read_text().startswith("<!DOCTYPE html>")


def test_a_letter_is_printed_where_the_locale_is_c(enrolled: Facecli) -> None:
    done = enrolled.process(
        "consent", "receipt", "A-1001", "--lang", "zh", env={"LC_ALL": "C", "LANG": "C"}
    )
    assert (done.code, done.err) == (0, "")
    assert "A-1001" in done.out


def test_a_notice_is_shown_page_by_page_on_a_terminal(ready: Facecli) -> None:
    primary, secondary = pty.openpty()
    ioctl(secondary, TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
    options = [option for option in ready.globals if option != "--no-input"]
    command = ["purpose", "notice", "gate", "--lang", "zh"]
    with subprocess.Popen(
        [sys.executable, "-m", "facecli", *options, *command],
        stdin=secondary, stdout=secondary, stderr=secondary,
    ) as process:  # fmt: skip
        os.close(secondary)
        shown = read_until(primary, b"press Enter for the next page --")
        assert "公园入口人脸识别".encode() in shown
        os.write(primary, b"\x04")  # Ctrl-D: no further page
        assert process.wait(60) != 0
        os.close(primary)
