"""Whoever holds today's keys can sign anything, but only entries count as entries.

Every text here is hashed, counted and sealed as an entry would be, with the keys of the log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Epoch, Statement, make_checkpoint
from facecli.audit.log_verification import verify_stored
from facecli.audit.merkle import Frontier, leaf_hash
from facecli.errors.audit import LogAltered
from facecli.errors.base import FacecliError
from facecli.keys.signing import SigningKey
from tests import independent_verifier
from tests.audit.logs import ORIGIN, Log, check, entry, line_of_text

AT = 2  # the forged entry's place in the list
Lines = list[bytes]


class Forged(Log):
    """A log one of whose entries is another text."""

    text = b""

    def texts(self) -> list[bytes]:
        found = [canonical(record) for record in self.records]
        return [*found[:AT], self.text, *found[AT + 1 :]] if self.text else found

    def leaves(self) -> list[bytes]:
        return [leaf_hash(text) for text in self.texts()]

    def lines(self, after: int = 0, until: int | None = None) -> Lines:
        return [line_of_text(text) for text in self.texts()[after:until]]


def forged(change: Callable[[bytes], bytes]) -> Forged:
    log = Forged()
    log.append(4)
    text = change(log.texts()[AT])
    assert text != log.texts()[AT]
    log.text = text
    return log


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda text: text.replace(old, new)


NO_ENTRIES = {
    "a name twice": replaced(b'"details":{}', b'"details":{"a":1,"a":2}'),
    "an action twice": replaced(b'{"action":', b'{"action":"init","action":'),
    "a float": replaced(b'"details":{}', b'"details":{"a":1.5e400}'),
    "a small float": replaced(b'"details":{}', b'"details":{"a":1.5}'),
    "names sorted by code points": replaced(
        b'"details":{}', '"details":{"\uff5e":1,"\U0001f600":2}'.encode()
    ),
    "white space": replaced(b'"details":{}', b'"details": { }'),
    "no UTF-8": replaced(b'"details":{}', b'"details":{"a":"\xff\xfe"}'),
    "no JSON": replaced(b'"details":{}', b'"details":{{{[['),
    "details of another type": replaced(b'"details":{}', b'"details":[]'),
    "unsorted": replaced(b'"details":{}', b'"details":{"b":1,"a":2}'),
    "a hidden epoch": replaced(b"consent.record", b"log\\u002eepoch"),
    "an epoch with a space": replaced(b'{"action":"consent.record"', b'{"action": "log.epoch"'),
    "an integer too large": replaced(b'"details":{}', b'"details":{"a":9007199254740993}'),
    "a member more": replaced(b'"outcome"', b'"extra":1,"outcome"'),
    "a member less": replaced(b',"purpose":"gate"', b""),
    "no actor": replaced(b'"host":"gate.example",', b""),
    "another outcome": replaced(b'"done"', b'"weird"'),
    "31 February": replaced(b'"2026-11-23T', b'"2026-02-31T'),
    "no date": replaced(b'"2026-11-23T', b'"2020-13-45T'),
    "a time that writes to the terminal": replaced(b'"2026', b'"\\u001b[31m2026'),
    "a control character": replaced(b'"desk"', b'"de\x1bsk"'),
    "a seq as text": replaced(b'"seq":3', b'"seq":"3"'),
    "a time as a number": replaced(b'"at":"2026-11-23T21:00:03Z"', b'"at":5'),
}


@pytest.mark.parametrize("name", NO_ENTRIES)
def test_what_is_no_entry_is_refused_in_exports_and_in_the_database(name: str) -> None:
    log = forged(NO_ENTRIES[name])
    with pytest.raises(LogAltered, match=r"line 3 .* is no entry as facecli writes them"):
        check(log, log.export(), held=[log.seal()])
    data = b"".join(log.export())
    assert independent_verifier.verify([data], str(log.trust_key)) == 30
    frontier = Frontier()
    for leaf in log.leaves():
        frontier = frontier.append(leaf)
    rows = [(at, text, leaf_hash(text)) for at, text in enumerate(log.texts(), 1)]
    with pytest.raises(LogAltered, match="entry 3 "):
        verify_stored([rows[:1], rows[1:]], frontier, log.trust_key, log.opened())


def test_names_sorted_by_utf_16_are_an_entry() -> None:
    details = '"details":{"\U0001f600":2,"\uff5e":1}'.encode()
    log = forged(replaced(b'"details":{}', details))
    assert _code(log, log.export(), held=(log.seal(),)) == 0


def _code(log: Log, *exports: Lines, held: tuple[str, ...] = ()) -> int:
    """The exit code of both verifiers."""
    try:
        check(log, *exports, held=held)
        found = 0
    except FacecliError as error:
        found = int(error.exit_code)
    data, kept = [b"".join(lines) for lines in exports], [text.encode() for text in held]
    assert independent_verifier.verify(data, str(log.trust_key), kept) == found
    return found


def _invented(log: Log, number: int, began: int) -> str:
    """A checkpoint of the log by an epoch that nobody handed over to."""
    key = SigningKey.generate(ORIGIN)
    first = log.first.verifier().public
    statement = Statement(ORIGIN, log.size, log.tree().root(log.size))
    epoch = Epoch(number, began, key.verifier().public)
    return make_checkpoint(statement, log.trust_key, log.identity, epoch, key, first)


def _log() -> Log:
    return Log().append(3).succeed().append(3).succeed().append(4)


@pytest.mark.parametrize(("number", "began"), [(1, 4), (2, 5), (3, 12), (9, 12), (2**32 - 1, 0)])
def test_a_checkpoint_by_an_invented_epoch_over_shown_entries(number: int, began: int) -> None:
    log = _log()
    assert _code(log, log.export(seal=_invented(log, number, began))) == 30
    short = Log(log.identity, log.first, log.records[:7], log.epochs[:2])
    assert _code(log, short.export(seal=_invented(short, number, min(began, 6)))) == 30


@pytest.mark.parametrize("shown", [False, True])
def test_an_epoch_announced_by_a_key_that_was_not_in_force(shown: bool) -> None:
    log = _log()
    size = log.size
    log.key = SigningKey.generate(ORIGIN)
    log.succeed().append(2)
    assert _code(log, log.export(0, None if shown else size)) == 30


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "refused"},
        {"purpose": "gate"},
        {"subject_id": "s"},
        {"actor": {}},
        {"details": {"x": 1}},
        {"details": {"epoch": True}},
        {"details": {"epoch": 0}},
        {"details": {"identity": "A" * 43 + "="}},
    ],
)
def test_a_handover_of_another_form_hands_over_nothing(changes: dict[str, Any]) -> None:
    log = Log().append(3).succeed()
    details = {**log.records[-1]["details"], **changes.get("details", {})}
    log.records[-1] = {**log.records[-1], **changes, "details": details}
    log.append(1)
    assert _code(log, log.export()) == 30


def test_a_log_without_its_announcement_or_with_a_second_one() -> None:
    log = Log()
    first = log.records[0]
    log.records = [entry(1)]
    log.append(2)
    assert _code(log, log.export()) == 30
    log.records = [first, entry(2), {**first, "seq": 3}, entry(4)]
    assert _code(log, log.export()) == 30


def test_an_export_of_nothing_says_nothing_of_the_log_before_it() -> None:
    log = _log()
    epoch = Epoch(9, 12, b"k" * 32)
    trailer = log.trailer(13, 13, seal=_invented(log, 9, 12))
    invented = [trailer.__class__(**{**trailer.__dict__, "opening": epoch}).line]
    assert _code(log, log.export(13, 13)) == 0
    assert _code(log, invented) == 30  # the opening is not the checkpoint's epoch
    assert _code(log, log.export(), invented) in (30, 31)


def test_a_forged_restore_explains_nothing_that_is_not_a_fork() -> None:
    log = Log().append(3)
    for value in (4, "x", -1, 10**20, None):
        details = {"log": "continued", "backup_entries": value}
        other = log.copy()
        other.records.append(entry(5, details if value != 10**20 else {"log": "continued"},
                                   action="backup.restore", purpose=None))  # fmt: skip
        other.succeed().append(2)
        assert _code(other, other.export(), held=(other.seal(),)) == 0
