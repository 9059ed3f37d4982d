"""Every field of a person, looked for in every decrypted page: there before, gone after.

After `revoke` and `purge`, and after a SIGKILL in the middle of either and the next run.
"""

from __future__ import annotations

import random
import struct
import uuid
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.entries import Act
from facecli.cli.session import Settings, session
from facecli.consent import consents, holds, purposes, subjects
from facecli.consent.agreements import Agreement, read_evidence
from facecli.consent.register import disclosures, elsewhere, requests
from facecli.consent.subjects import NewSubject, Subject
from facecli.recognition.engines.of_database import engine_of
from facecli.store import templates
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from tests.consent import test_spent
from tests.faults import tracing
from tests.faults.worlds import World
from tests.forensics import database_key, journalled, plaintext
from tests.prepared import unit

DISTANCE = 0.123456789012345
REF = "Marked-Ref-7Qz"
TEXTS = {
    "name": "Marked-Name-7Qz",
    "name before it was corrected": "Marked-Wrong-Name-7Qz",
    "guardian": "Marked-Guardian-7Qz",
    "guardian who consented": "Marked-Consenter-7Qz",
    "reason of a hold": "Marked-Reason-7Qz",
    "holder elsewhere, confirmed": "Marked-Holder-7Qz",
    "recipient of a disclosure": "Marked-Recipient-7Qz",
    "what was disclosed": "Marked-Disclosed-7Qz",
    "basis of a disclosure": "Marked-Basis-7Qz",
    "answer to a request": "Marked-Answer-7Qz",
    "reason of a refusal": "Marked-Refusal-7Qz",
}
OPEN_HOLDER = "Another-Holder-8Qz"  # names nobody, and stays until it confirms
COMMANDS = {
    "revoke": ["revoke", REF, "--yes"],
    "purge": ["purge", "--max-fraction", "1"],
}


def _noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def _fill(world: World) -> dict[str, bytes]:
    """Somebody of whom everything is held that can be; what each of it looks like in a page."""
    form = world.folder / "form.pdf"
    form.write_bytes(_noise(1, 40_000))
    evidence = read_evidence(form, keep=True)
    photo, template = _noise(2, 60_000), unit(7)
    settings = Settings(world.db, {"key_file": str(world.key)}, no_input=True)
    with session(settings, "test") as opened, opened.act() as act:
        earlier = (TEXTS["name before it was corrected"], True, TEXTS["guardian who consented"])
        subject = subjects.add(act, NewSubject(REF, *earlier))
        gate = purposes.find(act.db, "gate")
        agreement = Agreement("1y", None, evidence, TEXTS["guardian who consented"])
        consent = consents.record(act, subject, gate, agreement)
        subjects.correct(act, REF, {"name": TEXTS["name"], "guardian": TEXTS["guardian"]})
        spec = engine_of(act.db)
        common = {"subject_id": subject.subject_id, "purpose_id": gate.purpose_id}
        sample = act.db.insert("sample", captured_at=act.now, photo=photo, **common)
        slot = NewSlot(**common, engine_id=spec.engine_id, dimension=spec.dimension,
                       content=template, created_at=act.now)  # fmt: skip
        template_id = templates.add(act.db, slot, Capture("7" * 64, sample))
        act.db.insert(
            "match_event", at=act.now, kind="verification", distance=DISTANCE, threshold=0.6,
            **common,
        )  # fmt: skip
        _fill_register(act, subjects.find(act.db, REF))
        holds.hold(act, REF, TEXTS["reason of a hold"], "2999-01-01T00:00:00Z")
    form.unlink()
    return {
        **{what: text.encode() for what, text in TEXTS.items()},
        "ref": REF.encode(),
        "record of the consent": uuid.UUID(consent.record_id).bytes,
        "hash of the form": bytes.fromhex(evidence.sha256),
        **{f"form, part {n}": _noise(1, 40_000)[n * 9000 :][:64] for n in range(4)},
        **{f"photo, part {n}": photo[n * 9000 :][:64] for n in range(6)},
        "template": template,
        "hash of the capture": bytes.fromhex("7" * 64),
        "id of the template": uuid.UUID(template_id).bytes,
        "distance of a match": struct.pack(">d", DISTANCE),
    }


def _fill_register(act: Act, subject: Subject) -> None:
    item = elsewhere.add(act, subject, "photo", TEXTS["holder elsewhere, confirmed"], None)
    elsewhere.confirm(act, item.item_id, "8" * 64)
    elsewhere.add(act, subject, "fingerprint", OPEN_HOLDER, None)
    recipient, basis = TEXTS["recipient of a disclosure"], TEXTS["basis of a disclosure"]
    disclosures.record(act, subject, recipient, TEXTS["what was disclosed"], basis, None)
    asked = requests.record(act, subject, "complain", None)
    answer, refused = TEXTS["answer to a request"], TEXTS["reason of a refusal"]
    requests.answer(act, asked.request_id, answer, refused)


def _pages(world: World, path: Path) -> bytes:
    return plaintext(path, database_key(path, world.key))


def _found(world: World, marks: dict[str, bytes], path: Path | None = None) -> set[str]:
    pages = _pages(world, path or world.db)
    return {what for what, content in marks.items() if content in pages}


