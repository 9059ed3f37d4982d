from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.query import latest
from facecli.commands import reenroll
from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines import availability
from facecli.recognition.engines.engine import spec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import calibrating
from facecli.store import shards
from tests.commands.stand_ins import Keeper
from tests.conftest import SAMPLE_DATA, Clock, Facecli
from tests.forensics import database_key, plaintext
from tests.prepared import opened

PHOTO = {one: SAMPLE_DATA / "enrol" / f"{one}.jpg" for one in ("A-1001", "A-1002", "A-1003")}
PROBES = SAMPLE_DATA / "probes"


@pytest.fixture
def kept(
    facecli: Facecli,
    purposes_file: Callable[..., Path],
    kept_workers: Keeper,
    monkeypatch: pytest.MonkeyPatch,
) -> Facecli:
    """Two people enrolled, the first with a kept photo, and the workers kept alive."""
    monkeypatch.setattr(reenroll, "Pool", kept_workers)
    assert facecli("init").code == 0
    assert facecli("purpose", "apply", purposes_file(retain_photo='"30d"')).code == 0
    enrol(facecli, "A-1001", "--keep-photo")
    enrol(facecli, "A-1002")
    kept_workers.tasks.clear()
    return facecli


def enrol(facecli: Facecli, ref: str, *options: str) -> None:
    done = facecli(
        "enroll", "file", ref, PHOTO[ref], "--purpose", "gate", "--name", f"Name of {ref}",
        "--expires", "1y", *options,
    )  # fmt: skip
    assert done.code == 0, done.err


def rows(facecli: Facecli, *options: object) -> tuple[int, dict[str, Any]]:
    """The exit code and what became of each REF: outcome, reason, templates."""
    done = facecli("reenroll", "--engine", "dlib", "--yes", "--format", "json", *options)
    found = {row["ref"]: (row["outcome"], row["reason"], row["templates"]) for row in done.json()}
    return done.code, found


def vectors(facecli: Facecli) -> dict[str, list[bytes]]:
    """The templates in the database by their engine's id."""
    found: dict[str, list[bytes]] = {}
    with opened(facecli) as session:
        for row in session.db.rows(
            "SELECT shard_id, slot, engine_id, dimension FROM template"
            " JOIN template_shard h ON h.id = shard_id ORDER BY template.id"
        ):
            vector = shards.read_one(session.db, shards.TemplatePlace(row[0], row[1]))
            found.setdefault(row[2], []).append(vector)
    return found


def test_a_kept_photo_gives_the_new_template_and_the_others_are_called_in(kept: Facecli) -> None:
    old = vectors(kept)
    code, found = rows(kept)
    assert code == 3
    assert found == {
        "A-1001": ("reenrolled", None, 1),
        "A-1002": ("call-in", "no-photo", 0),
    }
    with opened(kept) as session:
        assert engine_of(session.db).name == "dlib"
    new = vectors(kept)
    assert list(new) == [spec("dlib").engine_id]
    assert list(old) == [spec("sface").engine_id]
    matched = kept("match", PROBES / "gate-1.jpg", "--purpose", "gate", "--format", "json").json()
    assert [row["engine"] for row in matched] == [spec("dlib").engine_id]


