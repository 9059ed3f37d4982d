"""Letters as text: within the width, hidden characters escaped, two columns where there is room."""

from __future__ import annotations

import pytest

from facecli.papers.as_text import text
from facecli.papers.languages import choose
from facecli.papers.lines import columns
from facecli.papers.receipt import letter
from tests.papers.conftest import HOSTILE, receipt_facts


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [20, 40, 78, 200])
def test_no_line_is_wider_than_asked_but_for_command_and_key(lang: str, width: int) -> None:
    made = letter(receipt_facts(), choose(lang).language)
    for line in text(made, width).splitlines():
        assert columns(line) <= width or line.startswith("    f")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_reaches_the_terminal_with_hidden_characters(name: str) -> None:
    found = text(letter(receipt_facts(name), choose("en").language))
    assert not {"\x1b", "\u202e", "\u2066"} & set(found)
    assert len("".join(found.split())) > len("".join(name.split()))


def test_names_stand_beside_values_or_above_them() -> None:
    made = letter(receipt_facts(), choose("en").language)
    wide, narrow = text(made, 78).splitlines(), text(made, 24).splitlines()
    assert any(line.startswith("Reference") and line.endswith("A-1001") for line in wide)
    assert narrow[narrow.index("Reference") + 1] == "  A-1001"
