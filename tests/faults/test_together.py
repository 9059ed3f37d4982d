"""Several processes at work on one database: what one takes away, the others have no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from facecli.cli.session import Settings, session
from facecli.consent import purposes
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.matching.search import Query
from facecli.recognition.matching.thresholds import Asked
from tests.faults.commands import EVERYBODY
from tests.faults.worlds import NEWCOMERS, World, enrol
from tests.prepared import seen, unit


@pytest.fixture
def elsewhere(world: World) -> Any:
    """Runs a command in a process of its own; its exit code."""

    def run(*arguments: Any) -> Any:
        command = [sys.executable, "-m", "facecli", *world.globals, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    return run


def _opened(world: World) -> Any:
    return session(Settings(world.db, {"key_file": str(world.key)}, no_input=True), "test")


def test_who_withdraws_while_a_match_runs_is_matched_no_more(world: World, elsewhere: Any) -> None:
    with _opened(world) as opened:
        query = Query(engine_of(opened.db), Asked(threshold=0.5), 1)
        gate = purposes.find(opened.db, "gate")
        matcher = Matcher(opened.db, gate, query, opened.act, lambda: opened.now)

        def matched(number: Any) -> list[Any]:
            image = seen("probe.jpg", unit(1000 + number))
            (result,) = matcher.search_and_record([("probe.jpg", image)])
            return [row["ref"] for row in result.rows]

        assert (matched(5), matched(6), matched(7)) == (["P-05"], ["P-06"], ["P-07"])
        assert elsewhere("revoke", "P-05", "--yes") == 0
        assert (matched(5), matched(6), matched(7)) == ([None], ["P-06"], ["P-07"])
        hold = ("--reason", "a case", "--until", "1y")
        assert elsewhere("subject", "hold", "P-06", *hold) == 0
        assert elsewhere("revoke", "P-06", "--yes") == 22
        assert elsewhere("subject", "release", "P-06") == 0
        assert (matched(5), matched(6), matched(7)) == ([None], [None], ["P-07"])


def test_a_purge_while_others_are_enrolled_takes_who_is_due_and_nobody_else(world: World) -> None:
    with _opened(world) as opened, opened.db.transaction():
        opened.db.execute("UPDATE consent SET withdrawn_at = ? WHERE id % 2 = 0", (opened.now,))
        refs = "SELECT ref FROM subject s JOIN consent c ON c.subject_id = s.id WHERE c.id % 2 = 0"
        due = {row[0] for row in opened.db.rows(refs)}
    assert due < EVERYBODY
    enrolling = os.fork()
    if not enrolling:
        try:
            enrol(world)
            os._exit(0)
        finally:
            os._exit(99)
    purged = 0
    while os.waitpid(enrolling, os.WNOHANG) == (0, 0):
        assert world.run("purge", "--max-fraction", "1") == 0
        purged += 1
    assert world.run("purge", "--max-fraction", "1") == 0
    assert purged > 0
    newcomers = {f"N-{number:02}" for number in range(NEWCOMERS)}
    assert world.check(matched=False) == (EVERYBODY - due) | newcomers


def at_once(world: World, *arguments: Any) -> list[int]:
    """The exit codes of two processes that run the same command, the lower first."""
    command = [sys.executable, "-m", "facecli", *world.globals, *map(str, arguments)]
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    return sorted(process.wait(60) for process in running)


def test_two_who_write_the_register_at_once_lose_and_repeat_nothing(world: World) -> None:
    """What each of them states is recorded; what can happen once happens once."""
    held = ("--what", "paper", "--where", "The archive")
    given = ("--to", "City court", "--what", "a photo", "--basis", "order 118")
    proof = world.folder / "letter.txt"
    proof.write_text("destroyed")
    assert at_once(world, "subject", "elsewhere", "add", "P-01", *held) == [0, 0]
    assert at_once(world, "subject", "disclosed", "P-01", *given) == [0, 0]
    assert at_once(world, "subject", "request", "P-01", "--kind", "complain") == [0, 0]
    with _opened(world) as opened:
        item = opened.db.value("SELECT min(item_id) FROM held_elsewhere")
        request = opened.db.value("SELECT min(request_id) FROM subject_request")
    assert at_once(world, "subject", "elsewhere", "confirm", item, "--evidence", proof) == [0, 1]
    assert at_once(world, "subject", "answer", request, "--answer", "done") == [0, 1]
    with _opened(world) as opened:
        rows = {
            table: opened.db.value(f"SELECT count(*) FROM {table}")
            for table in ("held_elsewhere", "disclosure", "subject_request")
        }
        actions = Counter(
            json.loads(record)["action"]
            for (record,) in opened.db.tuples("SELECT record FROM audit_entry")
        )
    assert rows == {"held_elsewhere": 2, "disclosure": 2, "subject_request": 2}
    named = ("elsewhere.add", "elsewhere.confirm", "disclosure.record", "request.record")
    assert [actions[name] for name in (*named, "request.answer")] == [2, 1, 2, 2, 1]
    assert world.check() == EVERYBODY


def test_two_who_withdraw_the_same_person_erase_once(world: World, elsewhere: Any) -> None:
    assert at_once(world, "revoke", "P-01", "--yes") == [0, 21]
    with _opened(world) as opened:
        assert opened.db.value("SELECT count(*) FROM erasure") == 2  # P-00 went before
    assert world.check() == EVERYBODY - {"P-01"}
