"""Entries of searches: an event id in place of a subject, and what the law wants to know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from facecli.cli.session import Session
from facecli.recognition.matching.search_entries import SearchEvent
from facecli.store import meta
from tests.conftest import Facecli
from tests.prepared import opened


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


def test_an_entry_states_when_where_and_among_how_many(session: Session) -> None:
    event = SearchEvent("2026-11-23T09:00:00Z", "2026-117")
    with session.act() as act:
        details = event.details(act, 7)
        act.record("test")
    assert details == {
        "event_id": event.event_id, "started": "2026-11-23T09:00:00Z", "ended": act.now,
        "database": meta.database_id(session.db), "references": 7,
        "case": "2026-117",
    }  # fmt: skip


def test_no_two_searches_share_an_id() -> None:
    assert len({SearchEvent("2026-11-23T09:00:00Z").event_id for _ in range(100)}) == 100
