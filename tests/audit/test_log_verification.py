"""A log verifies if, and only if, it is whole: by this verifier and by an independent one."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.audit.canonical import canonical
from facecli.audit.chain_end import Kept
from facecli.audit.checkpoints import (
    Epoch,
    Statement,
    compare,
    make_checkpoint,
    open_checkpoint,
)
from facecli.audit.export_text import lines_of
from facecli.audit.log_verification import verify_stored
from facecli.audit.merkle import Frontier, leaf_hash
from facecli.audit.proofs import Proof, prove
from facecli.audit.stored_entries import Row
from facecli.errors.audit import (
    AnotherLog,
    LogAltered,
    LogRestored,
    LogTruncated,
    LogUnreached,
    LogUnsealed,
    WrongFile,
)
from facecli.errors.base import FacecliError
from facecli.keys.signing import SigningKey
from tests import independent_verifier
from tests.audit.logs import ORIGIN, WORDS, Log, check, entry, file_of, line_of
from tests.audit.mutations import MUTATIONS, mutated

Lines = list[bytes]


def verdict(log: Log, exports: Sequence[Lines], held: Sequence[str | bytes] = ()) -> int:
    """The exit code by facecli's verifier."""
    try:
        check(log, *exports, held=held)
    except FacecliError as error:
        return int(error.exit_code)
    return 0


def independent(log: Log, exports: Sequence[Lines], held: Sequence[str | bytes] = ()) -> int:
    """The exit code by the other one."""
    kept = [text.encode() if isinstance(text, str) else text for text in held]
    return independent_verifier.verify(
        [b"".join(lines) for lines in exports], str(log.trust_key), kept
    )


def both(log: Log, *exports: Lines, held: Sequence[str | bytes] = ()) -> int:
    """The exit code that both verifiers give."""
    code = verdict(log, exports, held)
    assert independent(log, exports, held) == code
    return code


def sample() -> Log:
    """Three epochs and 14 entries."""
    log = Log().append(4).succeed().append(3).succeed()
    return log.append(4)


# -- what is whole ------------------------------------------------------------------------


def test_a_whole_export_verifies() -> None:
    log = sample()
    verified = check(log, log.export(), held=[log.seal()])
    assert (verified.after, verified.until, verified.checkpoint.size) == (0, 14, 14)
    assert (verified.first_at[-4:], verified.last_at[-4:]) == (":01Z", ":14Z")
    assert both(log, log.export(), held=[log.seal()]) == 0


def test_any_part_of_the_log_verifies_for_what_it_is() -> None:
    log = sample()
    for after in range(15):
        for until in range(after, 15):
            verified = check(log, log.export(after, until), held=[log.seal()])
            assert (verified.after, verified.until) == (after, until)
            assert independent(log, [log.export(after, until)], [log.seal()]) == 0


def test_an_old_checkpoint_verifies_where_the_export_reaches_back_to_it() -> None:
    log, seals = Log(), []
    for _ in range(4):
        seals.append(log.append(3).seal())
        log.succeed()
    for held in seals:
        size = open_checkpoint(held, log.trust_key).size
        for after in range(size + 1):
            assert both(log, log.export(after), held=[held]) == 0
        with pytest.raises(LogTruncated, match=f"entry {size + 1} is missing"):
            check(log, log.export(size + 1), held=[held])


def test_entries_that_look_like_the_end_of_an_entry_verify() -> None:
    log = Log()
    for word in WORDS:
        nested = {"leaf_hash": word, "outcome": word, "seq": 1, "subject_id": None, "z": [word]}
        log.records.append(entry(log.size + 1, {word: nested}, subject_id=word))
        log.records.append(entry(log.size + 1, {"leaf_hash": nested}, purpose=word, action=word))
    assert both(log, log.export(), held=[log.seal()]) == 0


@given(st.dictionaries(st.text(), st.none() | st.text() | st.integers(0, 9)), st.text(), st.text())
def test_an_export_line_can_be_made_without_parsing_the_entry(
    details: dict[str, Any], outcome: str, subject_id: str
) -> None:
    record = entry(7, details, outcome=outcome, subject_id=subject_id)
    text = canonical(record)
    line, leaf = line_of(record), leaf_hash(text)
    assert lines_of([text] * 2, [leaf] * 2) == line * 2


def test_what_is_no_entry_becomes_no_line() -> None:
    with pytest.raises(ValueError, match="canonical"):
        lines_of([b'{"a":1}'], [bytes(32)])


# -- files as one chain -------------------------------------------------------------------


