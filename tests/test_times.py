"""Moments and lengths as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.times import add, is_length, is_longer, is_nothing, parse_moment, stamp


def test_a_moment_is_utc_with_whole_seconds() -> None:
    east = timezone(timedelta(hours=8))
    assert stamp(datetime(2026, 11, 23, 5, 0, 0, 999_999, tzinfo=east)) == "2026-11-22T21:00:00Z"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-31", "2027-01-31T00:00:00Z"),
        (" 2027-01-31 ", "2027-01-31T00:00:00Z"),
        ("2027-01-31T10:00:00Z", "2027-01-31T10:00:00Z"),
        ("2027-01-31T10:00:00+08:00", "2027-01-31T02:00:00Z"),
        ("2027-01-31 10:00:00.75-01:00", "2027-01-31T11:00:00Z"),
        ("0999-01-31", "0999-01-31T00:00:00Z"),
    ],
)
def test_dates_and_moments(text: str, moment: str) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "2027-02-29", "2027-13-01", "31.01.2027", "01/31/2027", "2027", "2027-01",
        "2027-01-31T10:00:00", "2027-01-31T25:00:00Z", "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:00:00-08:00", "20270131T10:00:00", "1y", "2027-01-31\n2027",
    ],
)  # fmt: skip
def test_dates_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_moment(text)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_moments_compare_as_text(one: datetime, other: datetime) -> None:
    assert len(stamp(one)) == 20
    if one <= other:
        assert stamp(one) <= stamp(other)
    assert parse_moment(stamp(one)) == stamp(one)


@pytest.mark.parametrize("text", ["0d", "12h", "180d", "4w", "6m", "2y", " 2y ", "2000y"])
def test_lengths(text: str) -> None:
    assert is_length(text)


@pytest.mark.parametrize(
    "text",
    ["", "2", "y", "-1d", "1.5y", "2Y", "2 y", "1y6m", "99999y", "2001y", "\uff11y", "2y\n1d"],
)
def test_lengths_that_are_none(text: str) -> None:
    assert not is_length(text)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-11-23T09:00:00Z", "1y", "2027-11-23T09:00:00Z"),
        ("2028-02-29T09:00:00Z", "1y", "2029-02-28T09:00:00Z"),
        ("2026-01-31T09:00:00Z", "1m", "2026-02-28T09:00:00Z"),
        ("2026-11-23T09:00:00Z", "36h", "2026-11-24T21:00:00Z"),
        ("2026-11-23T09:00:00Z", "2w", "2026-12-07T09:00:00Z"),
        ("2026-11-23T09:00:00Z", "0d", "2026-11-23T09:00:00Z"),
    ],
)
def test_lengths_are_added_by_the_calendar(start: str, length: str, end: str) -> None:
    assert add(start, length) == end


@pytest.mark.parametrize("length", ["8000y", "nonsense", ""])
def test_a_sum_that_cannot_be(length: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        add("2026-11-23T09:00:00Z", length)


@pytest.mark.parametrize(
    ("length", "other"),
    [("31d", "1m"), ("1m", "30d"), ("3m", "90d"), ("3m", "91d"), ("2m", "59d"), ("1y", "365d"),
     ("366d", "1y"), ("25h", "1d"), ("2y", "1y"), ("1d", "0d")],
)  # fmt: skip
def test_longer_in_some_month_is_longer(length: str, other: str) -> None:
    assert is_longer(length, other)


@pytest.mark.parametrize(
    ("length", "other"),
    [("12m", "1y"), ("1y", "12m"), ("28d", "1m"), ("365d", "1y"), ("7d", "1w"), ("24h", "1d"),
     ("0d", "0h"), ("1y", "366d"), ("89d", "3m"), ("1m", "31d")],
)  # fmt: skip
def test_never_longer_is_not_longer(length: str, other: str) -> None:
    assert not is_longer(length, other)


LENGTHS = st.builds(
    lambda n, u: f"{n}{u}",
    st.integers(0, 800),
    st.sampled_from("hdwm"),
) | st.builds(lambda n: f"{n}y", st.integers(0, 9))


@given(LENGTHS, LENGTHS, st.integers(0, 104 * 366 * 24))
def test_what_is_not_longer_never_ends_later(one: str, other: str, hours: int) -> None:
    begin = stamp(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
    if not is_longer(one, other):
        assert add(begin, one) <= add(begin, other)


def test_nothing() -> None:
    assert is_nothing("0d")
    assert is_nothing("0y")
    assert not is_nothing("1h")
