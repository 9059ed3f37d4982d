"""`facecli log show`."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest

from facecli.audit.entries import Actor
from tests.conftest import READY_ENTRIES


def test_the_latest_entries_come_oldest_first(ready: Any) -> None:
    for number in range(5):
        ready("subject", "add", f"A-{number}")
    found = ready("log", "show", "-n", "3", "--format", "json").json()
    last = READY_ENTRIES + 5
    assert [entry["seq"] for entry in found] == [last - 2, last - 1, last]
    assert {entry["action"] for entry in found} == {"subject.add"}
    assert {entry["schema"] for entry in found} == {"facecli.log-entry/1"}
    everything = ready("log", "show", "-n", "1000", "--format", "json").json()
    assert [entry["seq"] for entry in everything] == list(range(1, last + 1))


def test_twenty_are_shown_unless_said_otherwise(ready: Any) -> None:
    for number in range(20):
        ready("subject", "add", f"A-{number}")
    assert len(ready("log", "show", "--format", "jsonl").out.splitlines()) == 20


def test_the_table_shows_the_user(ready: Any) -> None:
    user = Actor.of(ready("log", "show", "--format", "json").json()[0]["actor"]).in_words
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


def _actions(facecli: Any, *options: object) -> list[str]:
    done = facecli("log", "show", "--format", "json", *options)
    assert done.code == 0, done.err
    return [entry["action"] for entry in done.json()]


def test_entries_are_chosen_by_action_time_and_subject(ready: Any, clock: Any) -> None:
    for number in range(3):
        clock.advance(days=1)
        ready("subject", "add", f"A-{number}")
        ready("consent", "record", f"A-{number}", "--purpose", "gate", "--expires", "1y")
    day = f"{clock.moment:%Y-%m-%dT%H:%M:%SZ}"
    assert _actions(ready, "--action", "consent.record") == ["consent.record"] * 3
    assert _actions(ready, "--action", "consent", "-n", "2") == ["consent.record"] * 2
    assert _actions(ready, "--action", "init", "--action", "subject.add")[:2] == [
        "init",
        "subject.add",
    ]
    assert _actions(ready, "--since", day) == ["subject.add", "consent.record"]
    assert "subject.add" not in _actions(ready, "--until", f"{clock.moment:%Y}-01-01")
    assert _actions(ready, "--ref", "A-1") == ["subject.add", "consent.record"]
    assert _actions(ready, "--ref", "A-1", "--action", "match") == []
    assert ready("log", "show", "--ref", "Nobody").code == 21
    assert ready("log", "show", "--since", "someday").code == 2


def test_with_a_time_all_are_shown(ready: Any) -> None:
    for number in range(30):
        ready("subject", "add", f"A-{number}")
    assert len(_actions(ready)) == 20
    assert len(_actions(ready, "--since", "2000-01-01")) > 30


@pytest.mark.parametrize("form", ["table", "jsonl"])
def test_new_entries_are_followed_until_interrupted(ready: Any, form: str) -> None:
    command = [sys.executable, "-u", "-m", "facecli", *ready.globals, "log", "show", "--follow",
               "--format", form, "--action", "subject.add", "-n", "1"]  # fmt: skip
    ready("subject", "add", "A-1")
    ready("subject", "add", "A-2")
    following = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert following.stdout is not None
    lines = [following.stdout.readline()]
    for number in range(3, 6):
        ready("subject", "add", f"A-{number}")
        lines.append(following.stdout.readline())
    following.send_signal(signal.SIGINT)  # which a shell's background job would ignore
    assert following.wait(60) == 130
    following.stdout.close()
    assert all("subject.add" in line for line in lines)
    assert len(set(lines)) == 4
