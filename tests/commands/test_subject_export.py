"""`facecli subject export`: all that is held on a person, in a file that anybody can open."""

from __future__ import annotations

import io
import json
import shutil
import stat
import struct
import subprocess
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image

from facecli.cli.session import Settings, session
from facecli.report.disclosure import SUBJECT_SCHEMA
from facecli.store import shards
from tests.conftest import Clock, Facecli

pytestmark = pytest.mark.usefixtures("kept_workers")


@pytest.fixture
def person(ready: Facecli, sample_data: Path, purposes_file: Callable[..., Path]) -> Facecli:
    """A-1002 with a kept photo, kept evidence, a match and a second purpose; and A-1001."""
    form = sample_data / "consents" / "A-1002.txt"
    photo = sample_data / "enrol" / "A-1002.jpg"
    probe = sample_data / "probes" / "gate-2.jpg"
    for arguments in (
        ("purpose", "apply", purposes_file(retain_photo='"30d"')),
        ("subject", "add", "A-1002", "--name", "Sample Two"),
        ("subject", "add", "A-1001", "--name", "Sample One"),
        ("consent", "record", "A-1002", "--purpose", "gate", "--expires", "6m",
         "--evidence", form, "--keep-evidence"),
        ("enroll", "file", "A-1002", photo, "--keep-photo", "--purpose", "gate"),
        ("enroll", "file", "A-1002", probe, "--purpose", "attendance", "--expires", "6m"),
        ("match", photo, "--purpose", "gate"),
        ("subject", "hold", "A-1002", "--reason", "case 7", "--until", "6m"),
    ):  # fmt: skip
        done = ready(*arguments)
        assert done.code == 0, done.err
    return ready


def _export(facecli: Facecli, name: Any = "A-1002.zip", ref: Any = "A-1002") -> Any:
    path = facecli.folder / name
    return facecli("subject", "export", ref, "--output", path), path


def _document(path: Any) -> Any:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("subject.json"))


@pytest.mark.rule("copy-correct-erase")
def test_everything_that_is_held_is_in_it(person: Facecli, sample_data: Path) -> None:
    done, path = _export(person)
    assert done.code == 0, done.err
    document = _document(path)
    assert document["subject"]["ref"] == "A-1002"
    assert document["hold"]["reason"] == "case 7"
    assert sorted(one["purpose"] for one in document["templates"]) == ["attendance", "gate"]
    assert len(document["consents"]) == 2
    assert {one["purpose"] for one in document["matches"]} == {"gate"}
    settings = Settings(person.db, {"key_file": str(person.key)}, no_input=True)
    with session(settings, "test") as opened:
        rows = opened.db.rows(
            "SELECT t.template_id, t.shard_id, t.slot FROM template t"
            " JOIN subject s ON s.id = t.subject_id WHERE s.ref = 'A-1002'"
        )
        held = {
            str(uuid.UUID(bytes=row["template_id"])): shards.read_one(
                opened.db, shards.TemplatePlace(row["shard_id"], row["slot"])
            )
            for row in rows
        }
        photo = opened.db.value("SELECT photo FROM sample")
    told = {one["template_id"]: struct.pack("<129b", *one["vector"]) for one in
            document["templates"]}  # fmt: skip
    assert told == held
    with zipfile.ZipFile(path) as archive:
        (name,) = [one["file"] for one in document["photos"]]
        assert archive.read(name) == photo
        assert Image.open(io.BytesIO(archive.read(name))).format == "JPEG"
        for consent in document["consents"]:
            receipt = json.loads(archive.read(consent["receipt"]))
            assert receipt["record_id"] == consent["record_id"]
        (kept,) = [one["evidence"] for one in document["consents"] if one["evidence"]]
        form = sample_data / "consents" / "A-1002.txt"
        assert archive.read(kept) == form.read_bytes()
    assert {"enroll", "consent.record", "subject.hold"} <= {one["action"] for one in
                                                            document["log"]}  # fmt: skip


def test_it_is_what_its_schema_says(person: Facecli) -> None:
    _, path = _export(person)
    with zipfile.ZipFile(path) as archive:
        schema = json.loads(archive.read("schema.json"))
    assert schema == SUBJECT_SCHEMA
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(_document(path), schema)


def test_nothing_of_others_is_in_it(person: Facecli) -> None:
    _, path = _export(person)
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    for other in (b"A-1001", b"Sample One", b'"actor"'):
        assert other not in content