def nights(count: int = 6) -> tuple[Log, list[Lines], list[str]]:
    """A log that was exported every night, its exports, and their checkpoints."""
    log, exports, seals, after = Log(), [], [], 0
    for night in range(count):
        log.append(night % 4 + 1)
        exports.append(log.export(after))
        seals.append(log.seal())
        after = log.size
        log.succeed()
    return log, exports, seals


def test_nightly_exports_in_any_order_are_one_chain() -> None:
    log, exports, seals = nights(30)
    random.Random(3).shuffle(exports)
    verified = check(log, *exports, held=seals)
    assert (verified.after, verified.until) == (0, log.size - 1)
    assert both(log, *exports, held=seals[:1]) == both(log, *exports) == 0


def test_a_gap_is_named_by_entries_and_times() -> None:
    log, exports, _ = nights()
    assert both(log, exports[0], exports[3]) == 31
    with pytest.raises(
        LogTruncated,
        match=r"entries 3 to 9 are missing before 2.jsonl \(the last entry before the gap is of "
        r"2026-11-23T21:00:02Z, the first after it of 2026-11-23T21:00:10Z\)",
    ):
        check(log, exports[0], exports[3])


def test_overlaps_duplicates_and_parts_are_fine() -> None:
    log, exports, _ = nights()
    size = log.size - 1
    assert both(log, *exports, *exports) == 0
    assert both(log, log.export(0, 7), log.export(3), log.export(5, 6), log.export()) == 0
    assert check(log, log.export(3, 9), log.export(0, size), log.export(7)).until == log.size


def test_a_clock_that_is_set_back_between_exports_breaks_no_chain() -> None:
    log = Log()
    exports: list[list[bytes]] = []
    for year in (2027, 2026, 2028, 2025):
        begin = log.size if exports else 0
        log.succeed().records.append(entry(log.size + 1, at=f"{year}-01-01T00:00:00Z"))
        exports.append(log.export(begin))
    assert both(log, *exports[::-1]) == 0


def test_a_tampered_file_among_honest_ones_is_found() -> None:
    log, exports, _ = nights()
    for number in range(len(exports)):
        lines = list(exports[number])
        lines[0] = lines[0].replace(b"desk", b"dask")
        assert both(log, *exports[:number], lines, *exports[number + 1 :]) == 30


def test_two_logs_are_named() -> None:
    log, other = sample(), Log(SigningKey.generate("facecli.log/0"), SigningKey.generate(ORIGIN))
    with pytest.raises(LogAltered, match=r"in 2\.jsonl, the checkpoint does not verify"):
        check(log, log.export(), Log().append(3).export())
    named = rf"in 1\.jsonl, the checkpoint is of the log {ORIGIN}, the trust key of facecli.log/0\."
    with pytest.raises(AnotherLog, match=named) as refused:
        check(other, log.export())
    assert refused.value.exit_code == 30


def test_two_courses_of_one_log_are_told_by_their_epochs() -> None:
    log = Log().append(3)
    copy = log.copy()
    assert both(log, log.succeed().append(2).export(), copy.succeed().append(9).export()) == 31
    assert both(log, log.export(3), copy.export(0, 3)) == 31


def test_a_restore_without_the_live_database_is_named() -> None:
    log = Log().append(3)
    backup = log.copy()
    held = log.succeed().append(6).seal()
    backup.succeed()
    details = {"backup_entries": 4, "erased_again": 0, "erasures_known_until": 9,
               "log": "continued"}  # fmt: skip
    record = entry(backup.size + 1, details, action="backup.restore", purpose=None)
    backup.records.append(record)
    for grown in (0, 3, 20):
        lines = backup.append(grown).export()
        for exports, kept in (([lines], [held]), ([lines, log.export()], [])):
            with pytest.raises(LogRestored) as caught:
                check(log, *exports, held=kept)
            found: Any = caught.value.details
            assert (found["seq"], found["entries"], found["first"]) == (6, 4, 5)
            assert 5 <= found["last"] <= 11


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


def after_the_end(log: Log) -> Lines:
    return [*log.export(), *log.lines()[:1]]


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


def without_the_first_announcement(log: Log) -> Lines:
    other = log.copy()
    other.records[0] = entry(1)
    return other.export()


def with_an_unsigned_handover(log: Log) -> Lines:
    """Today's key is stolen, and the last handover moved to before its time."""
    other = log.copy()
    del other.records[6]
    other.records = [{**r, "seq": n} for n, r in enumerate(other.records, 1)]
    other.epochs[-1] = Epoch(2, other.epochs[-1].began - 1, other.epochs[-1].key)
    return other.export()


