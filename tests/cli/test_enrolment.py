"""The common options of the commands that enrol."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from facecli.cli.enrolment import (
    Consenting,
    consenting,
    errors_of,
    in_the_language,
    record,
    worst,
)
from facecli.errors.base import Unknown
from facecli.errors.capture import CaptureFailed
from facecli.errors.command_line import BadInput
from facecli.recognition.enrolment.requests import EnrolmentRequest, enrolled, not_enrolled
from tests.conftest import Facecli
from tests.prepared import opened, seen, unit

OPENED: Any = SimpleNamespace(now="2026-02-03T04:05:06Z")
REQUEST = EnrolmentRequest("A-1", "gate", "a.jpg")


def parsed(*options: object) -> tuple[Result, list[Consenting]]:
    found: list[Consenting] = []

    @click.command()
    @consenting
    def command(consent: Consenting) -> None:
        found.append(consent)

    return CliRunner().invoke(command, [str(option) for option in options]), found


def test_all_captures_are_under_one_agreement_of_one_moment(ready: Facecli) -> None:
    _, [consent] = parsed("--expires", "1y", "--name", "Jo", "--allow-duplicate", "--notice-shown")
    with opened(ready) as session:
        now = session.now
        one, two = consent.requests(session, "A-1", "gate", ["1.jpg", "2.jpg"])
        [asked] = parsed("--expires", "1y")[1][0].requests(session, "A-1", "spa", ["a"], asks=True)
    assert (one.path, two.path, one.name) == ("1.jpg", "2.jpg", "Jo")
    assert one.agreement is two.agreement
    assert one.agreement is not None
    assert (one.agreement.expires, one.agreement.given) == ("1y", None)
    notice = one.agreement.notice
    assert (notice.how, notice.version) == ("declared", 1)
    assert notice.since is not None
    assert notice.since >= now
    assert asked.agreement is not None
    assert (asked.agreement.notice.how, asked.agreement.notice.version) == ("asked", None)
    assert (one.allow_duplicate, one.keep_photo) == (True, False)


def test_without_an_end_there_is_no_agreement() -> None:
    _, [consent] = parsed()
    [request] = consent.requests(OPENED, "A-1", "gate", ["1.jpg"])
    assert request.agreement is None


@pytest.mark.parametrize("option", ["--evidence", "--given", "--guardian"])
def test_what_belongs_to_a_consent_needs_its_end(option: str) -> None:
    run, found = parsed(option, "x")
    assert (run.exit_code, found) == (2, [])
    assert "need --expires" in run.output


@pytest.mark.parametrize("keep", [True, False])
def test_the_form_is_read_and_kept_only_if_asked(tmp_path: Path, keep: bool) -> None:
    form = tmp_path / "form.pdf"
    form.write_bytes(b"signed")
    options = ["--expires", "1y", "--evidence", form, *(["--keep-evidence"] if keep else [])]
    _, [consent] = parsed(*options)
    assert consent.evidence is not None
    assert consent.evidence.content == (b"signed" if keep else None)


def test_a_missing_form_is_refused_before_the_command_runs(tmp_path: Path) -> None:
    run, found = parsed("--expires", "1y", "--evidence", tmp_path / "none.pdf")
    assert isinstance(run.exception, BadInput)
    assert found == []


def test_a_record_has_the_message_of_an_error() -> None:
    error = CaptureFailed(path="a.jpg", why="it is no image", reason="undecodable")
    failed = not_enrolled(REQUEST, "failed", error)
    done = enrolled(REQUEST, seen("a.jpg", unit(1)), "some-id")
    assert record(failed)["message"] == str(error)
    assert record(done)["message"] is None
    assert errors_of([failed, done]) == [error]


def test_the_exit_code_is_the_highest_of_the_errors() -> None:
    errors = [BadInput(what="x", why="y"), Unknown(kind="subject", name="A-1")]
    assert worst(errors) == int(errors[1].exit_code)


@pytest.mark.parametrize(
    ("options", "lang", "notice", "speaks"),
    [
        ((), None, None, "en"),
        ((), "zh-CN", "zh", "zh"),
        (("--notice-lang", "zh"), None, "zh", "zh"),
        (("--notice-lang", "zh"), "en", "zh", "en"),
        (("--notice-lang", "../x"), None, "../x", "en"),
        ((), "fr", None, "en"),
    ],
)
def test_the_sitting_is_in_the_language_asked_for_or_that_of_the_notice(
    ready: Facecli, capsys: Any, options: Any, lang: str | None, notice: str | None, speaks: str
) -> None:
    _, [consent] = parsed("--expires", "1y", *options)
    with opened(ready) as session:
        found, language = in_the_language(session, consent, "gate", lang)
    assert (found.notice_lang, language.tag) == (notice, speaks)
    assert ("gate has no notice in fr" in capsys.readouterr().err) == (lang == "fr")
