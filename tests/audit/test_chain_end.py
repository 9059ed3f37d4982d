"""Beyond the end of a chain only that counts which a proof connects to its last entry."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from facecli.audit.chain_end import Kept
from facecli.audit.checkpoints import Epoch, open_checkpoint
from facecli.audit.epochs import handover_details
from facecli.audit.links import Link, opened
from facecli.audit.log_verification import Verified, verify_chain
from facecli.errors.audit import LogAltered, LogRestored, LogUnreached, ProofUnlinked
from facecli.errors.base import FacecliError
from facecli.keys.signing import SigningKey
from tests import independent_verifier
from tests.audit.logs import ORIGIN, Log, entry, file_of

Lines = list[bytes]


def verified(
    log: Log,
    *exports: Lines,
    held: Sequence[str] = (),
    proven: Sequence[str] = (),
    links: Sequence[Link] = (),
) -> Verified:
    kept = [Kept(open_checkpoint(text, log.trust_key), "kept") for text in held]
    proofs = [Kept(open_checkpoint(text, log.trust_key), "c", "certificate") for text in proven]
    files = [file_of(lines, f"{number}.jsonl") for number, lines in enumerate(exports, 1)]
    return verify_chain(files, log.trust_key, kept, proofs, opened(links, log.trust_key))


def code(log: Log, *exports: Lines, held: Sequence[str] = ()) -> int:
    """The exit code of this verifier and of the independent one, which must agree."""
    try:
        verified(log, *exports, held=held)
        found = 0
    except FacecliError as error:
        found = int(error.exit_code)
    data, kept = [b"".join(lines) for lines in exports], [text.encode() for text in held]
    assert independent_verifier.verify(data, str(log.trust_key), kept) == found
    return found


def link(log: Log, old: int) -> Link:
    return Link(old, tuple(log.tree().consistency(old, log.size)), log.seal())


def evil(log: Log, count: int) -> Log:
    """The log signed on from a copy, with other entries."""
    for _ in range(count):
        log.records.append(entry(log.size + 1, {"evil": 1}))
    return log


def until_4(log: Log, grown: int = 4) -> tuple[Log, Log, Lines]:
    """A log that went on, a copy from before, and an honest export of the first 4 entries."""
    copy = log.copy()
    log.append(grown)
    return log, copy, log.export(0, 4)


@pytest.mark.parametrize("more", [1, 3])
@pytest.mark.parametrize("after", [0, 4])
def test_a_kept_checkpoint_in_another_file_does_not_cover_forged_entries(
    more: int, after: int
) -> None:
    log, copy, honest = until_4(Log().append(3))
    forged = evil(copy, more).export(after)
    assert code(log, honest, forged, held=[log.seal()]) == 32
    assert code(log, honest, forged) == 32
    with pytest.raises(LogUnreached, match=r"beyond \d, and the checkpoint of 1\.jsonl covers 8 e"):
        verified(log, honest, forged)


def test_a_checkpoint_of_a_later_epoch_does_not_cover_forged_entries_of_an_erased_key() -> None:
    log = Log().append(3)
    copy = log.copy()
    log.append(2).succeed().append(1)
    honest, forged = log.export(0, 4), evil(copy, 2)
    assert code(log, honest, forged.export(4)) == 32
    assert code(log, honest, forged.export(4), held=[log.seal()]) == 32
    assert code(log, honest, evil(forged, 4).export(4)) == 31


def test_a_checkpoint_among_the_shown_entries_is_met_with_the_trust_key_alone() -> None:
    log, copy, honest = until_4(Log().append(3))
    evil(copy, 6)
    for after in (0, 4):
        assert code(log, honest, copy.export(after)) == 30
    with pytest.raises(LogAltered, match=r"up to 8 in 2\.jsonl .* the checkpoint of 1\.jsonl"):
        verified(log, honest, copy.export(4))


def test_a_checkpoint_among_the_shown_entries_is_met_across_epochs_with_a_skipped_number() -> None:
    log = Log().append(3)
    copy = evil(log.copy(), 6)
    log.succeed().append(3)
    key = SigningKey.generate(ORIGIN)
    epoch = Epoch(2, copy.size, key.verifier().public)
    root = copy.tree().root(copy.size)
    copy._announce(handover_details(copy.key, copy.trust_key, epoch, root))
    copy.epochs.append(epoch)
    copy.key = key
    copy.append(2)
    for after in (0, 4):
        assert code(log, log.export(0, 4), copy.export(after)) == 31


def test_a_certificate_of_another_file_s_checkpoint_does_not_cover_forged_entries() -> None:
    log, copy, honest = until_4(Log().append(3))
    forged = evil(copy, 5).export(4)
    late = log.append(3).seal()
    honest = log.export(0, 4)
    assert verified(log, honest, proven=[late]).checkpoint.size == 11
    with pytest.raises(ProofUnlinked):
        verified(log, honest, forged, proven=[late])


def test_a_certificate_inside_the_files_does_not_stand_for_the_entries_before_them() -> None:
    log = Log().append(4)
    held = log.seal()
    copy = evil(log.copy(), 9)
    with pytest.raises(FacecliError, match="entries 6 to 8 are missing"):
        verified(log, copy.export(8), held=[held], proven=[copy.seal(12)])


def test_only_connected_checkpoints_cover_the_chain() -> None:
    log, copy, honest = until_4(Log().append(3))
    found = verified(log, honest, held=[log.seal()])
    assert {each.size for each in found.covering} == {8}
    far = link(log.copy().append(3), 8)
    longer = log.copy().append(3)
    found = verified(longer, honest, evil(copy, 9).export(0, 4), links=[far])
    assert {each.root for each in found.covering} >= {log.opened().root}


def test_a_link_connects_a_kept_checkpoint_with_the_end() -> None:
    log, copy, honest = until_4(Log().append(3))
    longer = log.copy().append(3)
    assert code(log, honest, held=[longer.seal()]) == 32
    on = link(longer, 8)
    assert verified(log, honest, held=[longer.seal()], links=[on]).checkpoint.size == 11
    assert verified(log, longer.export(0, 4), held=[log.seal()], links=[on]).until == 4
    from_end = link(longer, 4)
    assert verified(log, honest, held=[longer.seal()], links=[from_end]).until == 4
    forged = evil(copy, 3).export(4)
    for given in ([on], [from_end], [on, from_end]):
        with pytest.raises(FacecliError) as caught:
            verified(log, honest, forged, held=[longer.seal()], links=given)
        assert caught.value.exit_code in (30, 31, 32)


def test_honest_files_in_any_order_are_neither_altered_nor_cut() -> None:
    log, files, after = Log(), list[Lines](), 0
    for _ in range(6):  # each month is exported with --until, when the next has begun
        until = log.append(3).size
        log.succeed().append(1)
        files.append(log.export(after, until))
        after = until
    random.Random(1).shuffle(files)
    assert code(log, *files) == code(log, *files, held=[log.seal()]) == 0
    assert code(log, *files, log.export(0, 9), log.export(3, 12), log.export(), files[0]) == 0
    log.append(2)
    assert code(log, *files, log.export(0, 4)) == 32  # made later, and goes on less far
    assert code(log, *files, log.export(0, 4), log.export(4)) == 0


def test_a_file_that_ends_below_a_newer_checkpoint_is_not_called_cut() -> None:
    log = Log().append(4)
    old = log.export()
    part = log.copy().append(1).export(0, 3)
    log.append(3).succeed().append(2)
    assert code(log, old, held=[log.seal()]) == 32
    assert code(log, part, held=[log.seal()]) == 32
    with pytest.raises(LogUnreached, match="show no entries beyond 5, and kept covers 11 entries"):
        verified(log, old, held=[log.seal()])


def test_a_checkpoint_of_an_abandoned_branch_names_the_restore_and_all_that_was_abandoned() -> None:
    log = Log().append(3)
    backup = log.copy()
    log.succeed().append(6).succeed().append(4).succeed().append(2)
    details: dict[str, Any] = {"backup_entries": 4, "erased_again": 0,
                               "erasures_known_until": 9, "log": "continued"}  # fmt: skip
    backup.succeed()
    backup.records.append(entry(backup.size + 1, details, action="backup.restore", purpose=None))
    for grown in (0, 30):
        backup.append(grown)
        for files, held in (
            ([backup.export()], [log.seal()]),
            ([backup.export(), log.export()], []),
            ([backup.export(), log.export(0, 5)], []),
        ):
            if not grown and held:  # nothing contradicts it yet
                assert code(log, *files, held=held) == 32
                with pytest.raises(LogUnreached, match=r"Entry 6 of .* back to entry 4: if"):
                    verified(log, *files, held=held)
                continue
            assert code(log, *files, held=held) == 31
            with pytest.raises(LogRestored) as caught:
                verified(log, *files, held=held)
            found = caught.value.details
            assert (found["seq"], found["entries"]) == (6, 4)
            assert (found["first"], found["last"]) == (5, log.size)


@pytest.mark.parametrize("succeeds", [False, True])
def test_an_older_export_than_a_kept_checkpoint_is_not_called_cut(succeeds: bool) -> None:
    log = Log().append(3)
    older = log.export()
    newer = (log.succeed() if succeeds else log).append(2)
    assert code(newer, older, held=[newer.seal()]) == 32
    with pytest.raises(LogUnreached, match=r"no entries beyond 4, and kept.*the log was cut off"):
        verified(newer, older, held=[newer.seal()])
    assert code(newer, older, newer.export(4), held=[newer.seal()]) == 0


def test_a_restore_long_past_does_not_accuse_what_came_after_it() -> None:
    log = Log().append(3)
    details: dict[str, Any] = {"backup_entries": 4, "erased_again": 0,
                               "erasures_known_until": 9, "log": "continued"}  # fmt: skip
    log.succeed()
    log.records.append(entry(log.size + 1, details, action="backup.restore", purpose=None))
    older = log.append(20).succeed().append(3).export()
    held = [log.append(5).seal()]
    assert code(log, older, held=held) == 32
    assert code(log, older, log.export(29), held=held) == 0


def test_checkpoints_of_exports_that_leave_out_the_end_may_lie_before_the_last_one() -> None:
    log = Log().append(9)
    first, sealed = log.export(0, 3), log.size
    second = log.append(1).export(3, 6)
    assert code(log, first, second) == 0
    assert verified(log, first, second).checkpoint.size == sealed + 1
    assert code(log, log.append(1).export(0, 3), second) == 32