@pytest.mark.skipif(shutil.which("unzip") is None, reason="needs the Debian package unzip")
def test_an_ordinary_unzip_opens_it(person: Facecli, tmp_path: Path) -> None:
    _, path = _export(person)
    into = tmp_path / "out"
    subprocess.run(["unzip", "-q", path, "-d", into], check=True)
    names = sorted(str(file.relative_to(into)) for file in into.rglob("*") if file.is_file())
    receipts = [name for name in names if name.startswith("consents/")]
    evidence = [name for name in names if name.startswith("evidence/")]
    assert (len(receipts), len(evidence)) == (2, 1)
    assert set(names) - set(receipts) - set(evidence) == {
        "letter.html",
        "letter.txt",
        "photos/photo-0001.jpg",
        "schema.json",
        "subject.json",
    }


def test_the_same_data_make_the_same_names_and_only_the_log_grows(
    person: Facecli, clock: Clock
) -> None:
    first, second = (_document(_export(person, name)[1]) for name in ("a.zip", "b.zip"))
    assert [one["action"] for one in second["log"][len(first["log"]) :]] == ["subject.export"]
    assert {**first, "log": []} == {**second, "log": []}


def test_it_is_private_and_logged_with_counts_only(person: Facecli) -> None:
    _, path = _export(person)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    last = person("log", "show", "-n", "1", "--format", "json").json()[0]
    assert (last["action"], last["details"]) == (
        "subject.export",
        {"consents": 2, "photos": 1, "templates": 2},
    )


def test_a_person_of_whom_little_is_held(ready: Facecli) -> None:
    ready("subject", "add", "B-1", "--alternative-only")
    done, path = _export(ready, ref="B-1")
    assert done.code == 0
    document = _document(path)
    jsonschema.validate(document, SUBJECT_SCHEMA)
    assert (document["templates"], document["photos"], document["consents"]) == ([], [], [])


def test_an_unknown_person_is_a_refusal_that_is_logged(ready: Facecli) -> None:
    done, path = _export(ready, ref="B-9")
    assert (done.code, path.exists()) == (21, False)
    assert "B-9" in done.err
    last = ready("log", "show", "-n", "1", "--format", "json").json()[0]
    assert (last["action"], last["outcome"]) == ("subject.export", "refused")


def test_a_place_that_cannot_be_written_logs_no_export(enrolled: Facecli) -> None:
    done = enrolled("subject", "export", "A-1001", "--output", enrolled.folder / "absent" / "a.zip")
    assert done.code == 74
    last = enrolled("log", "show", "-n", "1", "--format", "json").json()[0]
    assert last["action"] != "subject.export"


def test_the_letter_in_it_is_for_the_person_in_their_language(person: Facecli) -> None:
    path = person.folder / "zh.zip"
    done = person("subject", "export", "A-1002", "--lang", "zh", "--output", path)
    assert done.code == 0, done.err
    with zipfile.ZipFile(path) as archive:
        page, text = (archive.read(f"letter.{kind}").decode() for kind in ("html", "txt"))
    assert "我们保存的您的个人信息" in page
    assert page.count("data:image/jpeg;base64,") == 1
    for stated in ("Sample Two", "A-1002", "case 7", "杭州公园有限公司", "个人同意"):
        assert stated in text


def test_the_letter_states_the_rights_of_the_purposes_that_concern_the_person(
    enrolled: Facecli,
) -> None:
    done, path = _export(enrolled, ref="A-1001")
    assert done.code == 0, done.err
    with zipfile.ZipFile(path) as archive:
        words = archive.read("letter.txt").decode()
    assert "Ask at the service desk" in words
    assert "works council" not in words  # of attendance, to which they never consented


def test_the_letter_is_from_the_controllers_to_whom_the_person_consented(
    enrolled: Facecli, purposes_file: Any
) -> None:
    path = purposes_file(name='"Another Ltd"')
    text = path.read_text(encoding="utf-8").replace("[purpose.gate", "[purpose.other")
    path.write_text(text, encoding="utf-8")
    assert enrolled("purpose", "apply", path).code == 0
    _, export = _export(enrolled, ref="A-1001")
    with zipfile.ZipFile(export) as archive:
        assert archive.read("letter.txt").decode().startswith("Hangzhou Park Ltd\n")
