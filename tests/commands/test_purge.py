"""`facecli purge`: what is due goes, what is not stays, and cron hears only of trouble."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock, Facecli
from tests.forensics import database_key, plaintext
from tests.kills import kills, spawn
from tests.prepared import count, let_pass

SAME = ("ref", "subject_id", "purpose", "what", "reason", "due_at")


def _refs(facecli: Facecli) -> set[Any]:
    return {one["ref"] for one in facecli("subject", "list", "--format", "json").json()}


def _add(facecli: Facecli, count: Any) -> None:
    for number in range(count):
        assert facecli("subject", "add", f"B-{number}").code == 0


def test_nothing_due_is_said_briefly_and_exits_0(enrolled: Facecli) -> None:
    done = enrolled("purge", "--format", "json")
    assert (done.code, done.json()) == (0, [])
    [entry] = enrolled("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["outcome"]) == ("purge", "done")
    assert entry["details"] == {"subjects": 0, "erased": 0, "failed": 0}


def test_q_is_silent_on_success_even_when_something_was_erased(
    enrolled: Facecli, clock: Clock
) -> None:
    let_pass(enrolled, clock, days=366)
    done = enrolled.bare(*enrolled.globals, "-q", "purge")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert _refs(enrolled) == set()


def test_the_dry_run_and_the_run_print_the_same_rows(enrolled: Facecli, clock: Clock) -> None:
    let_pass(enrolled, clock, days=200)
    dry = enrolled("purge", "--dry-run", "--format", "json")
    assert dry.code == 3
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}
    run = enrolled("purge", "--format", "json")
    assert run.code == 0
    assert [[row[name] for name in SAME] for row in dry.json()[:-1]] == [
        [row[name] for name in SAME] for row in run.json()[:-1]
    ]
    assert {row["reason"] for row in run.json()[:-1]} == {"inactive"}
    assert run.json()[-1] == {
        "schema": "facecli.purge-summary/1",
        "due": 9,
        "erased": 9,
        "held": 0,
        "failed": 0,
        "remaining": 0,
    }
    assert enrolled("purge", "--format", "json").json() == []


@pytest.mark.rule("agree-again-in-time")
def test_a_revised_purpose_suspends_and_then_takes_the_earlier_version(
    enrolled: Facecli, purposes_file: Callable[..., Path], clock: Clock, sample_data: Path
) -> None:
    clock.advance(days=1)
    assert enrolled("purpose", "apply", purposes_file(scope='"Gate 3"')).code == 0
    clock.advance(days=29)
    assert enrolled("purge", "--format", "json").json() == []
    probe = ("verify", "A-1001", sample_data / "probes" / "gate-1.jpg", "--purpose", "gate")
    assert enrolled(*probe).code == 20
    clock.advance(days=1)
    done = enrolled("purge", "--format", "json")
    assert {row["reason"] for row in done.json()[:-1]} == {"purpose-revised"}
    assert _refs(enrolled) == set()


@pytest.mark.rule("earliest-deletion")
def test_match_events_go_after_their_own_retention(
    enrolled: Facecli, sample_data: Path, clock: Clock
) -> None:
    enrolled("match", sample_data / "probes" / "gate-2.jpg", "--purpose", "gate")
    clock.advance(days=31)
    done = enrolled("purge", "--format", "json")
    [row, summary] = done.json()
    assert row == {
        "schema": "facecli.purge/1", "purpose": "gate", "what": "match", "outcome": "erased",
        "reason": "retention-over", "count": 1,
    }  # fmt: skip
    assert (summary["due"], summary["erased"], summary["remaining"]) == (1, 1, 0)
    assert count(enrolled, "match_event", "erasure") == [0, 0]
    [entry, _] = enrolled("log", "show", "-n", "2", "--format", "json").json()
    assert (entry["action"], entry["purpose"], entry["subject_id"]) == (
        "purge.matches", "gate", None,
    )  # fmt: skip
    until = (clock.moment - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert entry["details"] == {"count": 1, "until": until}
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def test_the_file_holds_no_trace_of_what_was_purged(enrolled: Facecli, clock: Clock) -> None:
    enrolled("subject", "correct", "A-1001", "--name", "Marked-Name-Qy3")
    key = database_key(enrolled.db, enrolled.key)
    assert b"Marked-Name-Qy3" in plaintext(enrolled.db, key)
    let_pass(enrolled, clock, days=366)
    assert enrolled("purge").code == 0
    assert b"Marked-Name-Qy3" not in plaintext(enrolled.db, key)


def test_a_hold_is_reported_and_keeps(enrolled: Facecli, clock: Clock) -> None:
    enrolled("subject", "hold", "A-1001", "--reason", "case 1", "--until", "2y")
    let_pass(enrolled, clock, days=366)
    done = enrolled("purge", "--format", "json")
    assert done.code == 0
    outcomes = {(row["ref"], row["outcome"]) for row in done.json()[:-1]}
    assert outcomes == {("A-1001", "held"), ("A-1002", "erased"), ("A-1003", "erased")}
    assert _refs(enrolled) == {"A-1001"}
    enrolled("subject", "release", "A-1001")
    assert enrolled("purge").code == 0
    assert _refs(enrolled) == set()


def test_mass_erasure_needs_a_word(enrolled: Facecli, clock: Clock) -> None:
    _add(enrolled, 17)  # 20 people: from here on the fraction counts
    let_pass(enrolled, clock, days=366)
    refused = enrolled("purge")
    assert refused.code == 22
    assert "--max-fraction" in refused.err
    assert len(_refs(enrolled)) == 20
    assert enrolled("purge", "--max-fraction", "1", "--max-subjects", "19").code == 22
    assert enrolled("purge", "--max-fraction", "1").code == 0
    assert _refs(enrolled) == set()


@pytest.mark.parametrize(
    ("limit", "code", "left"),
    [
        (("--max-fraction", "0"), 22, 3),
        (("--max-fraction", "0.5"), 22, 3),
        (("--max-subjects", "2"), 22, 3),
        (("--max-fraction", "1"), 0, 0),
        ((), 0, 0),  # no limit is stated, and there are fewer than 20 subjects
    ],
)
def test_a_limit_that_is_stated_counts_in_a_small_gallery(
    enrolled: Facecli, clock: Clock, limit: Any, code: int, left: int
) -> None:
    let_pass(enrolled, clock, days=366)
    assert enrolled("purge", *limit).code == code
    assert len(_refs(enrolled)) == left


def test_a_limit_of_nothing_refuses_nothing_where_nothing_is_due(enrolled: Facecli) -> None:
    assert enrolled("purge", "--max-fraction", "0").code == 0


@pytest.mark.parametrize("days", [0, 30, 31, 179, 181, 366])
def test_the_rows_as_of_a_date_are_those_of_a_purge_at_the_end_of_that_date(
    enrolled: Facecli, sample_data: Path, clock: Clock, days: int
) -> None:
    clock.moment = clock.moment.replace(hour=9, minute=0, second=0)
    clock.advance(days=1)
    assert enrolled("match", sample_data / "probes" / "gate-2.jpg", "--purpose", "gate").code == 0
    hold = ("subject", "hold", "A-1001", "--reason", "case 1", "--until", "200d")
    assert enrolled(*hold).code == 0
    date = clock.today + timedelta(days=days)
    planned = enrolled("purge", "--dry-run", "--as-of", date, "--format", "json")
    clock.moment = clock.moment.replace(hour=15, minute=59, second=59)  # midnight there
    let_pass(enrolled, clock, days=days)
    dry = enrolled("purge", "--dry-run", "--format", "json")
    assert (planned.code, planned.json()) == (dry.code, dry.json())
    done = enrolled("purge", "--format", "json").json()
    assert [{name: row.get(name) for name in SAME} for row in planned.json()[:-1]] == [
        {name: row.get(name) for name in SAME} for row in done[:-1]
    ]


def test_a_dry_run_notes_that_a_limit_would_refuse(enrolled: Facecli, clock: Clock) -> None:
    day = clock.today + timedelta(days=400)
    options = ("purge", "--dry-run", "--as-of", day)
    assert "would be refused" not in enrolled(*options).err
    planned = enrolled(*options, "--max-subjects", "2")
    assert planned.code == 3
    assert "A purge would be refused: Data of 3 of 3 subjects is due" in planned.err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--as-of", "2999-01-01"), 2, "--dry-run"),
        (("--dry-run", "--as-of", "2001-01-01"), 1, "is over"),
        (("--dry-run", "--as-of", "soon"), 2, "no date such as"),
    ],
)
def test_a_date_that_cannot_be_shown_is_refused(
    enrolled: Facecli, options: tuple[str, ...], code: int, said: str
) -> None:
    done = enrolled("purge", *options)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


@pytest.mark.parametrize("days", [-1, 500])
def test_a_clock_that_cannot_be_right_erases_nothing(
    enrolled: Facecli, clock: Clock, days: int
) -> None:
    clock.advance(days=days)
    refused = enrolled("purge")
    assert refused.code == 22
    assert "clock" in refused.err
    assert enrolled("purge").code == 22  # the refusal that was logged makes it no better
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def test_a_clock_that_a_person_has_checked_counts(enrolled: Facecli, clock: Clock) -> None:
    clock.advance(days=40)
    enrolled("subject", "add", "B-1")
    clock.advance(days=-30)  # it had been ahead
    probe = enrolled("subject", "show", "B-1")
    assert "the log has reached" in probe.err
    assert enrolled("purge", "--trust-clock", "--dry-run").code == 0
    assert enrolled("purge").code == 22
    assert enrolled("purge", "--trust-clock").code == 0
    assert "the log has reached" not in enrolled("subject", "show", "B-1").err
    assert enrolled("purge").code == 0
    trusted = [
        entry
        for entry in enrolled("log", "show", "-n", "50", "--format", "json").json()
        if entry["action"] == "clock.trust"
    ]
    assert len(trusted) == 1


def test_two_at_once_erase_once(ready: Facecli) -> None:
    _add(ready, 30)
    ready("purpose", "retire", "attendance", "--yes")
    for number in range(30):
        ready("consent", "record", f"B-{number}", "--purpose", "gate", "--expires", "1y")
    ready("purpose", "retire", "gate", "--yes")
    command = [sys.executable, "-m", "facecli", *ready.globals, "purge", "--max-fraction", "1"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    log = ready("log", "show", "-n", "500", "--format", "json").json()
    erased = [entry["subject_id"] for entry in log if entry["action"] == "purge.erase"]
    assert len(erased) == len(set(erased)) == 30


def test_a_purge_that_is_killed_leaves_whole_people_and_the_next_one_finishes(
    ready: Facecli,
) -> None:
    _add(ready, 60)
    for number in range(60):
        ready("consent", "record", f"B-{number}", "--purpose", "gate", "--expires", "1y")
    ready("purpose", "retire", "gate", "--yes")

    def start() -> Any:
        trial = ready.copy(ready.folder / "trial")
        return trial, spawn(*trial.globals, "purge", "--max-fraction", "1")

    with kills(ready.folder / "trial", start()[1], random.Random(1)) as killing:
        for _ in range(4):
            trial, pid = start()
            killing.kill(pid)
            consents = trial("consent", "list", "--format", "json").json()
            assert {one["ref"] for one in consents} == _refs(trial)
            assert trial("purge", "--max-fraction", "1").code == 0
            assert _refs(trial) == set()


@pytest.mark.parametrize("output", ["none/rows", "/dev/full"])
def test_an_output_that_cannot_be_written_leaves_everything(
    enrolled: Facecli, clock: Clock, output: str
) -> None:
    let_pass(enrolled, clock, days=366)
    done = enrolled("purge", "--max-fraction", "1", "--output", enrolled.folder / output)
    assert done.code == 74
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def test_a_fraction_that_is_no_number_is_no_limit_switched_off(
    enrolled: Facecli, clock: Clock
) -> None:
    clock.advance(days=366)
    for value in ("nan", "inf", "-1", "2"):
        assert enrolled("purge", "--max-fraction", value).code == 2
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}
