"""`facecli status`: what it counts, and what it can still say of a database that does not open."""

from __future__ import annotations

import fcntl
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from facecli.consent import consents, purposes, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.subjects import NewSubject
from facecli.report import status
from facecli.times import stamp
from tests.conftest import Clock, Facecli
from tests.prepared import opened

NOTHING = {"templates": 0, "photos": 0, "matches": 0}


def _status(facecli: Facecli, code: Any = 0) -> Any:
    done = facecli("status", "--format", "json")
    assert done.code == code, done.err
    return done.json()


def test_people_and_what_is_held_of_them_are_counted_in_all_and_by_purpose(
    enrolled: Facecli,
) -> None:
    assert enrolled("subject", "add", "B-1").code == 0
    assert enrolled("subject", "add", "B-2", "--alternative-only").code == 0
    shown = _status(enrolled)
    assert shown["schema"] == "facecli.status/1"
    assert shown["held"] == {
        "subjects": 5, "active": 4, "restricted": 0, "alternative_only": 1,
        **NOTHING, "templates": 3,
    }  # fmt: skip
    current = {"version": 1, "retired_at": None}
    assert shown["purposes"] == {
        "attendance": {**current, "subjects": 0, **NOTHING},
        "gate": {**current, "subjects": 3, **NOTHING, "templates": 3},
    }
    assert shown["calibration"] == dict.fromkeys(("attendance", "gate"), "shipped worst group")
    assert shown["database"] == {
        "path": str(enrolled.db),
        "bytes": enrolled.db.stat().st_size,
        "key_slots": ["first"],
    }
    assert shown["filing"] == {"people": 3, "limit": 100_000, "warning": None}


def test_what_is_due_is_told_for_now_and_for_later(
    enrolled: Facecli, clock: Clock, sample_data: Path
) -> None:
    assert enrolled("match", sample_data / "probes/gate-1.jpg", "--purpose", "gate").code == 0
    clock.advance(days=29)
    due = _status(enrolled)["due"]
    assert (due["now"]["people"], due["now"]["matches"]) == (0, 0)
    assert (due["in_7_days"]["people"], due["in_7_days"]["matches"]) == (1, 1)
    clock.advance(days=2)
    assert _status(enrolled)["due"]["now"]["matches"] == 1
    clock.advance(days=300)
    assert _status(enrolled)["due"]["now"]["templates"] == 3


def _many(facecli: Facecli, ends: list[tuple[str, int]]) -> None:
    """Add so many subjects with a consent that ends with each of these days."""
    number = 0
    with opened(facecli) as session, session.act() as act:
        for end, count in ends:
            for _ in range(count):
                number += 1
                subject = subjects.add(act, NewSubject(f"N-{number}"))
                agreement = Agreement(end, notice=Shown("declared"))
                consents.record(act, subject, purposes.find(act.db, "gate"), agreement)


def test_a_night_that_the_limit_refuses_is_foreseen_as_the_dry_run_says(
    ready: Facecli, clock: Clock
) -> None:
    days = [str(clock.today + timedelta(days=after)) for after in range(30)]
    _many(ready, [(days[4], 5), (days[15], 9), (days[20], 1), (days[28], 10), ("300d", 10)])
    done = ready("status", "--format", "json")
    weeks = done.json()["weeks"]
    assert [weeks[str(number)]["people"] for number in range(1, 6)] == [5, 0, 9, 1, 10]
    # An end date includes its day, so it is due on the night after.
    refused = [weeks[str(number)]["refused"] for number in range(1, 6)]
    assert refused == [None, None, days[16], None, days[29]]
    assert (weeks["3"]["night"], weeks["3"]["most"]) == (days[16], 9)
    assert f"will refuse the nightly purge of {days[16]}" in done.err
    refusing = []
    for day in days[:17]:
        foreseen = ready("purge", "--dry-run", "--as-of", day)
        if "would be refused" in foreseen.err:
            refusing.append(day)
        clock.moment = datetime.fromisoformat(f"{day}T23:59:59+08:00")
        assert ready("purge").code == (22 if refusing else 0)
    assert refusing == [days[16]]


@pytest.mark.parametrize(("time", "days"), [("15:59:59", 0), ("16:00:00", 1)])
def test_the_weeks_begin_at_midnight_in_hangzhou(
    ready: Facecli, clock: Clock, time: str, days: int
) -> None:
    today = clock.moment.astimezone(UTC).date() + timedelta(days=1)
    clock.moment = datetime.fromisoformat(f"{today}T{time}+00:00")
    first, last = today + timedelta(days=days), today + timedelta(days=9)
    _many(ready, [(str(last), 9), ("300d", 20)])
    done = ready("status", "--format", "json")
    weeks = done.json()["weeks"]
    assert (weeks["1"]["from"], weeks["2"]["from"]) == (str(first), str(first + timedelta(days=7)))
    night = str(last + timedelta(days=1))
    assert (weeks["2"]["refused"], weeks["2"]["night"]) == (night, night)
    assert f"will refuse the nightly purge of {night}" in done.err
    asked = [ready("purge", "--dry-run", "--as-of", day).err for day in (str(last), night)]
    assert ["would be refused" in text for text in asked] == [False, True]


