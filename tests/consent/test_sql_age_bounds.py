"""Bounds for SQL: they hold for exactly the moments for which the policy holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.consent.retention import ALWAYS, NEVER, Span, first_over, later
from facecli.consent.sql_age_bounds import cut_off, latest_edge, past, pasts
from facecli.times import stamp

MOMENTS = st.integers(-2_000_000_000, 7_000_000_000).map(
    lambda seconds: stamp(datetime.fromtimestamp(seconds, UTC))
)
LENGTHS = st.one_of(
    st.builds("{}{}".format, st.integers(0, 40), st.sampled_from("hdwmy")), st.just("2000y")
)


@given(MOMENTS, LENGTHS, st.integers(-40 * 86400, 40 * 86400))
def test_a_moment_is_past_exactly_when_its_length_is_over(
    moment: Any, length: Any, seconds: Any
) -> None:
    until = stamp(datetime.fromisoformat(later(moment, length)) + timedelta(seconds=seconds))
    assert past(length, until).has(moment) is (later(moment, length) <= until)


@pytest.mark.parametrize(
    ("moment", "until", "over"),
    [
        ("2026-01-30T23:00:00Z", "2026-02-28T22:00:00Z", False),
        ("2026-01-31T01:00:00Z", "2026-02-28T22:00:00Z", True),
        ("2026-01-31T22:00:00Z", "2026-02-28T22:00:00Z", True),
        ("2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z", False),
    ],
)
def test_where_days_fall_together_the_time_of_day_decides(
    moment: str, until: str, over: bool
) -> None:
    assert past("1m", until).has(moment) is over


@st.composite
def some_spans(draw: Any) -> Any:
    """A length and its revisions, each from its moment on."""
    starts = [ALWAYS, *sorted(set(draw(st.lists(MOMENTS, max_size=3))))]
    ends = [*starts[1:], NEVER]
    return tuple(
        Span(draw(LENGTHS), since, until) for since, until in zip(starts, ends, strict=True)
    )


@given(MOMENTS, some_spans(), MOMENTS, st.booleans(), st.integers(-3 * 86400, 3 * 86400))
def test_bounds_of_revisions_hold_exactly_when_the_policy_does(
    moment: Any, spans: Any, at: Any, near: Any, seconds: Any
) -> None:
    if near:
        over = first_over(moment, spans)
        if over < NEVER:
            at = stamp(datetime.fromisoformat(over) + timedelta(seconds=seconds))
    over = first_over(moment, spans) <= at
    assert any(bound.has(moment) for bound in pasts(spans, at)) == over
    if over:
        assert moment < latest_edge(spans, at)


@pytest.mark.parametrize(
    ("length", "at", "expected"),
    [
        ("30d", "2026-03-31T09:00:00Z", "2026-03-01T09:00:00Z"),
        ("12h", "2026-03-31T09:00:00Z", "2026-03-30T21:00:00Z"),
        ("1m", "2026-02-28T10:00:00Z", "2026-01-31T10:00:00Z"),
        ("1m", "2026-03-30T10:00:00Z", "2026-02-28T23:59:59Z"),
        ("0d", "2026-03-31T09:00:00Z", "2026-03-31T09:00:00Z"),
        ("2000y", "2026-03-31T09:00:00Z", "0026-03-31T09:00:00Z"),
        ("9999y", "2026-03-31T09:00:00Z", ""),
    ],
)
def test_the_latest_moment_that_is_over(length: str, at: str, expected: str) -> None:
    assert cut_off((Span(length, ALWAYS, NEVER),), at) == expected


@given(MOMENTS, some_spans(), MOMENTS)
def test_no_moment_after_the_cut_off_is_over(moment: Any, spans: Any, at: Any) -> None:
    last = cut_off(spans, at)
    assert not last or first_over(last, spans) <= at
    assert moment <= last or first_over(moment, spans) > at
