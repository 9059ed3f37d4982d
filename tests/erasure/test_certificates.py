"""Certificates of erasure: written before anything is erased for good, checked without a key."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock, Facecli
from tests.kills import kills, spawn
from tests.prepared import let_pass, opened


@pytest.fixture
def custody(ready: Any, clock: Clock, tmp_path: Path) -> Any:
    """Six people without faces, a trust key, and places for certificates and checkpoints."""
    for number in range(6):
        ready("subject", "add", f"Marked-{number}", "--name", f"Marked-Name-{number}")
    ready.trust_key = ready("log", "checkpoint", "--trust-key").out.strip()
    ready.seal, ready.file = tmp_path / "seal", tmp_path / "certificate.json"
    ready.out = tmp_path / "log.jsonl"
    return ready


def _refs(facecli: Facecli) -> set[Any]:
    return {one["ref"] for one in facecli("subject", "list", "--format", "json").json()}


def _revoke(facecli: Any, *refs: Any) -> Any:
    return facecli("revoke", *refs, "--yes", "--certificate", facecli.file)


def _export(facecli: Any) -> None:
    assert facecli("log", "export", "--output", facecli.out).code == 0


def _bare(facecli: Any, *options: Any) -> Any:
    """As the person, or a court, has it checked: no database, no key."""
    return facecli.bare(
        *("--no-input", "--db", "/none/facecli.db", "log", "verify"),
        *("--certificate", facecli.file, *options, "--trust-key", facecli.trust_key),
    )


def _verify(facecli: Any) -> Any:
    return _bare(facecli, facecli.out)


def _linked(facecli: Any) -> Any:
    """The checkpoint to which a link from the certificate leads, kept by somebody."""
    link = facecli("log", "checkpoint", "--since", facecli.file)
    assert link.code == 0, link.err
    (facecli.folder / "link").write_text(link.out, encoding="utf-8")
    facecli.seal.write_text(link.out.partition("\n\n")[2], encoding="utf-8")
    return ("--checkpoint", facecli.seal, "--link", facecli.folder / "link")


def test_a_certificate_says_what_when_by_which_rule_and_by_whom_and_no_name(custody: Any) -> None:
    pseudonym = custody("subject", "show", "Marked-1", "--format", "json").json()["subject_id"]
    assert _revoke(custody, "Marked-1").code == 0
    document = json.loads(custody.file.read_bytes())
    assert document["schema"] == "facecli.erasure-certificate/2"
    assert (document["subject_id"], document["action"]) == (pseudonym, "revoke")
    assert (document["reasons"], document["erased"]) == (["withdrawn"], {"subject": 1})
    assert (document["whole"], document["purpose"]) == (True, None)
    assert document["by"]["slot"] == "first"
    assert document["entry"]["action"] == "revoke.erase"
    assert "Marked" not in custody.file.read_text()
    assert custody.file.stat().st_mode & 0o777 == 0o600


def test_the_trust_key_alone_shows_that_it_was_stated_and_the_sentence_says_so(
    custody: Any,
) -> None:
    assert _revoke(custody, "Marked-1").code == 0
    done = _bare(custody)
    assert done.code == 0, done.err
    assert "1 subject of subject" in done.out
    assert "the holder of the log's identity key stated it" in done.out


def test_it_holds_against_every_later_checkpoint_by_a_link_and_by_exports(
    custody: Any, clock: Clock
) -> None:
    assert _revoke(custody, "Marked-1").code == 0
    for days in (0, 0, 2, 400):
        clock.advance(days=days)
        custody("subject", "add", f"Later-{days}")
        for done in (_bare(custody, *_linked(custody)), (_export(custody), _verify(custody))[1]):
            assert done.code == 0, done.err
            assert "1 subject of subject" in done.out
            assert "identity key" not in done.out


def test_without_a_link_a_kept_checkpoint_shows_nothing(custody: Any) -> None:
    assert custody("log", "checkpoint", "--output", custody.seal).code == 0
    assert _revoke(custody, "Marked-1").code == 0
    for _ in range(2):
        done = _bare(custody, "--checkpoint", custody.seal)
        assert done.code == 32
        assert "facecli log checkpoint --since" in done.err
        assert custody("log", "checkpoint", "--output", custody.seal).code == 0


def test_a_kept_checkpoint_before_it_is_linked_too(custody: Any) -> None:
    assert custody("log", "checkpoint", "--output", custody.seal).code == 0
    early = custody.seal.read_bytes()
    assert _revoke(custody, "Marked-1").code == 0
    (custody.folder / "early").write_bytes(early)
    options = _linked(custody)
    both = custody("log", "checkpoint", "--since", custody.folder / "early").out
    (custody.folder / "second").write_text(both, encoding="utf-8")
    done = _bare(custody, "--checkpoint", custody.folder / "early", *options[2:],
                 "--link", custody.folder / "second")  # fmt: skip
    assert done.code == 32  # the two links end at two checkpoints
    custody.seal.write_text(both.partition("\n\n")[2], encoding="utf-8")
    third = custody("log", "checkpoint", "--since", custody.folder / "link")
    assert third.code == 1


def test_exports_that_end_before_it_show_nothing(custody: Any) -> None:
    _export(custody)
    assert _revoke(custody, "Marked-1").code == 0
    done = _verify(custody)
    assert done.code == 32
    assert "the exports hold entries 1 to" in done.err


def test_a_certificate_of_another_log_does_not_hold(custody: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    stranger = type(custody)(other, custody._capsys)
    assert stranger("init").code == 0
    assert stranger("subject", "add", "X").code == 0
    assert stranger("revoke", "X", "--yes", "--certificate", custody.file).code == 0
    done = _bare(custody)
    assert (done.code, "--trust-key is not usable" in done.err) == (1, True)


def test_a_certificate_of_before_is_named(custody: Any) -> None:
    custody.file.write_text('{"schema": "facecli.erasure-certificate/1"}')
    done = _bare(custody)
    assert done.code == 1
    assert "an earlier facecli wrote it" in done.err


def test_every_change_to_it_is_noticed(custody: Any) -> None:
    _revoke(custody, "Marked-1")
    _export(custody)
    good = json.loads(custody.file.read_bytes())

    def changed(value: Any) -> Iterator[Any]:
        """Every value that differs from this one in one place."""
        if isinstance(value, dict):
            for name in value:
                yield {key: one for key, one in value.items() if key != name}
                for other in changed(value[name]):
                    yield {**value, name: other}
            yield {**value, "more": 1}
        elif isinstance(value, list):
            yield [*value, "more"]
            for at, one in enumerate(value):
                for other in changed(one):
                    yield [*value[:at], other, *value[at + 1 :]]
        elif isinstance(value, bool) or value is None:
            yield not value
        elif isinstance(value, int):
            yield value + 1
        else:
            for at in range(0, len(value), max(1, len(value) // 40)):
                yield value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]

    verdicts = set()
    for document in changed(good):
        custody.file.write_text(json.dumps(document))
        verdicts.add(_verify(custody).code)
    assert 0 not in verdicts
    assert verdicts <= {1, 30, 32}
    custody.file.write_text(json.dumps(good))
    assert _verify(custody).code == 0


@pytest.mark.parametrize("content", ["", "[]", "{}", "7", '"x"', "[" * 9999, "[1]"])
def test_a_file_that_is_no_certificate(custody: Any, content: Any) -> None:
    _export(custody)
    custody.file.write_text(content)
    done = _verify(custody)
    assert done.code == 1
    assert "not usable" in done.err


def test_a_certificate_of_a_history_that_was_undone_does_not_hold(
    custody: Any, tmp_path: Path
) -> None:
    """The operator certifies, puts the database back, and lets the person believe it."""
    before = custody.db.read_bytes()
    _revoke(custody, "Marked-1")
    custody.db.write_bytes(before)
    for number in range(5):
        custody("subject", "add", f"Later-{number}")
    _export(custody)
    assert "Marked-1" in _refs(custody)
    assert _verify(custody).code == 30


def test_several_people_are_a_list(custody: Any) -> None:
    assert _revoke(custody, "Marked-1", "Marked-2", "Marked-3").code == 0
    _export(custody)
    assert len(json.loads(custody.file.read_bytes())) == 3
    assert _verify(custody).out.count("The certificate holds") == 3
    assert _refs(custody) == {"Marked-0", "Marked-4", "Marked-5"}


def test_a_purge_certifies_each_person(custody: Any, clock: Clock) -> None:
    let_pass(custody, clock, days=300)
    done = custody("purge", "--certificate", custody.file)
    assert done.code == 0, done.err
    assert _refs(custody) == set()
    _export(custody)
    assert len(json.loads(custody.file.read_bytes())) == 6
    said = _verify(custody)
    assert (said.code, said.out.count("no-consent")) == (0, 6)


def test_a_purge_with_nothing_due_leaves_an_empty_list(custody: Any) -> None:
    assert custody("purge", "--certificate", custody.file).code == 0
    assert json.loads(custody.file.read_bytes()) == []


def test_a_purge_in_several_commits_is_one_list(
    custody: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facecli.erasure.purge.SUBJECTS_A_COMMIT", 4)
    let_pass(custody, clock, days=300)
    assert custody("purge", "--certificate", custody.file).code == 0
    _export(custody)
    assert _verify(custody).out.count("The certificate holds") == 6


def test_what_was_committed_before_a_failure_is_certified(
    custody: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facecli.erasure.purge.SUBJECTS_A_COMMIT", 2)
    with opened(custody) as session:
        session.db.execute(
            "CREATE TRIGGER stop BEFORE DELETE ON subject WHEN old.ref = 'Marked-5'"
            " BEGIN SELECT raise(ABORT, 'database or disk is full'); END"
        )
    let_pass(custody, clock, days=300)
    assert custody("purge", "--certificate", custody.file).code == 74
    assert _refs(custody) == {"Marked-4", "Marked-5"}
    _export(custody)
    assert _verify(custody).out.count("The certificate holds") == 4


@pytest.mark.parametrize("command", [["revoke", "Marked-1", "--yes"], ["purge"]])
@pytest.mark.parametrize("where", ["no/such/folder", "."])
def test_where_the_certificate_cannot_be_written_nothing_is_erased(
    custody: Any, clock: Clock, command: list[str], where: str
) -> None:
    let_pass(custody, clock, days=300)
    done = custody(*command, "--certificate", custody.folder / where)
    assert done.code in (2, 74)
    assert len(_refs(custody)) == 6
    assert list(custody.folder.glob(".*.tmp")) == []


def test_a_refusal_leaves_no_file(custody: Any) -> None:
    assert _revoke(custody, "Nobody").code == 21
    assert _revoke(custody, "Marked-1", "Nobody").code == 21
    assert not custody.file.exists()
    assert len(_refs(custody)) == 6
    assert list(custody.folder.glob(".*.tmp")) == []


def test_a_dry_run_writes_none(custody: Any) -> None:
    done = custody("revoke", "Marked-1", "--dry-run", "--certificate", custody.file)
    assert done.code == 0
    assert not custody.file.exists()


def test_a_lost_certificate_is_made_again_from_the_log(custody: Any, clock: Clock) -> None:
    _revoke(custody, "Marked-1", "Marked-2")
    first = json.loads(custody.file.read_bytes())
    custody.file.unlink()
    clock.advance(days=100)
    seqs = [one["entry"]["seq"] for one in first]
    assert custody("log", "certificate", *seqs, "--output", custody.file).code == 0
    again = json.loads(custody.file.read_bytes())
    assert [one["entry"] for one in again] == [one["entry"] for one in first]
    _export(custody)
    assert _verify(custody).code == 0
    assert custody("log", "certificate", seqs[0], "--output", custody.file).code == 0
    assert json.loads(custody.file.read_bytes())["entry"] == first[0]["entry"]


@pytest.mark.parametrize("seq", [1, 9999])
def test_an_entry_that_records_no_erasure(custody: Any, seq: int) -> None:
    done = custody("log", "certificate", seq, "--output", custody.file)
    assert done.code == 21
    assert "no erasure" in done.err
    assert not custody.file.exists()


def test_killed_at_random_moments_no_certificate_is_false_and_none_is_beyond_reach(
    custody: Any,
) -> None:
    def start(number: int) -> int:
        custody.file = custody.folder / f"certificate-{number}.json"
        options = ("--yes", "--certificate", custody.file)
        return spawn(*custody.globals, "revoke", f"Marked-{number}", *options)

    with kills(custody.folder, start(0), random.Random(7)) as killing:
        for attempt in range(1, 6):
            killing.kill(start(attempt))
            _export(custody)
            gone = f"Marked-{attempt}" not in _refs(custody)
            if custody.file.exists():
                assert gone
                assert _verify(custody).code == 0
            elif gone:
                log = custody("log", "show", "-n", "100", "--format", "json").json()
                seq = [one["seq"] for one in log if one["action"] == "revoke.erase"][-1]
                assert custody("log", "certificate", seq, "--output", custody.file).code == 0
