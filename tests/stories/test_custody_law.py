"""The custodian's duties: what was agreed, a copy, a correction, a hold, an end, and the proof."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Clock, Facecli, Run
from tests.prepared import let_pass
from tests.stories.conftest import Applies, due, entries

Person = Callable[[int], Path]


@pytest.mark.rule("copy-correct-erase")
@pytest.mark.rule("restricted-not-matched")
def test_the_custodian_can_answer_for_everything(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], probe: Person, tmp_path: Path,
    clock: Clock,
) -> None:  # fmt: skip
    assert applies("gate", title="A story's gate", retain_match="60d").code == 0
    trust_key = ready("log", "checkpoint", "--trust-key").out.splitlines()[-1]
    assert enrol("C-1", 1, "gate", "--name", "Jo Deo").code == 0
    assert ready("subject", "correct", "C-1", "--name", "Jo Doe").code == 0
    assert ready("verify", "C-1", probe(1), "--purpose", "gate").code == 0

    # shorter terms bind the controller; the receipt shows them, with the notice that was shown
    assert applies("gate", title="A story's gate", retain_match="7d").json()[0]["revision"] == 1
    receipt = ready("consent", "receipt", "C-1", "--format", "json").out
    assert '"match": "7d"' in receipt
    assert "We compare your face, if you agree." in receipt

    copy = tmp_path / "copy.zip"
    assert ready("subject", "export", "C-1", "--output", copy).code == 0
    with zipfile.ZipFile(copy) as archive:
        document = json.loads(archive.read("subject.json"))
    assert document["subject"]["name"] == "Jo Doe"
    assert len(document["matches"]) == 1
    [exported] = entries(ready, "subject.export")
    assert "matches" not in exported["details"]

    # a court keeps the data for a year; it is not used meanwhile, and nothing is erased
    held = ("subject", "hold", "C-1", "--reason", "court order 118", "--until", "300d")
    assert ready(*held).code == 0
    assert ready("verify", "C-1", probe(1), "--purpose", "gate").code == 20
    let_pass(ready, clock, days=200)
    rows = ready("purge", "--format", "json").json()[:-1]
    assert {row["outcome"] for row in rows} == {"held"}
    assert all("due_at" not in row for row in rows if row["what"] == "match")
    let_pass(ready, clock, days=100)
    assert {what for _, what, _ in due(ready)} == {"template", "consent", "subject", "match"}
    certificate = tmp_path / "certificate.json"
    assert ready("purge", "--certificate", certificate).code == 0
    assert [one["action"] for one in entries(ready, "subject.release")] == ["subject.release"]
    assert ready("subject", "show", "C-1").code == 21

    # years later an auditor needs the certificate and the trust key, and nothing else
    said = ready.bare("log", "verify", "--certificate", certificate, "--trust-key", trust_key)
    assert said.code == 0, said.err
    assert "nothing is held any more" in said.out
    assert ready("log", "verify").code == 0


@pytest.mark.rule("copy-correct-erase")
@pytest.mark.rule("disclosures-on-record")
def test_a_complaint_past_its_deadline_is_named_until_it_is_answered(
    ready: Facecli, applies: Applies, tmp_path: Path, clock: Clock
) -> None:
    assert applies("gate", answer_within="15d").code == 0
    assert ready("subject", "add", "C-2", "--name", "Li Wei").code == 0  # without a face
    assert ready("subject", "request", "C-2", "--kind", "complain").code == 0
    disclosed = ("--to", "City court", "--what", "the complaint", "--basis", "order 118")
    assert ready("subject", "disclosed", "C-2", *disclosed).code == 0
    [made] = ready("subject", "requests", "--format", "json").json()

    let_pass(ready, clock, days=17)
    checks = ready("doctor", "--quick", "--format", "json")
    [late] = [one for one in checks.json() if one["check"] == "requests"]
    assert (checks.code, late["severity"]) == (3, "warning")
    assert made["request_id"] in late["finding"]
    assert ready("status", "--format", "json").json()["requests"]["overdue"] == 1

    let_pass(ready, clock, days=30)
    assert due(ready) == set()  # the record waits for the answer
    answer = ("--answer", "The gate was looked at.", "--refused", "No face of theirs is held.")
    assert ready("subject", "answer", made["request_id"], *answer).code == 0
    [entry] = entries(ready, "request.answer")
    assert entry["details"]["in_time"] is False
    assert "looked at" not in str(entry)

    copy = tmp_path / "copy.zip"
    assert ready("subject", "export", "C-2", "--output", copy).code == 0
    with zipfile.ZipFile(copy) as archive:
        document = json.loads(archive.read("subject.json"))
    assert [one["refused"] for one in document["requests"]] == ["No face of theirs is held."]
    assert [one["recipient"] for one in document["disclosures"]] == ["City court"]

    let_pass(ready, clock, days=30)
    assert due(ready) == {("C-2", "subject", "no-consent")}
    assert ready("purge").code == 0
    counted = ready("status", "--format", "json").json()
    assert counted["requests"]["refused"] == counted["disclosures"]["recorded"] == 1
