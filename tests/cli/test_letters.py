"""Letters on the way out: the width of the terminal, and a language that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.cli import letters
from facecli.papers.languages import choose
from facecli.papers.lines import columns
from facecli.papers.receipt import letter
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


def test_a_letter_is_printed_where_the_locale_is_c(enrolled: Facecli) -> None:
    done = enrolled.process(
        "consent", "receipt", "A-1001", "--lang", "zh", env={"LC_ALL": "C", "LANG": "C"}
    )
    assert (done.code, done.err) == (0, "")
    assert "A-1001" in done.out
