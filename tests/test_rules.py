"""Every rule has a test that shows it, or is owed; see `tests/rules.py` and `make rules`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import rules
from tests.rules import RULES, Rule, complaints

KEPT, OWED = Rule("kept", "", ""), Rule("owed", "", "", owed="the rest")


def test_every_rule_is_shown_or_owed_and_every_mark_names_a_rule() -> None:
    assert complaints(RULES, rules.shown()) == []


def test_names_are_short_and_their_own() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+){0,4}", name)] == []


@pytest.mark.parametrize(
    ("marks", "complaint"),
    [
        ({"kept": ["a::b"]}, None),
        ({}, "kept has no test"),
        ({"kept": ["a::b"], "other": ["a::c"]}, "other is no rule: a::c"),
        ({"kept": ["a::b"], "owed": ["a::c"]}, "owed is owed and has a test"),
    ],
)
def test_what_is_wrong_is_named(marks: dict[str, list[str]], complaint: str | None) -> None:
    found = complaints((KEPT, OWED), marks)
    assert found == [] if complaint is None else complaint in found[0]


def test_marks_are_found_on_tests_classes_and_single_cases(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "deep" / "test_it.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "@pytest.mark.rule('one')\n"
        "def test_a(): ...\n\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.rule('two'))])\n"
        "def test_b(x): ...\n\n"
        "@pytest.mark.rule('one')\n"
        "class TestC: ...\n"
    )
    place = "tests/deep/test_it.py"
    found = rules.shown(tmp_path / "tests")
    assert found == {"one": [f"{place}::test_a", f"{place}::TestC"], "two": [f"{place}::test_b"]}


def test_the_list_has_every_rule_and_says_what_is_owed(capsys: pytest.CaptureFixture[str]) -> None:
    rules.main()
    out = capsys.readouterr().out
    said = " ".join(out.split())
    assert [rule.name for rule in RULES if f"{rule.name} {rule.sentence}" not in said] == []
    assert [rule.name for rule in RULES if rule.owed and f"    owed: {rule.owed}" not in out] == []
    assert "no test" not in out
