"""`facecli faces`: the templates of a subject are listed, and a wrong one is erased everywhere."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from facecli.consent import purposes, subjects
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.stored import TemplateOrigin, store_photo, store_template
from facecli.store import backup
from tests import clips
from tests.conftest import Facecli
from tests.forensics import database_key, plaintext
from tests.prepared import count, opened, unit, write_manifest

WRONG = unit(71)
PHOTO = b"Marked-Photo-Hn3" * 40


@pytest.fixture
def wrong(enrolled: Facecli) -> str:
    """The id of a second template of A-1001, with its photo: that of somebody else."""
    return add_wrong(enrolled, "A-1001")


def add_wrong(facecli: Facecli, ref: str) -> str:
    with opened(facecli) as found, found.act() as act:
        subject, purpose = subjects.find(act.db, ref), purposes.find(act.db, "gate")
        act.record("test")
        sample = store_photo(act, subject.subject_id, purpose.purpose_id, PHOTO)
        origin = TemplateOrigin(
            subject.subject_id, purpose.purpose_id, sample, "ab" * 32, "2020-01-01T00:00:00Z"
        )
        return store_template(act, origin, engine_of(act.db), WRONG, 40)


def listed(facecli: Facecli, ref: str = "A-1001") -> list[Any]:
    run = facecli("faces", "list", ref, "--format", "json")
    assert run.code == 0
    return list(run.json())


def ids(facecli: Facecli) -> set[str]:
    return {one["template_id"] for one in listed(facecli)}


def test_every_template_of_a_subject_is_listed_oldest_first(enrolled: Facecli, wrong: str) -> None:
    first, second = listed(enrolled)
    assert first == {
        "schema": "facecli.face/1",
        "template_id": wrong,
        "purpose": "gate",
        "engine": second["engine"],
        "quality": 40,
        "source": None,
        "created_at": "2020-01-01T00:00:00Z",
        "other_face": None,
    }
    rows = csv.DictReader(io.StringIO(enrolled("faces", "list", "A-1001", "--format", "csv").out))
    assert [row["template_id"] for row in rows] == [wrong, second["template_id"]]
    assert wrong in enrolled("faces", "list", "A-1001").out


def test_a_subject_without_a_template_has_an_empty_list(enrolled: Facecli) -> None:
    enrolled("subject", "add", "B-1")
    assert listed(enrolled, "B-1") == []
    assert enrolled("faces", "list", "B-2").code == 21


@pytest.mark.rule("copy-correct-erase")
def test_a_wrong_template_goes_with_its_photo_and_the_consent_stays(
    enrolled: Facecli, wrong: str
) -> None:
    before = count(enrolled, "consent", "template", "sample")
    run = enrolled("faces", "remove", "A-1001", wrong, "--yes", "--format", "json")
    assert run.code == 0
    assert [(one["what"], one["reason"], one["outcome"]) for one in run.json()] == [
        ("template", "removed", "erased"),
        ("photo", "removed", "erased"),
    ]
    assert count(enrolled, "consent", "template", "sample") == [before[0], before[1] - 1, 0]
    [kept] = ids(enrolled)
    content = plaintext(enrolled.db, database_key(enrolled.db, enrolled.key))
    assert WRONG not in content
    assert PHOTO not in content
    assert "No template is left" not in run.err
    last = enrolled("faces", "remove", "A-1001", kept, "--yes")
    assert "No template is left for purpose gate: enrol a new picture." in last.err
    assert enrolled("subject", "show", "A-1001").code == 0


def test_it_asks_first_and_a_dry_run_erases_nothing(enrolled: Facecli, wrong: str) -> None:
    run = enrolled("faces", "remove", "A-1001", wrong)
    assert (run.code, "--yes" in run.err) == (1, True)
    run = enrolled("faces", "remove", "A-1001", wrong, "--dry-run", "--format", "json")
    assert run.code == 0
    assert {one["outcome"] for one in run.json()} == {"due"}
    output = enrolled.folder / "no-folder" / "rows.json"
    assert enrolled("faces", "remove", "A-1001", wrong, "--yes", "--output", output).code == 74
    assert wrong in ids(enrolled)


def test_what_is_not_there_or_held_is_refused_and_logged(enrolled: Facecli, wrong: str) -> None:
    run = enrolled("faces", "remove", "A-1002", wrong, "--yes")
    assert run.code == 21
    assert f"A-1002 has no template {wrong}. List the templates with `facecli faces list" in run.err
    assert enrolled("faces", "remove", "B-9", wrong, "--yes").code == 21
    hold = ["subject", "hold", "A-1001", "--reason", "a case", "--until", "20d"]
    assert enrolled(*hold).code == 0
    run = enrolled("faces", "remove", "A-1001", wrong, "--yes")
    assert (run.code, "A legal hold keeps the templates of A-1001" in run.err) == (22, True)
    entry = enrolled("log", "show", "-n", "1", "--format", "json").json()[0]
    assert (entry["action"], entry["outcome"]) == ("faces.remove", "refused")
    assert wrong in ids(enrolled)


@pytest.mark.rule("copies-are-held-data")
def test_a_copy_and_a_restore_lose_that_template_and_no_other(
    enrolled: Facecli, wrong: str
) -> None:
    folder = enrolled.folder / "backups"
    folder.mkdir(mode=0o700)
    first, second = folder / "1.db", folder / "2.db"
    for path in (first, second):
        assert enrolled("backup", "create", path).code == 0
    kept = ids(enrolled) - {wrong}
    run = enrolled("faces", "remove", "A-1001", wrong, "--yes")
    assert "2 copies may still hold erased data" in run.err
    assert held_in(enrolled, first) == 4
    assert enrolled("backup", "erase", first).code == 0
    assert held_in(enrolled, first) == 3
    key = database_key(first, enrolled.key)
    assert WRONG not in plaintext(first, key)
    assert PHOTO not in plaintext(first, key)
    assert enrolled("backup", "restore", second).code == 0
    assert ids(enrolled) == kept
    assert count(enrolled, "template", "sample", "consent") == [3, 0, 3]


def test_a_restore_by_an_export_alone_loses_it_too(enrolled: Facecli, wrong: str) -> None:
    path, export = enrolled.folder / "b.db", enrolled.folder / "log.jsonl"
    assert enrolled("backup", "create", path).code == 0
    kept = ids(enrolled) - {wrong}
    assert enrolled("faces", "remove", "A-1001", wrong, "--yes").code == 0
    assert enrolled("log", "export", "--output", export).code == 0
    for file in (enrolled.db, Path(f"{enrolled.db}.keys")):
        file.unlink()
    assert enrolled("backup", "restore", path, "--erasures", export).code == 0
    assert ids(enrolled) == kept
    actions = [json.loads(line) for line in export.read_text().splitlines()]
    assert [one["details"]["templates"] for one in actions if one.get("action") == "faces.remove"]


# -- enroll --replace ---------------------------------------------------------------------


@pytest.mark.usefixtures("kept_workers")
def test_a_new_picture_replaces_the_wrong_one_in_the_same_act(
    enrolled: Facecli, wrong: str, sample_data: Path
) -> None:
    path = enrolled.folder / "b.db"
    assert enrolled("backup", "create", path).code == 0
    command = ("enroll", "file", "A-1001", "--purpose", "gate", "--replace", "--format", "json")
    assert enrolled(*command, sample_data / "no.jpg").code == 1
    old = ids(enrolled)
    assert wrong in old
    run = enrolled(*command, sample_data / "probes" / "gate-1.jpg")
    assert run.code == 0
    assert "1 copy may still hold erased data" in run.err
    assert ids(enrolled) == {run.json()[0]["template_id"]}
    assert count(enrolled, "template", "sample", "consent") == [3, 0, 3]
    log = enrolled("log", "show", "-n", "2", "--format", "json").json()
    assert [one["action"] for one in log] == ["enroll", "faces.remove"]
    assert len({one["at"] for one in log}) == 1
    assert set(log[1]["details"]["templates"]) == old
    assert enrolled("backup", "restore", path).code == 0
    assert ids(enrolled) == set()


@pytest.mark.usefixtures("kept_workers")
def test_an_enrolled_picture_that_is_given_again_stays_in_any_order(
    enrolled: Facecli, wrong: str, sample_data: Path
) -> None:
    """`--replace` leaves the pictures that were given, and no others."""
    command = ("enroll", "file", "A-1001", "--purpose", "gate", "--replace", "--format", "json")
    good = sample_data / "enrol" / "A-1001.jpg"
    further = sample_data / "probes" / "gate-1.jpg"
    for given in ((good,), (good, further), (further, good)):
        run = enrolled(*command, *given)
        assert run.code == 0
        assert ids(enrolled) == {one["template_id"] for one in run.json()}
        assert len(ids(enrolled)) == len(given)
    again = enrolled(*command, good, good).json()
    assert [one["reason"] for one in again] == [None, "already-enrolled"]
    assert wrong not in ids(enrolled)


@pytest.mark.usefixtures("kept_workers")
def test_a_batch_and_a_camera_replace_too(enrolled: Facecli, wrong: str, sample_data: Path) -> None:
    image = sample_data / "probes" / "gate-1.jpg"
    rows = [("A-1001", "", "gate", image, "", "", "")]
    manifest = write_manifest(enrolled.folder / "again.csv", rows)
    assert enrolled("enroll", "batch", manifest, "--replace").code == 0
    assert (len(ids(enrolled)), wrong in ids(enrolled)) == (1, False)
    enrolled("subject", "add", "C-1")
    other = add_wrong(enrolled, "C-1")
    camera = ("enroll", "camera", "C-1", "--purpose", "gate", "--video", clips.TURN)
    consent = ("--expires", "1y", "--notice-shown", "--allow-duplicate")
    assert enrolled(*camera, *consent, "--replace").code == 0
    assert len(listed(enrolled, "C-1")) == 3
    assert other not in {one["template_id"] for one in listed(enrolled, "C-1")}


def held_in(facecli: Facecli, path: Path) -> int:
    """The number of templates in a copy."""
    with opened(facecli) as found, backup.opened(path, found.secret, 0) as (db, _):
        return int(db.value("SELECT count(*) FROM template"))
