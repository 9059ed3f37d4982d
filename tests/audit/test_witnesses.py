"""Witnesses: what they cosign, what they refuse, and checkpoints that need their lines."""

from __future__ import annotations

import pytest

from facecli.audit.checkpoints import open_checkpoint
from facecli.audit.links import Link
from facecli.audit.notes import Note
from facecli.audit.witnesses import (
    Seen,
    WitnessKey,
    check_quorum,
    cosign,
    file_name,
    read_secret,
    write_secret,
)
from facecli.errors.audit import (
    LogAltered,
    LogTruncated,
    ProofUnlinked,
    TooFewWitnesses,
    WitnessRefused,
)
from facecli.errors.command_line import BadInput
from facecli.keys.signing import SigningKey
from tests.audit.logs import ORIGIN, Log

MOMENT = 1_795_000_000
KEYS = [SigningKey.generate(f"witness-{number}.example") for number in range(3)]
WITNESSES = [WitnessKey(key.name, key.verifier().public) for key in KEYS]


def _link(log: Log, old: int) -> Link:
    return Link(old, tuple(log.tree().consistency(old, log.size)), log.seal())


def _cosigned(log: Log, *keys: SigningKey, moment: int = MOMENT) -> Note:
    text = log.seal()
    for key in keys:
        line, _ = cosign(key, log.opened(), Seen(log.trust_key), None, moment)
        text += line
    return open_checkpoint(text, log.trust_key).note


def test_a_key_is_read_as_it_is_published_and_nothing_else() -> None:
    text = str(WITNESSES[0])
    assert WitnessKey.parse(f"{text}\n") == WITNESSES[0]
    for at in range(len(text)):
        with pytest.raises(WitnessRefused):
            WitnessKey.parse(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    with pytest.raises(WitnessRefused, match="type 4"):
        WitnessKey.parse(str(KEYS[0].verifier()))


def test_a_secret_key_is_read_as_it_is_written_and_nothing_else() -> None:
    text = write_secret(KEYS[0])
    assert read_secret(text).verifier() == KEYS[0].verifier()
    for other in ("", text[8:], text.replace("+", " "), text[:-8]):
        with pytest.raises(BadInput, match="PRIVATE"):
            read_secret(other)


def test_a_witness_cosigns_what_goes_on_from_what_it_saw() -> None:
    log = Log().append(3)
    line, seen = cosign(KEYS[0], log.opened(), Seen(log.trust_key), None, MOMENT)
    assert line.startswith(f"— {KEYS[0].name} ")
    assert (seen.size, seen.root) == (log.size, log.tree().root(log.size))
    assert cosign(KEYS[0], log.opened(), seen, None, MOMENT)[1] == seen
    log.append(5)
    _, later = cosign(KEYS[0], log.opened(), seen, _link(log, seen.size), MOMENT)
    assert later.size == log.size


def test_a_witness_refuses_a_fork_a_smaller_checkpoint_and_one_without_a_link() -> None:
    log = Log().append(3)
    _, seen = cosign(KEYS[0], log.opened(), Seen(log.trust_key), None, MOMENT)
    fork = log.copy()
    fork.records[1]["outcome"] = "failed"
    with pytest.raises(LogAltered):
        cosign(KEYS[0], fork.opened(), seen, None, MOMENT)
    fork.append()
    with pytest.raises(LogAltered):
        cosign(KEYS[0], fork.opened(), seen, _link(fork, seen.size), MOMENT)
    with pytest.raises(LogTruncated, match="3 entries, and 4 were seen"):
        cosign(KEYS[0], log.opened(3), seen, None, MOMENT)
    log.append()
    for link in (None, _link(log, 2)):
        with pytest.raises(ProofUnlinked):
            cosign(KEYS[0], log.opened(), seen, link, MOMENT)


def test_as_many_witnesses_as_asked_for_must_have_cosigned_one_checkpoint() -> None:
    log = Log().append(3)
    early = _cosigned(log, *KEYS[:2])
    late = _cosigned(log.append(2), KEYS[2])
    assert check_quorum([early, late], WITNESSES, 2) == 4
    assert check_quorum([early, late], WITNESSES, 1) == 6
    with pytest.raises(TooFewWitnesses, match="2 of the 3"):
        check_quorum([early, late], WITNESSES, 3)
    with pytest.raises(TooFewWitnesses):  # the same witness twice is one
        check_quorum([late], [WITNESSES[2], WITNESSES[2]], 2)


def test_a_false_line_in_the_name_of_a_witness_is_no_missing_one() -> None:
    log = Log().append(3)
    text = log.seal()
    line, _ = cosign(KEYS[0], Log().append(3).opened(), Seen(log.trust_key), None, MOMENT)
    note = open_checkpoint(text + line, log.trust_key).note
    with pytest.raises(LogAltered, match=KEYS[0].name):
        check_quorum([note], WITNESSES, 1)


def test_the_state_is_read_as_it_is_written_and_nothing_else() -> None:
    log = Log().append(3)
    _, seen = cosign(KEYS[0], log.opened(), Seen(log.trust_key), None, MOMENT)
    content = seen.to_bytes()
    assert Seen.parse(content, "state") == seen
    for other in (b"", b"{}\n", b"[]", content[:-1], content.replace(b'"size":4', b'"size":-4'),
                  content.replace(b"facecli.witness", b"other.witness")):  # fmt: skip
        with pytest.raises(BadInput, match="state of a witness"):
            Seen.parse(other, "state")


def test_each_log_has_a_file_of_its_own_with_a_plain_name() -> None:
    names = {file_name(ORIGIN), file_name(ORIGIN + "0"), file_name("../../etc/passwd")}
    assert len(names) == 3
    assert all(name.removesuffix(".json").isalnum() for name in names)