@pytest.mark.parametrize("least", [1, 2])
def test_a_gallery_to_measure_with_the_new_engine_is_named(
    kept: Facecli, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(calibrating, "LEAST_SUBJECTS", least)  # one has a photo
    words = ["reenroll", "--engine", "dlib"]
    told = "Not measured with this engine yet: gate. Run `facecli calibrate`."
    assert told not in kept(*words, "--dry-run").err
    assert (told in kept(*words, "--yes").err) == (least == 1)


def test_without_a_confirmation_no_template_is_erased(kept: Facecli) -> None:
    before = vectors(kept)
    done = kept("reenroll", "--engine", "dlib")
    assert done.code == 1
    assert "--yes" in done.err
    assert vectors(kept) == before


def test_the_old_templates_are_nowhere_in_the_file(kept: Facecli) -> None:
    [first, second] = vectors(kept)[spec("sface").engine_id]
    key = database_key(kept.db, kept.key)
    before = plaintext(kept.db, key)
    assert first in before
    assert second in before
    rows(kept)
    after = plaintext(kept.db, key)
    assert first not in after
    assert second not in after


def test_a_dry_run_says_the_same_and_changes_nothing(kept: Facecli, kept_workers: Keeper) -> None:
    before = vectors(kept), kept("log", "show", "--format", "json").out
    code, found = rows(kept, "--dry-run")
    assert code == 3
    assert found == {
        "A-1001": ("would-reenroll", None, 1),
        "A-1002": ("call-in", "no-photo", 0),
    }
    assert (vectors(kept), kept("log", "show", "--format", "json").out) == before
    assert kept_workers.tasks == []


def test_it_is_logged_without_names(kept: Facecli) -> None:
    rows(kept)
    with opened(kept) as session:
        entries = latest(session.db, 3)
    assert [(one["action"], one["outcome"]) for one in entries] == [
        ("reenroll", "done"),
        ("reenroll", "refused"),
        ("engine.switch", "done"),
    ]
    assert entries[2]["details"] == {
        "from": spec("sface").engine_id,
        "to": spec("dlib").engine_id,
        "erased": 2,
        "reenrolled": 1,
        "not_reenrolled": 1,
    }
    assert "A-100" not in json.dumps(entries)


def test_no_photo_is_looked_at_without_a_consent(kept: Facecli, kept_workers: Keeper) -> None:
    with opened(kept) as session, session.act() as act:
        act.db.execute("UPDATE consent SET expires = unixepoch('2020-02-02'),"
                       " given = unixepoch('2020-01-01')")  # fmt: skip
        act.record("test")
    code, found = rows(kept)
    assert code == 3
    assert found["A-1001"] == ("refused", "consent-expired", 0)
    assert kept_workers.tasks == []
    assert vectors(kept) == {}


def test_a_photo_past_its_retention_is_not_looked_at(
    kept: Facecli, kept_workers: Keeper, clock: Clock
) -> None:
    clock.advance(days=31)
    assert rows(kept)[1]["A-1001"] == ("call-in", "photo-over", 0)
    assert kept_workers.tasks == []


@pytest.mark.parametrize("days", [-1, 46, 400])
def test_a_clock_that_cannot_be_right_changes_nothing(
    kept: Facecli, clock: Clock, days: int
) -> None:
    before = vectors(kept)
    clock.advance(days=days)
    done = kept("reenroll", "--engine", "dlib", "--yes")
    assert (done.code, "facecli purge --trust-clock" in done.err) == (22, True)
    assert vectors(kept) == before
    clock.advance(days=-days)
    assert rows(kept)[1]["A-1001"] == ("reenrolled", None, 1)


def test_the_templates_of_whom_is_held_stay_and_are_made_anew_later(kept: Facecli) -> None:
    hold = ("subject", "hold", "A-1001", "--reason", "suit", "--until", "9000-01-01")
    assert kept(*hold).code == 0
    old = vectors(kept)[spec("sface").engine_id][0]
    code, found = rows(kept)
    assert (code, found["A-1001"]) == (3, ("held", "held", 0))
    assert vectors(kept) == {spec("sface").engine_id: [old]}
    assert kept("subject", "release", "A-1001").code == 0
    assert rows(kept) == (0, {"A-1001": ("reenrolled", None, 1)})
    assert list(vectors(kept)) == [spec("dlib").engine_id]


class Crash(Exception):
    pass


def test_a_crash_before_the_switch_leaves_the_old_engine_and_is_gone_on_from(
    kept: Facecli, kept_workers: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = vectors(kept)[spec("sface").engine_id]

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(shards, "drop_empty", crash)  # late in the last transaction
        done = kept("reenroll", "--engine", "dlib", "--yes")
        assert (done.code, "(Crash) ended the command" in done.err) == (3, True)  # templates stay
    with opened(kept) as session:
        assert engine_of(session.db).name == "sface"
    assert vectors(kept)[spec("sface").engine_id] == old
    assert len(vectors(kept)[spec("dlib").engine_id]) == 1
    match = ("match", PROBES / "gate-1.jpg", "--purpose", "gate", "--format", "json")
    assert kept(*match).json()[0]["engine"] == spec("sface").engine_id
    kept_workers.tasks.clear()
    assert rows(kept)[1]["A-1001"] == ("reenrolled", None, 1)
    assert kept_workers.tasks == []  # what was made before the crash is not made again


def test_the_template_keeps_the_date_of_its_capture(kept: Facecli, clock: Clock) -> None:
    def created() -> str:
        with opened(kept) as session:
            return str(session.db.value("SELECT min(created_at) FROM template"))

    before = created()
    clock.advance(days=3)
    rows(kept)
    assert created() == before


def test_the_same_engine_has_nothing_to_do(kept: Facecli) -> None:
    before = vectors(kept)
    done = kept("reenroll", "--engine", "sface", "--format", "json")
    assert (done.code, done.json()) == (0, [])
    assert vectors(kept) == before


def test_an_engine_that_does_not_load_changes_nothing(
    kept: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = vectors(kept)

    def missing(_: object) -> None:
        raise ModelFailed(engine="dlib", why="its weights are missing")

    monkeypatch.setattr(availability, "check_loads", missing)
    assert kept("reenroll", "--engine", "dlib").code == 1
    assert kept("reenroll", "--engine", "oracle").code == 21
    assert vectors(kept) == before


def test_it_refuses_while_another_process_has_the_database_open(kept: Facecli) -> None:
    with opened(kept):
        done = kept.bare("--lock-wait", "0", *kept.globals, "reenroll", "--engine", "dlib")
    assert done.code == 11


def test_it_is_the_way_out_when_an_upgrade_changed_the_engine(kept: Facecli) -> None:
    with opened(kept) as session, session.act() as act:
        act.db.execute("UPDATE template_shard SET engine_id = 'sface-0123456789ab'")
        act.db.execute("UPDATE meta SET value = 'sface-0123456789ab' WHERE name = 'engine_id'")
        act.record("test")
    match = ("match", PROBES / "gate-1.jpg", "--purpose", "gate", "--format", "json")
    assert kept(*match).code == 1
    done = kept("reenroll", "--engine", "sface", "--yes", "--format", "json")
    assert [row["outcome"] for row in done.json()] == ["reenrolled", "call-in"]
    assert [row["ref"] for row in kept(*match).json()] == ["A-1001"]
