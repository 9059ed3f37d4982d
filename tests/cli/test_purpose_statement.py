"""The statement of a purpose fits the terminal, and hides and forges nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from facecli.cli.purpose_statement import statement
from facecli.consent.purpose_terms import Purpose
from tests.consent.conftest import TERMS

MOMENT = "2026-11-23T09:00:00Z"


def purpose(**changes: Any) -> Purpose:
    return Purpose(1, 1, "gate", 2, 0, MOMENT, MOMENT, None, replace(TERMS, **changes))


def test_without_a_width_every_field_and_line_is_printed_whole() -> None:
    lines = statement(purpose(), None).splitlines()
    fields, notice = lines[: lines.index("")], lines[lines.index("") + 1 :]
    assert any(line.startswith("Alternative") and TERMS.alternative in line for line in fields)
    assert notice == TERMS.notice.splitlines()


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(width: int) -> None:
    text = statement(purpose(scope="the north gate " * 12), width)
    assert max(map(len, text.splitlines())) <= width
    words = text.split()
    assert words.count("north") == 12
    for word in TERMS.notice.split():
        assert word in words


def test_a_value_can_neither_control_the_terminal_nor_pose_as_a_field() -> None:
    text = statement(purpose(scope="a\x1b[31m\nAlternative  none"), 80)
    assert "\x1b" not in text
    assert "a\\u{1b}[31m" in text
    assert [line for line in text.splitlines() if line.startswith("Alternative")] == [
        line for line in statement(purpose(), 80).splitlines() if line.startswith("Alternative")
    ]


def test_a_notice_cannot_control_the_terminal() -> None:
    assert "\x1b" not in statement(purpose(notice="Read \x1b[2J this"), 80)