ALTERED = [
    edited, edited_with_its_hash, removed, removed_from_the_front, reordered, doubled,
    inserted_at_the_end, spaced, after_the_end, of_another_schema, rewritten_with_todays_key,
    swapped_with_another_log, with_another_log_s_entries, of_an_invented_past,
    without_the_first_announcement, with_an_unsigned_handover,
]  # fmt: skip


@pytest.mark.parametrize("tamper", ALTERED)
def test_an_altered_log_is_noticed_without_any_earlier_checkpoint(
    tamper: Callable[[Log], Lines],
) -> None:
    log = sample()
    assert both(log, tamper(log)) == 30


def invented(log: Log) -> Log:
    """The log with an epoch that no key of it handed over to, by a thief of an old copy."""
    thief = log.copy()
    thief.key = SigningKey.generate(ORIGIN)  # the present key is erased where the thief looks
    thief.succeed()
    return thief


def test_an_epoch_invented_after_the_shown_entries_is_refused_with_the_trust_key_alone() -> None:
    log = sample()
    thief = log.copy()
    key = SigningKey.generate(ORIGIN)
    root = log.tree().root(log.size)
    epoch = Epoch(3, log.size - 1, key.verifier().public)
    seal = make_checkpoint(
        Statement(ORIGIN, log.size, root), log.trust_key, log.identity, epoch, key,
        log.first.verifier().public,
    )  # fmt: skip
    assert both(log, log.export(seal=seal)) == 30
    thief = invented(log)
    lines = thief.export(until=log.size)
    assert both(log, lines) == 30  # with a false handover
    bare = thief.trailer(until=log.size)
    assert both(log, [*lines[:-1], bare.__class__(**{**vars(bare), "epochs": ()}).line]) == 32


def test_shown_entries_cut_and_an_invented_epoch_added_is_refused_with_the_trust_key_alone() -> (
    None
):
    log = sample()
    for size in range(5, 14):
        cut = log.copy()
        cut.records = cut.records[:size]
        cut.epochs = [epoch for epoch in cut.epochs if epoch.began < size]
        assert both(log, invented(cut).export()) == 30


def test_today_s_key_cannot_leave_out_the_epochs_between() -> None:
    """Entries of an earlier epoch are rewritten, and the export ends before the handovers."""
    log = sample()
    thief = log.copy()
    thief.records[2] = {**thief.records[2], "outcome": "failed"}
    assert both(log, thief.export(until=4)) == 30


def test_the_keys_of_an_old_copy_make_a_lone_file_of_a_rewritten_log_and_no_more() -> None:
    """What constant size costs: a bare checkpoint, a lone proof, one export from its middle."""
    log = Log().append(3).succeed().append(3)
    thief = log.copy()  # identity, and the key of epoch 1
    held = log.succeed().append(2).seal()
    thief.records[1] = {**thief.records[1], "outcome": "failed"}  # of epoch 0
    thief.succeed().append(9)
    seal, record = thief.seal(), thief.records[1]
    assert open_checkpoint(seal, log.trust_key).size == thief.size
    proof = Proof(1, tuple(thief.tree().inclusion(1, thief.size)), seal)
    assert prove(record, proof.text, log.trust_key, "certificate").entry == record
    for after in range(thief.size):  # entry 5 holds the signature of an erased key
        assert both(log, thief.export(after)) == (0 if after >= 5 else 30)
        assert both(log, thief.export(after), held=[held]) in (30, 31, 32)
    with pytest.raises(LogTruncated, match="began twice"):
        compare(open_checkpoint(seal, log.trust_key), open_checkpoint(held, log.trust_key))


def test_signing_on_with_yesterday_s_copy_is_seen_by_a_kept_checkpoint_only() -> None:
    log = Log().append(3)
    copy = log.copy()
    held = log.append(2).seal()
    assert both(log, copy.append(5, random.Random(1)).export()) == 0
    assert both(log, copy.export(), held=[held]) == 30


def test_no_byte_of_an_export_can_change() -> None:
    log = Log().append(1).succeed().append(1)
    data, held = b"".join(log.export(after=1)), log.seal()
    for at in range(len(data)):
        byte = b"#" if at % 7 == 0 else bytes([data[at] ^ 1])
        lines = [data[:at] + byte + data[at + 1 :]]
        assert both(log, lines, held=[held]) in (1, 30, 31, 32)


