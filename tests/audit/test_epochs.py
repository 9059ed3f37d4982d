"""Entries `log.epoch`: only the one form that facecli writes, signed by the key that ends."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.epochs import Announcement
from facecli.errors.audit import LogAltered
from tests.audit.logs import Log, entry


def _announced(log: Log, seq: int) -> Announcement:
    return Announcement.parse(canonical(log.records[seq - 1]))


def test_the_first_and_a_later_one_are_read_and_checked() -> None:
    log = Log().append(3).succeed()
    first, second = _announced(log, 1), _announced(log, 5)
    assert [first.epoch, second.epoch] == log.epochs
    first.check_first(log.trust_key)
    second.check_follows(first.epoch, log.trust_key, log.tree().root(4))


def test_neither_passes_for_the_other_nor_over_another_root() -> None:
    log = Log().append(3).succeed()
    first, second = _announced(log, 1), _announced(log, 5)
    with pytest.raises(LogAltered, match="entry 1"):
        second.check_first(log.trust_key)
    with pytest.raises(LogAltered, match="entry 1"):
        first.check_first(Log().trust_key)
    with pytest.raises(LogAltered, match="announces no epoch after"):
        first.check_follows(first.epoch, log.trust_key, log.tree().root(0))
    with pytest.raises(LogAltered, match="did not sign entry 5"):
        second.check_follows(first.epoch, log.trust_key, log.tree().root(3))


@pytest.mark.parametrize(
    "change",
    [
        {"details": {}},
        {"details": {"epoch": 1, "key": "A" * 43 + "="}, "subject_id": "s-1"},
        {"details": {"epoch": -1, "key": "A" * 43 + "="}},
        {"details": {"epoch": "1", "key": "A" * 43 + "="}},
        {"details": {"epoch": 1, "key": "A" * 43 + "B"}},
        {"details": {"epoch": 1, "key": "A" * 42 + "B="}},
        {"details": {"epoch": 2**32, "key": "A" * 43 + "="}},
        {"details": {"epoch": 1, "key": "A" * 43 + "=", "more": 1}},
        {"outcome": "failed"},
        {"purpose": "gate"},
    ],
)
def test_any_other_form_is_refused(change: dict[str, Any]) -> None:
    details = {"epoch": 1, "key": "A" * 43 + "="}
    record = entry(5, details, action="log.epoch", purpose=None)
    with pytest.raises(LogAltered, match="not of the form"):
        Announcement.parse(canonical({**record, **change}))