def test_holds_are_counted_until_they_end(enrolled: Facecli, clock: Clock) -> None:
    until = stamp(clock.moment + timedelta(days=9))
    held = enrolled("subject", "hold", "A-1002", "--reason", "suit", "--until", until)
    assert held.code == 0, held.err
    assert _status(enrolled)["holds"] == {"people": 1, "next_end": until}
    clock.advance(days=10)
    assert _status(enrolled)["holds"] == {"people": 0, "next_end": None}


def test_what_was_last_done_is_read_from_the_log(
    enrolled: Facecli, clock: Clock, tmp_path: Path
) -> None:
    assert _status(enrolled)["last"] == dict.fromkeys(["purge", "export", "checkpoint", "backup"])
    moments = []
    for command in (
        ["log", "export", "--output", tmp_path / "log.jsonl"],
        ["log", "checkpoint"],
        ["backup", "create", tmp_path / "copy.db"],
    ):
        clock.advance(hours=1)
        moments.append(stamp(clock.moment))
        assert enrolled(*command).code == 0
    clock.advance(hours=1)
    assert enrolled("purge").code == 0  # of nothing: that it ran counts
    assert _status(enrolled)["last"] == {
        "purge": stamp(clock.moment),
        "export": moments[0],
        "checkpoint": moments[1],
        "backup": moments[2],
    }


@pytest.mark.parametrize("made_by", ["export", "certificate"])
def test_a_checkpoint_counts_whichever_command_made_it(
    enrolled: Facecli, clock: Clock, tmp_path: Path, made_by: str
) -> None:
    commands = {
        "export": ["log", "export", "--checkpoint", tmp_path / "seal"],
        "certificate": ["revoke", "A-1001", "--yes", "--certificate", tmp_path / "A-1001.json"],
    }
    assert _status(enrolled)["last"]["checkpoint"] is None
    clock.advance(hours=1)
    assert enrolled(*commands[made_by]).code == 0
    made = stamp(clock.moment)
    clock.advance(hours=1)
    assert _status(enrolled)["last"]["checkpoint"] == made


def test_it_leaves_no_entry_in_the_log(enrolled: Facecli) -> None:
    before = enrolled("log", "show", "--format", "json").json()
    _status(enrolled)
    assert enrolled("log", "show", "--format", "json").json() == before


@pytest.mark.rule("filing-threshold")
@pytest.mark.parametrize(
    ("people", "words"), [(89_999, None), (90_000, "nears"), (100_000, "has reached")]
)
def test_a_warning_comes_as_the_number_of_people_nears_the_filing_duty(
    people: int, words: str | None
) -> None:
    warning = status.filing(people)
    assert warning is None if words is None else words in warning


@pytest.mark.rule("filing-threshold")
def test_the_warning_goes_to_stderr_as_well(
    enrolled: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "FILING_WARNING", 3)
    done = enrolled("status")
    assert done.code == 0
    assert "warning: The number of people whose facial data is stored, 3, nears" in done.err
    assert enrolled.bare(*enrolled.globals, "-q", "status").err == ""


def test_a_table_has_a_group_for_each_question_and_fits_80_columns(enrolled: Facecli) -> None:
    text = enrolled("status").out
    groups = dict(group.split("\n", 1) for group in text.split("\n\n")[1:])
    assert "  templates         3\n" in groups["HELD"]
    _, *purposes = text[text.index("PURPOSES") :].split("\n\n")[0].splitlines()
    assert purposes[1].split() == ["gate", "1", "3", "3", "0", "0"]
    _, *due = text[text.index("DUE") :].split("\n\n")[0].splitlines()
    assert [line.split("  ")[0] for line in due] == ["now", "in 7 days", "in 30 days"]
    assert max(map(len, text.splitlines())) <= 80


# -- a database that does not open --------------------------------------------------------


def _break(facecli: Facecli, how: Any) -> Any:
    """Make the database fail in one way; the arguments to call it with."""
    if how == "absent":
        facecli.db.unlink()
    elif how == "no key":
        return ["--no-input", "--db", facecli.db]
    elif how == "newer":
        with opened(facecli) as session:
            session.db.execute("PRAGMA user_version = 999")
    elif how == "damaged":
        with facecli.db.open("r+b") as stream:
            for page in range(1, facecli.db.stat().st_size // 16384):
                stream.seek(page * 16384 + 900)
                stream.write(b"damage")
    elif how == "cut":
        os.truncate(facecli.db, facecli.db.stat().st_size - 100)
    return ["--lock-wait", "0", *facecli.globals]


@pytest.mark.parametrize(
    ("how", "code", "reason"),
    [
        ("absent", 10, "no-database"),
        ("newer", 10, "newer-schema"),
        ("cut", 10, "not-ours"),
        ("no key", 12, "no-key"),
        ("damaged", 33, "page-damaged"),
    ],
)
def test_what_can_be_said_from_outside_is_said(
    enrolled: Facecli, how: str, code: int, reason: str
) -> None:
    arguments = _break(enrolled, how)
    done = enrolled.bare(*arguments, "status", "--format", "json")
    assert done.code == code
    shown = done.json()
    assert shown["error"]["code"] == reason
    assert shown["error"]["message"] in done.err
    assert shown["database"]["key_slots"] == ["first"]
    assert (shown["database"]["bytes"] is None) is (how == "absent")
    assert "held" not in shown


def test_a_locked_database_is_said_to_be_locked(enrolled: Facecli) -> None:
    with enrolled.db.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        done = enrolled.bare("--lock-wait", "0", *enrolled.globals, "status")
    assert done.code == 11
    assert "ERROR\n  code     locked" in done.out
    assert "locked" in done.out