def test_entries_of_this_epoch_are_safe_by_a_later_checkpoint_only() -> None:
    """The limit that the docs state: today's key can re-sign what today's key signed."""
    log = sample()
    held = log.seal()
    log.records[-1] = {**log.records[-1], "outcome": "refused"}
    assert both(log, log.export()) == 0
    with pytest.raises(LogAltered, match="entries up to 14"):
        check(log, log.append(5).export(), held=[held])


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
    return [*lines[:-1], lines[-1][:-9]]


@pytest.mark.parametrize(
    "tamper",
    [
        without_the_last_entries, without_the_last_lines, without_its_checkpoint,
        cut_within_a_line, cut_within_the_checkpoint,
    ],
)  # fmt: skip
def test_a_cut_export_is_noticed_without_any_earlier_checkpoint(
    tamper: Callable[[Log], Lines],
) -> None:
    log = sample()
    for held in ([], [log.seal()]):
        assert both(log, tamper(log), held=held) == 31


def test_entries_removed_before_a_handover_are_seen_by_its_closing() -> None:
    log = sample()
    assert both(log, removed_and_renumbered(log)) == 30


def test_yesterday_s_database_is_noticed_by_a_later_checkpoint() -> None:
    log = sample()
    yesterday = log.copy()
    held = log.append(2).seal()
    assert both(log, yesterday.export()) == 0
    with pytest.raises(LogUnreached, match="no entries beyond 14, and kept covers 16"):
        check(log, yesterday.export(), held=[held])
    grown = yesterday.append(1).append(1, random.Random(1)).append(9)
    with pytest.raises(LogAltered, match="entries up to 16"):
        check(log, grown.export(), held=[held])


def test_an_old_checkpoint_replayed_is_noticed() -> None:
    log = sample()
    old_export, old_seal = log.export(), log.seal()
    held = log.append(5).seal()
    assert both(log, old_export, held=[held]) == 32
    assert both(log, log.export(seal=old_seal)) == 32


# -- form ---------------------------------------------------------------------------------

