"""From every earlier schema to the present one: whole or not at all, and nothing lost."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from facecli.consent import consents, purposes, spent, subject_states, subjects
from facecli.recognition.engines import engine, of_database
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.gallery import load
from facecli.recognition.matching.references import Candidate
from facecli.store import backup, meta, schema, templates
from facecli.store.database import Database
from facecli.store.integrity import check_pages, check_structure
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from tests.conftest import Facecli
from tests.prepared import opened, unit, vector_of
from tests.recognition.matching.test_gallery import change, enrol
from tests.store.conftest import Store

# A schema that was published stays as it is: databases that have it are not migrated to it again.
PUBLISHED = {
    "0001_initial.sql": "ac36142ce683a111987763dd72e527d42729ce33e108eaa8c55d11275b64628b",
}


@contextmanager
def facecli_of(number: int) -> Iterator[None]:
    """The facecli that knew the schemas up to `number` and none after."""
    scripts = schema._migrations()[:number]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "_migrations", lambda: scripts)
        if number < 3:  # it knew no state that ends by itself
            patch.setattr(subject_states, "settle", lambda act: None)
        if not any("ref_skeleton" in script for script in scripts):
            patch.setattr(subjects, "complete_skeletons", lambda db: None)
        yield


UNDO = {
    "0002_rules.sql": """
        DROP INDEX template_by_age;
        DROP TABLE lapse;
        UPDATE subject SET last_interaction = created_at;
        DROP TABLE interaction;
        ALTER TABLE purpose_version DROP COLUMN ask_again_within;
    """,
    "0003_states.sql": """
        ALTER TABLE purpose_version DROP COLUMN notice_correction;
        ALTER TABLE purpose_version DROP COLUMN review_by;
        ALTER TABLE purpose_version DROP COLUMN max_templates;
        DROP INDEX subject_by_minor_until;
        ALTER TABLE subject DROP COLUMN minor_until;
        ALTER TABLE subject DROP COLUMN waiting_since;
        ALTER TABLE match_event DROP COLUMN event_id;
    """,
    "0004_forms.sql": """
        DROP TABLE unfinished_batch;
        ALTER TABLE purpose_version DROP COLUMN in_force_since;
        DROP INDEX consent_by_form;
        ALTER TABLE consent DROP COLUMN shared_form;
        ALTER TABLE consent DROP COLUMN notice_shown;
        DROP TABLE spent_day;
        DROP TABLE spent_form;
        CREATE TABLE spent_consent (            -- consents that ended: none counts a second time
            tag      BLOB PRIMARY KEY,
            ended_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
    """,
    "0005_eight_bits.sql": """
        DROP INDEX subject_apart;
        DROP INDEX consent_in_force;
        DROP INDEX consent_by_subject;
        CREATE INDEX consent_by_subject         -- all that the gate asks of a consent
            ON consent (subject_id, purpose_id, version, withdrawn_at, given_at, expires_at,
                        guardian);
        CREATE TABLE template_of_text (
            id             INTEGER PRIMARY KEY,
            template_id    TEXT NOT NULL UNIQUE,
            subject_id     INTEGER NOT NULL REFERENCES subject (id),
            purpose_id     INTEGER NOT NULL REFERENCES purpose (id),
            sample_id      INTEGER REFERENCES sample (id),
            shard_id       INTEGER NOT NULL REFERENCES template_shard (id),
            slot           INTEGER NOT NULL,
            quality        INTEGER,
            capture_sha256 TEXT NOT NULL,
            created_at     TEXT NOT NULL,
            UNIQUE (shard_id, slot)
        ) STRICT;
        INSERT INTO template_of_text
            SELECT id, lower(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-' || substr(h, 13, 4)
                || '-' || substr(h, 17, 4) || '-' || substr(h, 21)), subject_id, purpose_id,
                sample_id, shard_id, slot, quality, lower(hex(capture_sha256)), created_at
            FROM (SELECT hex(template_id) h, * FROM template);
        DROP TABLE template;
        ALTER TABLE template_of_text RENAME TO template;
        CREATE INDEX template_by_subject
            ON template (subject_id, purpose_id, shard_id, slot);
        CREATE INDEX template_by_sample ON template (sample_id) WHERE sample_id IS NOT NULL;
        CREATE INDEX template_by_age ON template (purpose_id, created_at);
        DROP TABLE shard_subjects;
        ALTER TABLE template_shard DROP COLUMN slot_bytes;
        ALTER TABLE template_shard DROP COLUMN oldest;
    """,
    "0006_copies.sql": """
        DROP INDEX erasure_by_seq;
        ALTER TABLE erasure DROP COLUMN held_since;
        DROP TABLE known_copy;
    """,
    "0007_notices.sql": """
        ALTER TABLE consent DROP COLUMN notice_lang;
        DROP TABLE further_notice;
        ALTER TABLE purpose_version DROP COLUMN notice_lang;
    """,
    "0008_removals.sql": """
        ALTER TABLE erasure RENAME TO erasure_of_three;
        CREATE TABLE erasure (
            id         INTEGER PRIMARY KEY,
            pseudonym  TEXT NOT NULL,
            purpose    TEXT,
            at         TEXT NOT NULL,
            action     TEXT NOT NULL CHECK (action IN ('revoke', 'purge')),
            reasons    TEXT NOT NULL,
            counts     TEXT NOT NULL,
            seq        INTEGER NOT NULL,
            held_since TEXT
        ) STRICT;
        INSERT INTO erasure SELECT * FROM erasure_of_three;
        DROP TABLE erasure_of_three;
        CREATE INDEX erasure_by_seq ON erasure (seq);
    """,
    "0009_authority.sql": """
        ALTER TABLE template DROP COLUMN source;
        DROP INDEX subject_by_name;
        ALTER TABLE purpose_version DROP COLUMN operators;
        ALTER TABLE purpose_version DROP COLUMN case_required;
    """,
    "0010_register.sql": """
        DROP INDEX consent_by_end;
        DROP TABLE register_count;
        DROP TABLE alternative_offer;
        DROP TABLE subject_request;
        DROP TABLE disclosure;
        DROP TABLE held_elsewhere;
        ALTER TABLE purpose_version DROP COLUMN answer_within;
    """,
    "0011_statements.sql": """
        ALTER TABLE purpose_version DROP COLUMN security;
        ALTER TABLE purpose_version DROP COLUMN transfers;
        ALTER TABLE purpose_version DROP COLUMN recipients;
        ALTER TABLE purpose_version DROP COLUMN controller_officer;
        ALTER TABLE purpose_version DROP COLUMN controller_address;
    """,
    "0012_likeness.sql": """
        DROP INDEX subject_by_skeleton;
        DROP INDEX subject_by_folded_skeleton;
        ALTER TABLE subject DROP COLUMN ref_skeleton;
        ALTER TABLE subject DROP COLUMN ref_folded_skeleton;
        ALTER TABLE template DROP COLUMN other_face;
        ALTER TABLE unfinished_batch DROP COLUMN galleries;
    """,
    "0013_calibrations.sql": """
        DROP TABLE site_calibration;
        ALTER TABLE purpose_version DROP COLUMN calibration;
    """,
    "0014_places.sql": """
        ALTER TABLE purpose_version DROP COLUMN processing_locations;
        ALTER TABLE purpose_version DROP COLUMN authority;
        ALTER TABLE purpose_version DROP COLUMN jurisdiction;
    """,
    "0015_names.sql": """
        DROP INDEX subject_by_name;
        CREATE INDEX subject_by_name ON subject (name) WHERE name IS NOT NULL;
    """,
    "0016_texts.sql": """
        ALTER TABLE purpose_version DROP COLUMN texts;
        ALTER TABLE purpose_version DROP COLUMN language;
    """,
    "0017_small_rows.sql": """
        ALTER TABLE consent RENAME TO small_consent;
        CREATE TABLE consent (
            id                 INTEGER PRIMARY KEY,
            record_id          TEXT NOT NULL UNIQUE,
            subject_id         INTEGER NOT NULL REFERENCES subject (id),
            purpose_id         INTEGER NOT NULL REFERENCES purpose (id),
            purpose_version_id INTEGER NOT NULL REFERENCES purpose_version (id),
            version            INTEGER NOT NULL,
            given_at           TEXT NOT NULL,
            expires_at         TEXT NOT NULL CHECK (expires_at > given_at),
            withdrawn_at       TEXT,
            recorded_at        TEXT NOT NULL,
            guardian           TEXT,
            notice_sha256      TEXT NOT NULL,
            evidence_sha256    TEXT,
            evidence           BLOB,
            notice_shown TEXT, shared_form TEXT, notice_lang TEXT
        ) STRICT;
        INSERT INTO consent
            SELECT c.id, lower(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-' || substr(h, 13, 4)
                || '-' || substr(h, 17, 4) || '-' || substr(h, 21)), subject_id, c.purpose_id,
                purpose_version_id, c.version, given_at, expires_at, withdrawn_at, recorded_at,
                guardian,
                iif(c.notice_sha256 IS NULL, v.notice_sha256, lower(hex(c.notice_sha256))),
                evidence_sha256, evidence, notice_shown, shared_form,
                c.notice_lang
            FROM (SELECT hex(record_id) h, * FROM small_consent) c
            JOIN purpose_version v ON v.id = c.purpose_version_id;
        DROP TABLE small_consent;
        CREATE INDEX consent_by_subject ON consent (subject_id, purpose_id);
        CREATE INDEX consent_in_force
            ON consent (purpose_id, version, subject_id, given_at, expires_at, withdrawn_at)
            WHERE withdrawn_at IS NULL;
        CREATE INDEX consent_by_form
            ON consent (evidence_sha256) WHERE evidence_sha256 IS NOT NULL;
        CREATE INDEX consent_by_end ON consent (expires_at) WHERE withdrawn_at IS NULL;
        ALTER TABLE template RENAME TO small_template;
        CREATE TABLE template (
            id             INTEGER PRIMARY KEY,
            template_id    BLOB NOT NULL,
            subject_id     INTEGER NOT NULL REFERENCES subject (id),
            purpose_id     INTEGER NOT NULL REFERENCES purpose (id),
            sample_id      INTEGER REFERENCES sample (id),
            shard_id       INTEGER NOT NULL REFERENCES template_shard (id),
            slot           INTEGER NOT NULL,
            quality        INTEGER,
            capture_sha256 BLOB NOT NULL,
            created_at     TEXT NOT NULL,
            source         TEXT,
            other_face     TEXT
        ) STRICT;
        INSERT INTO template
            SELECT id, template_id, subject_id, purpose_id, sample_id, shard_id, slot, quality,
                capture_sha256, created_at, source, other_face
            FROM small_template;
        DROP TABLE small_template;
        CREATE INDEX template_by_subject ON template (subject_id, purpose_id, shard_id, slot);
        CREATE UNIQUE INDEX template_by_place
            ON template (shard_id, slot, subject_id, purpose_id);
        CREATE INDEX template_by_sample ON template (sample_id) WHERE sample_id IS NOT NULL;
        ALTER TABLE interaction RENAME TO small_interaction;
        CREATE TABLE interaction (
            subject_id INTEGER NOT NULL REFERENCES subject (id),
            purpose_id INTEGER NOT NULL REFERENCES purpose (id),
            day        TEXT NOT NULL,
            PRIMARY KEY (subject_id, purpose_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO interaction SELECT subject_id, purpose_id, day FROM small_interaction;
        DROP TABLE small_interaction;
        CREATE INDEX interaction_by_day ON interaction (purpose_id, day);
        CREATE TABLE subject_of_text (
            id               INTEGER PRIMARY KEY,
            pseudonym        TEXT NOT NULL UNIQUE,
            ref              TEXT NOT NULL UNIQUE,
            name             TEXT,
            state            TEXT NOT NULL
                CHECK (state IN ('active', 'restricted', 'alternative-only')),
            minor            INTEGER NOT NULL CHECK (minor IN (0, 1)),
            guardian         TEXT,
            created_at       TEXT NOT NULL,
            last_interaction TEXT NOT NULL,
            waiting_since TEXT, minor_until TEXT, ref_skeleton TEXT, ref_folded_skeleton TEXT,
            CHECK (minor = 0 OR guardian IS NOT NULL)
        ) STRICT;
        INSERT INTO subject_of_text
            SELECT id, pseudonym, ref, name, state, minor, guardian, created_at, last_interaction,
                waiting_since, minor_until, NULL, NULL
            FROM subject;
        DROP TABLE subject;
        ALTER TABLE subject_of_text RENAME TO subject;
        CREATE INDEX subject_apart ON subject (id) WHERE state <> 'active' OR minor <> 0;
        CREATE INDEX subject_by_minor_until ON subject (minor_until) WHERE minor_until IS NOT NULL;
        CREATE INDEX subject_by_name ON subject (name COLLATE NOCASE) WHERE name IS NOT NULL;
        CREATE INDEX subject_by_skeleton ON subject (ref_skeleton);
        CREATE INDEX subject_by_folded_skeleton ON subject (ref_folded_skeleton);
    """,
    "0018_lapses.sql": "DROP INDEX lapse_by_subject;",
    "0019_narrow_indexes.sql": """
        DROP INDEX consent_standing;
        CREATE INDEX consent_in_force
            ON consent (purpose_id, version, subject_id, given, expires, withdrawn_at)
            WHERE withdrawn_at IS NULL;
        DROP INDEX consent_by_end;
        CREATE INDEX consent_by_end ON consent (expires) WHERE withdrawn_at IS NULL;
    """,
    "0020_shard_sums.sql": """
        DROP INDEX template_by_place;
        CREATE UNIQUE INDEX template_by_place
            ON template (shard_id, slot, subject_id, purpose_id);
        DROP TRIGGER template_added;
        DROP TRIGGER template_deleted;
        DROP TRIGGER template_changed;
        DROP TRIGGER shard_given_away;
        ALTER TABLE template_shard DROP COLUMN strange;
        ALTER TABLE template_shard DROP COLUMN place_sum;
        ALTER TABLE template_shard DROP COLUMN subject_sum;
        ALTER TABLE template_shard DROP COLUMN templates;
    """,
    "0021_series.sql": "UPDATE subject SET ref_skeleton = id, ref_folded_skeleton = -id;",
}
"""What makes a database of today one of an earlier schema, by the migration that it undoes."""


def undo(db: Database, number: int) -> None:
    """Make a database of today one of schema `number`."""
    folder = Path(schema.__file__).with_name("migrations")
    later = sorted(path.name for path in folder.glob("*.sql"))[number:]
    with db.without_foreign_keys(), db.transaction():
        for name in reversed(later):
            for statement in schema._statements(UNDO[name]):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {number}")


AS_NOW = {
    "last_interaction": "substr(last_interaction, 1, 10)",
    **{
        name: f"iif(typeof({name}) = 'blob', lower(hex({name})), replace({name}, '-', ''))"
        for name in ("record_id", "template_id", "capture_sha256")
    },
}
"""Columns that a migration writes in another way."""


def content(db: Database, like: dict[str, list[str]] | None = None) -> dict[str, list[Any]]:
    """Every row of every table, or of these columns, as `AS_NOW` has it."""
    chosen = like if like is not None else columns(db)
    return {
        table: sorted(
            db.tuples(f"SELECT {', '.join(AS_NOW.get(name, name) for name in names)} FROM {table}"),
            key=repr,
        )
        for table, names in chosen.items()
    }


def columns(db: Database) -> dict[str, list[str]]:
    """Every table's columns."""
    tables = db.tuples("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        name: [row["name"] for row in db.rows(f"PRAGMA table_info({name})")] for (name,) in tables
    }


def lasting(db: Database) -> dict[str, list[str]]:
    """Every column that no later migration takes away."""
    found = columns(db)
    found.pop("spent_consent", None)
    found["subject"] = [name for name in found["subject"] if "skeleton" not in name]  # made anew
    found["consent"].remove("notice_sha256")  # test_small_rows_state_what_those_of_text_did
    return found


def structure(db: Database) -> set[Any]:
    """Every table, view and index, and how it is defined."""
    return set(db.tuples("SELECT type, name, sql FROM sqlite_master"))


def wide(who: int) -> bytes:
    """A template of 32-bit components, the only kind in earlier schemas."""
    return vector_of(unit(who)).astype("<f4").tobytes()


@pytest.fixture(params=range(1, schema.known()))
def number(request: pytest.FixtureRequest) -> int:
    """Each earlier schema."""
    return int(request.param)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders that this module's tests copy: `today`, and one for each earlier schema."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def people(facecli: Facecli, sample_data: Path, made: Path) -> Facecli:
    """A database with three people, of whom two agree; made once, then copied."""
    if not (kept := made / "today").exists():
        assert facecli("init").code == 0
        assert facecli("purpose", "apply", sample_data / "purposes.toml").code == 0
        with opened(facecli) as found, found.db.transaction():
            of_database.set_engine(found.db, engine.spec("reference"))
        for who in (1, 2, 3):
            enrol(facecli, f"A-{who}", wide(who))
        change(facecli, "UPDATE consent SET withdrawn_at = given_at WHERE subject_id = 2")
        facecli.copy(kept)
    shutil.copytree(kept, facecli.folder, dirs_exist_ok=True)
    return facecli


@pytest.fixture
def older(number: int, people: Facecli, made: Path) -> Facecli:
    """The same as an earlier facecli would have made it, with a backup; made once, then copied."""
    if not (kept := made / str(number)).exists():
        with opened(people) as found:
            undo(found.db, number)
        with facecli_of(number), opened(people) as found:
            backup.create(found.db, found.unlocked, people.folder / "backup.db", lambda _: None)
            assert found.db.value("PRAGMA user_version") == number
        people.copy(kept)
    shutil.copytree(kept, people.folder, dirs_exist_ok=True)
    return people


def who_is_found(facecli: Facecli) -> list[list[Candidate]]:
    """The answer to a search for each of the three."""
    with opened(facecli) as found:
        gallery, _ = load(found.db, purposes.find(found.db, "gate"), engine_of(found.db), found.now)
        return gallery.search_all([wide(who) for who in (1, 2, 3)], 0.5, 10)


EXPECTED = [[Candidate(1, 0.0)], [], [Candidate(3, 0.0)]]


def test_an_older_database_becomes_like_a_new_one_and_loses_nothing(
    number: int, older: Facecli, store: Store
) -> None:
    with facecli_of(number), opened(older) as found:
        there = lasting(found.db)
        before = content(found.db, there)
    with opened(older) as found:
        check_pages(found.db)
        check_structure(found.db)
        assert found.db.value("PRAGMA user_version") == schema.known()
        assert content(found.db, there) == before
        with store.open() as new:
            assert structure(found.db) == structure(new)
    assert who_is_found(older) == EXPECTED


def test_the_sums_of_every_older_gallery_are_those_of_its_rows(people: Facecli) -> None:
    """With two purposes, two engines, an erased subject and a held one, before schema 20."""
    enrol(people, "A-1", wide(4), engine_id="other/1")
    with opened(people) as found, found.db.transaction():
        spec = engine_of(found.db)
        for who in (1, 3):
            slot = NewSlot(who, 2, spec.engine_id, spec.dimension, wide(who), found.now)
            templates.add(found.db, slot, Capture(""))
    assert people("revoke", "A-2", "--yes").code == 0
    assert people("subject", "hold", "A-3", "--reason", "court", "--until", "5y").code == 0
    with opened(people) as found:
        undo(found.db, sorted(UNDO).index("0020_shard_sums.sql") + 1)
    with opened(people) as found:
        templates.check_subjects(found.db)
        held = {
            gallery: [tuple(one) for one in templates.kept_sums(found.db, *gallery).values()]
            for gallery in [(1, spec.engine_id), (1, "other/1"), (2, spec.engine_id)]
        }
    assert list(held.values()) == [[(2, 4, 6, 0)], [(1, 1, 0, 0)], [(2, 4, 3, 0)]]


@pytest.mark.parametrize("number", [1])
def test_every_report_of_the_first_schemas_database_is_made(
    number: int, older: Facecli, tmp_path: Path
) -> None:
    page, figures = tmp_path / "custody.html", tmp_path / "custody.json"
    for words in (
        ["report", "--with-refs", "--output", page], ["report", "--output", figures],
        ["report", "policy"], ["report", "processing"], ["report", "filing"],
        ["status"], ["status", "--format", "prometheus"],
    ):  # fmt: skip
        done = older(*words)
        assert done.code == 0, done.err
    assert "A-1" in page.read_text(encoding="utf-8")
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert (found["held"]["subjects"], found["purposes"]["list"][1]["subjects"]) == (3, 2)


STATED = """
    SELECT record_id, given_at, expires_at, withdrawn_at, recorded_at, guardian, notice_sha256,
        notice_lang, notice_shown, evidence_sha256, evidence, shared_form
    FROM consent ORDER BY id
"""
OF_SUBJECTS = "SELECT pseudonym, created_at, last_interaction, guardian FROM subject ORDER BY id"
OF_TEMPLATES = "SELECT template_id, capture_sha256, created_at, source FROM template ORDER BY id"


def test_small_rows_state_what_those_of_text_did(people: Facecli) -> None:
    before_it = sorted(UNDO).index("0017_small_rows.sql") + 1
    chinese, form = (hashlib.sha256(text).hexdigest() for text in (b"notice", b"form"))
    with opened(people) as found:
        undo(found.db, before_it)
        found.db.execute(
            "UPDATE consent SET notice_lang = 'zh', notice_sha256 = ?, evidence_sha256 = ?,"
            " evidence = x'ff00', shared_form = 'a family', guardian = 'Li Na',"
            " given_at = '0001-01-01T00:00:00Z', expires_at = '9999-12-31T23:59:59Z' WHERE id = 1",
            (chinese, form),
        )
        found.db.execute(
            "UPDATE subject SET created_at = '1969-12-31T23:59:59Z', guardian = 'Li Na',"
            " last_interaction = '1969-12-31' WHERE id = 3"
        )
        before = [found.db.tuples(sql) for sql in (STATED, OF_SUBJECTS, OF_TEMPLATES)]
        days = found.db.tuples("SELECT * FROM interaction")
        notice = found.db.value("SELECT notice_sha256 FROM purpose_version")
    with opened(people) as found:
        listed = consents.list_all(found.db)
        assert [(one.record_id, one.notice_sha256, one.evidence_sha256) for one in listed] == [
            (row[0], row[6], row[9]) for row in before[0]
        ]
        assert {one.notice_sha256 for one in listed} == {chinese, notice}
        undo(found.db, before_it)
        assert [found.db.tuples(sql) for sql in (STATED, OF_SUBJECTS, OF_TEMPLATES)] == before
        assert found.db.tuples("SELECT * FROM interaction") == days


def test_a_migration_cut_short_leaves_the_older_database(
    number: int, older: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = schema._statements

    def cut(script: str) -> Iterator[str]:
        *first, _ = real(script)
        yield from first
        raise KeyboardInterrupt

    with facecli_of(number), opened(older) as found:
        before = content(found.db), structure(found.db)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_statements", cut)
        with pytest.raises(KeyboardInterrupt), opened(older):
            pass
    with facecli_of(number), opened(older) as found:
        assert (content(found.db), structure(found.db)) == before
    assert who_is_found(older) == EXPECTED


def test_an_older_backup_is_verified_and_restored(older: Facecli) -> None:
    path = older.folder / "backup.db"
    before = path.read_bytes()
    assert older("backup", "verify", path).code == 0
    assert older("revoke", "A-3", "--yes").code == 0
    assert older("backup", "restore", path).code == 0
    assert path.read_bytes() == before
    assert who_is_found(older) == [[Candidate(1, 0.0)], [], []]
    with opened(older) as found:
        assert found.db.value("PRAGMA user_version") == schema.known()
        check_structure(found.db)


@pytest.mark.parametrize("number", [10, 18])
def test_refs_of_before_are_compared_with_new_ones(facecli: Facecli, number: int) -> None:
    assert facecli("init").code == 0
    assert facecli("subject", "add", "A-1001").code == 0
    with opened(facecli) as found:
        undo(found.db, number)
    run = facecli("subject", "add", "a-1001")
    assert (run.code, "can be confused with A-1001" in run.err) == (1, True)
    assert facecli("subject", "add", "a-1001", "--distinct").code == 0


def test_tags_made_of_refs_go_and_what_they_knew_becomes_one_day(facecli: Facecli) -> None:
    assert facecli("init").code == 0
    with opened(facecli) as found:
        undo(found.db, 3)
        found.db.execute("INSERT INTO meta VALUES ('evidence_key', 'ab')")
        for tag, ended_at in ((b"1", "2025-11-01T09:30:00Z"), (b"2", "2025-12-01T10:11:12Z")):
            found.db.insert("spent_consent", tag=tag, ended_at=ended_at)
    with opened(facecli) as found:
        assert spent.unknown_until(found.db) == "2025-12-01T23:59:59Z"
        assert meta.find(found.db, "evidence_key") is None
        tables = {name for _, name, _ in structure(found.db)}
        assert "spent_consent" not in tables


def test_an_older_backup_is_erased_in_and_is_a_marked_copy_then(older: Facecli) -> None:
    path = older.folder / "backup.db"
    assert older("revoke", "A-3", "--yes").code == 0
    assert older("backup", "erase", path).code == 0
    assert older.bare("--db", path, "--key-file", older.key, "subject", "list").code == 22
    assert older("backup", "verify", path, "--format", "json").json()["subjects"] == 2
    assert older("backup", "restore", path).code == 0
    assert who_is_found(older) == [[Candidate(1, 0.0)], [], []]


def test_what_was_published_is_as_it_was() -> None:
    folder = Path(schema.__file__).with_name("migrations")
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in PUBLISHED}
    assert found == PUBLISHED


FURTHER = "CREATE TABLE further (a TEXT) STRICT;\nINSERT INTO further VALUES ('1');\n"


def test_a_further_schema_is_reached_whole_or_not_at_all(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = [*schema._migrations(), FURTHER]
    with monkeypatch.context() as patch:
        patch.setattr(
            schema, "_migrations", lambda: [*scripts[:-1], FURTHER + "DROP TABLE nowhere;\n"]
        )
        with pytest.raises(sqlcipher.OperationalError), opened(ready):
            pass
    with opened(ready) as found:
        assert found.db.value("PRAGMA user_version") == len(scripts) - 1
    monkeypatch.setattr(schema, "_migrations", lambda: scripts)
    with opened(ready) as found:
        assert found.db.value("PRAGMA user_version") == len(scripts)
        assert found.db.value("SELECT a FROM further") == "1"


def test_a_database_of_before_is_refused_by_name_and_not_touched(ready: Facecli) -> None:
    with opened(ready) as found:
        found.db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID_BEFORE}")
    before = ready.db.read_bytes()
    for command in (["subject", "list"], ["status"], ["log", "verify"], ["log", "export"]):
        done = ready(*command)
        assert done.code == 10
        assert "made by an earlier facecli" in done.err
        assert "facecli init" in done.err
    assert ready.db.read_bytes() == before


def test_a_database_of_another_program_is_not_ours(ready: Facecli) -> None:
    with opened(ready) as found:
        found.db.execute("PRAGMA application_id = 7")
    done = ready("subject", "list")
    assert done.code == 10
    assert "belongs to another program" in done.err


def test_what_refers_to_an_erased_row_is_found_by_an_index(db: Database) -> None:
    """SQLite looks for it at each row that is deleted: without an index, in the whole table."""
    kept = {"purpose", "purpose_version"}  # their rows are never deleted
    asked = 0
    for (table,) in db.tuples("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for reference in db.rows(f"PRAGMA foreign_key_list({table})"):
            if reference["table"] not in kept:
                sql = f"SELECT 1 FROM {table} WHERE {reference['from']} = ?"
                plan = db.tuples(f"EXPLAIN QUERY PLAN {sql}", (1,))
                assert plan[0][3].startswith(f"SEARCH {table}"), (table, plan)
                asked += 1
    assert asked > 10
