"""`facecli log show`."""

from __future__ import annotations

from typing import Any

import pytest


def test_the_latest_entries_come_oldest_first(ready: Any) -> None:
    for number in range(5):
        ready("subject", "add", f"A-{number}")
    found = ready("log", "show", "-n", "3", "--format", "json").json()
    assert [entry["seq"] for entry in found] == [7, 8, 9]
    assert {entry["action"] for entry in found} == {"subject.add"}
    assert {entry["schema"] for entry in found} == {"facecli.log-entry/1"}
    everything = ready("log", "show", "-n", "1000", "--format", "json").json()
    assert [entry["seq"] for entry in everything] == list(range(1, 10))


def test_twenty_are_shown_unless_said_otherwise(ready: Any) -> None:
    for number in range(20):
        ready("subject", "add", f"A-{number}")
    assert len(ready("log", "show", "--format", "jsonl").out.splitlines()) == 20


def test_the_table_shows_the_user(ready: Any) -> None:
    user = ready("log", "show", "--format", "json").json()[0]["actor"]["user"]
    header, first, *_ = ready("log", "show").out.splitlines()
    assert header.split()[:4] == ["SEQ", "AT", "USER", "ACTION"]
    assert user in first


@pytest.mark.parametrize("count", ["0", "-1", "many", "1.5"])
def test_a_count_that_is_none(ready: Any, count: str) -> None:
    assert ready("log", "show", "-n", count).code == 2


def test_looking_is_not_logged(ready: Any) -> None:
    before = ready("log", "show", "--format", "json").json()
    for command in (["subject", "list"], ["consent", "list"], ["purpose", "show", "gate"]):
        assert ready(*command).code == 0
    assert ready("log", "show", "--format", "json").json() == before
