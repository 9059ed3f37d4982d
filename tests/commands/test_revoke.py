"""`facecli revoke`: withdrawn, erased, and nothing left to find in any page of the file."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from facecli.cli.session import Settings, session
from facecli.consent.skeletons import numbers
from facecli.store import shards
from tests.conftest import Clock, Facecli
from tests.forensics import database_key, plaintext

pytestmark = pytest.mark.usefixtures("kept_workers")

MARKED_NAME = "Marked-Name-Zq7"
MARKED_REF = "Marked-Ref-Xw9"


@pytest.fixture
def settings(enrolled: Facecli) -> Any:
    return Settings(enrolled.db, {"key_file": str(enrolled.key)}, no_input=True, quiet=True)


def _refs(facecli: Facecli) -> set[Any]:
    return {one["ref"] for one in facecli("subject", "list", "--format", "json").json()}


def _vectors(settings: Any) -> dict[Any, Any]:
    with session(settings, "test") as opened:
        rows = opened.db.rows("SELECT shard_id, slot, subject_id FROM template")
        return {
            row["subject_id"]: shards.read_one(
                opened.db, shards.TemplatePlace(row["shard_id"], row["slot"])
            )
            for row in rows
        }


@pytest.mark.rule("withdraw-as-easily")
def test_one_command_withdraws_and_erases_every_modality(
    enrolled: Facecli, sample_data: Path
) -> None:
    enrolled("match", sample_data / "probes" / "gate-2.jpg", "--purpose", "gate")
    done = enrolled("revoke", "A-1002", "--yes", "--format", "json")
    assert done.code == 0
    assert {(row["what"], row["outcome"], row["reason"]) for row in done.json()} == {
        (what, "erased", "withdrawn") for what in ("template", "match", "consent", "subject")
    }
    assert _refs(enrolled) == {"A-1001", "A-1003"}
    assert enrolled("verify", "A-1002", "x.jpg", "--purpose", "gate").code == 21


@pytest.mark.rule("copy-correct-erase")
def test_nothing_of_the_person_is_left_in_any_page(enrolled: Facecli, settings: Any) -> None:
    form = enrolled.folder / "form.txt"
    form.write_text("The form of a second consent, signed in the same hour.\n" * 9)
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
        "numbers of the skeletons": struct.pack(">2i", *numbers(MARKED_REF)),
        "evidence": form.read_bytes(),
        "evidence hash": bytes.fromhex(evidence),
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


def test_what_other_consents_cover_stays(enrolled: Facecli, sample_data: Path) -> None:
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


def test_a_dry_run_shows_the_same_rows_and_erases_nothing(enrolled: Facecli) -> None:
    dry = enrolled("revoke", "A-1001", "--dry-run", "--format", "json")
    assert dry.code == 0
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}
    done = enrolled("revoke", "A-1001", "--yes", "--format", "json")
    same = ("ref", "subject_id", "purpose", "what", "reason")
    assert [[row[name] for name in same] for row in dry.json()] == [
        [row[name] for name in same] for row in done.json()
    ]


def test_without_a_confirmation_nothing_is_erased(enrolled: Facecli) -> None:
    done = enrolled("revoke", "A-1001")
    assert done.code == 1
    assert "--yes" in done.err
    assert "A-1001" in _refs(enrolled)


def test_the_question_names_whom_it_is_about(
    enrolled: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(Settings, "interactive", True)
    monkeypatch.setattr("click.confirm", lambda question, **_: asked.append(question))
    declined = enrolled("revoke", "A-1001")
    assert declined.code == 1
    assert "you did not confirm" in declined.err
    assert "--yes" not in declined.err  # it was answered, so it is no script
    assert enrolled("revoke", "A-1001", "A-1002").code == 1
    name = enrolled("subject", "show", "A-1001", "--format", "json").json()["name"]
    assert name
    assert asked[0].startswith(f"Withdraw the consent of A-1001 ({name}) and erase ")
    lines = asked[1].splitlines()
    assert lines[0] == f"  A-1001 ({name})"
    assert lines[1].startswith("  A-1002 (")
    assert lines[2].startswith("Withdraw the consent of 2 subjects and erase ")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["A-1001", "A-9999"], 21, "A-9999"),
        (["A-1001", "--purpose", "attendance"], 21, "attendance"),
        (["A-1001", "--purpose", "nothing"], 21, "nothing"),
    ],
)
def test_bad_input_is_refused_whole(
    enrolled: Facecli, arguments: list[str], code: int, said: str
) -> None:
    done = enrolled("revoke", *arguments, "--yes")
    assert done.code == code
    assert said in done.err
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def _hold(facecli: Facecli, ref: Any = "A-1001") -> None:
    hold = ("subject", "hold", ref, "--reason", "case 1", "--until", "6m")
    assert facecli(*hold).code == 0


def test_a_hold_keeps_what_is_withdrawn_and_a_purge_erases_it_afterwards(
    enrolled: Facecli, sample_data: Path, clock: Clock
) -> None:
    _hold(enrolled)
    dry = enrolled("revoke", "A-1001", "--dry-run", "--format", "json")
    assert dry.code == 0
    done = enrolled("revoke", "A-1001", "--yes", "--format", "json")
    assert (done.code, done.json()) == (22, dry.json())
    assert {(row["what"], row["outcome"]) for row in done.json()} == {
        (what, "held") for what in ("template", "consent", "subject")
    }
    assert "Consent withdrawn for A-1001." in done.err
    assert "facecli purge" in done.err
    consent = enrolled("consent", "show", "A-1001", "--format", "json").json()
    assert consent["withdrawn_at"] is not None
    assert enrolled("purge").code == 0
    assert "A-1001" in _refs(enrolled)

    assert enrolled("subject", "release", "A-1001").code == 0
    probe = sample_data / "enrol" / "A-1001.jpg"
    assert enrolled("verify", "A-1001", probe, "--purpose", "gate").code == 20
    erased = enrolled("purge", "--format", "json").json()[:-1]
    assert {(row["ref"], row["reason"]) for row in erased} == {("A-1001", "withdrawn")}
    assert _refs(enrolled) == {"A-1002", "A-1003"}


def test_a_clock_that_is_far_ahead_ends_no_hold_and_no_other_consent(
    enrolled: Facecli, sample_data: Path, clock: Clock
) -> None:
    def ends(ref: str, purpose: str) -> list[tuple[str, str]]:
        rows = enrolled("revoke", ref, "--purpose", purpose, "--yes", "--format", "json").json()
        return [(row["what"], row["outcome"]) for row in rows]

    picture = sample_data / "enrol" / "A-1003.jpg"
    joined = ("--purpose", "attendance", "--expires", "30d")
    assert enrolled("enroll", "file", "A-1003", picture, *joined).code == 0
    assert enrolled("subject", "hold", "A-1001", "--reason", "x", "--until", "10d").code == 0
    (face,) = enrolled("faces", "list", "A-1001", "--format", "json").json()
    clock.advance(days=300)
    assert enrolled("faces", "remove", "A-1001", face["template_id"], "--yes").code == 22
    whole = ["template", "consent", "subject"]
    assert ends("A-1001", "gate") == [(what, "held") for what in whole]
    assert ends("A-1003", "gate") == [("template", "erased"), ("consent", "erased")]
    assert enrolled("subject", "complete", "A-1002", "--purpose", "gate").code == 0
    clock.advance(days=-299)
    found = enrolled("verify", "A-1003", picture, "--purpose", "attendance")
    assert found.code == 0
    again = enrolled("consent", "record", "A-1002", "--purpose", "gate", "--expires", "1y")
    assert "erase its data first (`facecli purge`)" in again.err
    clock.advance(days=10)  # what was withdrawn or met then is due by the clock that is right
    assert enrolled("purge", "--max-fraction", 1).code == 0
    assert _refs(enrolled) == {"A-1003"}


def test_no_new_consent_brings_back_what_a_hold_keeps_of_a_withdrawn_one(
    enrolled: Facecli, sample_data: Path
) -> None:
    _hold(enrolled)
    enrolled("revoke", "A-1001", "--yes")
    enrolled("subject", "release", "A-1001")
    again = ("consent", "record", "A-1001", "--purpose", "gate", "--expires", "1y")
    refused = enrolled(*again)
    assert (refused.code, "facecli purge" in refused.err) == (20, True)
    assert enrolled("enroll", "batch", sample_data / "manifest.csv").code == 3
    assert enrolled("purge").code == 0
    assert enrolled("subject", "add", "A-1001").code == 0
    assert enrolled(*again).code == 0  # to be enrolled anew


def test_of_several_people_those_without_a_hold_are_erased(
    enrolled: Facecli, tmp_path: Path
) -> None:
    _hold(enrolled)
    file = tmp_path / "certificates.json"
    command = ("revoke", "A-1001", "A-1002", "--yes", "--certificate", file, "--format", "json")
    done = enrolled(*command)
    assert done.code == 22
    assert {(row["ref"], row["outcome"]) for row in done.json()} == {
        ("A-1001", "held"),
        ("A-1002", "erased"),
    }
    assert [one["whole"] for one in json.loads(file.read_text())] == [True]
    assert _refs(enrolled) == {"A-1001", "A-1003"}


def test_what_is_not_erased_is_not_certified(enrolled: Facecli, tmp_path: Path) -> None:
    _hold(enrolled)
    file = tmp_path / "certificate.json"
    done = enrolled("revoke", "A-1001", "--yes", "--certificate", file)
    assert (done.code, list(tmp_path.glob("*certificate*"))) == (22, [])
    assert "Held for A-1001: 1 template, 1 consent, 1 subject. Reason: case 1" in done.err
    assert "No certificate for A-1001, as nothing is erased." in done.err


def test_who_consented_to_nothing_is_kept_by_a_hold_and_told_so(enrolled: Facecli) -> None:
    enrolled("subject", "add", "B-1", "--alternative-only")
    hold = ("subject", "hold", "B-1", "--reason", "case 1", "--until", "2099-03-01")
    assert enrolled(*hold).code == 0
    refused = enrolled("revoke", "B-1", "--yes")
    assert (refused.code, "Nothing was changed" in refused.err) == (22, True)
    assert "until 2099-03-01." in refused.err
    assert "B-1" in _refs(enrolled)
    assert enrolled("subject", "release", "B-1").code == 0
    assert enrolled("revoke", "B-1", "--yes").code == 0
    assert "B-1" not in _refs(enrolled)


@pytest.mark.rule("pseudonyms-after-erasure")
def test_the_log_keeps_the_pseudonym_and_nothing_else(enrolled: Facecli) -> None:
    shown = enrolled("subject", "show", "A-1001", "--format", "json").json()
    enrolled("revoke", "A-1001", "--yes", "--reason", "asked-at-the-desk")
    log = enrolled("log", "show", "--format", "json")
    assert "A-1001" not in log.out
    assert "asked-at-the-desk" not in log.out
    last = log.json()[-1]
    assert (last["action"], last["subject_id"]) == ("revoke.erase", shown["subject_id"])
    assert last["details"]["erased"] == {"consent": 1, "subject": 1, "template": 1}


def test_a_manifest_that_runs_again_does_not_bring_back_who_withdrew(
    enrolled: Facecli, sample_data: Path
) -> None:
    assert enrolled("revoke", "A-1002", "--yes").code == 0
    again = enrolled("enroll", "batch", sample_data / "manifest.csv", "--format", "json")
    assert again.code == 3
    rows = {row["ref"]: row["reason"] for row in again.json()}
    assert rows["A-1002"] == "form-already-used"
    assert _refs(enrolled) == {"A-1001", "A-1003"}


@pytest.mark.parametrize("output", ["none/rows", "/dev/full"])
def test_an_output_that_cannot_be_written_leaves_everything(enrolled: Facecli, output: str) -> None:
    assert enrolled("revoke", "A-1002", "--yes", "--output", enrolled.folder / output).code == 74
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def test_the_output_holds_what_was_erased(enrolled: Facecli, tmp_path: Path) -> None:
    output = tmp_path / "rows.json"
    assert enrolled("revoke", "A-1002", "--yes", "--format", "json", "--output", output).code == 0
    assert {row["what"] for row in json.loads(output.read_text())} >= {"template", "subject"}
    assert _refs(enrolled) == {"A-1001", "A-1003"}


@pytest.mark.rule("readable-papers")
@pytest.mark.parametrize(("lang", "title"), [("en", "Your data has been erased"),
                                             ("zh", "您的信息已被删除")])  # fmt: skip
def test_the_person_gets_a_letter_and_nothing_of_it_stays(
    enrolled: Facecli, tmp_path: Path, lang: str, title: str
) -> None:
    enrolled("subject", "correct", "A-1001", "--name", MARKED_NAME)
    letter, certificate = tmp_path / "letter.html", tmp_path / "certificate.json"
    done = enrolled(
        *("revoke", "A-1001", "--yes", "--letter", letter, "--lang", lang),
        *("--certificate", certificate),
    )
    assert done.code == 0
    page = letter.read_text(encoding="utf-8")
    assert title in page
    assert MARKED_NAME in page
    stated = json.loads(certificate.read_text())
    assert stated["subject_id"] in page
    after = plaintext(enrolled.db, database_key(enrolled.db, enrolled.key))
    assert MARKED_NAME.encode() not in after
    assert title.encode() not in after
    assert letter.stat().st_mode & 0o777 == 0o600


def test_a_letter_is_for_one_person_and_a_dry_run_writes_none(
    enrolled: Facecli, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    refused = enrolled("revoke", "A-1001", "A-1002", "--yes", "--letter", letter)
    assert (refused.code, "--letter is for one person" in refused.err) == (2, True)
    assert enrolled("revoke", "A-1001", "--dry-run", "--letter", letter).code == 0
    assert not letter.exists()
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def test_a_letter_under_a_hold_says_that_nothing_is_erased_yet(
    enrolled: Facecli, tmp_path: Path
) -> None:
    _hold(enrolled)
    letter = tmp_path / "letter.txt"
    done = enrolled("revoke", "A-1001", "--yes", "--letter", letter, "--lang", "fr")
    assert done.code == 22
    assert "facecli has no texts in fr" in done.err
    assert "your data is not erased yet" in letter.read_text()


@pytest.mark.parametrize("place", ["none/letter.txt", "/dev/full", "facecli.db"])
def test_a_letter_that_cannot_be_written_leaves_everything(enrolled: Facecli, place: str) -> None:
    code = enrolled("revoke", "A-1002", "--yes", "--letter", enrolled.folder / place).code
    assert code == (2 if place == "facecli.db" else 74)
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}


def test_letter_and_certificate_are_two_files(enrolled: Facecli, tmp_path: Path) -> None:
    one = tmp_path / "one"
    refused = enrolled("revoke", "A-1002", "--yes", "--letter", one, "--certificate", one)
    assert (refused.code, "is the same file as" in refused.err) == (2, True)
    assert _refs(enrolled) == {"A-1001", "A-1002", "A-1003"}
