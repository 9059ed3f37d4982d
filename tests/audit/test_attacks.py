"""The table of attacks: each is detected with its exit code, or is shown not to be.

The log under attack has seven entries and more, is sealed, and its auditor holds the trust key
and the checkpoint `kept`. The table in facecli-log(5) is this file in words.
"""

from __future__ import annotations

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from facecli.cli import session as session_module
from facecli.cli.main import main
from tests.audit import intruder
from tests.audit.intruder import cut, deleted, edited, inserted, swapped
from tests.conftest import Clock, Facecli
from tests.forensics import PAGE
from tests.prepared import opened

ROOT = Path(__file__).parents[2]
CHANGES = {
    "edit": edited(2),
    "delete": deleted(2),
    "insert": inserted(2),
    "reorder": swapped(2),
}
LOG_TABLES = (
    *("audit_entry", "audit_frontier", "audit_node"),
    *("identity_key", "signing_key", "checkpoint"),
)


@pytest.fixture(scope="module")
def _custody_once(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Made once, by a clock of its own, and copied by `custody`: folder, time, trust key."""
    folder, clock, out = tmp_path_factory.mktemp("custody"), Clock(), io.StringIO()
    options = ["--no-input", "--db", f"{folder}/facecli.db", "--key-file", f"{folder}/facecli.key"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(out):
        patch.setattr(session_module, "clock", clock)
        assert main([*options, "-q", "init"]) == 0
        for day in range(3):
            for number in range(3):
                assert main([*options, "subject", "add", f"S-{day}-{number}"]) == 0
            assert main([*options, "log", "checkpoint", "--output", f"{folder}/kept"]) == 0
            clock.advance(days=1, minutes=1)
    trust_key = next(line for line in out.getvalue().splitlines() if line.startswith("facecli.log"))
    return folder, clock.moment, trust_key


@pytest.fixture
def custody(facecli: Any, clock: Clock, _custody_once: Any) -> Any:
    """A database whose log went through three epochs and was sealed at its end."""
    folder, moment, facecli.trust_key = _custody_once
    for file in folder.iterdir():
        shutil.copy(file, facecli.folder / file.name)
    facecli.kept = facecli.folder / "kept"
    clock.moment = moment - timedelta(days=1)  # no new epoch with the next seal
    return facecli


def _verify(facecli: Facecli, *options: Any) -> Any:
    return facecli("log", "verify", *options).code


def _against(facecli: Any) -> Any:
    return _verify(facecli, "--against", facecli.kept, "--trust-key", facecli.trust_key)


def _attack(facecli: Facecli, act: Any) -> None:
    with opened(facecli) as session, session.db.transaction():
        act(session.db)


def test_the_untouched_log_verifies_in_every_way(custody: Any, tmp_path: Path) -> None:
    assert (_verify(custody), _against(custody)) == (0, 0)
    exported = tmp_path / "log.jsonl"
    assert custody("log", "export", "--checkpoint", custody.kept, "--output", exported).code == 0
    offline = ("--file", exported, "--checkpoint", custody.kept, "--trust-key", custody.trust_key)
    assert _verify(custody, *offline) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET record = replace(record, 'done', 'gone') WHERE seq = 3",
        "DELETE FROM audit_entry WHERE seq = 3",
        "UPDATE audit_entry SET seq = CASE seq WHEN 3 THEN 99 ELSE 3 END WHERE seq IN (3)",
        "UPDATE audit_entry SET leaf_hash = zeroblob(32) WHERE seq = 3",
        "INSERT INTO audit_entry SELECT (SELECT max(seq) + 1 FROM audit_entry), record, leaf_hash"
        " FROM audit_entry WHERE seq = 3",
    ],
)
def test_with_the_database_key_without_recomputing_hashes(
    custody: Any, statement: str, tmp_path: Path
) -> None:
    _attack(custody, lambda db: db.execute(statement))
    assert _verify(custody) == 30
    assert _against(custody) == 30
    exported = custody("log", "export", "--output", tmp_path / "log.jsonl")
    assert exported.code in (30, 31)
    assert not (tmp_path / "log.jsonl").exists()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_with_the_database_key_and_every_hash_recomputed(
    custody: Any, change: Any, tmp_path: Path
) -> None:
    _attack(custody, lambda db: intruder.rewrite(db, change))
    assert _verify(custody) == 30
    assert _against(custody) in (30, 31)
    assert custody("log", "export", "--checkpoint", custody.kept).code in (30, 31)
    assert custody("log", "checkpoint").code in (30, 31)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_with_todays_signing_key_an_earlier_epoch_cannot_be_signed_again(
    custody: Any, change: Any
) -> None:
    def attack(db: Any) -> None:
        intruder.rewrite(db, change)
        intruder.sign(db)

    _attack(custody, attack)
    assert _verify(custody) in (30, 31)  # 31 where there are fewer than when the epoch began
    assert _against(custody) in (30, 31)


@pytest.mark.parametrize("kind", ["edit", "insert", "reorder"])
def test_with_todays_signing_key_the_present_epoch_is_only_safe_against_a_kept_checkpoint(
    custody: Any, kind: str
) -> None:
    """Limit: entries of the present epoch are as safe as the checkpoint that somebody else holds.

    The epoch began with the last seal here, so that nothing that was sealed is in its reach.
    """
    for number in range(3):
        custody("subject", "add", f"T-{number}")
    custody("log", "checkpoint", "--output", custody.kept)
    with opened(custody) as session:
        began = session.db.value("SELECT max(began) FROM signing_key")
    change = {"edit": edited, "insert": inserted, "reorder": swapped}[kind](began + 1)

    def attack(db: Any) -> None:
        intruder.rewrite(db, change)
        intruder.sign(db)

    _attack(custody, attack)
    assert _verify(custody) == 0  # whoever holds no checkpoint sees nothing
    assert _against(custody) == 30


def test_what_is_younger_than_every_kept_checkpoint_can_be_forged(custody: Any) -> None:
    """Limit: after the last checkpoint that left the machine, who holds the key can write."""
    custody("subject", "add", "T-1")
    custody("subject", "add", "T-2")
    _attack(custody, lambda db: intruder.rewrite(db, lambda log: edited(len(log) - 2)(log)))
    assert (_verify(custody), _against(custody)) == (0, 0)


def test_a_cut_tail(custody: Any, tmp_path: Path) -> None:
    _attack(custody, lambda db: db.execute("DELETE FROM audit_entry WHERE seq > 8"))
    assert (_verify(custody), _against(custody)) == (31, 31)
    assert custody("log", "export", "--output", tmp_path / "log.jsonl").code == 31


def test_a_cut_tail_with_every_hash_recomputed(custody: Any) -> None:
    _attack(custody, lambda db: intruder.rewrite(db, cut(2)))
    assert (_verify(custody), _against(custody)) == (31, 31)
    assert custody("log", "export", "--checkpoint", custody.kept).code == 31


def test_a_cut_tail_without_its_checkpoint_is_not_sealed(custody: Any) -> None:
    def attack(db: Any) -> None:
        intruder.rewrite(db, cut(1))
        db.execute("DELETE FROM checkpoint")

    _attack(custody, attack)
    assert (_verify(custody), _against(custody)) == (32, 31)


def test_a_tail_cut_below_the_last_handover_cannot_be_signed(custody: Any) -> None:
    def attack(db: Any) -> None:
        intruder.rewrite(db, cut(2))
        intruder.sign(db)

    _attack(custody, attack)
    assert (_verify(custody), _against(custody)) == (31, 31)


def test_a_tail_of_the_present_epoch_cut_and_signed_shows_against_a_kept_checkpoint(
    custody: Any,
) -> None:
    for number in range(3):
        custody("subject", "add", f"T-{number}")
    custody("log", "checkpoint", "--output", custody.kept)

    def attack(db: Any) -> None:
        intruder.rewrite(db, cut(2))
        intruder.sign(db)

    _attack(custody, attack)
    assert (_verify(custody), _against(custody)) == (0, 31)
    assert custody("log", "export", "--checkpoint", custody.kept).code == 31


def test_one_old_page_put_back(custody: Any, tmp_path: Path) -> None:
    """Every page that logging changes, one by one: detected, or the log is what it was."""
    old = custody.db.read_bytes()
    custody("log", "checkpoint", "--output", custody.kept)
    new = custody.db.read_bytes()
    truth = _content(custody)
    replayed = {}
    for at in range(0, min(len(old), len(new)), PAGE):
        if old[at : at + PAGE] != new[at : at + PAGE]:
            custody.db.write_bytes(new[:at] + old[at : at + PAGE] + new[at + PAGE :])
            code = _against(custody)
            replayed[at // PAGE] = code
            assert code in (30, 31, 32, 33) or _content(custody) == truth
    assert sum(code != 0 for code in replayed.values()) >= 2, replayed


def _content(facecli: Facecli) -> list[Any]:
    with opened(facecli) as session:
        return [
            [tuple(row) for row in session.db.rows(f"SELECT * FROM {table} ORDER BY 1")]
            for table in LOG_TABLES
        ]


def test_yesterdays_file_put_back(custody: Any, tmp_path: Path) -> None:
    shutil.copy(custody.db, tmp_path / "yesterday")
    custody("subject", "add", "T-1")
    custody("log", "checkpoint", "--output", custody.kept)
    shutil.copy(tmp_path / "yesterday", custody.db)
    assert _verify(custody) == 0  # the file alone is whole: only somebody's checkpoint tells
    assert _against(custody) == 31
    assert custody("log", "export", "--checkpoint", custody.kept).code == 31


@pytest.mark.parametrize("days", [0, 2])
def test_yesterdays_file_put_back_and_written_to_since(
    custody: Any, tmp_path: Path, clock: Clock, days: int
) -> None:
    shutil.copy(custody.db, tmp_path / "yesterday")
    custody("subject", "add", "T-1")
    custody("log", "checkpoint", "--output", custody.kept)
    shutil.copy(tmp_path / "yesterday", custody.db)
    clock.advance(days=days)
    for number in range(5):
        custody("subject", "add", f"U-{number}")
    assert _against(custody) == 31
    assert custody("log", "export", "--checkpoint", custody.kept).code == 31
    custody("log", "checkpoint")
    assert _against(custody) in (30, 31)


def test_a_journal_removed_after_a_kill(custody: Any, tmp_path: Path) -> None:
    """A copy taken while pages of an open transaction are in the file, without its journal."""
    with opened(custody) as session:
        session.db.execute("PRAGMA cache_size = 2")
        with suppress(KeyboardInterrupt), session.act() as act:
            for _ in range(300):
                act.record("test", details={"x": "y" * 500})
            torn = custody.db.read_bytes()
            raise KeyboardInterrupt
    assert _against(custody) == 0
    custody.db.write_bytes(torn[: len(torn) // PAGE * PAGE])
    assert _verify(custody) in (30, 31, 33)
    assert _against(custody) in (30, 31, 33)


@pytest.fixture
def other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """A second database with a log of its own."""
    folder = tmp_path / "other"
    folder.mkdir(mode=0o700)
    found = Facecli(folder, capsys)
    assert found("init").code == 0
    assert found("log", "checkpoint").code == 0
    return found


@pytest.mark.parametrize("with_id", [False, True])
def test_the_log_of_another_database_in_place_of_this_ones(
    custody: Any, other: Any, with_id: bool
) -> None:
    with opened(other) as session:
        rows = {
            table: [dict(row) for row in session.db.rows(f"SELECT * FROM {table}")]
            for table in LOG_TABLES
        }
        other_id = session.db.value("SELECT value FROM meta WHERE name = 'database_id'")

    def attack(db: Any) -> None:
        for table in LOG_TABLES:
            db.execute(f"DELETE FROM {table}")
            for row in rows[table]:
                db.insert(table, **row)
        if with_id:
            db.execute("UPDATE meta SET value = ? WHERE name = 'database_id'", (other_id,))

    _attack(custody, attack)
    assert _verify(custody) == (0 if with_id else 30)  # a whole log, of another database
    assert _verify(custody, "--trust-key", custody.trust_key) == 30
    assert _against(custody) == 30
    assert custody("log", "export", "--checkpoint", custody.kept).code == 30


def test_an_erased_key_from_an_old_copy_signs_another_history(
    custody: Any, tmp_path: Path, clock: Clock
) -> None:
    """Yesterday's file holds yesterday's key: a second history can be made with it."""
    shutil.copy(custody.db, tmp_path / "yesterday")
    clock.advance(days=2)
    custody("subject", "add", "T-1")
    custody("log", "checkpoint", "--output", custody.kept)
    shutil.copy(tmp_path / "yesterday", custody.db)
    custody("subject", "add", "U-1")
    custody("subject", "add", "U-2")
    assert custody("log", "checkpoint").code == 0
    assert _against(custody) == 31


def test_an_old_checkpoint_in_place_of_the_last_one(custody: Any, tmp_path: Path) -> None:
    with opened(custody) as session:
        old = session.db.row("SELECT size, note FROM checkpoint")
    custody("subject", "add", "T-1")
    custody("log", "checkpoint", "--output", custody.kept)

    def attack(db: Any) -> None:
        db.execute("UPDATE checkpoint SET size = ?, note = ?", tuple(old))

    _attack(custody, attack)
    assert _against(custody) == 32


@pytest.mark.parametrize("keep", ["no trailer", "fewer entries", "half a line"])
def test_a_truncated_export(custody: Any, tmp_path: Path, keep: str) -> None:
    exported = tmp_path / "log.jsonl"
    custody("log", "export", "--checkpoint", custody.kept, "--output", exported)
    lines = exported.read_bytes().splitlines(keepends=True)
    left = {
        "no trailer": lines[:-1],
        "fewer entries": [*lines[:-2], lines[-1]],
        "half a line": [*lines[:-1], lines[-1][:100]],
    }[keep]
    exported.write_bytes(b"".join(left))
    offline = ("--file", exported, "--checkpoint", custody.kept, "--trust-key", custody.trust_key)
    assert _verify(custody, *offline) == 31


def test_an_export_that_ends_with_an_old_checkpoint(custody: Any, tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    custody("log", "export", "--output", first)
    custody("subject", "add", "T-1")
    custody("log", "export", "--checkpoint", custody.kept, "--output", second)
    old = first.read_bytes()
    offline = ("--checkpoint", custody.kept, "--trust-key", custody.trust_key)
    assert _verify(custody, "--file", first, *offline) == 32  # it may simply be older
    lines = second.read_bytes().splitlines(keepends=True)
    second.write_bytes(b"".join([*lines[:-1], old.splitlines(keepends=True)[-1]]))
    assert _verify(custody, "--file", second, *offline) == 30


VERIFIER = "tests/audit/test_log_verification.py"
HERE = "tests/audit/test_attacks.py"
SHOWN = {
    "edits, removes, adds or reorders entries": {
        HERE: "test_with_the_database_key_without_recomputing_hashes"
        " test_with_the_database_key_and_every_hash_recomputed",
        VERIFIER: "test_an_altered_log_is_noticed_without_any_earlier_checkpoint",
    },
    "cuts off the end": {
        HERE: "test_a_cut_tail test_a_cut_tail_with_every_hash_recomputed test_a_truncated_export"
        " test_a_cut_tail_without_its_checkpoint_is_not_sealed",
    },
    "signs with today's keys: entries of an earlier epoch": {
        HERE: "test_with_todays_signing_key_an_earlier_epoch_cannot_be_signed_again",
        VERIFIER: "test_today_s_key_cannot_leave_out_the_epochs_between",
    },
    "signs with today's keys: entries of this epoch": {
        HERE:
            "test_with_todays_signing_key_the_present_epoch_is_only_safe_against_a_kept_checkpoint",
        VERIFIER: "test_entries_of_this_epoch_are_safe_by_a_later_checkpoint_only",
    },
    "signs on with yesterday's copy": {
        HERE: "test_yesterdays_file_put_back_and_written_to_since",
        VERIFIER: "test_signing_on_with_yesterday_s_copy_is_seen_by_a_kept_checkpoint_only",
    },
    "puts yesterday's file back: the database": {HERE: "test_yesterdays_file_put_back"},
    "puts yesterday's file back: its export": {
        HERE: "test_an_export_that_ends_with_an_old_checkpoint"
    },
    "covers forged entries by the checkpoint of an honest export": {
        "tests/commands/test_log_cosign.py":
            "test_a_cosigned_checkpoint_of_another_branch_does_not_cover_forged_entries",
    },
    "puts another log in place": {
        HERE: "test_the_log_of_another_database_in_place_of_this_ones",
        VERIFIER: "test_two_logs_are_named",
    },
    "invents an epoch": {
        VERIFIER:
            "test_an_epoch_invented_after_the_shown_entries_is_refused_with_the_trust_key_alone",
    },
    "cuts the shown entries and adds an invented epoch": {
        VERIFIER:
            "test_shown_entries_cut_and_an_invented_epoch_added_is_refused_with_the_trust_key_alone",
    },
    "shows, with the keys of any copy ever made": {
        VERIFIER:
            "test_the_keys_of_an_old_copy_make_a_lone_file_of_a_rewritten_log_and_no_more",
    },
}  # fmt: skip
"""The tests that show each row of the table in facecli-log(5), by how the row begins."""


def _rows_of_the_page() -> list[str]:
    page = (ROOT / "man/source/facecli-log.5.md").read_text(encoding="utf-8")
    _, heads, *table = page.split("# WHAT IS DETECTED")[1].split("```")[1].splitlines()
    at = heads.index("trust key")
    rows: list[str] = []
    for line in table:
        if line[at:].strip():
            rows.append(line[:at].strip())
        else:
            rows[-1] += f" {line.strip()}"
    return rows


def test_each_row_of_the_page_s_table_has_its_tests() -> None:
    rows = _rows_of_the_page()
    assert len(rows) == len(SHOWN)
    for row, (beginning, files) in zip(rows, SHOWN.items(), strict=True):
        assert row.startswith(beginning)
        for path, names in files.items():
            text = (ROOT / path).read_text(encoding="utf-8")
            for name in names.split():
                assert f"def {name}(" in text, (row, name)
