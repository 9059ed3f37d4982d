"""A session: the key, the refusals that it logs, the clock that it warns of, new secrets."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from facecli.cli import session as module
from facecli.cli.session import Settings, looking, new_secret, session
from facecli.errors.consent import NoConsent
from facecli.errors.keys import UnusableKey, WrongKey
from facecli.keys import sources
from facecli.keys.sources import KeySource


def settings(facecli: Any, **more: Any) -> Settings:
    key = {"key_file": str(facecli.key)}
    return Settings(**{"db": facecli.db, "key_options": key, "no_input": True, **more})


def entries(facecli: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = facecli("log", "show", "--format", "json").json()
    return found


def test_the_clock_is_in_utc() -> None:
    assert module.clock().tzinfo is UTC


@pytest.mark.parametrize(
    ("options", "words"),
    [({}, ["note"]), ({"quiet": True}, []), ({"verbose": True}, ["detail", "note"])],
)
def test_q_silences_notes_and_v_adds_details(
    capsys: pytest.CaptureFixture[str], options: dict[str, bool], words: list[str]
) -> None:
    chosen = Settings(Path("none"), **options)  # type: ignore[arg-type]
    chosen.detail("detail")
    chosen.note("note")
    assert capsys.readouterr().err.split() == words


def test_a_session_acts_and_logs_in_one_transaction(ready: Any) -> None:
    with session(settings(ready), "test") as opened, opened.act() as act:
        act.record("key.rotate", details={"slot": "first"})
        assert opened.db.in_transaction
    assert entries(ready)[-1]["action"] == "key.rotate"
    assert entries(ready)[-1]["actor"]["slot"] == "first"


def test_a_refusal_is_logged_with_its_reason_and_the_pseudonym(ready: Any) -> None:
    ready("subject", "add", "A-1")
    with pytest.raises(NoConsent), session(settings(ready), "match"):
        raise NoConsent(ref="A-1", purpose="gate", why="none is recorded")
    last = entries(ready)[-1]
    assert (last["action"], last["outcome"], last["purpose"]) == ("match", "refused", "gate")
    assert last["details"] == {"reason": "no-consent"}
    assert (
        last["subject_id"]
        == ready("subject", "show", "A-1", "--format", "json").json()["subject_id"]
    )


def test_a_refusal_about_nobody_here_is_logged_without_a_subject(ready: Any) -> None:
    with pytest.raises(NoConsent), session(settings(ready), "match"):
        raise NoConsent(ref="nobody", purpose="gate", why="none is recorded")
    assert entries(ready)[-1]["subject_id"] is None


def test_a_failure_of_another_kind_is_not_logged(ready: Any) -> None:
    before = entries(ready)
    with pytest.raises(WrongKey), session(settings(ready), "match"):
        raise WrongKey(path="x")
    assert entries(ready) == before


def test_looking_writes_nothing(ready: Any) -> None:
    before = ready.db.read_bytes()
    with looking(settings(ready)) as (db, now):
        assert db.value("SELECT count(*) FROM subject") == 0
        assert now.endswith("Z")
    assert ready.db.read_bytes() == before


def test_a_clock_behind_the_log_is_warned_of_unless_it_is_slight(ready: Any, clock: Any) -> None:
    clock.advance(days=2)
    assert ready("subject", "add", "A-1").code == 0
    clock.advance(minutes=-4)
    assert ready("subject", "list").err == ""
    clock.advance(minutes=-4)
    assert "the log has reached" in ready("subject", "list").err


# -- new secrets --------------------------------------------------------------------------------


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answers for a person at a terminal to type."""
    answers: list[str] = []
    monkeypatch.setattr(module, "ask_passphrase", lambda *_: answers.pop(0))
    monkeypatch.setattr(Settings, "interactive", True)
    return answers


def test_a_new_passphrase_is_typed_twice(typed: list[str], tmp_path: Path) -> None:
    typed += ["a long enough phrase"] * 2
    with new_secret(Settings(tmp_path / "a.db"), None) as found:
        pass
    assert (found.kind, found.value) == ("passphrase", b"a long enough phrase")


@pytest.mark.parametrize("answers", [["one phrase", "another"], [""], ["", ""]])
def test_two_answers_that_differ_or_are_empty_are_refused(
    typed: list[str], tmp_path: Path, answers: list[str]
) -> None:
    typed += answers
    unusable = pytest.raises(UnusableKey, match="differ or are empty")
    with unusable, new_secret(Settings(tmp_path / "a.db"), None):
        pass


@pytest.mark.parametrize(("phrase", "warned"), [("eleven char", True), ("twelve chars", False)])
def test_a_short_passphrase_is_warned_of(
    typed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], phrase: str, warned: bool
) -> None:
    typed += [phrase] * 2
    with new_secret(Settings(tmp_path / "a.db"), None):
        pass
    assert ("fewer than 12 characters" in capsys.readouterr().err) is warned


def test_a_key_file_that_is_missing_is_created_and_an_old_one_is_kept(tmp_path: Path) -> None:
    option = next(iter(sources.OPTIONS["key_file"]))
    source = KeySource(option, str(tmp_path / "new.key"))
    quiet = Settings(tmp_path / "elsewhere" / "a.db", quiet=True)
    with new_secret(quiet, source) as first:
        assert first.kind == "key-file"
    with new_secret(quiet, source) as again:
        assert again == first
    with suppress(MemoryError), new_secret(quiet, source):
        raise MemoryError
    assert (tmp_path / "new.key").stat().st_mode & 0o777 == 0o600
