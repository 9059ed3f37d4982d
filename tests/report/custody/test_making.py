"""The custody report as a whole: figures, the entry that records it, and its verification."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from tests.report.custody.conftest import written

SECTIONS = [
    "held", "purposes", "subjects", "consents", "due", "activity", "erasures", "copies",
    "elsewhere", "disclosures", "requests", "alternatives", "accuracy", "log",
]  # fmt: skip


def test_the_figures_have_every_section(enrolled: Any) -> None:
    found = written(enrolled)
    assert list(found) == ["schema", "at", "timezone", "controller", *SECTIONS]
    assert found["schema"] == "facecli.custody-report/1"
    assert found["controller"] == "Hangzhou Park Ltd, privacy@park.example"


def test_the_entry_of_the_report_has_the_hash_of_its_file(enrolled: Any) -> None:
    found = written(enrolled, "--with-refs")
    (entry,) = enrolled("log", "show", "--action", "report.custody", "--format", "json").json()
    content = (enrolled.folder / "custody.json").read_bytes()
    assert entry["seq"] == found["log"]["entry"] == found["log"]["entries_before"] + 1
    assert entry["details"] == {
        "format": "json", "with_refs": True, "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    assert entry["subject_id"] is None


def test_the_command_on_the_page_shows_the_entry_of_an_old_report(enrolled: Any) -> None:
    page = enrolled.folder / "old.html"
    assert enrolled("report", "--output", page).code == 0
    for _ in range(21):  # `log show` prints the latest twenty
        written(enrolled)
    (command,) = re.findall(r"<pre>facecli (log show .*)</pre>", page.read_text())
    first, *_ = enrolled(*command.split()).json()
    assert first["details"]["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()


def test_an_auditor_verifies_the_report_with_its_checkpoint_alone(
    enrolled: Any, tmp_path: Any
) -> None:
    found = written(enrolled)
    seal, log = tmp_path / "seal", tmp_path / "log.jsonl"
    seal.write_text(found["log"]["checkpoint"])
    assert enrolled("log", "verify", "--against", seal).code == 0
    assert enrolled("log", "export", "--output", log).code == 0
    key = found["log"]["trust_key"]
    assert enrolled.bare("log", "verify", log, "--checkpoint", seal, "--trust-key", key).code == 0
    entries = [json.loads(line) for line in log.read_text().splitlines()[:-1]]
    (entry,) = [one for one in entries if one["action"] == "report.custody"]
    digest = hashlib.sha256((enrolled.folder / "custody.json").read_bytes()).hexdigest()
    assert entry["details"]["sha256"] == digest


def test_two_reports_in_a_row_follow_each_other(enrolled: Any) -> None:
    first, second = written(enrolled), written(enrolled)
    assert second["log"]["entry"] == first["log"]["entry"] + 1
    assert enrolled("log", "verify").code == 0


def test_nothing_names_a_person_without_refs(enrolled: Any) -> None:
    text = json.dumps(written(enrolled))
    assert "A-100" not in text
    assert "A-1001" in json.dumps(written(enrolled, "--with-refs"))


@pytest.mark.parametrize("database", ["facecli", "ready"])
def test_an_empty_database_has_a_report(database: str, request: pytest.FixtureRequest) -> None:
    facecli = request.getfixturevalue(database)
    facecli("init")
    found = written(facecli)
    assert found["subjects"] == {"by_month": [], "by_subject": []}
