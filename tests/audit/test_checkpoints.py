"""A checkpoint is believed if, and only if, its key follows from the trust key."""

from __future__ import annotations

import pytest

from facecli.audit import notes
from facecli.audit.checkpoints import (
    Checkpoint,
    Succession,
    checkpoint_note,
    compare,
    make_seal,
    open_seal,
    parse_trust_key,
)
from facecli.audit.merkle import Frontier
from facecli.errors.audit import LogAltered, LogTruncated
from facecli.errors.command_line import BadInput
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
    checkpoint = Checkpoint.parse(note.text)
    assert checkpoint.origin == note.signatures[0].name == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.text == note.text


def test_extension_lines_are_kept() -> None:
    text = "a\n0\n" + "A" * 43 + "=\nmore\n"
    assert Checkpoint.parse(text).extensions == ("more",)
    assert Checkpoint.parse(text).text == text


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
        "a\n1\n" + "A" * 43 + "=\n\nx\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Checkpoint.parse(text)


def test_in_the_first_epoch_a_seal_is_the_plain_checkpoint_note() -> None:
    log = Log().append(3)
    seal = log.seal()
    assert checkpoint_note(seal) == seal
    assert notes.parse(seal).is_signed_by(log.trust_key)
    opened = open_seal(seal, log.trust_key)
    assert opened.checkpoint == Checkpoint(ORIGIN, 3, log.tree().root(3))


def test_a_seal_is_believed_through_every_succession() -> None:
    log = Log()
    for size in (0, 3, 3, 5, 9):
        log.append(size - log.size).succeed()
    log.append(4)
    opened = open_seal(log.seal().encode(), log.trust_key)
    assert opened.checkpoint.size == 13
    assert [epoch.size for epoch in opened.epochs] == [0, 0, 3, 3, 5, 9]
    assert opened.epochs[-1].key == log.key.verifier()
    assert notes.parse(checkpoint_note(log.seal())).is_signed_by(log.key.verifier())


def test_neither_kind_of_note_passes_for_the_other() -> None:
    log = Log().append(2).succeed()
    succession = notes.parse(log.successions[0]).text
    assert Succession.parse(succession).text == succession
    with pytest.raises(ValueError, match=r"\w"):
        Checkpoint.parse(succession)
    with pytest.raises(ValueError, match=r"\w"):
        Succession.parse(notes.parse(checkpoint_note(log.seal())).text)


def test_another_log_s_seal_is_not_believed() -> None:
    log, other = Log().append(2), Log().append(2)
    with pytest.raises(LogAltered, match="trust key"):
        open_seal(other.seal(), log.trust_key)


def test_one_key_does_not_vouch_for_a_log_of_another_origin() -> None:
    log = Log().append(2)
    checkpoint = Checkpoint("other", 2, log.tree().root(2))
    with pytest.raises(LogAltered, match="another log"):
        open_seal(notes.sign(checkpoint.text, [log.trust]), log.trust_key)


def test_an_erased_key_is_not_believed_again() -> None:
    """The trust key signed in epoch 0 only; it can't vouch for a checkpoint in epoch 1."""
    log = Log().append(2).succeed().append(1)
    log.key = log.trust
    with pytest.raises(LogAltered, match="signed"):
        open_seal(log.seal(), log.trust_key)


def test_a_missing_repeated_or_reordered_succession_breaks_the_chain() -> None:
    log = Log().append(1).succeed().append(1).succeed().append(1).succeed().append(1)
    one, two, three = log.successions
    for chain in (
        [one, three],
        [two, one, three],
        [one, one, two, three],
        [two, three],
        [one, two],
    ):
        log.successions = chain
        with pytest.raises(LogAltered):
            open_seal(log.seal(), log.trust_key)


