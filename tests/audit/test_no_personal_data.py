"""Nothing that leaves with the log names a person: a long random run of commands, all of them about
marked people, files and reasons, and then a look for the mark in everything that is the log's.

FACECLI_ACTS=5000 python -m pytest tests/audit/test_no_personal_data.py    a longer run
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.exporting import FORMATS
from facecli.audit.query import latest
from tests.prepared import opened

MARK = "QXJZ"  # in no word, no pseudonym (hex) and no code
ACTS = int(os.environ.get("FACECLI_ACTS", "500"))
GATE = ["--purpose", "gate"]


class Operators:
    """Random calls of facecli, always with something marked."""

    def __init__(self, folder: Path, sample_data: Path, dice: random.Random) -> None:
        self.folder = folder
        self.people = [f"{MARK}-{number}" for number in range(6)]
        self.picture = folder / f"{MARK}.jpg"
        self.picture.write_text(f"no picture of {MARK}")
        self.form = folder / f"{MARK}-form.pdf"
        self.certificates: list[Path] = []
        self._probe = str(sample_data / "probes" / "gate-1.jpg")
        self._dice = dice

    def command(self) -> list[str]:
        """The next command."""
        self.form.write_text(f"{MARK} {self._dice.randrange(10**9)}")
        families = [
            self._about_subjects, self._about_consents, self._about_the_register,
            self._about_erasure, self._failing,
        ]  # fmt: skip
        return self._dice.choice(self._dice.choice(families)(self._dice.choice(self.people)))

    def _about_subjects(self, ref: str) -> list[list[str]]:
        guardian = ["--guardian", f"G {MARK}"]
        return [
            ["subject", "add", ref, "--name", f"N {MARK}"],
            ["subject", "add", ref, "--minor", *guardian],
            ["subject", "add", ref, "--alternative-only"],
            ["subject", "add", f"{MARK}\n"],
            ["subject", "show", ref],
            ["subject", "correct", ref, "--name", f"{MARK} {self._dice.randrange(99)}"],
            ["subject", "correct", ref, "--new-ref", self._dice.choice(self.people)],
            ["subject", "hold", ref, "--reason", f"case {MARK}", "--until", "2099-01-01"],
            ["subject", "release", ref],
            ["subject", "export", ref, "--output", f"{self.folder}/{self._new('zip')}"],
        ]

    def _about_consents(self, ref: str) -> list[list[str]]:
        record = ["consent", "record", ref, "--expires", "1y"]
        return [
            [*record, *GATE, "--evidence", str(self.form)],
            [*record, *GATE, "--evidence", str(self.form), "--keep-evidence"],
            [*record, *GATE, "--guardian", f"G {MARK}"],
            [*record, *GATE, "--given", MARK],
            [*record, "--purpose", MARK.lower()],
            ["consent", "receipt", ref],
            ["consent", "show", f"{MARK}-none"],
        ]

    def _about_the_register(self, ref: str) -> list[list[str]]:
        disclosed = ["--to", f"R {MARK}", "--what", f"W {MARK}", "--basis", f"B {MARK}"]
        return [
            ["subject", "elsewhere", "add", ref, "--what", "paper", "--where", f"{MARK} Ltd"],
            ["subject", "elsewhere", "confirm", ref, "--evidence", str(self.form)],
            ["subject", "disclosed", ref, *disclosed],
            ["subject", "disclosed", "--all", *disclosed],
            ["subject", "request", ref, "--kind", "complain"],
            ["subject", "answer", ref, "--answer", MARK, "--refused", MARK],
        ]

    def _about_erasure(self, ref: str) -> list[list[str]]:
        certificate = self.folder / self._new("json")
        self.certificates.append(certificate)
        return [
            ["revoke", ref, "--yes", "--reason", MARK, "--certificate", str(certificate)],
            ["revoke", ref, "--yes", *GATE],
            ["revoke", f"{MARK}-none", "--yes"],
            ["purge", "--max-fraction", "1", "--certificate", str(certificate)],
            ["backup", "create", f"{self.folder}/{self._new('db')}"],
        ]

    def _failing(self, ref: str) -> list[list[str]]:
        return [
            ["purpose", "show", MARK.lower()],
            ["purpose", "apply", str(self.picture)],
            ["verify", ref, self._probe, "--purpose", MARK.lower()],
            ["match", f"{self.folder}/none-{MARK}.jpg", *GATE],
            ["enroll", "file", ref, f"{self.folder}/{MARK}-none.jpg", "--purpose", MARK.lower()],
            ["backup", "restore", f"{self.folder}/{MARK}-none.db"],
        ]

    def _new(self, ending: str) -> str:
        return f"{MARK}-{self._dice.randrange(10**9)}.{ending}"


@pytest.mark.rule("pseudonyms-after-erasure")
def test_nothing_that_is_the_logs_names_a_person(
    enrolled: Any, sample_data: Path, tmp_path: Path
) -> None:
    """Entries, every export format, checkpoints, certificates and every table of the log."""
    folder = tmp_path / "outside"
    folder.mkdir(mode=0o700)
    for number, ref in enumerate(["A-1001", "A-1002", "A-1003"]):
        named = ["--new-ref", f"{MARK}-{number}", "--name", f"N {MARK}"]
        assert enrolled("subject", "correct", ref, *named).code == 0
    operators = Operators(folder, sample_data, random.Random(6))
    codes = {enrolled(*operators.command()).code for _ in range(ACTS)}
    assert {0, 1, 2, 20, 21, 22} <= codes
    _look_at_pictures(enrolled, operators, sample_data)
    _answer_and_confirm(enrolled, operators)
    with opened(enrolled) as session:
        entries = latest(session.db, 10**6)
        everything = _tables_of_the_log(session.db)
    assert {entry["outcome"] for entry in entries} == {"done", "refused", "failed"}
    assert {"revoke", "purge", "subject.hold", "backup.create"} <= {e["action"] for e in entries}
    assert len(entries) > 0.4 * ACTS
    written = [path for path in operators.certificates if path.exists()]
    assert written
    for text in (
        json.dumps(entries, ensure_ascii=False),
        everything,
        enrolled("log", "checkpoint").out,
        *(enrolled("log", "export", "--format", form).out for form in FORMATS),
        *(path.read_text(encoding="utf-8") for path in written),
    ):
        assert text
        assert MARK.lower() not in text.lower()


def _answer_and_confirm(facecli: Any, operators: Operators) -> None:
    """Commands that need an id of the register, once each."""
    assert facecli("subject", "add", f"{MARK}-last", "--offered-alternative").code == 0
    for command in operators._about_the_register(f"{MARK}-last"):
        facecli(*command)
    listed = facecli("subject", "elsewhere", "list", "--format", "json").json()
    item = next(one["item_id"] for one in listed if one["state"] == "open")
    confirm = ("subject", "elsewhere", "confirm", item, "--evidence", operators.form)
    assert facecli(*confirm).code == 0
    request = facecli("subject", "requests", "--format", "json").json()[0]["request_id"]
    answer = ("subject", "answer", request, "--answer", MARK, "--refused", MARK)
    assert facecli(*answer).code == 0


def _look_at_pictures(facecli: Any, operators: Operators, sample_data: Path) -> None:
    """Commands that need a worker, once each."""
    picture, ref = str(operators.picture), f"{MARK}-new"
    operators.form.write_text(f"{MARK} agrees")
    agreed = ["--name", f"N {MARK}", "--evidence", str(operators.form), "--expires", "1y"]
    probe = operators.folder / f"{MARK}-probe.jpg"
    probe.write_bytes((sample_data / "probes" / "gate-1.jpg").read_bytes())
    twin, other = "--allow-duplicate", str(sample_data / "enrol" / "A-1003.jpg")
    commands = [
        ["enroll", "file", ref, picture, str(probe), *GATE, *agreed, twin],
        ["enroll", "file", ref, other, *GATE],  # another face
        ["enroll", "file", ref, other, *GATE, twin, "--allow-other-face", f"as {MARK} says"],
        ["enroll", "file", f"{MARK}-9", str(probe), *GATE, "--expires", "1y"],  # a duplicate
        ["enroll", "file", ref.lower(), other, *GATE, "--expires", "1y"],  # looks like REF
        ["enroll", "camera", ref, *GATE, "--video", picture, "--notice-shown"],
        ["enroll", "camera", ref, *GATE, "--url", f"rtsp://{MARK}:{MARK}@127.0.0.1:9/{MARK}"],
        ["match", picture, str(probe), *GATE],
        ["verify", ref, str(probe), *GATE],
    ]
    for command in commands:
        facecli(*command)


def _tables_of_the_log(db: Any) -> str:
    names = [row[0] for row in db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    logs = [name for name in names if name.startswith(("audit", "checkpoint", "erasure"))]
    assert len(logs) >= 4
    return repr([tuple(row) for name in logs for row in db.rows(f"SELECT * FROM {name}")])


@pytest.mark.parametrize("form", FORMATS)
def test_the_look_would_find_a_name(enrolled: Any, form: str) -> None:
    """A purpose's code is no personal data, and is in every form of the log: the look sees it."""
    enrolled("purpose", "retire", "gate", "--yes")
    assert "gate" in enrolled("log", "export", "--format", form).out
