"""`facecli report`, from the command line."""

from __future__ import annotations

import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.smalldisk import on_small_disk


def entries(facecli: Any) -> int:
    return int(facecli("log", "show", "-n", "1", "--format", "json").json()[0]["seq"])


def test_the_page_and_the_json_have_the_same_figures(enrolled: Any, tmp_path: Path) -> None:
    page, data = tmp_path / "custody.html", tmp_path / "custody.json"
    assert enrolled("report", "--output", data).code == 0  # by its name
    run = enrolled("report", "--output", page)
    assert run.code == 0
    assert f"Wrote the custody report to {page}." in run.err
    assert (run.out, page.stat().st_mode & 0o777) == ("", 0o600)
    text, found = page.read_text(), json.loads(data.read_text())
    assert "A-100" not in text
    for one in found["subjects"]["by_subject"]:
        assert one["subject_id"] in text
    assert found["log"]["trust_key"] in text


def test_the_checkpoint_copied_from_the_page_verifies_the_log(
    enrolled: Any, tmp_path: Path
) -> None:
    page, seal = tmp_path / "custody.html", tmp_path / "seal"
    assert enrolled("report", "--output", page).code == 0
    (copied,) = re.findall(r"<dd><pre>(.*?)</pre></dd>", page.read_text(), re.DOTALL)
    seal.write_text(html.unescape(copied))
    assert enrolled("log", "verify", "--against", seal).code == 0
    (entry,) = enrolled("log", "show", "--action", "report.custody", "--format", "json").json()
    assert entry["details"]["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()


def test_hostile_names_of_the_file_and_of_people_are_text(ready: Any, tmp_path: Path) -> None:
    ref, name = "<b>r</b>", "<script>alert(1)</script>"
    assert ready("subject", "add", ref, "--name", name).code == 0
    page = tmp_path / "<i>x'y.html"
    assert ready("report", "--with-refs", "--output", page).code == 0
    text = page.read_text()
    assert "&lt;b&gt;r&lt;/b&gt;" in text
    assert not any(markup in text for markup in ("<b>", "alert", "<i>"))


@pytest.mark.parametrize("output", ["none/custody.html", "/dev/full", "folder"])
def test_a_place_that_cannot_be_written_changes_nothing(
    enrolled: Any, tmp_path: Path, output: str
) -> None:
    (tmp_path / "folder").mkdir()
    before = entries(enrolled)
    run = enrolled("report", "--output", tmp_path / output)
    assert run.code == (2 if output == "folder" else 74)
    assert entries(enrolled) == before


def test_a_full_disk_leaves_neither_a_file_nor_an_entry(enrolled: Any) -> None:
    before = entries(enrolled)
    run, left = on_small_disk(enrolled, 8, "report", "--output", "{disk}/custody.html")
    assert (run.code, left) == (74, [])
    assert entries(enrolled) == before


def test_it_never_replaces_the_database(enrolled: Any) -> None:
    assert enrolled("report", "--output", enrolled.db).code == 2


def test_the_file_has_to_be_named(enrolled: Any) -> None:
    run = enrolled("report")
    assert (run.code, "--output FILE.html" in run.err) == (2, True)


def test_a_language_without_a_catalogue_is_named(enrolled: Any, tmp_path: Path) -> None:
    run = enrolled("report", "--lang", "fr", "--output", tmp_path / "c.html")
    assert run.code == 0
    assert "facecli has no texts in fr" in run.err


@pytest.mark.parametrize("paper", ["policy", "processing"])
@pytest.mark.parametrize(
    ("name", "start"), [("p.html", "<!DOCTYPE html>"), ("p.md", "# "), ("p.json", "{"), ("p", "# ")]
)
def test_the_name_of_the_output_chooses_the_format(
    ready: Any, tmp_path: Path, paper: str, name: str, start: str
) -> None:
    before = entries(ready)
    assert ready("report", paper, "--output", tmp_path / name).code == 0
    assert (tmp_path / name).read_text().startswith(start)
    assert entries(ready) == before


def test_a_missing_item_is_a_warning(ready: Any) -> None:
    run = ready("report", "processing", "--format", "json")
    assert run.json()["officer"] is None
    assert "warning: nobody stated 'officer', which GDPR 30(1)(a) asks for." in run.err
    of = "nobody stated 'recipients' of 'Entry at the park gate', which GDPR 30(1)(d) asks for."
    assert run.err.count("'recipients'") == run.err.count("'recipients' of '") == 2
    assert f"warning: {of}" in run.err


def test_options_of_one_report_do_not_count_for_another(ready: Any, tmp_path: Path) -> None:
    run = ready("report", "--output", tmp_path / "x.html", "policy")
    assert (run.code, "after `policy`" in run.err) == (2, True)
    assert not (tmp_path / "x.html").exists()


# -- filing ---------------------------------------------------------------------------------


@pytest.fixture
def ref_key(tmp_path: Path) -> Path:
    path = tmp_path / "ref.key"
    path.write_text("0123456789abcdef" * 4)
    path.chmod(0o600)
    return path


def of_another_database(path: Path, people: int) -> None:
    """Make a report one of another database."""
    document = json.loads(path.read_text())
    document["database"] = "f" * 32
    document["count"]["people"] = people
    path.write_text(json.dumps(document))


@pytest.mark.rule("people-count-once")
def test_equal_refs_of_two_databases_count_once_in_the_estimate(
    enrolled: Any, tmp_path: Path, ref_key: Path
) -> None:
    first = tmp_path / "a.json"
    assert enrolled("report", "filing", "--ref-key", ref_key, "--output", first).code == 0
    assert "A-100" not in first.read_text()
    of_another_database(first, 3)
    assert enrolled("revoke", "A-1003", "--yes").code == 0
    run = enrolled("report", "filing", "--ref-key", ref_key, "--format", "json", "--merge", first)
    count = run.json()["count"]
    assert (count["people"], count["at_most"], count["estimate"]) == (2, 5, 3)
    (_, entry) = enrolled("log", "show", "--action", "report.filing", "--format", "json").json()
    assert entry["details"] == {"format": "json", "people_named": "tags", "merged": 1}


def test_a_report_of_the_same_database_is_refused(enrolled: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert enrolled("report", "filing", "--output", path).code == 0
    before = entries(enrolled)
    run = enrolled("report", "filing", "--merge", path)
    assert (run.code, "a report of the same database" in run.err) == (1, True)
    assert entries(enrolled) == before


def test_several_reports_follow_merge(enrolled: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert enrolled("report", "filing", "--output", path).code == 0
    of_another_database(path, 200_000)
    run = enrolled("report", "filing", "--merge", path, path)
    assert (run.code, "same database as" in run.err) == (1, True)
    assert enrolled("report", "filing", path).code == 2
    text = enrolled("report", "filing", "--merge", path).out
    assert text.count("Entry at the park gate") == 2
    assert "at most: 200,003" in text
    assert "earliest possible deadline" in text or "known: yes" in text


def test_a_ref_key_that_others_can_read_is_refused(enrolled: Any, ref_key: Path) -> None:
    ref_key.chmod(0o644)
    assert enrolled("report", "filing", "--ref-key", ref_key).code == 12
    ref_key.chmod(0o600)
    assert enrolled("report", "filing", "--ref-key", ref_key, "--with-refs").code == 2


def test_a_filing_that_cannot_be_written_leaves_no_entry(enrolled: Any) -> None:
    before = entries(enrolled)
    run, left = on_small_disk(enrolled, 4, "report", "filing", "--output", "{disk}/filing.html")
    assert (run.code, left) == (74, [])
    assert entries(enrolled) == before