def test_today_s_key_cannot_re_sign_what_was_before_its_epoch() -> None:
    """Rewrite entry 1 with the database key and today's signing key: the chain tells."""
    log = Log().append(3).succeed().append(3)
    honest = log.seal()
    log.records[0]["details"] = {"forged": True}
    with pytest.raises(LogAltered, match="does not continue the log of epoch 1"):
        open_seal(log.seal(), log.trust_key)
    log.succeed().append(1)
    with pytest.raises(LogAltered, match="does not continue"):
        open_seal(log.seal(), log.trust_key)
    open_seal(honest, log.trust_key)


def test_today_s_key_cannot_vouch_for_a_shorter_log() -> None:
    log = Log().append(3).succeed()
    tree = log.tree()
    short = Checkpoint(ORIGIN, 2, tree.root(2))
    seal = "\n".join([notes.sign(short.text, [log.key]), *log.successions])
    with pytest.raises(LogTruncated, match="covers 2 entries"):
        open_seal(seal, log.trust_key)


def test_the_proof_from_the_last_succession_is_needed_and_nothing_else() -> None:
    log = Log().append(3).succeed().append(3)
    seal = log.seal()
    body, _, proof = seal.rpartition("\nconsistency ")
    for damaged in (
        body,
        f"{body}\nconsistency 3\n",
        seal + notes.encode_base64(bytes(32)) + "\n",
        seal.replace("\nconsistency 3\n", "\nconsistency 2\n"),
        f"{seal}\nconsistency {proof}",
        f"{body}\nconsistency {proof}\n",
    ):
        with pytest.raises(LogAltered):
            open_seal(damaged, log.trust_key)


def test_no_damage_of_a_seal_goes_unnoticed() -> None:
    log = Log().append(3).succeed().append(2)
    seal = log.seal().encode()
    for at in range(len(seal)):
        for damaged in (seal[:at], seal[:at] + b"~" + seal[at + 1 :], seal[:at] + seal[at + 1 :]):
            with pytest.raises(LogAltered):
                open_seal(damaged, log.trust_key)


def test_two_seals_of_one_history_agree_in_either_order() -> None:
    log, seals = Log(), []
    for count in (0, 2, 0, 3):
        seals.append(log.append(count).seal())
        seals.append(log.succeed().seal())
    opened = [open_seal(seal, log.trust_key) for seal in seals]
    for one in opened:
        for other in opened:
            compare(one, other)


def test_an_epoch_that_began_twice_shows_that_the_database_was_put_back() -> None:
    log = Log().append(3)
    copy = log.copy()
    held = open_seal(log.succeed().append(1).seal(), log.trust_key)
    again = open_seal(copy.succeed().append(9).seal(), log.trust_key)
    for pair in ((held, again), (again, held)):
        with pytest.raises(LogTruncated, match="began twice"):
            compare(*pair)


def test_a_key_that_signs_after_its_end_shows_that_the_database_was_put_back() -> None:
    log = Log().append(3)
    copy = log.copy()
    held = open_seal(log.succeed().append(1).seal(), log.trust_key)
    again = open_seal(copy.append(9).seal(), log.trust_key)
    for pair in ((held, again), (again, held)):
        with pytest.raises(LogTruncated, match="was erased at 3 entries"):
            compare(*pair)


def test_the_trust_key_is_read_as_it_was_printed() -> None:
    key = SigningKey.generate(ORIGIN).verifier()
    assert parse_trust_key(f"{key}\n") == key
    with pytest.raises(BadInput, match="trust key"):
        parse_trust_key(str(key)[:-1])


def test_an_empty_log_can_be_sealed() -> None:
    log = Log()
    assert open_seal(log.seal(), log.trust_key).checkpoint.root == Frontier().root()
    wrong = Checkpoint(ORIGIN, 0, bytes(32))
    with pytest.raises(LogAltered):
        open_seal(notes.sign(wrong.text, [log.trust]), log.trust_key)


def test_a_seal_can_be_made_of_an_earlier_size() -> None:
    log = Log().append(5)
    seal = make_seal(log.key, [], began=0, size=2, tree=log.tree())
    assert open_seal(seal, log.trust_key).checkpoint.size == 2
