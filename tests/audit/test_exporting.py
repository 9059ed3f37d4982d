"""An export from a database: its range, what it logs, and that altered entries stop it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from facecli.audit import exporting, sealing
from facecli.audit.exporting import FORMATS, Export, ExportRange
from facecli.cli.session import Session
from facecli.errors.audit import LogAltered, LogTruncated
from facecli.errors.command_line import BadInput
from tests.audit import intruder
from tests.audit.logs import file_of
from tests.conftest import Clock
from tests.prepared import opened


@pytest.fixture
def log(facecli: Any, clock: Clock) -> Iterator[Session]:
    """A log of two entries from `init`, and four more, a day apart."""
    facecli("init")
    for number in range(4):
        clock.advance(days=1)
        assert facecli("subject", "add", f"A-{number}").code == 0
    with opened(facecli) as session:
        yield session


def _begin(log: Session, wanted: ExportRange) -> Export:
    with log.act() as act:
        return exporting.begin(act, wanted)


def _written(log: Session, made: Export) -> bytes:
    return b"".join(exporting.lines(log.db, made))


def _at(log: Session, seq: int) -> str:
    return str(log.db.value("SELECT record ->> 'at' FROM audit_entry WHERE seq = ?", (seq,)))


def test_an_export_logs_itself_and_is_sealed_with_that_entry(log: Session) -> None:
    made = _begin(log, ExportRange())
    own = intruder.records(log.db)[-1]
    assert own["action"] == "log.export"
    assert own["details"] == {"format": "jsonl", "after": 0, "until": own["seq"]}
    assert made.size == made.until == made.cursor.seq == own["seq"]
    assert sealing.open_held(made.seal, log.db).size == made.size


def test_after_and_times_choose_a_range(log: Session) -> None:
    first = _begin(log, ExportRange(after=2))
    assert (first.after, first.until) == (2, first.size)
    chosen = _begin(log, ExportRange(since=_at(log, 4), until=_at(log, 6)))
    assert (chosen.after, chosen.until) == (3, 5)
    ahead = _begin(log, ExportRange(since="2999-01-01T00:00:00Z"))
    assert ahead.after == ahead.until
    with pytest.raises(BadInput, match="--after 999 is not usable: the log has"):
        _begin(log, ExportRange(after=999))


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_the_entries_of_the_range_and_a_line_to_end_with(
    log: Session, form: str
) -> None:
    made = _begin(log, ExportRange(form, after=2, until=_at(log, 6)))
    lines = _written(log, made).splitlines()
    assert len(lines) == made.until - made.after + 1 + (form == "csv")
    assert made.seal.splitlines()[2].rstrip("=").encode() in lines[-1]


def test_the_last_line_leads_from_the_range_to_the_seal(log: Session) -> None:
    made = _begin(log, ExportRange(after=2, until=_at(log, 6)))
    trailer = file_of([_written(log, made)]).trailer
    assert (trailer.after, trailer.until, trailer.seal) == (2, made.until, made.seal)
    assert trailer.opening == sealing.epoch_at(log.db, 2)
    announced = [json.loads(proof.entry)["seq"] for proof in trailer.epochs]
    epochs = [one["seq"] for one in intruder.records(log.db) if one["action"] == "log.epoch"]
    assert announced == [seq for seq in epochs if seq > made.until]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_altered_entries_are_not_passed_on(log: Session, form: str) -> None:
    made = _begin(log, ExportRange(form))
    with log.db.transaction():
        log.db.execute("UPDATE audit_entry SET record = replace(record, 'done', 'gone')")
    with pytest.raises(LogAltered):
        _written(log, made)
    with log.db.transaction():
        log.db.execute("UPDATE audit_entry SET record = replace(record, 'gone', 'done')")
        intruder.rewrite(log.db, intruder.edited(3))
    with pytest.raises(LogAltered):
        _written(log, made)
    with log.db.transaction():
        log.db.execute("DELETE FROM audit_entry WHERE seq = ?", (made.until,))
    with pytest.raises((LogTruncated, LogAltered)):
        _written(log, made)
