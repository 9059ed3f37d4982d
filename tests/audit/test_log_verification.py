"""Every tampering with a log is noticed, told apart, and by two independent verifiers."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.audit import notes
from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Checkpoint, open_seal
from facecli.audit.exports import jsonl
from facecli.audit.log_verification import Row, Verified, verify_export, verify_stored
from facecli.audit.merkle import Frontier, leaf_hash
from facecli.errors.audit import LogAltered, LogTruncated, LogUnsealed
from facecli.errors.base import FacecliError
from tests import independent_verifier
from tests.audit.logs import WORDS, Log, entry, line_of

Lines = list[bytes]


def check(log: Log, lines: Lines, held: str | bytes | None = None) -> Verified:
    """Verify, and see that the other verifier says the same."""
    assert verdict(log, lines, held) == independent(log, lines, held)
    return verify_export(lines, log.trust_key, held)


def verdict(log: Log, lines: Lines, held: str | bytes | None) -> int:
    try:
        verify_export(lines, log.trust_key, held)
    except FacecliError as error:
        return int(error.exit_code)
    return 0


def independent(log: Log, lines: Lines, held: str | bytes | None) -> int:
    kept = held.encode() if isinstance(held, str) else held
    return int(independent_verifier.verify(lines, str(log.trust_key), kept))


def sample() -> Log:
    return Log().append(5).succeed().append(4).succeed().append(3)


# -- what is whole ------------------------------------------------------------------------


def test_a_whole_export_verifies() -> None:
    log = sample()
    verified = check(log, log.export(), log.seal())
    assert (verified.after, verified.until, verified.seal.checkpoint.size) == (0, 12, 12)


def test_an_export_of_nothing_verifies() -> None:
    log = Log()
    assert check(log, log.export(), log.seal()).until == 0
    assert check(log.append(3), log.export(after=3), log.seal()).after == 3


def test_each_night_s_export_continues_the_checkpoint_of_the_night_before() -> None:
    log, held, after = Log(), None, 0
    for count in (3, 0, 5, 1, 300):
        log.append(count)
        verified = check(log, log.export(after=after), held)
        assert (verified.after, verified.until) == (after, log.size)
        held, after = log.seal(), log.size
        log.succeed()


def test_any_part_of_the_log_verifies_for_what_it_is() -> None:
    log = sample()
    for after in range(13):
        for until in range(after, 13):
            verified = check(log, log.export(after, until), log.seal())
            assert (verified.after, verified.until) == (after, until)


def test_an_old_checkpoint_verifies_where_the_export_reaches_back_to_it() -> None:
    log, seals = Log(), []
    for _ in range(4):
        seals.append(log.append(3).seal())
        log.succeed()
    for held in seals:
        size = open_seal(held, log.trust_key).checkpoint.size
        for after in range(size + 1):
            check(log, log.export(after), held)
        if size < log.size:
            with pytest.raises(LogTruncated, match="begins after entry"):
                check(log, log.export(size + 1), held)


def test_entries_that_look_like_the_end_of_an_entry_verify() -> None:
    log = Log()
    for word in WORDS:
        nested = {"leaf_hash": word, "outcome": word, "seq": 1, "subject_id": None, "z": [word]}
        log.records.append(entry(log.size + 1, {word: nested}, subject_id=word, outcome=word))
        log.records.append(entry(log.size + 1, {"leaf_hash": nested}, purpose=word, action=word))
    check(log, log.export(), log.seal())


@given(st.dictionaries(st.text(), st.none() | st.text() | st.integers(0, 9)), st.text(), st.text())
def test_an_export_line_can_be_made_without_parsing_the_entry(
    details: dict[str, Any], outcome: str, subject_id: str
) -> None:
    record = entry(7, details, outcome=outcome, subject_id=subject_id)
    text = canonical(record)
    assert jsonl.line_of(text, leaf_hash(text)) + b"\n" == line_of(record)


def test_what_is_no_entry_becomes_no_line() -> None:
    with pytest.raises(ValueError, match="canonical"):
        jsonl.line_of(b'{"a":1}', bytes(32))


# -- altered ------------------------------------------------------------------------------


def edited(log: Log) -> Lines:
    lines = log.export()
    lines[3] = lines[3].replace(b'"desk"', b'"dask"')
    return lines


def edited_with_its_hash(log: Log) -> Lines:
    lines = log.export()
    lines[3] = line_of({**log.records[3], "outcome": "refused"})
    return lines


def removed(log: Log) -> Lines:
    return [line for number, line in enumerate(log.export()) if number != 3]


def removed_from_the_front(log: Log) -> Lines:
    return log.export()[2:]


def reordered(log: Log) -> Lines:
    lines = log.export()
    lines[3], lines[4] = lines[4], lines[3]
    return lines


def doubled(log: Log) -> Lines:
    lines = log.export()
    return [*lines[:4], *lines[3:]]


def inserted_at_the_end(log: Log) -> Lines:
    lines = log.export()
    return [*lines[:-1], line_of(entry(log.size + 1)), lines[-1]]


def of_another_schema(log: Log) -> Lines:
    lines = log.export()
    return [lines[0].replace(b"log-entry/1", b"log-entry/2"), *lines[1:]]


def spaced(log: Log) -> Lines:
    lines = log.export()
    return [lines[0].replace(b'":', b'": '), *lines[1:]]


def blank_line(log: Log) -> Lines:
    lines = log.export()
    return [*lines[:2], b"\n", *lines[2:]]


def after_the_end(log: Log) -> Lines:
    return [*log.export(), *log.lines()[:1]]


def two_exports_in_one(log: Log) -> Lines:
    return [*log.export(), *log.export()]


def rewritten_with_todays_key(log: Log) -> Lines:
    copy = log.copy()
    copy.records[1] = {**copy.records[1], "outcome": "refused"}
    return copy.export()


def swapped_with_another_log(log: Log) -> Lines:
    return Log().append(log.size).export()


def with_another_log_s_entries(log: Log) -> Lines:
    other = log.copy()
    other.records = [{**record, "purpose": "till"} for record in log.records]
    return [*other.lines(), log.export()[-1]]


def of_an_invented_past(log: Log) -> Lines:
    other = log.copy()
    other.records[0] = {**other.records[0], "outcome": "failed"}
    return other.export(after=6, seal=log.seal())


ALTERED = [
    edited, edited_with_its_hash, removed, removed_from_the_front,
    reordered, doubled, inserted_at_the_end, spaced, blank_line, after_the_end,
    of_another_schema,    two_exports_in_one, rewritten_with_todays_key, swapped_with_another_log,
    with_another_log_s_entries, of_an_invented_past,
]  # fmt: skip


@pytest.mark.parametrize("tamper", ALTERED)
def test_an_altered_log_is_noticed_without_any_earlier_checkpoint(
    tamper: Callable[[Log], Lines],
) -> None:
    log = sample()
    lines = tamper(log)
    with pytest.raises(LogAltered):
        check(log, lines)


def test_no_byte_of_an_export_can_change() -> None:
    log = Log().append(2).succeed().append(1)
    data, held = b"".join(log.export(after=1)), log.seal()
    for at in range(len(data)):
        byte = b"\n" if at % 7 == 0 else bytes([data[at] ^ 1])
        lines = as_lines(data[:at] + byte + data[at + 1 :])
        assert verdict(log, lines, held) == independent(log, lines, held) != 0


def test_what_is_younger_than_todays_key_is_safe_only_by_a_later_checkpoint() -> None:
    """The limit that the docs state: today's key can re-sign what today's key signed."""
    log = sample()
    held = log.seal()
    log.records[-1] = {**log.records[-1], "outcome": "refused"}
    check(log, log.export())
    with pytest.raises(LogAltered, match="first 12 entries"):
        check(log, log.append(5).export(), held)


# -- cut, or put back ---------------------------------------------------------------------


def removed_and_renumbered(log: Log) -> Lines:
    records = [*log.records[:3], *log.records[4:]]
    return [*(line_of({**r, "seq": n}) for n, r in enumerate(records, 1)), log.export()[-1]]


def without_the_last_entries(log: Log) -> Lines:
    lines = log.export()
    return [*lines[:-3], lines[-1]]


def without_the_last_lines(log: Log) -> Lines:
    return log.export()[:-3]


def without_its_checkpoint(log: Log) -> Lines:
    return log.export()[:-1]


def cut_within_a_line(log: Log) -> Lines:
    lines = log.export()
    return [*lines[:3], lines[3][:40]]


def cut_within_the_checkpoint(log: Log) -> Lines:
    lines = log.export()
    return [*lines[:-1], lines[-1][:-1]]


def empty(log: Log) -> Lines:
    return []


@pytest.mark.parametrize(
    "tamper",
    [
        without_the_last_entries, removed_and_renumbered, without_the_last_lines,
        without_its_checkpoint, cut_within_a_line, cut_within_the_checkpoint, empty,
    ],
)  # fmt: skip
def test_a_cut_export_is_noticed_without_any_earlier_checkpoint(
    tamper: Callable[[Log], Lines],
) -> None:
    log = sample()
    lines = tamper(log)
    for held in (None, log.seal()):
        with pytest.raises(LogTruncated):
            check(log, lines, held)


def test_yesterday_s_database_is_noticed_by_a_later_checkpoint() -> None:
    log = sample()
    yesterday = log.copy()
    held = log.append(2).seal()
    check(log, yesterday.export())
    with pytest.raises(LogTruncated, match="ends at entry 12, and 14 were sealed"):
        check(log, yesterday.export(), held)


def test_yesterday_s_database_is_noticed_although_it_has_grown_since() -> None:
    log = sample()
    yesterday = log.copy()
    held = log.append(2).seal()
    with pytest.raises(LogAltered, match="first 14 entries"):
        check(log, yesterday.append(1).append(1, random.Random(1)).append(9).export(), held)


def test_yesterday_s_database_is_noticed_by_its_keys_even_with_the_same_entries() -> None:
    log = sample()
    yesterday = log.copy()
    held = log.succeed().seal()
    with pytest.raises(LogTruncated, match="began twice"):
        check(log, yesterday.succeed().append(9).export(), held)
    yesterday = sample()
    copy = yesterday.copy()
    held = yesterday.succeed().seal()
    with pytest.raises(LogTruncated, match="was erased at 12 entries"):
        check(yesterday, copy.append(9).export(), held)


def test_an_old_checkpoint_replayed_is_noticed() -> None:
    log = sample()
    old_export, old_seal = log.export(), log.seal()
    held = log.append(5).seal()
    with pytest.raises(LogTruncated):
        check(log, old_export, held)
    with pytest.raises(LogUnsealed):
        check(log, log.export(seal=old_seal))


# -- not sealed ---------------------------------------------------------------------------


def test_entries_after_the_checkpoint_are_not_sealed() -> None:
    log = sample()
    seal = log.seal()
    with pytest.raises(LogUnsealed, match="entries 13 to 15"):
        check(log, log.append(3).export(seal=seal))


# -- two verifiers, many tamperings -------------------------------------------------------


@cache
def history(seed: int) -> list[Log]:
    """States of one random log, oldest first; the last two went apart."""
    dice, log = random.Random(seed), Log()
    states = []
    for _ in range(dice.randint(1, 5)):
        log.append(dice.randint(0, 8), dice)
        states.append(log.copy())
        if dice.random() < 0.6:
            log.succeed()
            states.append(log.copy())
    states.append(log.copy().append(dice.randint(1, 3), dice).succeed().append(1, dice))
    return states


def tampered(lines: Lines, states: list[Log], dice: random.Random) -> Lines:
    lines, at = list(lines), dice.randrange(len(lines))
    match dice.randrange(9):
        case 0:
            byte = dice.randrange(len(lines[at]))
            lines[at] = lines[at][:byte] + dice.randbytes(1) + lines[at][byte + 1 :]
            lines = as_lines(b"".join(lines))
        case 1:
            del lines[at]
        case 2:
            lines.insert(at, dice.choice(lines))
        case 3:
            dice.shuffle(lines)
        case 4:
            other = dice.choice(states)
            if other.size:
                lines[at] = dice.choice(other.lines())
        case 5:
            other = dice.choice(states)
            if other.size:
                record = {**dice.choice(other.records), "outcome": "refused", "seq": at + 1}
                lines[at] = line_of(record)
        case 6:
            lines[-1] = dice.choice(states).export()[-1]
        case 7:
            data = b"".join(lines)
            lines = as_lines(data[: dice.randrange(len(data))])
        case 8:
            lines = lines[: at + 1]
    return lines


def as_lines(data: bytes) -> Lines:
    return list(io.BytesIO(data))


def damaged(seal: str, states: list[Log], dice: random.Random) -> bytes:
    data = seal.encode()
    at = dice.randrange(len(data))
    match dice.randrange(6):
        case 0:
            return data[:at] + dice.randbytes(1) + data[at + 1 :]
        case 1:
            parts = seal.split("\n\n")
            dice.shuffle(parts)
            return "\n\n".join(parts).encode()
        case 2:
            log = dice.choice(states)
            size = dice.randint(0, log.size)
            root = log.tree().root(size) if dice.random() < 0.7 else dice.randbytes(32)
            note = notes.sign(Checkpoint(log.trust.name, size, root).text, [log.key])
            return "\n".join([note, *log.successions]).encode()
        case _:
            return data


@pytest.mark.parametrize("seed", range(30))
def test_two_verifiers_agree_on_random_logs_and_tamperings(seed: int) -> None:
    states, codes = history(seed), set()
    dice = random.Random(seed + 1000)
    for _ in range(100):
        log = dice.choice(states)
        after = dice.choice([0, dice.randint(0, log.size)])
        until = dice.choice([log.size, dice.randint(after, log.size)])
        seal = dice.choice([log, dice.choice(states)]).seal()
        lines = log.export(after, until, seal)
        for _ in range(dice.choice([0, 1, 1, 2])):
            lines = tampered(lines, states, dice) if lines else lines
        held = dice.choice([None, damaged(dice.choice(states).seal(), states, dice)])
        codes.add(code := verdict(log, lines, held))
        assert code == independent(log, lines, held)
    assert {0, 30, 31} <= codes


def test_the_second_verifier_runs_on_its_own(tmp_path: Path) -> None:
    log = sample()
    export, seal = tmp_path / "log.jsonl", tmp_path / "seal"
    export.write_bytes(b"".join(log.export()))
    seal.write_text(log.seal())
    command: list[Any] = [sys.executable, "-I", independent_verifier.__file__]
    command += [export, str(log.trust_key)]
    assert subprocess.run([*command, seal], check=False).returncode == 0
    export.write_bytes(b"".join(removed(log)))
    assert subprocess.run([*command, seal], check=False).returncode == 30


def test_the_second_verifier_is_small_and_independent() -> None:
    text = Path(independent_verifier.__file__).read_text()
    assert len(text.splitlines()) < 150
    assert "facecli" not in [
        word for line in text.splitlines() if "import" in line for word in line
    ]
    assert "import facecli" not in text
    assert "from facecli" not in text


# -- the database's own entries -----------------------------------------------------------


def rows(log: Log) -> list[Row]:
    return [
        (record["seq"], canonical(record), leaf)
        for record, leaf in zip(log.records, log.leaves(), strict=True)
    ]


def some(rows: list[Row]) -> list[list[Row]]:
    """As they come from a database: some at a time."""
    return [rows[:5], rows[5:6], rows[6:]]


def frontier(log: Log) -> Frontier:
    return log.tree().frontier(log.size)


def test_a_whole_database_verifies_and_says_what_is_not_sealed_yet() -> None:
    log = sample()
    seal = open_seal(log.seal(), log.trust_key)
    log.append(2)
    verified = verify_stored(some(rows(log)), frontier(log), seal, seal)
    assert (verified.until, verified.seal.checkpoint.size) == (14, 12)


def test_tampering_in_the_database_is_noticed() -> None:
    log = sample()
    seal, whole, edge = open_seal(log.seal(), log.trust_key), rows(log), frontier(log)
    seq, text, leaf = whole[3]
    edited_text = text.replace(b"desk", b"dask")
    forged = (seq, edited_text, leaf_hash(edited_text))
    for altered in (
        [*whole[:3], (seq, edited_text, leaf), *whole[4:]],
        [*whole[:3], forged, *whole[4:]],
        [*whole[:3], *whole[4:]],
        [*whole[:3], (seq, whole[2][1], whole[2][2]), *whole[4:]],
        [*whole, (13, text.replace(b'"seq":4', b'"seq":13'), leaf_hash(b"x"))],
    ):
        with pytest.raises(LogAltered):
            verify_stored(some(altered), edge, seal)
    with pytest.raises(LogTruncated, match="entries 11 to 12 are missing"):
        verify_stored(some(whole[:10]), edge, seal)
    with pytest.raises(LogUnsealed, match="no checkpoint"):
        verify_stored(some(whole), edge, None)


def test_a_database_whose_frontier_was_cut_too_is_noticed_by_its_seal() -> None:
    log = sample()
    seal, short = open_seal(log.seal(), log.trust_key), log.copy()
    short.records = short.records[:10]
    with pytest.raises(LogTruncated, match="ends at entry 10, and 12 were sealed"):
        verify_stored(some(rows(short)), frontier(short), seal)


def test_a_database_that_was_put_back_is_noticed_by_the_auditor_s_seal() -> None:
    log = sample()
    old, seal = log.copy(), open_seal(log.seal(), log.trust_key)
    held = open_seal(log.append(1).seal(), log.trust_key)
    with pytest.raises(LogTruncated, match="ends at entry 12, and 13 were sealed"):
        verify_stored(some(rows(old)), frontier(old), seal, held)
    old.append(1, random.Random(2))
    with pytest.raises(LogAltered, match="its first 13 entries"):
        verify_stored(some(rows(old)), frontier(old), seal, held)
