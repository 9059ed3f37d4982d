"""A checkpoint is believed if, and only if, its keys are those of the trust key."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.audit import notes
from facecli.audit.checkpoints import (
    Epoch,
    Statement,
    compare,
    make_checkpoint,
    open_checkpoint,
    stated_trust_key,
)
from facecli.audit.trust_key import TrustKey
from facecli.errors.audit import LogAltered, LogTruncated, NoTrustKey
from facecli.keys.signing import SigningKey
from tests.audit.logs import ORIGIN, Log

# The example of c2sp.org/tlog-checkpoint.
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""  # noqa: E501


def test_the_specification_s_example_is_read_and_written_alike() -> None:
    note = notes.parse(EXAMPLE)
    statement = Statement.parse(note.text)
    assert statement.origin == note.signatures[0].name == "example.com/behind-the-sofa"
    assert statement.size == 20852163
    assert statement.root.hex().startswith("0ac5186a91863e8e")
    assert statement.text == note.text
    assert str(note) == EXAMPLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\n1\n" + "A" * 43 + "=",
        "\n1\n" + "A" * 43 + "=\n",
        "a\n01\n" + "A" * 43 + "=\n",
        "a\n+1\n" + "A" * 43 + "=\n",
        "a\n-1\n" + "A" * 43 + "=\n",
        "a\n1 \n" + "A" * 43 + "=\n",
        "a\n\u0661\n" + "A" * 43 + "=\n",
        "a\n1\n" + "A" * 43 + "\n",
        "a\n1\n" + "A" * 44 + "\n",
        "a\n1\nAAAA\n",
        "a\n1\n" + "A" * 43 + "=\n\n",
        "a\n1\n" + "A" * 43 + "=\nextension\n",
    ],
)
def test_what_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Statement.parse(text)


def test_it_opens_with_the_trust_key_and_states_its_epoch() -> None:
    log = Log().append(3)
    opened = log.opened()
    assert (opened.size, opened.root) == (4, log.tree().root(4))
    assert opened.epoch == Epoch(0, 0, log.first.verifier().public)
    later = log.succeed().append(2).opened()
    assert later.epoch == Epoch(1, 4, log.key.verifier().public)
    for each in (opened, later):
        assert each.note.is_signed_by(log.identity.verifier())


def test_its_size_does_not_grow_with_the_epochs() -> None:
    log = Log().append(1)
    first = len(log.seal())
    for _ in range(300):
        log.succeed()
    assert len(log.seal()) <= first + 2  # the digits of its size
    assert first < 550


def test_a_stock_verifier_needs_the_identity_key_alone() -> None:
    log = Log().append(3).succeed()
    assert notes.parse(log.seal()).is_signed_by(log.identity.verifier())


def test_lines_of_witnesses_are_passed_over() -> None:
    log = Log().append(3)
    witness = SigningKey.generate("witness.example")
    line = str(notes.sign("x\n", [witness]).signatures[0])
    assert open_checkpoint(log.seal() + line, log.trust_key).size == 4


def forged(log: Log, **changes: object) -> str:
    """A checkpoint made of other parts than the log's own."""
    parts = {
        "statement": Statement(ORIGIN, log.size, log.tree().root(log.size)),
        "trust_key": log.trust_key,
        "identity": log.identity,
        "epoch": log.epochs[-1],
        "key": log.key,
        "first": log.first.verifier().public,
    }
    return make_checkpoint(**{**parts, **changes})  # type: ignore[arg-type]


def test_every_key_must_be_the_log_s_own() -> None:
    log, other = Log().append(3).succeed().append(1), SigningKey.generate(ORIGIN)
    cases: dict[str, Any] = {
        "not those of the trust key": {"identity": other},
        "keys are not those of": {"first": other.verifier().public},
        "its epoch did not sign": {"key": other},
        "another epoch 0|its epoch 0": {"epoch": Epoch(0, 4, log.epochs[-1].key)},
        "no line that belongs": {"trust_key": Log().trust_key},
        "of the log other": {"statement": Statement("other", 3, bytes(32))},
    }
    for match, change in cases.items():
        with pytest.raises(LogAltered, match=match):
            open_checkpoint(forged(log, **change), log.trust_key)


def test_another_log_s_checkpoint_is_not_believed() -> None:
    with pytest.raises(LogAltered, match="does not verify"):
        open_checkpoint(Log().append(2).seal(), Log().append(2).trust_key)


def test_a_checkpoint_that_seals_nothing_of_its_epoch_is_of_a_log_that_was_cut() -> None:
    log = Log().append(3).succeed()
    for size in (1, 4):
        with pytest.raises(LogTruncated, match=f"covers {size} entr(y|ies),"):
            log.opened(size)


def test_no_damage_goes_unnoticed() -> None:
    log = Log().append(3).succeed().append(2)
    seal = log.seal().encode()
    for at in range(len(seal)):
        for damaged in (seal[:at], seal[:at] + b"~" + seal[at + 1 :], seal[:at] + seal[at + 1 :]):
            with pytest.raises(LogAltered):
                open_checkpoint(damaged, log.trust_key)


def test_checkpoints_of_one_history_agree_in_either_order() -> None:
    log, opened = Log(), []
    for count in (0, 2, 0, 3):
        opened.append(log.append(count).opened())
        opened.append(log.succeed().opened())
    for one in opened:
        for other in opened:
            compare(one, other)


def test_an_epoch_that_began_twice_shows_that_the_database_was_put_back() -> None:
    log = Log().append(3)
    copy = log.copy()
    held, again = log.succeed().append(1).opened(), copy.succeed().append(9).opened()
    for pair in ((held, again), (again, held)):
        with pytest.raises(LogTruncated, match="began twice"):
            compare(*pair)


def test_a_key_that_signs_after_its_end_shows_that_the_database_was_put_back() -> None:
    log = Log().append(3)
    copy = log.copy()
    held, again = log.succeed().append(1).opened(), copy.append(9).opened()
    for pair in ((held, again), (again, held)):
        with pytest.raises(LogTruncated, match="was erased at 4 entries"):
            compare(*pair)


def test_two_roots_of_one_size_show_an_altered_log() -> None:
    log = Log().append(3)
    other = log.copy()
    other.records[1] = {**other.records[1], "outcome": "failed"}
    with pytest.raises(LogAltered, match="different roots"):
        compare(log.opened(), other.opened())


def test_the_trust_key_is_read_as_it_was_printed() -> None:
    key = Log().trust_key
    assert TrustKey.parse(f"{key}\n") == key
    assert len(str(key)) < 120
    assert stated_trust_key(Log().seal()).name == ORIGIN
    with pytest.raises(NoTrustKey, match="not of the form"):
        TrustKey.parse(str(key)[:-1])
    with pytest.raises(NoTrustKey, match="do not fit"):
        TrustKey.parse(str(key)[1:])


def test_a_trust_key_of_before_is_named() -> None:
    with pytest.raises(NoTrustKey, match="an earlier facecli"):
        TrustKey.parse(str(Log().identity.verifier()))