@pytest.fixture
def marked(world: World) -> Any:
    """The world with that person in it, what to look for, and failed attempts at them."""
    marks = _fill(world)
    there = _found(world, marks)
    assert there == set(marks) - {"name before it was corrected"}, "a correction leaves no trace"
    assert world.run("subject", "release", REF) == 0
    for refused in (
        ("revoke", REF, "--purpose", "nothing", "--yes"),
        ("consent", "record", REF, "--purpose", "gate", "--expires", "1999-01-01"),
        ("consent", "record", REF, "--purpose", "nothing", "--expires", "1y"),
        ("subject", "add", REF, "--name", TEXTS["name"]),
        ("subject", "correct", REF, "--new-ref", "P-01"),
        ("subject", "hold", REF, "--reason", TEXTS["reason of a hold"], "--until", "1999-01-01"),
        ("verify", REF, "nothing.jpg", "--purpose", "attendance"),
    ):
        assert world.run(*refused) != 0
    assert _found(world, marks) == there - {"reason of a hold"}
    return world, marks


def _make_due(name: Any, world: World) -> None:
    if name == "purge":
        assert world.run("purpose", "retire", "gate", "--yes") == 0


@pytest.mark.rule("pseudonyms-after-erasure")
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_of_a_person_is_left_in_any_page(marked: Any, name: Any) -> None:
    world, marks = marked
    _make_due(name, world)
    assert world.run(*COMMANDS[name]) == 0
    assert _found(world, marks) == set()
    _holder_stays_under_a_case_and_no_name(world)


def _holder_stays_under_a_case_and_no_name(world: World) -> None:
    settings = Settings(world.db, {"key_file": str(world.key)}, no_input=True)
    with session(settings, "test") as opened:
        [row] = [dict(one) for one in opened.db.rows("SELECT * FROM held_elsewhere")]
        pseudonyms = {one for (one,) in opened.db.tuples("SELECT pseudonym FROM erasure")}
    assert (row["place"], row["subject_id"]) == (OPEN_HOLDER, None)
    assert row["case_id"] not in pseudonyms
    assert not {REF, *TEXTS.values(), *pseudonyms} & {str(value) for value in row.values()}


@tracing.needs_strace
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_left_after_a_kill_in_the_middle_and_the_next_run(
    marked: Any, tmp_path: Path, name: Any
) -> None:
    """Killed while pages are written, when the old ones are in the journal."""
    world, marks = marked
    _make_due(name, world)
    command = COMMANDS[name]
    trial = world.copy(tmp_path / "trial")
    writes = tracing.calls(trial, command, tmp_path / "trace")["pwrite64"]
    journals = []
    for number in (writes // 2, writes - 2):
        trial = world.copy(tmp_path / "trial")
        assert tracing.run(trial, command, "pwrite64", number, "signal=KILL").returncode == -9
        journals += journalled(trial.db, database_key(trial.db, trial.key))
        assert trial.run(*command) == 0
        assert _found(trial, marks) == set()
        assert not trial.db.with_name("facecli.db-journal").exists()
    assert marks["name"] in b"".join(journals), "never killed after the journal held what was there"


@pytest.fixture
def copied(marked: Any) -> Any:
    """The same with a second backup, in which that person is too."""
    world, marks = marked
    copy = world.folder / "copy.db"
    assert world.run("backup", "create", copy) == 0
    assert _found(world, marks, copy) >= {"name", "ref", "template"}
    return world, marks, copy


@pytest.mark.rule("copies-are-held-data")
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_of_a_person_is_left_in_any_page_of_any_copy(copied: Any, name: Any) -> None:
    world, marks, copy = copied
    _make_due(name, world)
    assert world.run(*COMMANDS[name], "--backups", world.folder) == 0
    for path in (world.db, copy, world.backup):
        assert _found(world, marks, path) == set(), path.name


@pytest.mark.rule("copies-are-held-data")
def test_no_page_of_a_database_or_copy_answers_a_guess_of_the_ref(copied: Any) -> None:
    """Free pages too: digests of the REF, plain and keyed with everything that is stored."""
    world, _, copy = copied
    assert world.run(*COMMANDS["revoke"], "--backups", world.folder) == 0
    settings = Settings(world.db, {"key_file": str(world.key)}, no_input=True)
    with session(settings, "test") as opened:
        digests = {digest for _, digest in test_spent.guesses(opened.db, "", [REF])}
    sought = digests | {one.hex().encode() for one in digests}
    for path in (world.db, copy, world.backup):
        pages = _pages(world, path)
        for size in {len(one) for one in sought}:
            assert sought.isdisjoint(pages[at : at + size] for at in range(len(pages) - size + 1))


@tracing.needs_strace
def test_nothing_is_left_in_a_copy_after_a_kill_in_the_middle_and_the_next_run(
    copied: Any, tmp_path: Path
) -> None:
    world, marks, _ = copied
    assert world.run(*COMMANDS["revoke"]) == 0
    trial = world.copy(tmp_path / "trial")
    command = ["backup", "erase", str(trial.folder / "copy.db")]
    writes = tracing.calls(trial, command, tmp_path / "trace")["pwrite64"]
    trial = world.copy(tmp_path / "trial")
    copy = trial.folder / "copy.db"
    assert tracing.run(trial, command, "pwrite64", writes // 2, "signal=KILL").returncode == -9
    assert journalled(copy, database_key(copy, trial.key)), "never killed while pages were written"
    assert trial.run("backup", "verify", copy, "--format", "json") == 0  # it undoes the write
    assert not copy.with_name("copy.db-journal").exists()
    assert _found(trial, marks, copy) >= {"name", "ref", "template"}
    assert trial.run(*command) == 0
    assert _found(trial, marks, copy) == set()
