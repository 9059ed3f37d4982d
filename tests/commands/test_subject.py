"""`facecli subject`: add, list, show, correct, complete, hold, release."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("kept_workers")


def test_add_and_show(ready: Any, clock: Any) -> None:
    done = ready("subject", "add", "A-1", "--name", "Zoe\u0308")
    assert (done.code, done.out) == (0, "")
    assert "Added A-1." in done.err
    shown = ready("subject", "show", "A-1", "--format", "json").json()
    assert shown["schema"] == "facecli.subject/1"
    assert (shown["ref"], shown["name"], shown["state"]) == ("A-1", "Zo\u00eb", "active")
    assert (shown["minor"], shown["guardian"], shown["consents"]) == (False, None, [])
    assert shown["created_at"] == clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(shown["subject_id"]) == 32


def test_show_has_the_consents(ready: Any) -> None:
    ready("subject", "add", "A-1")
    ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "1y")
    (consent,) = ready("subject", "show", "A-1", "--format", "json").json()["consents"]
    assert consent["purpose"] == "gate"
    assert "consents.1.purpose" in ready("subject", "show", "A-1").out


def test_a_ref_is_found_however_it_is_typed(ready: Any) -> None:
    assert ready("subject", "add", "e\u0301-1").code == 0  # decomposed, as macOS types it
    assert ready("subject", "show", "e\u0301-1").code == 0
    assert ready("subject", "show", "\u00e9-1").code == 0
    assert ready("subject", "add", "\u00e9-1").code == 1
    recorded = ready("consent", "record", "e\u0301-1", "--purpose", "gate", "--expires", "1y")
    assert recorded.code == 0
    assert ready("consent", "show", "e\u0301-1").code == 0


def test_a_taken_ref(ready: Any) -> None:
    ready("subject", "add", "A-1", "--name", "Jo")
    done = ready("subject", "add", "A-1", "--name", "Other")
    assert done.code == 1
    assert "another subject has it already" in done.err
    assert ready("subject", "show", "A-1", "--format", "json").json()["name"] == "Jo"


@pytest.mark.parametrize(
    "arguments",
    [
        ["a\nb"], ["a\x1b[2Jb"], ["a\u202eb"], [""], [" a"], ["x" * 10_240], ["\udcff"],
        ["A-1", "--name", "a\nb"], ["A-1", "--name", "x" * 10_240],
        ["A-1", "--guardian", "a\u200fb"],
    ],
    ids=lambda arguments: ascii(arguments)[:40],
)  # fmt: skip
def test_text_that_may_not_be_kept(ready: Any, arguments: list[str]) -> None:
    done = ready("subject", "add", *arguments)
    assert done.code == 2
    assert len(done.err) < 400
    assert not set("\x1b\u202e\u200f") & set(done.err)
    assert ready("subject", "list", "--format", "json").json() == []


def test_text_is_checked_before_the_database_is_opened(facecli: Any) -> None:
    assert facecli("subject", "add", "a\nb").code == 2  # there is no database


@pytest.mark.rule("guardian")
def test_a_minor_and_a_guardian(ready: Any) -> None:
    done = ready("subject", "add", "M-1", "--minor")
    assert done.code == 1
    assert "guardian" in done.err
    assert ready("subject", "add", "M-1", "--minor", "--guardian", "Parent").code == 0
    shown = ready("subject", "show", "M-1", "--format", "json").json()
    assert (shown["minor"], shown["guardian"]) == (True, "Parent")


@pytest.mark.rule("alternative-named")
def test_the_alternative_is_respected(ready: Any) -> None:
    assert ready("subject", "add", "A-1", "--alternative-only").code == 0
    assert ready("subject", "show", "A-1", "--format", "json").json()["state"] == "alternative-only"
    recorded = ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "1y")
    assert recorded.code == 20


def test_list_is_by_ref(ready: Any) -> None:
    for ref in ("C", "A", "B"):
        ready("subject", "add", ref)
    found = ready("subject", "list", "--format", "json").json()
    assert [row["ref"] for row in found] == ["A", "B", "C"]
    assert len({row["subject_id"] for row in found}) == 3


@pytest.mark.parametrize(("ref", "code"), [("none", 21), ("", 21), ("\udcff", 2)])
def test_an_unknown_subject(ready: Any, ref: str, code: int) -> None:
    done = ready("subject", "show", ref)
    assert (done.code, done.out) == (code, "")
    assert "unexpected" not in done.err


def test_a_hold_that_is_none_names_a_command_that_is_there(ready: Any) -> None:
    ready("subject", "add", "A-1")
    done = ready("subject", "release", "A-1")
    assert done.code == 21
    assert done.err.startswith("facecli: A-1 is not under a legal hold. ")
    assert "facecli subject list" in done.err


@pytest.mark.rule("alternative-named")
def test_no_consent_is_asked_of_who_is_held_or_chose_the_alternative(enrolled: Any) -> None:
    face = ("sample_data/probes/gate-2.jpg", "--purpose", "gate")
    enrolled("subject", "hold", "A-1002", "--reason", "case 1", "--until", "6m")
    held = enrolled("verify", "A-1002", *face)
    enrolled("subject", "add", "A-9", "--alternative-only")
    listed = enrolled("consent", "record", "A-9", "--purpose", "gate", "--expires", "1y")
    assert (held.code, listed.code) == (20, 20)
    assert "facecli subject release" in held.err
    assert "alternative" in listed.err
    assert "consent record" not in held.err + listed.err


@pytest.mark.rule("copy-correct-erase")
def test_a_correction_is_shown_and_the_log_has_neither_word(ready: Any) -> None:
    ready("subject", "add", "A-1", "--name", "Wrong")
    assert ready("subject", "correct", "A-1", "--name", "Right", "--new-ref", "A-2").code == 0
    assert ready("subject", "show", "A-2", "--format", "json").json()["name"] == "Right"
    assert ready("subject", "show", "A-1").code == 21
    log = ready("log", "show", "-n", "9", "--format", "json").json()
    assert [one["action"] for one in log].count("subject.correct") == 1
    assert "Wrong" not in str(log)
    assert "Right" not in str(log)


@pytest.mark.parametrize(
    ("until", "code", "printed"),
    [("2027-03-01", 0, "until 2027-03-01."), ("2020-01-01", 1, "2020-01-01 is over")],
)
def test_the_end_of_a_hold_is_printed_as_it_was_typed(
    ready: Any, until: str, code: int, printed: str
) -> None:
    ready("subject", "add", "A-1")
    done = ready("subject", "hold", "A-1", "--reason", "case 1", "--until", until)
    assert done.code == code
    assert printed in done.err


@pytest.mark.parametrize("until", ["tomorrow", "2027-02-30", "9000y"])
def test_an_end_of_a_hold_that_cannot_be_read_is_a_usage_error(ready: Any, until: str) -> None:
    ready("subject", "add", "A-1")
    done = ready("subject", "hold", "A-1", "--reason", "case 1", "--until", until)
    assert done.code == 2
    assert "The end of the hold is not usable" in done.err


# -- what ends ------------------------------------------------------------------------------

FACE = ("sample_data/probes/gate-2.jpg", "--purpose", "gate")


def _actions(facecli: Any, number: int) -> list[str]:
    found = facecli("log", "show", "-n", number, "--format", "json").json()
    return [entry["action"] for entry in found]


@pytest.mark.parametrize("command", [("verify", "A-1002", *FACE), ("match", *FACE)])
def test_a_hold_that_is_over_ends_with_the_next_command_that_writes(
    enrolled: Any, clock: Clock, command: Any
) -> None:
    enrolled("subject", "hold", "A-1002", "--reason", "case 1", "--until", "30d")
    clock.advance(days=29)
    assert enrolled("verify", "A-1002", *FACE).code == 20
    clock.advance(days=1)
    assert enrolled("subject", "show", "A-1002", "--format", "json").json()["state"] == "restricted"
    done = enrolled(*command, "--format", "json")
    assert done.code == 0, done.err
    assert '"A-1002"' in done.out
    assert _actions(enrolled, 2) == ["subject.release", command[0]]


def test_a_purpose_that_is_met_leaves_nothing_after_the_next_purge(
    enrolled: Any, clock: Clock
) -> None:
    assert enrolled("subject", "complete", "A-1002", "--purpose", "gate").code == 0
    assert enrolled("verify", "A-1002", *FACE).code == 20
    rows = enrolled("purge", "--dry-run", "--format", "json").json()[:-1]
    assert {(row["ref"], row["what"], row["reason"]) for row in rows} == {
        ("A-1002", what, "purpose-met") for what in ("template", "consent", "subject")
    }
    certificate = enrolled.folder / "certificate.json"
    assert enrolled("purge", "--certificate", certificate).code == 0
    [stated] = json.loads(certificate.read_text())
    assert (stated["reasons"], stated["whole"]) == (["purpose-met"], True)
    assert enrolled("subject", "show", "A-1002").code == 21


@pytest.mark.parametrize(
    ("ref", "purpose"), [("A-9", "gate"), ("A-1002", "none"), ("A-1002", "attendance")]
)
def test_nothing_to_complete_is_exit_21(enrolled: Any, ref: str, purpose: str) -> None:
    assert enrolled("subject", "complete", ref, "--purpose", purpose).code == 21


@pytest.mark.rule("alternative-named")
def test_the_alternative_is_chosen_and_left_again(enrolled: Any, clock: Clock) -> None:
    chosen = enrolled("subject", "correct", "A-1002", "--alternative-only")
    assert (chosen.code, "1 consent withdrawn" in chosen.err) == (0, True)
    assert enrolled("subject", "correct", "A-1002", "--alternative-only").code == 1
    assert enrolled("purge", "--format", "json").json()[-1]["erased"] == 2
    shown = enrolled("subject", "show", "A-1002", "--format", "json").json()
    assert (shown["state"], shown["consents"]) == ("alternative-only", [])
    clock.advance(days=500)
    rows = enrolled("purge", "--trust-clock", "--dry-run", "--format", "json").json()[:-1]
    assert "A-1002" not in {row["ref"] for row in rows}
    record = ("consent", "record", "A-1002", "--purpose", "gate", "--expires", "1y")
    refused = enrolled(*record)
    assert (refused.code, "--no-alternative-only" in refused.err) == (20, True)
    assert enrolled("subject", "correct", "A-1002", "--no-alternative-only").code == 0
    assert enrolled(*record).code == 0


@pytest.mark.rule("guardian")
def test_minority_ends_on_its_day_or_by_correction(ready: Any, clock: Clock) -> None:
    clock.moment = datetime(2026, 11, 23, 9, tzinfo=UTC)
    minor = ("--minor", "--guardian", "Parent")
    for ref in ("M-1", "M-2"):
        assert ready("subject", "add", ref, *minor, "--minor-until", "2026-12-01").code == 0
    record = ("--purpose", "gate", "--expires", "1y")
    refused = ready("consent", "record", "M-1", *record, "--guardian", "Stranger")
    assert (refused.code, "not the one on record" in refused.err) == (20, True)
    assert ready("consent", "record", "M-1", *record, "--guardian", "Parent").code == 0
    assert ready("subject", "correct", "M-2", "--no-minor").code == 0
    assert ready("consent", "record", "M-2", *record).code == 0
    clock.moment = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert ready("consent", "record", "M-1", *record).code == 20
    clock.advance(days=1)
    assert ready("consent", "record", "M-1", *record).code == 0


def test_a_last_day_of_minority_needs_a_minor(ready: Any) -> None:
    done = ready("subject", "add", "A-1", "--minor-until", "2030-01-01")
    assert (done.code, "give --minor too" in done.err) == (1, True)


@pytest.mark.parametrize(("days", "due"), [(29, False), (30, True)])
def test_who_gives_no_consent_is_due_after_thirty_days(
    ready: Any, clock: Clock, days: int, due: bool
) -> None:
    for ref, *options in (("A-1",), ("A-2", "--alternative-only"), ("A-3",)):
        ready("subject", "add", ref, *options)
    ready("subject", "hold", "A-3", "--reason", "case 1", "--until", "1y")
    clock.advance(days=days)
    rows = ready("purge", "--dry-run", "--format", "json").json()[:-1]
    assert [(row["ref"], row["reason"], row["outcome"]) for row in rows] == [
        ("A-1", "no-consent", "due"), ("A-3", "no-consent", "held"),
    ] * due  # fmt: skip


def test_the_list_is_searched_by_purpose_name_and_end(enrolled: Any) -> None:
    def refs(*options: str) -> list[str]:
        listed = enrolled("subject", "list", "--format", "json", *options).json()
        return [one["ref"] for one in listed]

    enrolled("subject", "add", "B-1", "--name", "Zoe Li")
    enrolled("consent", "record", "B-1", "--purpose", "attendance", "--expires", "10d")
    assert refs("--purpose", "gate") == ["A-1001", "A-1002", "A-1003"]
    assert refs("--name", "zoe") == ["B-1"]
    assert refs("--expiring", "9d") == []
    assert refs("--expiring", "10d") == ["B-1"]
    assert refs("--expiring", "10d", "--purpose", "gate") == []
    assert enrolled("subject", "list", "--purpose", "nothing").code == 21
    assert enrolled("subject", "list", "--expiring", "soon").code == 2
    rows = enrolled("consent", "list", "--expiring", "30d", "--format", "json").json()
    assert [(one["ref"], one["purpose"]) for one in rows] == [("B-1", "attendance")]
    assert enrolled("consent", "list", "--expiring", "30d", "--purpose", "gate").code == 0
