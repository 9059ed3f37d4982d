"""Dates are days in the controller's time zone, and an end date includes its day: golden tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.consent import dates, subjects
from facecli.errors.command_line import BadInput
from facecli.times import stamp
from tests.consent.conftest import World

SHANGHAI, ANGELES, KIRITIMATI = "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"


@pytest.mark.rule("end-date-includes-its-day")
@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("UTC", "2027-01-03", "2027-01-03T00:00:00Z", "2027-01-04T00:00:00Z"),
        (SHANGHAI, "2027-01-03", "2027-01-02T16:00:00Z", "2027-01-03T16:00:00Z"),
        (KIRITIMATI, "2027-01-03", "2027-01-02T10:00:00Z", "2027-01-03T10:00:00Z"),
        (ANGELES, "2027-01-03", "2027-01-03T08:00:00Z", "2027-01-04T08:00:00Z"),
        # the clocks go forward: a day of 23 hours; and back: one of 25
        (ANGELES, "2027-03-14", "2027-03-14T08:00:00Z", "2027-03-15T07:00:00Z"),
        (ANGELES, "2027-11-07", "2027-11-07T07:00:00Z", "2027-11-08T08:00:00Z"),
        # in Havana midnight itself is skipped
        ("America/Havana", "2027-03-14", "2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z"),
        (SHANGHAI, "2028-02-29", "2028-02-28T16:00:00Z", "2028-02-29T16:00:00Z"),
        (SHANGHAI, "2026-12-31", "2026-12-30T16:00:00Z", "2026-12-31T16:00:00Z"),
        ("UTC", "9999-12-31", "9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_where_a_day_begins_and_ends(zone: str, day: str, start: str, end: str) -> None:
    assert (dates.start_of_day(day, zone), dates.end_of_day(day, zone)) == (start, end)
    if day != dates.LAST:
        assert dates.day_of(start, zone) == day
        last = stamp(datetime.fromisoformat(end) - timedelta(seconds=1))
        assert dates.day_of(last, zone) == day
        assert dates.day_of(end, zone) > day


NOON = "2026-11-23T12:00:00Z"


@pytest.mark.rule("end-date-includes-its-day")
@pytest.mark.parametrize(
    ("zone", "text", "stated", "end"),
    [
        (SHANGHAI, "2027-06-30", None, "2027-06-30T16:00:00Z"),
        (SHANGHAI, "20270630", None, "2027-06-30T16:00:00Z"),
        (SHANGHAI, "2027-06-30T09:00:00+08:00", None, "2027-06-30T01:00:00Z"),
        # a length counts from the act, or by the calendar of the date that was stated
        (SHANGHAI, "1y", None, "2027-11-23T12:00:00Z"),
        (SHANGHAI, "12h", "2026-11-23", "2026-11-24T00:00:00Z"),
        (SHANGHAI, "1m", "2026-03-01", "2026-03-31T16:00:00Z"),
        (SHANGHAI, "1m", "2026-01-31", "2026-02-27T16:00:00Z"),
        (SHANGHAI, "2y", "2028-02-29", "2030-02-27T16:00:00Z"),
        (ANGELES, "1d", "2027-03-14", "2027-03-15T07:00:00Z"),
    ],
)
def test_where_an_end_is(zone: str, text: str, stated: str | None, end: str) -> None:
    assert dates.end(text, "The end", zone, NOON, stated) == end


@pytest.mark.parametrize("text", ["", "soon", "2027-02-29", "2027-13-01", "2027-01-01T00:00:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no date such as"):
        dates.start(text, "The date", SHANGHAI)
    with pytest.raises(BadInput, match="no date such as"):
        dates.end(text, "The date", SHANGHAI, NOON)


@given(
    st.dates(date(1990, 1, 1), date(2037, 12, 30)),
    st.sampled_from([SHANGHAI, ANGELES, KIRITIMATI, "America/Havana", "Africa/Cairo", "UTC"]),
)
def test_days_meet_without_a_gap_and_hold_their_noon(day: date, zone: str) -> None:
    """Against the standard library's own arithmetic of noons, which no clock change touches."""
    start, end = dates.start_of_day(day.isoformat(), zone), dates.end_of_day(day.isoformat(), zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert start < stamp(noon) < end
    assert dates.day_of(start, zone) == dates.day_of(stamp(noon), zone) == day.isoformat()
    before = stamp(datetime.fromisoformat(start) - timedelta(seconds=1))
    assert dates.day_of(before, zone) < day.isoformat()
    assert end == dates.start_of_day((day + timedelta(days=1)).isoformat(), zone)


def test_the_machines_zone_is_the_one_that_its_link_names(tmp_path: Path) -> None:
    zones = tmp_path / "zoneinfo" / "Asia"
    zones.mkdir(parents=True)
    (zones / "Shanghai").touch()
    link = tmp_path / "localtime"
    link.symlink_to(zones / "Shanghai")
    assert dates.machine_zone({}, link) == SHANGHAI
    assert dates.machine_zone({"TZ": ANGELES}, link) == ANGELES
    assert dates.machine_zone({"TZ": f":{ANGELES}"}, link) == ANGELES
    assert dates.machine_zone({"TZ": "nonsense"}, link) == SHANGHAI
    assert dates.machine_zone({}, tmp_path / "none") == "UTC"


@pytest.mark.parametrize("name", ["Mars/Phobos", "", "../etc/passwd", "UTC+8"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="no zone such as"):
        dates.check_zone(name, "The zone")


# -- in a database --------------------------------------------------------------------------


@pytest.fixture
def hangzhou(gate: World) -> World:
    """The world at 00:30 on 24 November in Hangzhou, where it is still the 23rd in UTC."""
    gate.moment = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    with gate.act() as act:
        dates.set_zone(act, SHANGHAI)
    return gate


@pytest.mark.rule("end-date-includes-its-day")
def test_a_consent_given_today_is_not_in_the_future(hangzhou: World) -> None:
    done = hangzhou.record(given="2026-11-24", expires="2027-01-03")
    assert done.given_at == "2026-11-23T16:00:00Z"
    assert done.expires_at == "2027-01-03T16:00:00Z"
    with pytest.raises(BadInput, match="in the future"):
        hangzhou.record(given="2026-11-25")


@pytest.mark.rule("end-date-includes-its-day")
def test_a_consent_may_end_on_the_very_last_day_that_the_purpose_allows(hangzhou: World) -> None:
    hangzhou.apply(max_consent="1y")
    for given_, last in ((None, "2027-11-24"), ("2026-11-23", "2027-11-23")):
        assert hangzhou.record(given=given_, expires=last)
        following = str(date.fromisoformat(last) + timedelta(days=1))
        with pytest.raises(BadInput, match="later than the purpose allows"):
            hangzhou.record(given=given_, expires=following)


def test_an_interaction_is_kept_as_the_day_there(hangzhou: World) -> None:
    hangzhou.record()
    assert subjects.find(hangzhou.db, "A-1").last_interaction == "2026-11-24"


@pytest.mark.rule("end-date-includes-its-day")
def test_a_subject_is_inactive_when_the_last_day_is_over_there(hangzhou: World) -> None:
    from facecli.consent import gate

    hangzhou.record(expires="2y")
    purpose, subject = hangzhou.purpose(), subjects.find(hangzhou.db, "A-1")
    until = gate.require(hangzhou.db, subject, purpose, hangzhou.now)
    assert until == dates.end_of_day("2027-05-23", SHANGHAI)  # 180 days after the 24th


def test_the_zone_is_logged(hangzhou: World) -> None:
    entry = hangzhou.db.value("SELECT record FROM audit_entry ORDER BY seq DESC LIMIT 1")
    assert '"controller.timezone"' in entry
    assert dates.zone_of(hangzhou.db) == SHANGHAI
