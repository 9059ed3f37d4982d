"""`facecli purpose`: apply, list, show, retire."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from facecli.cli.session import Settings
from facecli.consent.dates import day_of
from tests.conftest import PARK, Clock

Write = Callable[..., Path]


def entries(facecli: Any) -> int:
    return len(facecli("log", "show", "-n", "1000", "--format", "json").json())


def test_apply_creates_purposes(facecli: Any, sample_data: Path) -> None:
    facecli("init")
    done = facecli("purpose", "apply", sample_data / "purposes.toml", "--format", "json")
    assert done.code == 0
    assert [(row["purpose"], row["change"], row["applied"]) for row in done.json()] == [
        ("gate", "new", True),
        ("attendance", "new", True),
    ]


def test_apply_twice_changes_nothing(ready: Any, sample_data: Path) -> None:
    before = entries(ready)
    done = ready("purpose", "apply", sample_data / "purposes.toml", "--format", "json")
    assert done.code == 0
    assert {(row["change"], row["applied"]) for row in done.json()} == {("unchanged", False)}
    assert entries(ready) == before


def test_a_dry_run_shows_the_same_and_changes_nothing(ready: Any, purposes_file: Write) -> None:
    path = purposes_file(scope='"Gate 3"', retain_match='"7d"')
    before = entries(ready)
    dry = ready("purpose", "apply", path, "--dry-run", "--format", "json")
    assert dry.code == 0
    assert entries(ready) == before
    assert ready("purpose", "show", "gate", "--format", "json").json()["version"] == 1
    done = ready("purpose", "apply", path, "--format", "json").json()
    assert [row.pop("applied") for row in done] == [True, False]
    rehearsed = dry.json()
    assert [row.pop("applied") for row in rehearsed] == [False, False]
    assert rehearsed == done
    assert done[0]["fields"][0]["field"] == "scope"
    assert done[0]["fields"][0]["after"] == "Gate 3"


def test_the_table_of_changes_prints_words(ready: Any, purposes_file: Write) -> None:
    path = purposes_file(retain_match='"7d"', data='["face", "name"]', scope=f'"{"Gate 3 " * 9}"')
    text = path.read_text(encoding="utf-8").replace(
        'data = ["人脸模板"]', 'data = ["人脸", "姓名"]', 1
    )
    path.write_text(text, encoding="utf-8")
    out = ready("purpose", "apply", path, "--dry-run", "--wide").out
    # a value that is too long for a table is left out
    assert "scope; data: face template -> face, name; retain_match: 30d -> 7d" in out
    assert "data.zh: 人脸模板 -> 人脸, 姓名" in out
    assert not set('[]{}"') & set(out)


@pytest.mark.rule("consent-version")
@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_a_text_that_changes_in_one_language_only_is_said(
    ready: Any, purposes_file: Write, dry: list[str]
) -> None:
    path = purposes_file(scope='"Gate 3"')
    notice = path.parent / "notices" / "gate.zh.md"
    notice.write_text("修改后的告知书", encoding="utf-8")
    run = ready("purpose", "apply", path, "--format", "json", *dry)
    assert run.json()[0]["behind"] == [
        {"what": "notice", "changed": ["zh"], "as_before": ["en"]},
        {"what": "scope", "changed": ["en"], "as_before": ["zh"]},
    ]
    words = " ".join(run.err.split())
    assert "gate: The notice changes in zh, and stays as it was in en. Make sure" in words
    assert "gate: The text of `scope` changes in en, and stays as it was in zh." in words
    again = ready("purpose", "apply", path, "--format", "json")
    assert bool(again.json()[0]["behind"]) is bool(dry)


def test_an_output_that_cannot_be_opened_applies_nothing(ready: Any, purposes_file: Write) -> None:
    before = entries(ready)
    path = purposes_file(scope='"Gate 3"')
    assert ready("purpose", "apply", path, "--output", ready.folder / "none" / "rows").code == 74
    assert entries(ready) == before


@pytest.mark.parametrize(("options", "code", "version"), [([], 75, 2), (["--dry-run"], 74, 1)])
def test_a_report_that_fails_after_the_change_is_exit_75(
    ready: Any, purposes_file: Write, options: list[str], code: int, version: int
) -> None:
    command = ["purpose", "apply", str(purposes_file(scope='"Gate 3"')), *options]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "facecli", *ready.globals, *command],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == code
    assert ready("purpose", "show", "gate", "--format", "json").json()["version"] == version


def test_a_new_version_says_how_many_must_be_asked_again(ready: Any, purposes_file: Write) -> None:
    ready("subject", "add", "A-1")
    ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "1y")
    done = ready("purpose", "apply", purposes_file(scope='"Gate 3"'), "--format", "json")
    assert [row["consents_ended"] for row in done.json()] == [1, 0]
    assert "gate: version 2 suspends 1 consent." in done.err


def test_a_revision_lets_consents_go_on(ready: Any, purposes_file: Write) -> None:
    done = ready("purpose", "apply", purposes_file(retain_match='"7d"'), "--format", "json").json()
    assert (done[0]["change"], done[0]["version"], done[0]["revision"]) == ("revision", 1, 1)


def test_a_file_that_is_not_usable_changes_nothing(ready: Any, purposes_file: Write) -> None:
    before = entries(ready)
    done = ready("purpose", "apply", purposes_file(alternative='""'))
    assert done.code == 1
    assert "`alternative` must be text: nobody may be forced to use their face" in done.err
    assert ready("purpose", "apply", "none.toml").code == 1
    assert entries(ready) == before


def test_a_purpose_is_not_in_force_since_a_day_to_come(
    ready: Any, purposes_file: Write, clock: Clock
) -> None:
    path = purposes_file()
    text = path.read_text(encoding="utf-8")
    day = clock.today
    for since, code in ((day + timedelta(days=2), 1), (day, 0)):
        stated = f"in_force_since = {since}\nmax_consent ="
        path.write_text(text.replace("max_consent =", stated, 1), encoding="utf-8")
        done = ready("purpose", "apply", path)
        assert done.code == code, done.err
    clock.advance(days=-3)
    assert ready("purpose", "apply", path).code == 0


def test_one_bad_purpose_among_good_ones_applies_none(ready: Any, purposes_file: Write) -> None:
    assert ready("purpose", "retire", "attendance", "--yes").code == 0
    done = ready("purpose", "apply", purposes_file(scope='"Gate 3"'))
    assert done.code == 1
    assert "retired" in done.err
    assert ready("purpose", "show", "gate", "--format", "json").json()["version"] == 1


def test_list(ready: Any) -> None:
    found = ready("purpose", "list", "--format", "json").json()
    assert [row["purpose"] for row in found] == ["attendance", "gate"]
    assert found[1]["method"] == "face"


@pytest.mark.rule("notice-fields")
def test_show_is_what_a_person_is_shown(ready: Any, sample_data: Path) -> None:
    shown = ready("purpose", "show", "gate", "--wide").out
    for line in (sample_data / "notices" / "gate.en.md").read_text().splitlines():
        assert line in shown
    assert "annual card with photo" in shown
    narrow = ready("purpose", "show", "gate").out
    assert "".join(narrow.split()) == "".join(shown.split())
    document = ready("purpose", "show", "gate", "--format", "json").json()
    assert document["schema"] == "facecli.purpose/1"
    assert document["alternative"].startswith("annual card with photo")


@pytest.mark.parametrize("command", ["show", "retire"])
def test_an_unknown_purpose(ready: Any, command: str) -> None:
    done = ready("purpose", command, "none")
    assert done.code == 21
    assert done.out == ""
    assert "There is no purpose none" in done.err


def test_a_retired_purpose_stays_listed_and_takes_no_consent(ready: Any) -> None:
    ready("subject", "add", "A-1")
    assert ready("purpose", "retire", "gate", "--yes").code == 0
    assert ready("purpose", "retire", "gate", "--yes").code == 21
    assert ready("purpose", "list", "--format", "json").json()[1]["retired_at"]
    assert "Retired" in ready("purpose", "show", "gate").out
    recorded = ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "1y")
    assert recorded.code == 21
    assert "The purpose gate was retired at " in recorded.err


def test_a_purpose_is_not_retired_without_a_confirmation(enrolled: Any) -> None:
    done = enrolled("purpose", "retire", "gate")
    assert done.code == 1
    assert "--yes" in done.err
    assert enrolled("purpose", "list", "--format", "json").json()[1]["retired_at"] is None


def test_retiring_asks_on_a_terminal(enrolled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(Settings, "interactive", True)
    monkeypatch.setattr("click.confirm", lambda question, **_: asked.append(question))
    assert enrolled("purpose", "retire", "gate").code == 1
    assert asked == ["Retire gate for good and end 3 consents?"]


@pytest.mark.parametrize("days", [0, 400])
def test_a_dry_run_of_retiring_counts_the_consents_and_retires_nothing(
    days: int, enrolled: Any, clock: Clock
) -> None:
    clock.advance(days=days)
    before = entries(enrolled)
    planned = enrolled("purpose", "retire", "gate", "--dry-run")
    assert planned.code == 0
    assert "Consents that end: 3. Data for this purpose would be due from 2" in planned.err
    assert entries(enrolled) == before
    done = enrolled("purpose", "retire", "gate", "--yes")
    retired_at = enrolled("purpose", "list", "--format", "json").json()[1]["retired_at"]
    assert f"Consents that end: 3. Data for this purpose is due from {retired_at} on." in done.err


@pytest.mark.rule("notice-fields")
def test_the_notice_is_printed_in_each_language(ready: Any, tmp_path: Path) -> None:
    first = ready("purpose", "notice", "gate")
    assert (first.code, first.err) == (0, "")
    assert first.out == ready("purpose", "notice", "gate", "--lang", "EN").out
    assert "A template cannot be changed as a password can." in " ".join(first.out.split())
    assert "杭州公园有限公司" in ready("purpose", "notice", "gate", "--lang", "zh").out
    page = tmp_path / "notice.html"
    assert ready("purpose", "notice", "gate", "--format", "html", "--output", page).code == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (
            ("gate", "--lang", "fr"),
            1,
            "'fr' is not usable: the purpose gate has its notice in en, zh.",
        ),
        (("attendance", "--lang", "en"), 1, "attendance states no language of its notice"),
        (("gate", "--lang", "?"), 2, "is no language tag"),
        (("spa",), 21, "spa"),
    ],
)
def test_a_notice_that_is_not_there(ready: Any, arguments: Any, code: int, why: str) -> None:
    run = ready("purpose", "notice", *arguments)
    assert (run.code, run.out) == (code, "")
    assert why in run.err


@pytest.mark.rule("agree-again-in-time")
def test_whom_to_ask_again_is_listed_for_a_mail_merge(
    enrolled: Any, purposes_file: Write, clock: Any
) -> None:
    assert enrolled("purpose", "ask-again", "gate", "--format", "json").json() == []
    applied = enrolled(
        *("purpose", "apply", purposes_file(scope='"=1+1"', retain_match='"7d"')),
        *("--format", "json"),
    ).json()
    again = ("consent", "record", "A-1002", "--purpose", "gate", "--expires", "1y")
    assert enrolled(*again).code == 0
    rows = enrolled("purpose", "ask-again", "gate", "--format", "json").json()
    assert [(row["ref"], row["agreed_version"], row["version"]) for row in rows] == [
        ("A-1001", 1, 2), ("A-1003", 1, 2),
    ]  # fmt: skip
    assert rows[0]["schema"] == "facecli.ask-again/1"
    assert rows[0]["due_at"] == applied[0]["due_at"]
    assert rows[0]["until"] < day_of(rows[0]["due_at"], PARK.key)
    assert {one["field"] for one in rows[0]["changed"]} == {"scope", "retain_match"}
    [head, *letters] = enrolled("purpose", "ask-again", "gate", "--format", "csv").out.splitlines()
    assert head.startswith("ref,name,guardian,purpose,agreed_version,version,changed,until")
    assert len(letters) == 2
    assert "retain_match: 30d -> 7d" in letters[0]
    assert "A-1001" in enrolled("purpose", "ask-again", "gate").out
    assert enrolled("purpose", "ask-again", "nothing").code == 21
