"""A walk over entries: epochs that hand over, states known elsewhere, and restores."""

from __future__ import annotations

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import open_checkpoint
from facecli.audit.walk import Known, Restore, State, Walk, walk_entries
from facecli.errors.audit import LogAltered, LogRestored, LogTruncated
from tests.audit.logs import Log, entry, line_of, marked_of

SOURCE = "the file"


def _walked(log: Log, known: Known | None = None) -> Walk:
    walk = Walk(log.trust_key, known or Known(), SOURCE)
    walk_entries(walk, log.leaves(), marked_of(log.records))
    return walk


def _kept(log: Log, size: int | None = None) -> Known:
    known = Known()
    known.add(State.sealed(open_checkpoint(log.seal(size), log.trust_key), "kept"))
    return known


def _log() -> Log:
    return Log().append(3).succeed().append(4)


def test_at_its_end_a_walk_knows_size_root_and_epoch() -> None:
    log = _log()
    state = _walked(log).state()
    assert state == (log.size, log.tree().root(log.size), log.epochs[-1], SOURCE)
    assert _walked(log).frontier() == log.tree().frontier(log.size)


def test_a_walk_may_begin_at_any_entry_with_the_frontier_before_it() -> None:
    log = _log()
    for after in range(log.size + 1):
        walk = Walk(log.trust_key, Known(), SOURCE, log.tree().frontier(after), log.epoch_at(after))
        walk_entries(walk, log.leaves()[after:], marked_of(log.records[after:]))
        assert walk.state() == _walked(log).state()


@pytest.mark.parametrize("size", [6, 8, 9])
def test_a_kept_checkpoint_must_have_the_root_at_its_size(size: int) -> None:
    log = _log()
    while log.size < 9:
        log.append()
    known = _kept(log, size)
    _walked(log, known)
    log.records[size - 1]["outcome"] = "failed"
    with pytest.raises(LogAltered, match=f"entries up to {size} in {SOURCE}"):
        _walked(log, _kept_of(known))


def _kept_of(known: Known) -> Known:
    fresh = Known()
    for state in known.states.values():
        if state.source == "kept":
            fresh.add(state)
    return fresh


def test_a_second_handover_at_the_same_place_is_a_state_put_back() -> None:
    before = Log().append(3)
    one, other = before.copy().succeed().append(), before.copy().succeed().append()
    with pytest.raises(LogTruncated, match="different keys"):
        _walked(other, _kept(one))


def test_a_log_must_begin_with_the_keys_of_the_trust_key() -> None:
    log = _log()
    del log.records[0]
    with pytest.raises(LogAltered, match=r"entry 1 does not announce|trust key"):
        _walked(log)
    other = _log()
    walk = Walk(Log().trust_key, Known(), SOURCE)
    with pytest.raises(LogAltered):
        walk_entries(walk, other.leaves(), marked_of(other.records))


def test_a_handover_moved_to_another_place_is_refused() -> None:
    log = _log()
    log.records[4], log.records[5] = log.records[5], log.records[4]
    with pytest.raises(LogAltered):
        _walked(log)


def _restore(seq: int, entries: int, log: str = "continued") -> dict[str, object]:
    return entry(seq, {"backup_entries": entries, "log": log}, action="backup.restore")


def test_a_restore_is_read_from_text_and_line() -> None:
    record = _restore(9, 4)
    wanted = Restore(9, str(record["at"]), 4)
    assert Restore.in_line(canonical(record)) == Restore.in_line(line_of(record)) == wanted


def test_other_entries_are_no_restore() -> None:
    for record in (_restore(9, 4, "taken over"), entry(9, {"log": "continued"}), entry(9)):
        assert Restore.in_line(canonical(record)) is None


def test_a_fork_is_explained_by_the_last_restore_before_it() -> None:
    known = Known()
    known.saw(Restore(5, "2026-11-23T21:00:05Z", 3))
    known.saw(Restore(9, "later", 7))
    error = known.fork(6, "why")
    assert isinstance(error, LogRestored)
    assert (error.details["seq"], error.details["first"], error.details["last"]) == (5, 4, 6)
    assert not isinstance(known.fork(3, "why"), LogRestored)
