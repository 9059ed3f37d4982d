"""Entries chosen by time, action and subject."""

from __future__ import annotations

import pytest

from facecli.audit import query
from facecli.audit.canonical import canonical
from facecli.audit.merkle import leaf_hash
from facecli.audit.query import Filter
from tests.consent.conftest import World, world

__all__ = ["world"]


@pytest.fixture
def log(world: World) -> World:
    """Six entries an hour apart, of three actions on two subjects."""
    actions = ["consent.record", "consent.withdraw", "consentless.act", "match", "purge", "match"]
    for number, action in enumerate(actions):
        world.wait(hours=1)
        with world.act() as act:
            act.record(action, subject_id=f"s-{number % 2}")
    return world


def _found(log: World, wanted: Filter, count: int | None = None, after: int = 0) -> list[int]:
    return [entry["seq"] for entry in query.find(log.db, wanted, count, after)]


def test_without_a_condition_all_are_found_oldest_first(log: World) -> None:
    assert _found(log, Filter()) == [1, 2, 3, 4, 5, 6]
    assert _found(log, Filter(), 2) == [5, 6] == [one["seq"] for one in query.latest(log.db, 2)]
    assert _found(log, Filter(), after=4) == [5, 6]
    assert _found(log, Filter(), 0) == []


def test_since_is_taken_in_and_until_is_not(log: World) -> None:
    hours = [entry["at"] for entry in query.find(log.db, Filter())]
    assert _found(log, Filter(since=hours[2])) == [3, 4, 5, 6]
    assert _found(log, Filter(until=hours[2])) == [1, 2]
    assert _found(log, Filter(since=hours[1], until=hours[4])) == [2, 3, 4]


def test_a_noun_stands_for_its_verbs_and_for_no_longer_word(log: World) -> None:
    assert _found(log, Filter(actions=("consent",))) == [1, 2]
    assert _found(log, Filter(actions=("consent.withdraw", "match"))) == [2, 4, 6]
    assert _found(log, Filter(actions=("consent.",))) == []
    assert _found(log, Filter(actions=("%", "m_tch"))) == []


def test_every_condition_must_be_met_and_the_latest_are_kept(log: World) -> None:
    assert _found(log, Filter(subject_id="s-1")) == [2, 4, 6]
    assert _found(log, Filter(actions=("match",), subject_id="s-1"), 1) == [6]
    assert _found(log, Filter(actions=("purge",), subject_id="s-1")) == []


def test_an_entry_comes_with_the_hash_of_its_text(log: World) -> None:
    for entry in query.find(log.db, Filter()):
        leaf = entry.pop("leaf_hash")
        assert leaf == leaf_hash(canonical(entry)).hex()
