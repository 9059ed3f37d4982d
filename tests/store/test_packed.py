"""Numbers and bytes of the tables: to text and back, in Python and in SQL alike."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.store import packed
from tests.store.conftest import Store

MOMENTS = (
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "2024-02-29T12:30:01Z",
    "9999-12-31T23:59:59Z",
)


@given(one=st.datetimes(), other=st.datetimes())
def test_seconds_are_in_the_order_of_moments_and_lose_nothing(
    one: datetime, other: datetime
) -> None:
    first, second = (f"{at.replace(microsecond=0).isoformat()}Z" for at in (one, other))
    assert packed.moment_text(packed.seconds(first)) == first
    assert (packed.seconds(first) < packed.seconds(second)) == (first < second)


@given(one=st.dates())
def test_a_day_comes_back_from_its_number(one: date) -> None:
    assert packed.day_text(packed.day_number(str(one))) == str(one)


@pytest.mark.parametrize("moment", MOMENTS)
def test_sql_reads_and_writes_the_same_text(store: Store, moment: str) -> None:
    seconds, day = packed.seconds(moment), packed.day_number(moment[:10])
    with store.open() as db:
        assert db.tuples(
            "SELECT unixepoch(?1), strftime('%Y-%m-%dT%H:%M:%SZ', ?2, 'unixepoch'),"
            " unixepoch(?3) / 86400, date(?4 * 86400, 'unixepoch')",
            (moment, seconds, moment[:10], day),
        ) == [(seconds, moment, day, moment[:10])]


def test_an_id_in_bytes_is_found_by_the_index_of_its_first_four(store: Store) -> None:
    ids = [b"abcd" + bytes([n]) * 12 for n in range(3)]
    same = packed.same_bytes("pseudonym_bytes", "?1")
    with store.open() as db:
        for number, one in enumerate(ids):
            db.insert(
                "subject", pseudonym_bytes=one, ref=str(number), state="active", minor=0, created=0,
                last_day_number=0,
            )  # fmt: skip
        for number, one in enumerate(ids):
            assert db.tuples(f"SELECT ref FROM subject WHERE {same}", (one,)) == [(str(number),)]
        plan = db.tuples(f"EXPLAIN QUERY PLAN SELECT 1 FROM subject WHERE {same}", (ids[0],))
        assert "USING INDEX subject_by_pseudonym" in plan[0][3]


def test_an_id_is_named_as_a_uuid() -> None:
    one = uuid.uuid4()
    assert packed.id_text(one.bytes) == str(one)


@pytest.mark.parametrize("text", ["", "A-1001", "aa", "李娜", f"{uuid.UUID(int=7)}0"])
def test_only_a_uuid_has_the_bytes_of_an_id(text: str) -> None:
    one = uuid.UUID(int=7)
    assert packed.id_bytes(text) is None
    assert packed.id_bytes(str(one)) == packed.id_bytes(str(one).upper()) == one.bytes
