"""`--since` and `--until` of `log show` and `log export`: a date is the controller's day."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from facecli.cli import log_times
from facecli.consent import dates
from facecli.errors.command_line import BadText
from facecli.times import stamp
from tests.conftest import Clock
from tests.prepared import opened

DAY = "2027-03-14"  # in Los Angeles it has 23 hours
DAYS = {
    "UTC": ("2027-03-14T00:00:00Z", "2027-03-15T00:00:00Z"),
    "Asia/Shanghai": ("2027-03-13T16:00:00Z", "2027-03-14T16:00:00Z"),
    "America/Los_Angeles": ("2027-03-14T08:00:00Z", "2027-03-15T07:00:00Z"),
}
"""The first moment of the day in each zone, and the one at which it is over."""
BEFORE, FIRST, LAST, AFTER = "T-before", "T-first", "T-last", "T-after"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each zone, which this module's tests copy."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture(params=DAYS)
def day(request: pytest.FixtureRequest, facecli: Any, clock: Clock, made: Path) -> Any:
    """A database in a zone, with an entry in the first and last second of the day and beside it.

    It is made once, then copied.
    """
    facecli.begin, facecli.end = DAYS[request.param]
    begin, end = map(datetime.fromisoformat, DAYS[request.param])
    second = timedelta(seconds=1)
    moments = {BEFORE: begin - second, FIRST: begin, LAST: end - second, AFTER: end}
    facecli.names = {stamp(moment): ref for ref, moment in moments.items()}
    if not (kept := made / request.param.replace("/", "-")).exists():
        facecli("init")
        with opened(facecli) as session, session.act() as act:
            dates.set_zone(act, request.param)
        for ref, clock.moment in moments.items():
            assert facecli("subject", "add", ref).code == 0
        facecli.copy(kept)
    shutil.copytree(kept, facecli.folder, dirs_exist_ok=True)
    clock.moment = end
    return facecli


def _shown(day: Any, *options: str) -> list[str]:
    done = day("log", "show", "--format", "json", "--action", "subject.add", *options)
    assert done.code == 0, done.err
    return [day.names[entry["at"]] for entry in done.json()]


def _exported(day: Any, *options: str) -> list[str]:
    done = day("log", "export", *options)
    assert done.code == 0, done.err
    entries = [json.loads(line) for line in done.out.splitlines()[:-1]]
    return [day.names[one["at"]] for one in entries if one["action"] == "subject.add"]


@pytest.mark.parametrize("chosen", [_shown, _exported])
def test_a_date_is_the_controllers_day_and_until_takes_it_in(day: Any, chosen: Any) -> None:
    assert chosen(day, "--since", DAY, "--until", DAY) == [FIRST, LAST]
    assert chosen(day, "--since", DAY) == [FIRST, LAST, AFTER]
    assert chosen(day, "--until", DAY) == [BEFORE, FIRST, LAST]


@pytest.mark.parametrize("chosen", [_shown, _exported])
def test_a_moment_is_the_same_in_every_zone_and_until_ends_before_it(day: Any, chosen: Any) -> None:
    assert chosen(day, "--since", day.begin, "--until", day.end) == [FIRST, LAST]
    east = datetime.fromisoformat(day.begin) + timedelta(hours=8)
    assert chosen(day, "--until", f"{east:%Y-%m-%dT%H:%M:%S}+08:00") == [BEFORE]


def test_the_last_day_of_the_calendar_ends_with_time(day: Any) -> None:
    assert _shown(day, "--until", "9999-12-31") == [BEFORE, FIRST, LAST, AFTER]
    assert _shown(day, "--since", "9999-12-31") == []


@pytest.mark.parametrize("text", ["someday", "6m", "2027-03-14T12:00", "2027-02-30", ""])
@pytest.mark.parametrize("option", ["--since", "--until"])
def test_what_is_no_date_is_refused_before_the_database_is_opened(
    facecli: Any, option: str, text: str
) -> None:
    for command in ("show", "export"):
        done = facecli("log", command, option, text)
        assert (done.code, option in done.err) == (2, True)
    with pytest.raises(BadText, match=option):
        log_times.check(**{"since": None, "until": None, option[2:]: text})


@pytest.mark.parametrize("command", ["show", "export"])
def test_a_period_that_ends_before_it_begins_is_a_usage_error(facecli: Any, command: str) -> None:
    facecli("init")
    done = facecli("log", command, "--since", "2027-02-01", "--until", "2027-01-01")
    assert (done.code, done.out) == (2, "")
    assert "--since is not usable: 2027-02-01 is after the end of --until" in done.err
    assert facecli("log", command, "--since", DAY, "--until", DAY).code == 0
