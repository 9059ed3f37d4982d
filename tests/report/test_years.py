"""Reports after long times, and with a clock that is not right."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from facecli.consent.dates import day_of
from facecli.times import stamp
from tests.conftest import PARK
from tests.prepared import let_pass


def figures(facecli: Any, *words: str) -> Any:
    """What a report has as JSON."""
    path = facecli.folder / "figures.json"
    done = facecli("report", *words, "--format", "json", "--output", path)
    assert done.code == 0, done.err
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_clock_set_back_brings_nothing_back_in_a_report(enrolled: Any, clock: Any) -> None:
    let_pass(enrolled, clock, days=3000)
    now = stamp(clock.moment)
    ended = figures(enrolled)["consents"]
    foreseen = enrolled("status", "--format", "json").json()
    clock.advance(days=-2999)
    page, status = figures(enrolled), enrolled("status", "--format", "json").json()
    assert {row["state"] for row in page["consents"]["by_state"]} == {"ended"}
    assert (page["at"], page["consents"]) == (now, ended)
    assert (status["due"], status["weeks"]) == (foreseen["due"], foreseen["weeks"])
    assert figures(enrolled, "processing")["purpose-gate"]["subjects"] == 0
    assert figures(enrolled, "filing")["at"] == now


def test_a_hold_of_sixty_years_is_reported_until_it_ends(
    enrolled: Any, clock: Any, tmp_path: Path
) -> None:
    until = stamp(clock.moment + timedelta(days=60 * 365))
    assert enrolled("subject", "hold", "A-1001", "--reason", "x", "--until", until).code == 0
    let_pass(enrolled, clock, days=365 * 59)
    found = figures(enrolled)
    (held,) = [row for row in found["subjects"]["by_subject"] if row["state"] == "restricted"]
    assert (held["face_until"], found["held"]["next_hold_end"]) == (until, until)
    assert enrolled("report", "--output", tmp_path / "page.html").code == 0
    assert day_of(until, PARK.key) in (tmp_path / "page.html").read_text(encoding="utf-8")
    let_pass(enrolled, clock, days=400)
    assert enrolled("purge", "--max-fraction", "1").code == 0
    assert figures(enrolled)["held"]["subjects"] == 0
    assert figures(enrolled, "filing")["count"]["people"] == 0