FORMS = {
    "CR LF": lambda data: data.replace(b"\n", b"\r\n"),
    "byte-order mark": lambda data: b"\xef\xbb\xbf" + data,
    "last newline": lambda data: data[:-1],
    "blank lines": lambda data: data + b"\n\n",
    "CR LF, blank": lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") + b"\r\n",
    "doubled ends": lambda data: data.replace(b"\n", b"\r\r\n"),
    "blank": lambda data: data.replace(b"\n", b"\n\n"),
    "last newline, CR LF": lambda data: data.replace(b"\n", b"\r\n")[:-2],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("after", [0, 14])
def test_form_is_no_evidence_and_is_reported(form: str, after: int) -> None:
    log = sample()
    data = FORMS[form](b"".join(log.export(after)))
    verified = check(log, [data], held=[log.seal()])
    words = ", ".join(verified.changed["1.jsonl"])
    for word in form.split(", ")[: 1 if after else 2]:  # one line keeps no trace of CR LF then
        assert word.removesuffix(" ends").replace("doubled", "CR LF") in words
    assert independent(log, [[data]], [log.seal()]) == 0


def test_an_unchanged_form_is_not_reported() -> None:
    log = sample()
    assert check(log, log.export()).changed == {}


def test_several_exports_in_one_file_are_named() -> None:
    log, exports, _ = nights()
    assert both(log, [*exports[0], *exports[1]]) == 1
    with pytest.raises(WrongFile, match="holds several exports, of which the first ends in line 3"):
        check(log, [*exports[0], *exports[1]])


def test_an_export_of_before_is_named() -> None:
    log = sample()
    old = log.export()
    first = [line_of({**log.records[0], "action": "init", "details": {}}), *old[1:]]
    last = [*old[:-1], old[-1].replace(b'log-export/2"', b'log-export/1"')]
    for lines in (first, last):
        with pytest.raises(WrongFile, match="an earlier facecli"):
            check(log, lines)
        assert both(log, lines) == 1


def test_an_export_without_its_first_entry_is_none_of_before() -> None:
    log = Log()
    log.records.append(entry(2, action="init"))
    lines = log.export()
    assert both(log, lines) == 0
    assert both(log, lines[1:]) == 30


def test_an_export_of_a_later_facecli_is_named() -> None:
    log = sample()
    lines = log.export()
    lines[-1] = lines[-1].replace(b'log-export/2"', b'log-export/3"')
    with pytest.raises(WrongFile, match=r"the schema facecli\.log-export/3 of a later facecli"):
        check(log, lines)
    assert both(log, lines) == 1


# -- two verifiers, many tamperings -------------------------------------------------------


@pytest.mark.parametrize("seed", range(MUTATIONS // 50))
def test_two_verifiers_agree_on_random_logs_and_tamperings(seed: int) -> None:
    """On one fault they give one code. Of several faults, each may name another one first."""
    states, codes = history(seed), set()
    dice = random.Random(seed + 1000)
    for _ in range(50):
        log, exports, held, faults = mutated(states, dice)
        one, other = verdict(log, exports, held), independent(log, exports, held)
        assert one == other or (faults > 1 and one and other), (one, other, faults)
        codes.add(one)
    assert {0, 30, 31} <= codes


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


def test_the_second_verifier_runs_on_its_own(tmp_path: Path) -> None:
    log = sample()
    export, seal = tmp_path / "log.jsonl", tmp_path / "seal"
    export.write_bytes(b"".join(log.export()))
    seal.write_text(log.seal())
    command: list[Any] = [
        sys.executable,
        "-I",
        independent_verifier.__file__,
        str(log.trust_key),
        export,
    ]
    assert subprocess.run([*command, "--checkpoint", seal], check=False).returncode == 0
    export.write_bytes(b"".join(removed(log)))
    assert subprocess.run([*command, "--checkpoint", seal], check=False).returncode == 30


def test_the_second_verifier_is_independent() -> None:
    text = Path(independent_verifier.__file__).read_text()
    assert "import facecli" not in text
    assert "from facecli." not in text


# -- the database's own entries -----------------------------------------------------------


def rows(log: Log) -> list[Row]:
    return [
        (record["seq"], canonical(record), leaf)
        for record, leaf in zip(log.records, log.leaves(), strict=True)
    ]


def some(rows: list[Row]) -> list[list[Row]]:
    """As they come from a database: some at a time."""
    return [rows[:6], rows[6:7], rows[7:]]


def frontier(log: Log) -> Frontier:
    return log.tree().frontier(log.size)


def test_a_whole_database_verifies() -> None:
    log = sample()
    seal = log.opened()
    log.append(2)
    kept = [Kept(seal, "kept")]
    found = verify_stored(some(rows(log)), frontier(log), log.trust_key, seal, kept)
    assert (found.size, found.epoch) == (16, log.epochs[-1])


def test_tampering_in_the_database_is_noticed() -> None:
    log = sample()
    seal, whole, edge, key = log.opened(), rows(log), frontier(log), log.trust_key
    seq, text, leaf = whole[3]
    edited_text = text.replace(b"desk", b"dask")
    forged = (seq, edited_text, leaf_hash(edited_text))
    for altered in (
        [*whole[:3], (seq, edited_text, leaf), *whole[4:]],
        [*whole[:3], forged, *whole[4:]],
        [*whole[:3], *whole[4:]],
        [*whole[:3], (seq, whole[2][1], whole[2][2]), *whole[4:]],
        [*whole, (15, text.replace(b'"seq":4', b'"seq":15'), leaf_hash(b"x"))],
    ):
        with pytest.raises(LogAltered):
            verify_stored(some(altered), edge, key, seal)
    with pytest.raises(LogTruncated, match="entries 13 to 14 are missing"):
        verify_stored(some(whole[:12]), edge, key, seal)
    with pytest.raises(LogUnsealed, match="no checkpoint"):
        verify_stored(some(whole), edge, key, None)


def test_a_database_whose_frontier_was_cut_too_is_noticed_by_its_checkpoint() -> None:
    log = sample()
    short = log.copy()
    short.records = short.records[:12]
    with pytest.raises(LogTruncated, match="ends at entry 12, and its last checkpoint covers 14"):
        verify_stored(some(rows(short)), frontier(short), log.trust_key, log.opened())


def test_a_database_that_was_put_back_is_noticed_by_the_auditor_s_checkpoint() -> None:
    log = sample()
    old, seal = log.copy(), log.opened()
    kept = [Kept(log.append(1).opened(), "kept")]
    with pytest.raises(LogTruncated, match="ends at entry 14, and kept covers 15"):
        verify_stored(some(rows(old)), frontier(old), log.trust_key, seal, kept)
    old.append(1, random.Random(2))
    with pytest.raises(LogAltered, match="its entries up to 15"):
        verify_stored(some(rows(old)), frontier(old), log.trust_key, seal, kept)


def test_one_file_can_be_read_again() -> None:
    log = sample()
    file = file_of(log.export())
    assert list(file.lines()) == list(file.lines()) == log.lines()
