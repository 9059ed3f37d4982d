"""A population whose parts must always agree, and processes that die in the middle."""

from __future__ import annotations

import os
import random
import resource
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from facecli.audit import sealing
from facecli.cli.main import main
from facecli.cli.session import Settings, session
from facecli.consent import consents, purposes, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.subjects import NewSubject
from facecli.erasure.copies import known
from facecli.keys import sources
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.batch import enrol_all
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.requests import EnrolmentRequest
from facecli.store import backup, copies, shards, templates
from facecli.store.database import Database
from facecli.store.integrity import check_pages, check_structure
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from tests.prepared import Prepared, seen, unit

# How often each command is cut short: a few times in `make test`, N in `make test-faults`.
TIMES = int(os.environ.get("FACECLI_FAULTS") or 3)
SEED = int(os.environ.get("FACECLI_FAULTS_SEED") or random.randrange(2**32))
PEOPLE = 30
NEWCOMERS = 20
DIMENSION = 128


class World:
    """A database of people of whom each has one consent, one template, one match; and a backup."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "facecli.db"
        self.key = folder / "facecli.key"
        self.backup = folder / "kept.db"
        self.globals = ["--no-input", "-q", "--db", str(self.db), "--key-file", str(self.key)]

    def run(self, *arguments: object) -> int:
        """Run a command in this process; its exit code."""
        return main([*self.globals, *map(str, arguments)])

    def child(self, *arguments: object, limit: int | None = None) -> int:
        """Start a command in a process of its own, in which no file may grow over `limit`."""
        pid = os.fork()
        if pid:
            return pid
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            sys.stdout, sys.stderr = open(1, "w"), open(2, "w")  # noqa: SIM115
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            os._exit(self.run(*arguments))
        finally:
            os._exit(99)

    def copy(self, folder: Path) -> World:
        """The same world somewhere else, to be destroyed."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        folder.chmod(0o700)
        return World(folder)

    def relocate(self) -> None:
        """Let the database know its copies in the folder where they are now."""
        settings = Settings(self.db, {"key_file": str(self.key)}, no_input=True)
        with session(settings, "test") as opened, opened.db.transaction():
            for copy in known.list_all(opened.db):
                known.put(opened.db, replace(copy, path=self.folder / copy.path.name))

    def move(self, folder: Path) -> World:
        """The same world under another name; copies of it take this place, as the database knows
        it."""
        self.folder.rename(folder)
        return World(folder)

    def check(self, *, matched: bool = True) -> set[str]:
        """It opens, every page and the log are whole, nobody is half there. Who is there.

        `matched`: everybody has a match event too.
        """
        settings = Settings(self.db, {"key_file": str(self.key)}, no_input=True)
        with session(settings, "test") as opened:
            with opened.db.snapshot():
                sealing.check_whole(opened.db)
            people = whole(opened.db, matched=matched)
        assert not copies.partial(self.db).exists()
        return people

    def people_in(self, copy: Path) -> set[str]:
        """Who is in a backup, of whom nobody is half there."""
        secret = sources.read_key_file(self.key)
        with backup.opened(copy, secret, 0) as (db, _):
            return whole(db)


def whole(db: Database, *, matched: bool = True) -> set[str]:
    """Every page is whole, and nobody is half there. Who is there."""
    check_pages(db)
    check_structure(db)
    with db.snapshot():
        templates.check_subjects(db)
        templates.check_ages(db)
        people = {row["id"]: row["ref"] for row in db.rows("SELECT id, ref FROM subject")}
        for table in ("consent", "template", *(["match_event"] if matched else [])):
            rows = db.rows(f"SELECT subject_id FROM {table} ORDER BY 1")
            assert [row[0] for row in rows] == sorted(people), table
        places = {(row[0], row[1]) for row in db.rows("SELECT shard_id, slot FROM template")}
        for row in db.rows("SELECT id, used FROM template_shard"):
            for slot in range(row["used"]):
                place = shards.TemplatePlace(row["id"], slot)
                kept = any(shards.read_one(db, place))
                assert kept == ((row["id"], slot) in places), "a template half erased"
    return set(people.values())


def populate(world: World, people: int = PEOPLE) -> None:
    """Enrol people without looking at a picture."""
    settings = Settings(world.db, {"key_file": str(world.key)}, no_input=True)
    with session(settings, "test") as opened, opened.act() as act:
        gate = purposes.find(act.db, "gate")
        engine = str(act.db.value("SELECT value FROM meta WHERE name = 'engine_id'"))
        for number in range(people):
            subject = subjects.add(act, NewSubject(f"P-{number:02}", f"Person {number:02}"))
            consents.record(act, subject, gate, Agreement("1y", notice=Shown("declared")))
            common = {"subject_id": subject.subject_id, "purpose_id": gate.purpose_id}
            template = unit(1000 + number)
            slot = NewSlot(**common, engine_id=engine, dimension=DIMENSION, content=template,
                           created_at=act.now)  # fmt: skip
            templates.add(act.db, slot, Capture(f"{number:064}"))
            act.db.insert(
                "match_event", at=act.now, kind="identification", distance=0.5, threshold=0.6,
                **common,
            )  # fmt: skip


def enrol(world: World) -> None:
    """Enrol newcomers by analyses that were prepared, as a batch does, those that are left."""
    settings = Settings(world.db, {"key_file": str(world.key)}, no_input=True)
    wanted = {
        f"{number}.jpg": EnrolmentRequest(
            ref=f"N-{number:02}",
            purpose="gate",
            path=f"{number}.jpg",
            agreement=Agreement("1y", notice=Shown("declared")),
        )
        for number in range(NEWCOMERS)
    }
    analyses = {path: seen(path, unit(number)) for number, path in enumerate(wanted)}
    with session(settings, "test") as opened:
        enroller = Enroller(opened.db, engine_of(opened.db), opened.act, lambda: opened.now)
        for outcome in enrol_all(enroller, wanted.values(), Prepared(analyses)):
            assert outcome.outcome == "enrolled" or outcome.reason == "already-enrolled"
