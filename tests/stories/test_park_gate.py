"""The wildlife park: the gate is changed, and every visitor is asked again before it counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock, Facecli, Run
from tests.prepared import let_pass
from tests.stories.conftest import Applies, due, entries

pytestmark = pytest.mark.usefixtures("kept_workers")


def _verify(
    facecli: Facecli, sample_data: Path, ref: Any = "A-1001", probe: Any = "gate-1.jpg"
) -> Any:
    return facecli("verify", ref, sample_data / "probes" / probe, "--purpose", "gate").code


def _due(facecli: Facecli, *options: Any) -> set[Any]:
    rows = facecli("purge", "--dry-run", *options, "--format", "json").json()
    return {(row["ref"], row["reason"]) for row in rows if "ref" in row}


@pytest.mark.rule("agree-again")
@pytest.mark.rule("agree-again-in-time")
def test_a_changed_gate_matches_nobody_who_has_not_agreed_again(
    enrolled: Facecli, purposes_file: Callable[..., Path], sample_data: Path, clock: Clock
) -> None:
    assert _verify(enrolled, sample_data) == 0
    changed = enrolled("purpose", "apply", purposes_file(scope='"Every gate"'), "--format", "json")
    due_at = changed.json()[0]["due_at"]
    assert f"their data is due at {due_at}" in changed.err
    assert _verify(enrolled, sample_data) == 20
    assert _due(enrolled) == set()  # suspended, and kept

    clock.advance(days=10)
    again = ("consent", "record", "A-1001", "--purpose", "gate", "--expires", "1y")
    assert enrolled(*again).code == 0
    assert _verify(enrolled, sample_data) == 0
    assert enrolled("purge").code == 0

    clock.advance(days=20)
    assert _due(enrolled) >= {("A-1002", "purpose-revised"), ("A-1003", "purpose-revised")}
    late = ("consent", "record", "A-1002", "--purpose", "gate", "--expires", "1y")
    assert enrolled(*late).code == 0
    assert _verify(enrolled, sample_data, "A-1002", "gate-2.jpg") in (20, 21)  # too late
    assert enrolled("purge", "--max-fraction", "1").code == 0
    assert _verify(enrolled, sample_data) == 0
    left = {row["ref"] for row in enrolled("subject", "list", "--format", "json").json()}
    assert left == {"A-1001", "A-1002"}  # A-1002 agreed, and has to be enrolled anew


@pytest.mark.rule("end-date-includes-its-day")
def test_days_are_days_in_hangzhou(
    ready: Facecli, purposes_file: Callable[..., Path], clock: Clock
) -> None:
    clock.moment = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # 00:30 on the 24th there
    assert ready("purpose", "apply", purposes_file(max_consent='"1y"')).code == 0
    assert ready("status", "--format", "json").json()["timezone"] == "Asia/Shanghai"
    ready("subject", "add", "A-1")
    record = ("consent", "record", "A-1", "--purpose", "gate")
    assert ready(*record, "--given", "2026-11-24", "--expires", "2027-01-03").code == 0
    consent = ready("consent", "show", "A-1", "--format", "json").json()
    assert (consent["given_at"], consent["expires_at"]) == (
        "2026-11-23T16:00:00Z", "2027-01-03T16:00:00Z",
    )  # fmt: skip
    hold = ("subject", "hold", "A-1", "--reason", "court order", "--until", "2027-06-30")
    assert ready(*hold).code == 0
    clock.moment = datetime(2027, 6, 30, 0, 10, tzinfo=UTC)  # the morning of the 30th there
    let_pass(ready, clock)
    held = ready("purge", "--dry-run", "--format", "json").json()
    assert {row["outcome"] for row in held if "ref" in row} == {"held"}
    clock.moment = datetime(2027, 6, 30, 16, 0, tzinfo=UTC)
    over = ready("purge", "--dry-run", "--format", "json").json()
    assert {row["outcome"] for row in over if "ref" in row} == {"due"}


@pytest.mark.rule("consent-version")
def test_a_fingerprint_card_does_not_become_a_face_gate_by_itself(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], sample_data: Path, clock: Clock
) -> None:
    card = {"title": "Annual card", "alternative": "a card with a photo, checked by staff"}
    said = applies("card", method="facial recognition", **card)
    assert (said.code, "must be face, fingerprint, iris" in said.err) == (1, True)
    assert applies("card", method="fingerprint", **card).code == 0
    agreed = ("--purpose", "card", "--expires", "1y", "--notice-shown")
    assert ready("subject", "add", "V-1").code == 0
    assert ready("consent", "record", "V-1", *agreed).code == 0
    assert enrol("V-1", 1, "card").code == 20  # no face is used for a fingerprint card

    changed = applies("card", method="face", **card).json()[0]
    assert (changed["change"], changed["consents_ended"]) == ("version", 1)
    image = sample_data / "enrol" / "A-1001.jpg"
    assert ready("enroll", "file", "V-1", image, "--purpose", "card").code == 20
    assert enrol("V-1", 1, "card").code == 0  # V-1 agrees to the new notice
    probe = sample_data / "probes" / "gate-1.jpg"
    assert ready("verify", "V-1", probe, "--purpose", "card").code == 0
    assert ready("revoke", "V-1", "--yes").code == 0
    assert due(ready) == set()
    assert ready("subject", "show", "V-1").code == 21


@pytest.mark.rule("held-elsewhere")
def test_the_vendor_of_the_fingerprints_confirms_late(
    enrolled: Facecli, tmp_path: Path, clock: Clock
) -> None:
    """The court ordered photos deleted, and on appeal fingerprints: they lay in other systems."""
    held = ("--where", "Turnstile Vendor Ltd", "--since", "2019-04-27")
    for what in ("fingerprint", "photo"):
        done = enrolled("subject", "elsewhere", "add", "A-1001", "--what", what, *held)
        assert done.code == 0
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"the photo is deleted")
    listing = ("subject", "elsewhere", "list", "--format", "json")
    fingerprint, photo = (one["item_id"] for one in enrolled(*listing).json())
    confirm = ("subject", "elsewhere", "confirm")
    assert enrolled(*confirm, photo, "--evidence", letter).code == 0

    certificate = tmp_path / "certificate.json"
    done = enrolled("revoke", "A-1001", "--yes", "--certificate", certificate)
    assert "Still held elsewhere of A-1001: fingerprint at Turnstile Vendor Ltd" in done.err
    assert "photo at" not in done.err
    stated = json.loads(certificate.read_text())["elsewhere"]
    assert stated["open"] == {"fingerprint": 1}

    clock.advance(days=31)
    assert "1 item of erased subjects" in enrolled("doctor", "--quick").out.replace("\n", " ")
    status = enrolled("status", "--format", "json").json()["elsewhere"]
    assert (status["asked"], status["late"]) == (1, 1)
    [left] = enrolled(*listing).json()
    assert (left["ref"], left["case_id"]) == (None, stated["case"])

    letter.write_bytes(b"the fingerprints are deleted")
    assert enrolled(*confirm, fingerprint, "--evidence", letter).code == 0
    assert enrolled(*listing).json() == []
    [_, proof] = entries(enrolled, "elsewhere.confirm")
    assert (proof["subject_id"], proof["details"]["case"]) == (None, stated["case"])
    assert enrolled("log", "verify").code == 0
