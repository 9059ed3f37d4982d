"""`facecli subject elsewhere`: add, list, confirm; and what `revoke` says of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests import independent_verifier
from tests.conftest import Clock
from tests.consent.register.conftest import HOSTILE, MARKUP


def add(facecli: Any, ref: str = "A-1", *options: object) -> Any:
    given = ("--what", "fingerprint", "--where", "Gate Vendor Ltd", *options)
    return facecli("subject", "elsewhere", "add", ref, *given)


def items(facecli: Any, *ref: str) -> Any:
    return facecli("subject", "elsewhere", "list", *ref, "--format", "json").json()


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"deleted")
    return path


@pytest.mark.rule("held-elsewhere")
def test_a_withdrawal_lists_what_is_open_and_the_certificate_states_it(
    ready: Any, letter: Path, tmp_path: Path
) -> None:
    ready("subject", "add", "A-1", "--name", "Jo Doe")
    ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "1y")
    assert add(ready, "A-1", "--since", "2025-01-02").code == 0
    [item] = items(ready, "A-1")
    assert (item["schema"], item["what"], item["state"]) == (
        "facecli.elsewhere/1", "fingerprint", "open",
    )  # fmt: skip
    dry = ready("revoke", "A-1", "--dry-run")
    assert f"fingerprint at Gate Vendor Ltd since 2025-01-02 (item {item['item_id']})" in dry.err
    certificate = tmp_path / "certificate.json"
    done = ready("revoke", "A-1", "--yes", "--format", "json", "--certificate", certificate)
    [left] = [one for one in done.json() if one["schema"] == "facecli.elsewhere/1"]
    assert (left["item_id"], left["ref"]) == (item["item_id"], "A-1")
    assert [one["ref"] for one in items(ready)] == [None]
    assert f"case {left['case_id']}" in done.err
    document = json.loads(certificate.read_text())
    assert document["elsewhere"] == {"case": left["case_id"], "open": {"fingerprint": 1}}
    key = ready("log", "checkpoint", "--trust-key").out.split()[-1]
    said = ready("log", "verify", "--certificate", certificate, "--trust-key", key)
    assert said.code == 0
    read = certificate.read_bytes()
    assert independent_verifier.verify([], key, [], [read]) == 0
    other = read.replace(left["case_id"].encode(), b"0" * 16, 1)
    assert independent_verifier.verify([], key, [], [other]) != 0
    assert f"(case {left['case_id']}): 1 fingerprint" in said.out + said.err
    assert ready("subject", "elsewhere", "list", "A-1").code == 21
    confirm = ("subject", "elsewhere", "confirm", item["item_id"], "--evidence", letter)
    assert ready(*confirm, "--ref", "A-1").code == 21
    assert ready(*confirm).code == 0
    assert items(ready) == []
    assert ready(*confirm).code == 21
    entry = ready("log", "show", "-n", "50", "--format", "json").json()
    [proof] = [one["details"] for one in entry if one["action"] == "elsewhere.confirm"
               and one["outcome"] == "done"]  # fmt: skip
    assert proof["evidence_sha256"] == hashlib.sha256(b"deleted").hexdigest()
    assert proof["case"] == left["case_id"]


def test_no_confirmation_of_another_subjects_item(ready: Any, letter: Path) -> None:
    for ref in ("A-1", "A-2"):
        ready("subject", "add", ref)
    add(ready)
    [item] = items(ready)
    confirm = ("subject", "elsewhere", "confirm", item["item_id"], "--evidence", letter)
    refused = ready(*confirm, "--ref", "A-2")
    assert refused.code == 21
    assert "subject elsewhere list" in refused.err
    letter.with_name("empty").touch()
    assert ready(*confirm[:-1], letter.with_name("empty")).code == 1
    assert ready(*confirm, "--ref", "A-1").code == 0
    assert ready(*confirm).code == 1
    assert [one["state"] for one in items(ready)] == ["confirmed"]


@pytest.mark.parametrize("text", [*HOSTILE[:-3], "the file of A-1"], ids=ascii)
def test_a_holder_that_may_not_be_kept(ready: Any, text: str) -> None:
    ready("subject", "add", "A-1")
    done = add(ready, "A-1", "--where", text)
    assert done.code == 2
    assert len(done.err) < 400
    assert items(ready) == []


@pytest.mark.parametrize("option", [("--what", "soul"), ("--since", "soon")])
def test_what_is_no_kind_or_day(ready: Any, option: tuple[str, str]) -> None:
    ready("subject", "add", "A-1")
    assert add(ready, "A-1", *option).code == 2
    assert add(ready, "A-9").code == 21


def test_markup_is_text_in_every_format(ready: Any) -> None:
    ready("subject", "add", "A-1")
    for text in MARKUP:
        assert add(ready, "A-1", "--where", text).code == 0
    assert [one["where"] for one in items(ready)] == MARKUP
    csv = ready("subject", "elsewhere", "list", "--format", "csv").out
    assert "'=1+1" in csv  # no formula for a spreadsheet


def test_a_purge_erases_what_nobody_confirmed_in_time(ready: Any, clock: Clock) -> None:
    ready("subject", "add", "A-1")
    add(ready)
    ready("revoke", "A-1", "--yes")
    for _ in range(12):  # a clock that jumps is doubted
        clock.advance(days=30)
        done = ready("purge")
        assert done.code == 0
    assert len(items(ready)) == 1
    clock.advance(days=7)
    assert "within 1y of the erasure: 1 item due." in ready("purge", "--dry-run").err
    assert len(items(ready)) == 1
    assert "within 1y of the erasure: 1 item erased." in ready("purge").err
    assert items(ready) == []


def test_a_purge_notes_what_others_still_hold(ready: Any, clock: Clock, tmp_path: Path) -> None:
    ready("subject", "add", "A-1")
    add(ready)
    clock.advance(days=30)
    said = "of subjects that are {}: 1 item."
    assert said.format("due") in ready("purge", "--dry-run").err
    certificate = tmp_path / "certificates.json"
    assert said.format("erased") in ready("purge", "--certificate", certificate).err
    [left], [stated] = items(ready), json.loads(certificate.read_text())
    assert stated["elsewhere"] == {"case": left["case_id"], "open": {"fingerprint": 1}}
    assert "Still held" not in ready("purge").err
