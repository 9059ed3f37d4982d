"""Who is held, for which purpose, on which version, until when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from facecli.consent import dates, holds, retention_facts
from facecli.consent import subjects as subjects_of_consent
from facecli.consent.retention import decide
from facecli.report.custody import subjects
from tests.prepared import let_pass, opened


def test_each_subject_has_a_row_for_each_purpose(enrolled: Any, figures: Any) -> None:
    assert enrolled("consent", "record", "A-1001", "--purpose", "attendance",
                    "--expires", "1y", "--notice-shown").code == 0  # fmt: skip
    found = figures(subjects.section, with_refs=True)["by_subject"]
    assert [(one["ref"], one["purpose"], one["templates"]) for one in found] == [
        ("A-1001", "gate", 1), ("A-1001", "attendance", 0), ("A-1002", "gate", 1),
        ("A-1003", "gate", 1),
    ]  # fmt: skip
    assert found[1]["face_until"] is None
    assert {one["state"] for one in found} == {"active"}


def test_no_ref_without_the_word_for_it(figures: Any) -> None:
    found = figures(subjects.section)["by_subject"]
    assert len(found) == 3
    assert all("ref" not in one and len(one["subject_id"]) == 32 for one in found)


def test_the_ends_are_those_that_the_policy_decides(enrolled: Any, figures: Any) -> None:
    found = {one["subject_id"]: one for one in figures(subjects.section)["by_subject"]}
    with opened(enrolled) as session:
        rules = retention_facts.rules(session.db)
        for subject in retention_facts.everybody(session.db):
            for one in decide(subject, rules, session.now):
                row = found[subject.pseudonym]
                if one.what == "template":
                    assert (row["face_until"], row["reason"]) == (one.due_at, one.reason)
                if one.what == "consent":
                    assert row["consent_until"] == one.due_at


def test_a_hold_and_the_alternative_are_states(enrolled: Any, figures: Any) -> None:
    assert enrolled("subject", "hold", "A-1001", "--reason", "case", "--until", "1y").code == 0
    assert enrolled("subject", "add", "B-1", "--alternative-only").code == 0
    found = figures(subjects.section, with_refs=True)
    states = {one["ref"]: one["state"] for one in found["by_subject"]}
    assert states == {
        "A-1001": "restricted", "A-1002": "active", "A-1003": "active", "B-1": "alternative-only",
    }  # fmt: skip
    (other,) = [one for one in found["by_month"] if one["purpose"] is None]
    assert other["month"] is None


def test_a_hold_keeps_withdrawn_data_until_its_end(enrolled: Any, figures: Any) -> None:
    assert enrolled("subject", "hold", "A-1001", "--reason", "case", "--until", "30d").code == 0
    assert enrolled("revoke", "A-1001", "--yes").code == 22
    found = figures(subjects.section, with_refs=True)
    (held,) = [one for one in found["by_subject"] if one["ref"] == "A-1001"]
    with opened(enrolled) as session:
        hold = holds.of(session.db, subjects_of_consent.find(session.db, "A-1001"))
        month = dates.last_day(hold["until"], dates.zone_of(session.db))[:7]
    assert (held["face_until"], held["reason"]) == (hold["until"], "legal-hold")
    assert month in {one["month"] for one in found["by_month"]}


def test_months_count_everybody_once_a_purpose(enrolled: Any, figures: Any, clock: Any) -> None:
    let_pass(enrolled, clock, days=40)
    found = figures(subjects.section)
    assert sum(one["subjects"] for one in found["by_month"]) == len(found["by_subject"])


def test_a_month_is_one_of_the_controllers_time_zone(
    enrolled: Any, figures: Any, clock: Any
) -> None:
    with opened(enrolled) as session, session.act() as act:
        dates.set_zone(act, "Asia/Shanghai")
    assert enrolled("subject", "add", "B-1").code == 0
    end = f"{clock.moment + timedelta(days=70):%Y-%m}"  # a consent that ends before inactivity
    day = f"{date.fromisoformat(f'{end}-01') - timedelta(days=1)}"
    assert enrolled("consent", "record", "B-1", "--purpose", "gate", "--expires", day,
                    "--notice-shown").code == 0  # fmt: skip
    found = figures(subjects.section)
    assert found["by_subject"][-1]["consent_until"] == f"{day}T16:00:00Z"
    assert day[:7] in {one["month"] for one in found["by_month"]}
