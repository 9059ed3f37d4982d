"""`facecli revoke`: withdrawn, erased, and nothing left to find in any page of the file."""

from __future__ import annotations

import hashlib

import pytest

from facecli.cli.session import Settings, session
from facecli.store import shards
from tests.forensics import database_key, plaintext

MARKED_NAME = "Marked-Name-Zq7"
MARKED_REF = "Marked-Ref-Xw9"


@pytest.fixture
def settings(enrolled):
    return Settings(enrolled.db, {"key_file": str(enrolled.key)}, no_input=True, quiet=True)


def _refs(facecli):
    return {one["ref"] for one in facecli("subject", "list", "--format", "json").json()}


def _vectors(settings):
    with session(settings, "test") as opened:
        rows = opened.db.rows("SELECT shard_id, slot, subject_id FROM template")
        return {
            row["subject_id"]: shards.read_one(
                opened.db, shards.Place(row["shard_id"], row["slot"]), 128
            )
            for row in rows
        }


def test_one_command_withdraws_and_erases_every_modality(enrolled, sample_data):
    enrolled("match", sample_data / "probes" / "gate-2.jpg", "--purpose", "gate")
    done = enrolled("revoke", "A-1002", "--yes", "--format", "json")
    assert done.code == 0
    assert {(row["what"], row["outcome"], row["reason"]) for row in done.json()} == {
        (what, "erased", "withdrawn") for what in ("template", "match", "consent", "subject")
    }
    assert _refs(enrolled) == {"A-1001", "A-1003"}
    assert enrolled("verify", "A-1002", "x.jpg", "--purpose", "gate").code == 21


def test_nothing_of_the_person_is_left_in_any_page(enrolled, sample_data, settings):
    form = sample_data / "consents" / "A-1002.txt"
    evidence = hashlib.sha256(form.read_bytes()).hexdigest()
    enrolled("subject", "correct", "A-1002", "--name", MARKED_NAME, "--new-ref", MARKED_REF)
    enrolled(
        *("consent", "record", MARKED_REF, "--purpose", "gate", "--expires", "1y"),
        *("--evidence", form, "--keep-evidence"),
    )
    with session(settings, "test") as opened:
        marked = opened.db.value("SELECT id FROM subject WHERE ref = ?", (MARKED_REF,))
    vector = _vectors(settings)[marked]
    wanted = {
        "template": vector,
        "name": MARKED_NAME.encode(),
        "ref": MARKED_REF.encode(),
        "evidence": form.read_bytes(),
        "evidence hash": evidence.encode(),
    }
    key = database_key(enrolled.db, enrolled.key)
    before = plaintext(enrolled.db, key)
    assert [what for what, content in wanted.items() if content not in before] == []

    assert enrolled("revoke", MARKED_REF, "--yes").code == 0

    after = plaintext(enrolled.db, key)
    assert [what for what, content in wanted.items() if content in after] == []
    others = _vectors(settings)
    assert len(others) == 2
    assert all(other in after for other in others.values())


def test_what_other_consents_cover_stays(enrolled, sample_data):
    enrolled(
        *("enroll", "file", "A-1002", sample_data / "probes" / "gate-2.jpg"),
        *("--purpose", "attendance", "--expires", "6m"),
    )
    done = enrolled("revoke", "A-1002", "--purpose", "gate", "--yes", "--format", "json")
    assert done.code == 0
    assert {(row["what"], row["purpose"]) for row in done.json()} == {
        ("template", "gate"),
        ("consent", "gate"),
    }
    probe = sample_data / "enrol" / "A-1002.jpg"
    assert enrolled("verify", "A-1002", probe, "--purpose", "gate").code == 20
    assert enrolled("verify", "A-1002", probe, "--purpose", "attendance").code == 0


def test_a_dry_run_shows_the_same_rows_and_erases_nothing(enrolled):
    dry = enrolled("revoke", "A-1001", "--dry-run", "--format", "json")
    assert dry.code == 0
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}
    done = enrolled("revoke", "A-1001", "--yes", "--format", "json")
    same = ("ref", "subject_id", "purpose", "what", "reason")
    assert [[row[name] for name in same] for row in dry.json()] == [
        [row[name] for name in same] for row in done.json()
    ]


def test_without_a_confirmation_nothing_is_erased(enrolled):
    done = enrolled("revoke", "A-1001")
    assert done.code == 1
    assert "--yes" in done.err
    assert "A-1001" in _refs(enrolled)


def test_the_question_names_whom_it_is_about(enrolled, monkeypatch):
    asked = []
    monkeypatch.setattr(Settings, "interactive", True)
    monkeypatch.setattr("click.confirm", lambda question, **_: asked.append(question))
    assert enrolled("revoke", "A-1001").code == 1
    assert enrolled("revoke", "A-1001", "A-1002").code == 1
    assert asked[0].startswith("Withdraw the consent of A-1001 and erase ")
    assert asked[1].startswith("Withdraw the consent of 2 people and erase ")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["A-1001", "A-9999"], 21, "A-9999"),
        (["A-1001", "--purpose", "attendance"], 21, "attendance"),
        (["A-1001", "--purpose", "nothing"], 21, "nothing"),
    ],
)
def test_bad_input_is_refused_whole(enrolled, arguments, code, said):
    done = enrolled("revoke", *arguments, "--yes")
    assert done.code == code
    assert said in done.err
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def test_a_legal_hold_forbids_erasing_until_it_is_released(enrolled, clock):
    assert enrolled("subject", "hold", "A-1001", "--reason", "case 1", "--until", "6m").code == 0
    refused = enrolled("revoke", "A-1001", "--yes")
    assert refused.code == 22
    assert "hold" in refused.err
    assert "A-1001" in _refs(enrolled)
    assert enrolled("subject", "release", "A-1001").code == 0
    assert enrolled("revoke", "A-1001", "--yes").code == 0


def test_the_log_keeps_the_pseudonym_and_nothing_else(enrolled):
    shown = enrolled("subject", "show", "A-1001", "--format", "json").json()
    enrolled("revoke", "A-1001", "--yes", "--reason", "asked-at-the-desk")
    log = enrolled("log", "show", "--format", "json")
    assert "A-1001" not in log.out
    assert "asked-at-the-desk" not in log.out
    last = log.json()[-1]
    assert (last["action"], last["subject_id"]) == ("revoke.erase", shown["subject_id"])
    assert last["details"]["erased"] == {"consent": 1, "subject": 1, "template": 1}


def test_a_manifest_that_runs_again_does_not_bring_back_who_withdrew(enrolled, sample_data):
    assert enrolled("revoke", "A-1002", "--yes").code == 0
    again = enrolled("enroll", "batch", sample_data / "manifest.csv", "--format", "json")
    assert again.code == 3
    rows = {row["ref"]: row["reason"] for row in again.json()}
    assert rows["A-1002"] == "no-consent"
    assert _refs(enrolled) == {"A-1001", "A-1003"}
