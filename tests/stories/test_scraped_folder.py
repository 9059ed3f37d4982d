"""A folder of photos scraped from the web is refused; the photo that a person gave is not."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from facecli.consent import dates
from tests.conftest import Facecli, Run
from tests.forensics import database_key, plaintext
from tests.prepared import count, opened
from tests.stories.conftest import Applies, entries

Person = Callable[[int], Path]
COLUMNS = ["ref", "name", "purpose", "image", "evidence", "given", "expires", "source"]


@pytest.mark.rule("photo-origin")
def test_a_scraped_folder_is_refused_row_by_row(
    ready: Facecli, applies: Applies, face: Person, tmp_path: Path
) -> None:
    assert applies("tagging").code == 0
    scraped = tmp_path / "scraped"
    scraped.mkdir()
    for number in (1, 2, 3):
        shutil.copy(face(number), scraped / f"{number}.jpg")
    sources = [  # ref, image, source, and what becomes of the row
        ("X-1", "1.jpg", "web", "web-collected"),
        ("X-2", "2.jpg", "https://social.example/jo/2.jpg", "web-collected"),
        ("X-3", "https://social.example/3.jpg", "", "web-collected"),
        ("www.social.example/jo", "3.jpg", "handed-in", "web-collected"),
        ("X-4", "3.jpg", "\uff37\u0415\u0412", "web-collected"),  # wide, and in Cyrillic
        ("X-5", "3.jpg", "social.example/jo", "web-collected"),
        ("X-6", "3.jpg", "unknown", "bad-row"),
        ("X-7", "3.jpg", "other:\x1b[2J", "bad-row"),
        ("X-8", "3.jpg", "other:" + "x" * 10_000, "bad-row"),
        ("A-1", "1.jpg", "Handed-In", None),
        ("A-2", "2.jpg", "other:school list <b>2026</b>", None),
        ("A-3", "3.jpg", "", None),
    ]
    with opened(ready) as session:
        today = dates.today(session.db, session.now)
    manifest = scraped / "people.csv"
    with manifest.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(COLUMNS)
        for ref, image, source, _ in sources:
            out.writerow([ref, "", "tagging", image, "", today, "1y", source])
    run = ready("enroll", "batch", manifest, "--notice-shown", "--format", "json")
    assert run.code == 3
    rows = run.json()
    assert [(row["ref"], row["reason"]) for row in rows] == [
        (ref, reason) for ref, _, _, reason in sources
    ]
    assert {row["outcome"] for row in rows if row["reason"] == "web-collected"} == {"refused"}
    assert count(ready, "subject", "consent", "template") == [3, 3, 3]
    logged = [one["details"] for one in entries(ready, "enroll")]
    assert [one.get("reason") for one in logged] == [reason for *_, reason in sources]
    assert [one.get("photo_source") for one in logged if "reason" not in one] == [
        "handed-in", "other", None,
    ]  # fmt: skip
    assert "social.example" not in json.dumps(logged)
    assert "school" not in json.dumps(logged)


@pytest.mark.rule("photo-origin")
def test_the_origin_stays_with_the_photo_and_goes_with_the_person(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], tmp_path: Path
) -> None:
    assert applies("tagging").code == 0
    refused = enrol(
        "X-1", 1, "tagging", "--source", "ftp://files.example/1.jpg", "--format", "json"
    )
    assert (refused.code, refused.json()[0]["reason"]) == (1, "web-collected")
    assert count(ready, "subject", "consent", "template") == [0, 0, 0]
    assert enrol("X-1", 1, "tagging", "--source", "unknown").code == 2
    assert enrol("X-1", 1, "tagging", "--source", "").code == 2
    stated = "other:school list, class 7"
    assert enrol("X-1", 1, "tagging", "--source", stated).code == 0
    [shown] = ready("faces", "list", "X-1", "--format", "json").json()
    assert shown["source"] == stated
    assert stated in ready("subject", "show", "X-1").out
    copy = tmp_path / "copy.zip"
    assert ready("subject", "export", "X-1", "--output", copy).code == 0
    with zipfile.ZipFile(copy) as files:
        document = json.loads(files.read("subject.json"))
        schema = json.loads(files.read("schema.json"))
    assert [one["source"] for one in document["templates"]] == [stated]
    assert "source" in schema["properties"]["templates"]["items"]["required"]
    key = database_key(ready.db, ready.key)
    assert stated.encode() in plaintext(ready.db, key)
    assert ready("revoke", "X-1", "--yes").code == 0
    assert b"class 7" not in plaintext(ready.db, key)
    assert "class 7" not in ready("log", "show", "-n", 100, "--format", "jsonl").out
