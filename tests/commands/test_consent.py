"""`facecli consent`: record, list, show, receipt."""

from __future__ import annotations

import hashlib
import re
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


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["A-1", *GATE], 2, "--expires"),
        (["A-1", "--expires", "1y"], 2, "--purpose"),
        (["A-1", *GATE, "--expires", "soon"], 2, "no date"),
        (["A-1", *GATE, "--expires", "2020-01-01"], 1, "is over"),
        (["A-1", *GATE, "--expires", "9999-12-31"], 1, "later than the purpose allows"),
        (["A-1", *GATE, "--expires", "1y", "--given", "9999-12-31"], 2, "9999-12-31"),
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


def test_a_receipt_can_be_read_by_whom_it_is_handed_to(
    subject: Any, sample_data: Path, tmp_path: Path
) -> None:
    form = tmp_path / "form.txt"
    form.write_text("agreed")
    subject("consent", "record", "A-1", *GATE, "--expires", "1y", "--evidence", form)
    consent = subject("consent", "show", "A-1", "--format", "json").json()
    receipt = subject("consent", "receipt", "A-1")
    assert receipt.code == 0
    head, notice = receipt.out.split("\n\n", 1)
    said = dict(re.split(r"  +", line, maxsplit=1) for line in head.splitlines())
    assert (said["Receipt"], said["Given by"]) == (consent["record_id"], "A-1")
    assert (said["Given"], said["Ends"]) == (consent["given_at"], consent["expires_at"])
    assert said["Signed form"] == f"kept as its SHA-256, {consent['evidence_sha256']}"
    assert "Withdrawn" not in said
    assert notice.strip() == (sample_data / "notices" / "gate.en.md").read_text().strip()


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
