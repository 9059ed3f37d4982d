"""The checks of an open database: schema, journal mode, slots, clock, export and pages."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.capture import joined_letters
from facecli.report.checks import database
from facecli.report.findings import Finding
from facecli.store import holdings
from tests.conftest import Clock
from tests.prepared import opened


def state(facecli: Any, now: str | None = None) -> dict[str, Finding]:
    with opened(facecli) as session:
        return {one.check: one for one in database.state(session.db, now or session.now)}


def test_a_new_database_lacks_only_its_export(ready: Any) -> None:
    found = state(ready)
    assert list(found) == [
        "schema",
        "journal-mode",
        "slots-known",
        "clock",
        "review",
        "export",
        "evidence",
        "letters",
        "requests",
        "elsewhere",
        "copies",
    ]
    assert {name for name, one in found.items() if one.severity != "ok"} == {"export"}
    assert "not been exported" in found["export"].finding


@pytest.mark.parametrize(("hours", "severity"), [(47, "ok"), (49, "warning")])
def test_an_export_is_due_every_two_days(ready: Any, clock: Any, hours: int, severity: str) -> None:
    assert ready("log", "export", "--output", ready.folder / "log.jsonl").code == 0
    clock.advance(hours=hours)
    assert state(ready)["export"].severity == severity


def test_a_purpose_past_its_day_of_review_is_named(
    ready: Any, purposes_file: Any, clock: Clock
) -> None:
    file = purposes_file(threshold_fmr='1e-3\nreview_by = "2027-03-01"')
    assert ready("purpose", "apply", file).code == 0
    assert state(ready, "2027-03-01T12:00:00Z")["review"].severity == "ok"
    found = state(ready, "2027-03-03T00:00:00Z")["review"]
    assert (found.severity, "gate (2027-03-01)" in found.finding) == ("warning", True)
    assert ready("purpose", "retire", "gate", "--yes").code == 0
    assert state(ready, "2027-03-03T00:00:00Z")["review"].severity == "ok"


def test_a_time_before_the_end_of_the_log_is_an_error(ready: Any) -> None:
    found = state(ready, "2001-01-01T00:00:00Z")["clock"]
    assert (found.severity, found.remedy != "") == ("error", True)


def test_names_that_pictures_cannot_show_are_counted_with_their_scripts(ready: Any) -> None:
    for ref, name in (("A-1", "张伟"), ("A-2", "Ŏ שלמה"), ("A-3", "\u0e2a\u0e21"), ("A-4", "Jo")):
        ready("subject", "add", ref, "--name", name)
    found = state(ready)["letters"]
    assert (found.severity, "1 name as codes (Thai)" in found.finding) == ("ok", True)


def test_doctor_says_whether_pictures_join_arabic_letters(
    ready: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready("subject", "add", "A-1", "--name", "محمد")
    font = joined_letters.font_file()
    wanted = "unjoined" if font is None else f"joined (font: {font})"
    assert wanted in state(ready)["letters"].finding
    monkeypatch.setattr(joined_letters, "FONTS", ())
    found = state(ready)["letters"]
    assert (found.severity, "install the font DejaVu Sans" in found.finding) == ("ok", True)


def test_consents_without_a_form_are_counted(enrolled: Any) -> None:
    recorded = enrolled("consent", "record", "A-1001", "--purpose", "attendance", "--expires", "1y")
    assert recorded.code == 0
    found = state(enrolled)["evidence"]
    assert (found.severity, found.finding) == ("ok", "1 consent in force without a signed form")


def test_slots_that_differ_are_named(ready: Any) -> None:
    with opened(ready) as session:
        session.db.insert("key_slot", label="ghost", slot_key=b"x")
    found = state(ready)["slots-known"]
    assert (found.severity, found.finding.endswith("differ in: ghost.")) == ("warning", True)


def test_wal_mode_is_an_error(ready: Any) -> None:
    with opened(ready) as session:
        session.db.execute("PRAGMA journal_mode = WAL")
        found = {one.check: one for one in database.state(session.db, session.now)}
    assert found["journal-mode"].severity == "error"


def test_an_older_schema_is_warned_of(ready: Any) -> None:
    with opened(ready) as session:
        version = int(session.db.value("PRAGMA user_version"))
        session.db.execute(f"PRAGMA user_version = {version - 1}")
        found = {one.check: one for one in database.state(session.db, session.now)}
        session.db.execute(f"PRAGMA user_version = {version}")
    assert found["schema"].severity == "warning"
    assert "cannot be undone" in found["schema"].remedy


def test_pages_that_are_whole_are_in_order(ready: Any) -> None:
    with opened(ready) as session:
        assert database.pages(session.db).severity == "ok"


def test_templates_that_lie_with_their_subjects_are_in_order(enrolled: Any) -> None:
    with opened(enrolled) as session:
        assert database.templates(session.db).severity == "ok"


def test_templates_of_another_engine_are_counted(enrolled: Any) -> None:
    with opened(enrolled) as session:
        before = session.db.value("SELECT count(*) FROM template")
        session.db.execute("UPDATE template_shard SET engine_id = 'another-0123456789ab'")
        found = database.templates(session.db)
    assert (found.severity, f"{before} templates" in found.finding) == ("warning", True)
    assert "reenroll" in found.remedy


def test_templates_whose_engine_an_upgrade_changed_are_counted(enrolled: Any) -> None:
    with opened(enrolled) as session:
        before = session.db.value("SELECT count(*) FROM template")
        session.db.execute("UPDATE template_shard SET engine_id = 'sface-0123456789ab'")
        session.db.execute("UPDATE meta SET value = 'sface-0123456789ab' WHERE name = 'engine_id'")
        found = database.templates(session.db)
    assert (found.severity, f"{before} templates" in found.finding) == ("warning", True)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE template SET subject_id = 3 - subject_id WHERE subject_id < 3",
        "UPDATE template_shard SET oldest = '2999-01-01T00:00:00Z'",
    ],
)
def test_a_shard_that_does_not_fit_its_rows_is_an_error(enrolled: Any, damage: str) -> None:
    with opened(enrolled) as session:
        session.db.execute(damage)
        found = database.templates(session.db)
    assert (found.severity, "shard 1" in found.finding) == ("error", True)


@pytest.mark.parametrize("content", ["zeroblob(length(vectors))", "zeroblob(128)"])
def test_templates_that_the_engine_cannot_have_made_are_an_error(
    enrolled: Any, content: str
) -> None:
    with opened(enrolled) as session:
        session.db.execute(f"UPDATE shard_vectors SET vectors = {content} WHERE shard_id = 1")
        found = database.templates(session.db)
    assert (found.severity, "shard 1" in found.finding) == ("error", True)


def test_erased_templates_are_no_damage(enrolled: Any) -> None:
    with opened(enrolled) as session, session.db.transaction():
        first = session.db.value("SELECT min(id) FROM template")
        holdings.erase_templates(session.db, [first])
        assert database.templates(session.db).severity == "ok"


def test_a_request_past_its_deadline_is_named(ready: Any, clock: Any) -> None:
    ready("subject", "add", "A-1")
    ready("subject", "request", "A-1", "--kind", "complain", "--on", clock().date())
    found = state(ready)["requests"]
    assert (found.severity, found.finding[:15]) == ("ok", "1 open request,")
    clock.advance(days=16)
    found = state(ready)["requests"]
    assert found.severity == "warning"
    assert "1 request past the deadline: " in found.finding
    assert "(complain, until " in found.finding
    assert "A-1" not in found.finding


@pytest.mark.rule("held-elsewhere")
def test_an_item_that_nobody_confirms_after_an_erasure_is_warned_of(ready: Any, clock: Any) -> None:
    ready("subject", "add", "A-1")
    ready("subject", "elsewhere", "add", "A-1", "--what", "paper", "--where", "The archive")
    clock.advance(days=20)
    assert state(ready)["elsewhere"].severity == "ok"
    ready("revoke", "A-1", "--yes")
    clock.advance(days=29)
    assert state(ready)["elsewhere"].severity == "ok"
    clock.advance(days=1)
    found = state(ready)["elsewhere"]
    assert found.severity == "warning"
    assert found.finding.startswith("1 item of erased subjects held elsewhere")
