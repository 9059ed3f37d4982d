"""The letter of a withdrawal, from a real erasure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from facecli.cli import addressee, erasure_letter
from facecli.cli.session import Session
from facecli.consent import dates
from facecli.consent.register.elsewhere import NOT_KEPT
from facecli.erasure import revocation
from facecli.papers.as_text import text
from facecli.papers.languages import choose
from tests.conftest import Clock, Facecli
from tests.prepared import let_pass, opened

ENGLISH = choose("en").language


def withdrawn(session: Session, ref: str, purpose: str | None = None) -> str:
    """Withdraw, and return the letter as text."""
    with session.act() as act:
        planned = revocation.plan(act.db, ref, purpose, act.now)
        person = addressee.find(act.db, ref, planned.purposes)
        done = revocation.revoke(act, ref, purpose, None)
        made = erasure_letter.letter(act, person, done, ENGLISH, certified=False)
    return text(made, 400)


@pytest.fixture
def agreed(ready: Facecli) -> Facecli:
    """A person who agreed to two purposes."""
    ready("subject", "add", "A-1", "--name", "Li Wei")
    for purpose in ("gate", "attendance"):
        ready("consent", "record", "A-1", "--purpose", purpose, "--expires", "6m")
    return ready


def test_it_states_who_what_and_where_it_may_still_be(agreed: Facecli) -> None:
    assert agreed("backup", "create", agreed.folder / "copy.db").code == 0
    held = ("A-1", "--what", "fingerprint", "--where", "the old gate")
    assert agreed("subject", "elsewhere", "add", *held).code == 0
    with opened(agreed) as session:
        pseudonym = session.db.value("SELECT pseudonym FROM subject")
        words = withdrawn(session, "A-1")
        seq = session.db.value("SELECT seq FROM erasure")
        case = session.db.value("SELECT case_id FROM held_elsewhere")
    for stated in ("Hangzhou Park Ltd", "Li Wei", pseudonym, f"Entry {seq} of our log",
                   "Entry at the park gate", "Attendance of staff", "you withdrew your consent",
                   "Backups of these days may still hold", "a fingerprint", "the old gate",
                   f"State the case number {case}",
                   "Our database holds nothing on you any more"):  # fmt: skip
        assert stated in words, stated


def test_the_day_of_a_copy_is_that_of_the_controllers_zone(agreed: Facecli) -> None:
    """In one of the two zones, the day always differs from that of UTC."""
    assert agreed("backup", "create", agreed.folder / "copy.db").code == 0
    zones = {"attendance": "Pacific/Kiritimati", "gate": "Etc/GMT+12"}
    for purpose, zone in zones.items():
        with opened(agreed) as session:
            made_at = datetime.fromisoformat(session.db.value("SELECT made_at FROM known_copy"))
            with session.act() as act:
                dates.set_zone(act, zone)
            words = withdrawn(session, "A-1", purpose)
        day = ENGLISH.date(str(made_at.astimezone(ZoneInfo(zone)).date()))
        assert f"Backups of these days may still hold the data: {day}." in words


def test_of_one_purpose_nothing_else_is_said_to_be_gone(agreed: Facecli) -> None:
    with opened(agreed) as session:
        words = withdrawn(session, "A-1", "attendance")
    assert "Attendance of staff" in words
    assert "Entry at the park gate" not in words
    assert "Your name and reference are still held" in words


@pytest.mark.parametrize("held", [False, True])
def test_what_ended_by_itself_is_named_where_it_is_erased_too(
    agreed: Facecli, clock: Clock, held: bool
) -> None:
    if held:
        agreed("subject", "hold", "A-1", "--reason", "case 7", "--until", "3y")
    agreed("consent", "record", "A-1", "--purpose", "gate", "--expires", "2y")
    let_pass(agreed, clock, days=200)  # the consent to attendance has ended
    with opened(agreed) as session:
        words = withdrawn(session, "A-1", "gate")
    assert "Entry at the park gate" in words
    assert ("Attendance of staff" in words) is not held


def test_a_hold_is_stated_with_its_reason(agreed: Facecli) -> None:
    agreed("subject", "hold", "A-1", "--reason", "case 7", "--until", "2099-03-01")
    with opened(agreed) as session:
        words = withdrawn(session, "A-1")
    assert "must be kept until March 1, 2099" in words
    assert "case 7" in words


def test_a_holder_that_names_the_person_stays_in_the_letter_alone(agreed: Facecli) -> None:
    held = ("A-1", "--what", "photo", "--where", "Wuhan Police")
    assert agreed("subject", "elsewhere", "add", *held).code == 0
    assert agreed("subject", "correct", "A-1", "--name", "Wu Han").code == 0
    with opened(agreed) as session:
        words = withdrawn(session, "A-1")
        assert session.db.value("SELECT place FROM held_elsewhere") == NOT_KEPT
    assert "Wuhan Police; deletion not confirmed" in words


def test_who_agreed_to_nothing_gets_a_letter_too(ready: Facecli) -> None:
    ready("subject", "add", "B-1", "--alternative-only")
    with opened(ready) as session:
        words = withdrawn(session, "B-1")
    assert "has erased the data on B-1 on" in words
    assert "there was no consent" in words
    assert "Hangzhou Park Ltd" in words
