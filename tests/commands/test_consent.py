"""`facecli consent`: record, list, show, receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GATE = ["--purpose", "gate"]


@pytest.fixture
def subject(ready: Any) -> Any:
    """facecli with the subject A-1."""
    assert ready("subject", "add", "A-1").code == 0
    return ready


def test_record_and_show(subject: Any, tmp_path: Path, clock: Any) -> None:
    form = tmp_path / "form.txt"
    form.write_bytes(b"signed")
    done = subject("consent", "record", "A-1", *GATE, "--expires", "1y", "--evidence", form)
    assert (done.code, done.out) == (0, "")
    assert "A-1 for gate version 1 until" in done.err
    shown = subject("consent", "show", "A-1", "--format", "json").json()
    assert shown["schema"] == "facecli.consent/1"
    assert shown["record_id"] in done.err
    assert shown["given_at"] == shown["recorded_at"] == clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shown["evidence_sha256"] == hashlib.sha256(b"signed").hexdigest()
    assert shown["evidence_kept"] is False
    assert subject("consent", "show", shown["record_id"], "--format", "json").json() == shown


def test_evidence_is_kept_when_asked(subject: Any, tmp_path: Path) -> None:
    form = tmp_path / "form.txt"
    form.write_bytes(b"signed")
    record = ["consent", "record", "A-1", *GATE, "--expires", "1y"]
    assert subject(*record, "--evidence", form, "--keep-evidence").code == 0
    assert subject("consent", "show", "A-1", "--format", "json").json()["evidence_kept"] is True
    assert subject(*record, "--keep-evidence").code == 2


@pytest.mark.rule("notice-shown")
def test_a_consent_needs_a_form_or_a_notice_that_was_shown(subject: Any) -> None:
    record = ["consent", "record", "A-1", *GATE, "--expires", "1y"]
    bare = subject.bare(*subject.globals, *record)
    assert bare.code == 20
    assert "Nobody confirmed that A-1 was shown the notice of purpose gate" in bare.err
    assert "--notice-shown" in bare.err
    assert subject.bare(*subject.globals, *record, "--notice-shown").code == 0
    [refused, recorded] = subject("log", "show", "-n", "2", "--format", "json").json()
    assert (refused["outcome"], refused["details"]["reason"]) == ("refused", "notice-not-shown")
    assert recorded["details"]["notice"] == "declared"


@pytest.mark.rule("notice-shown")
def test_the_receipt_has_the_notice_in_the_language_that_was_shown(subject: Any) -> None:
    record = ["consent", "record", "A-1", *GATE, "--expires", "1y", "--notice-shown"]
    refused = subject(*record, "--notice-lang", "fr")
    assert refused.code == 1
    assert (
        "The notice language 'fr' is not usable: the purpose gate has its notice in en, zh."
        in refused.err
    )
    assert subject(*record, "--notice-lang", "zh").code == 0
    consent = subject("consent", "show", "A-1", "--format", "json").json()
    receipt = subject("consent", "receipt", "A-1", "--format", "json").json()
    notice = receipt["pii_processing"]["privacy_notice"]
    assert (notice["language"], consent["notice_lang"]) == ("zh", "zh")
    assert notice["sha256"] == hashlib.sha256(notice["text"].encode()).hexdigest()
    assert "人脸模板" in notice["text"]
    assert "人脸模板" in subject("consent", "receipt", "A-1", "--lang", "zh").out


@pytest.mark.rule("one-form-one-consent")
def test_a_form_is_recorded_once(subject: Any, tmp_path: Path) -> None:
    form = tmp_path / "form.txt"
    form.write_bytes(b"signed")
    signed = ["--expires", "1y", "--evidence", form]
    assert subject("consent", "record", "A-1", *GATE, *signed).code == 0
    entries = len(subject("log", "show", "--format", "json").json())
    again = subject("consent", "record", "A-1", *GATE, *signed)
    assert again.code == 0
    assert "Already recorded" in again.err
    assert len(subject("log", "show", "--format", "json").json()) == entries
    subject("subject", "add", "A-2")
    for ref, purpose in (("A-2", "gate"), ("A-1", "attendance")):
        other = subject("consent", "record", ref, "--purpose", purpose, *signed)
        assert other.code == 20
        assert "a form counts once" in other.err
    shared = ["--shared-form", "one sheet for the family"]
    assert subject("consent", "record", "A-2", *GATE, *signed, *shared).code == 0
    shown = subject("consent", "show", "A-2", "--format", "json").json()
    assert shown["shared_form"] == "one sheet for the family"
    assert subject("consent", "record", "A-2", *GATE, "--expires", "1y", *shared).code == 2
    assert len(subject("consent", "list", "--format", "json").json()) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["A-1", *GATE], 2, "--expires"),
        (["A-1", "--expires", "1y"], 2, "--purpose"),
        (["A-1", *GATE, "--expires", "soon"], 2, "no date"),
        (["A-1", *GATE, "--expires", "2020-01-01"], 1, "is over"),
        (["A-1", *GATE, "--expires", "9999-12-31"], 1, "later than the purpose allows"),
        (["A-1", *GATE, "--expires", "1y", "--given", "9999-12-31"], 2, "out of range"),
        (["A-1", *GATE, "--expires", "1y", "--given", "0001-01-01"], 1, "is over"),
        (["A-1", *GATE, "--expires", "1y", "--evidence", "none.pdf"], 1, "no such file"),
        (["A-9", *GATE, "--expires", "1y"], 21, "no subject A-9"),
        (["A-1", "--purpose", "none", "--expires", "1y"], 21, "no purpose none"),
    ],
)
def test_what_is_not_recorded(subject: Any, arguments: list[str], code: int, said: str) -> None:
    done = subject("consent", "record", *arguments)
    assert done.code == code
    assert said in done.err
    assert subject("consent", "list", "--format", "json").json() == []


def test_list_has_old_ones_too(subject: Any, clock: Any) -> None:
    for _ in range(2):
        subject("consent", "record", "A-1", *GATE, "--expires", "1d")
        clock.advance(days=2)
    subject("consent", "record", "A-1", "--purpose", "attendance", "--expires", "1d")
    assert len(subject("consent", "list", "--format", "json").json()) == 3
    assert len(subject("consent", "list", *GATE, "--format", "json").json()) == 2
    assert subject("consent", "list", "--purpose", "none", "--format", "json").code == 21


def test_a_receipt_speaks_of_the_version_agreed_to(
    subject: Any, purposes_file: Callable[..., Path], tmp_path: Path
) -> None:
    subject("consent", "record", "A-1", *GATE, "--expires", "1y")
    receipt = tmp_path / "receipt.json"
    command = ["consent", "receipt", "A-1", *GATE, "--format", "json"]
    before = subject(*command).json()
    assert before["schema"] == "facecli.consent-receipt/1"
    assert before["schema_version"] == "ISO/IEC TS 27560:2023"
    subject("purpose", "apply", purposes_file(scope='"Gate 3"'))
    done = subject(*command, "--output", receipt)
    assert (done.code, done.out) == (0, "")
    after = subject(*command).json()
    proofs, earlier = after.pop("log"), before.pop("log")
    assert after == before
    assert [one["entry"] for one in proofs] == [one["entry"] for one in earlier]
    assert "Gate 3" not in receipt.read_text()


def test_a_receipt_is_a_letter_with_the_facts_and_the_notice(
    subject: Any, sample_data: Path, tmp_path: Path
) -> None:
    form = tmp_path / "form.txt"
    form.write_text("agreed")
    subject("consent", "record", "A-1", *GATE, "--expires", "1y", "--evidence", form)
    consent = subject("consent", "show", "A-1", "--format", "json").json()
    receipt = subject("consent", "receipt", "A-1")
    assert receipt.code == 0
    words = "".join(receipt.out.split())
    notice = (sample_data / "notices" / "gate.en.md").read_text()
    key = subject("log", "checkpoint", "--trust-key").out.splitlines()[-1]
    for stated in (consent["record_id"], consent["evidence_sha256"], key, *notice.split("**")):
        assert "".join(stated.split()).lstrip("#") in words
    assert "Withdrawn" not in receipt.out


def test_a_receipt_is_a_page_in_the_language_asked_for(subject: Any, tmp_path: Path) -> None:
    subject("consent", "record", "A-1", *GATE, "--expires", "1y")
    page = tmp_path / "receipt.html"
    command = ["consent", "receipt", "A-1", "--format", "html", "--output", page]
    done = subject(*command, "--lang", "zh-CN")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert "<h1>同意回执</h1>" in page.read_text()
    done = subject(*command, "--lang", "fr")
    assert done.code == 0
    assert "facecli has no texts in fr (it has en, zh): it uses English." in done.err
    assert "<h1>Receipt of your consent</h1>" in page.read_text()
    assert subject(*command, "--lang", "../x").code == 2
    logged = [one["action"] for one in subject("log", "show", "--format", "json").json()]
    assert logged.count("consent.receipt") == 2


@pytest.mark.parametrize("command", ["show", "receipt"])
@pytest.mark.parametrize(("name", "code"), [("none", 21), ("A-1", 21), ("\udcff", 2)])
def test_an_unknown_consent(subject: Any, command: str, name: str, code: int) -> None:
    done = subject("consent", command, name)
    assert (done.code, done.out) == (code, "")


@pytest.mark.rule("guardian")
def test_a_minors_consent_names_a_guardian(ready: Any) -> None:
    ready("subject", "add", "M-1", "--minor", "--guardian", "Parent")
    record = ["consent", "record", "M-1", *GATE, "--expires", "1y"]
    assert ready(*record, "--guardian", "Parent").code == 0
    assert ready("consent", "show", "M-1", "--format", "json").json()["guardian"] == "Parent"


def test_a_list_for_a_purpose_that_is_none(ready: Any) -> None:
    assert ready("consent", "list", "--purpose", "gaet").code == 21
    ready("purpose", "retire", "attendance", "--yes")
    assert ready("consent", "list", "--purpose", "attendance").code == 0


def test_a_date_that_is_none_hears_of_lengths_too(ready: Any) -> None:
    ready("subject", "add", "A-1")
    done = ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "tomorrow")
    assert done.code == 2
    assert "no length such as 6m" in done.err
