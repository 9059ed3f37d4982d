"""`facecli log export`: what leaves, in which order, and what never moves before it is on disk."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pycef
import pytest

from tests.audit import intruder
from tests.conftest import Clock, Facecli
from tests.independent_verifier import verify
from tests.kills import kills, spawn
from tests.prepared import opened

KILLS = 12


@pytest.fixture
def log(facecli: Any, clock: Clock, tmp_path: Path) -> Any:
    """A database with a short log, and files for an export."""
    facecli.trust_key = facecli("init").out.splitlines()[-1]
    for number in range(4):
        facecli("subject", "add", f"Marked-Ref-{number}", "--name", f"Marked-Name-{number}")
    facecli.cursor, facecli.seal = tmp_path / "cursor.json", tmp_path / "seal"
    facecli.out = tmp_path / "log.jsonl"
    facecli.nightly = ["log", "export", "--cursor-file", facecli.cursor,
                       "--checkpoint", facecli.seal]  # fmt: skip
    return facecli


def _export(facecli: Any, *options: Any) -> Any:
    done = facecli("log", "export", "--output", facecli.out, *options)
    assert done.code == 0, done.err
    return facecli.out.read_bytes().splitlines(keepends=True)


def _seqs(lines: Any) -> list[Any]:
    return [json.loads(line)["seq"] for line in lines[:-1]]


def _state(facecli: Any) -> list[Any]:
    return [path.read_bytes() if path.exists() else None for path in (facecli.cursor, facecli.seal)]


def test_an_export_holds_every_entry_its_own_last_and_a_stranger_can_verify_it(log: Any) -> None:
    lines = _export(log, "--checkpoint", log.seal)
    assert _seqs(lines) == [1, 2, 3, 4, 5, 6, 7]
    own = json.loads(lines[-2])
    assert (own["action"], own["details"]) == (
        "log.export",
        {"after": 0, "format": "jsonl", "until": 7},
    )
    assert verify([b"".join(lines)], log.trust_key, [log.seal.read_bytes()]) == 0
    assert log.out.stat().st_mode & 0o777 == 0o600


def test_to_stdout_it_is_the_same(log: Any) -> None:
    done = log.process("log", "export", "--after", "2")
    assert done.code == 0
    assert _seqs(done.out.encode().splitlines(keepends=True)) == [3, 4, 5, 6, 7]
    assert done.err == "Exported the entries 3 to 7.\n"
    one = log.process("log", "export", "--after", "7")
    assert one.err == "Exported the entry 8.\n"
    quiet = log.bare(*log.globals, "-q", "log", "export", "--output", log.out)
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_every_format_has_every_entry_and_ends_with_the_checkpoint(log: Any) -> None:
    def lines(form: Any) -> Any:
        return b"".join(_export(log, "--format", form)).decode().splitlines()

    rows = list(csv.DictReader(io.StringIO("\n".join(lines("csv")))))
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4", "5", "6", "7", "7"]
    assert rows[-1]["action"] == "log.checkpoint"
    assert json.loads(rows[-1]["details"])["checkpoint"].startswith("facecli.log/")
    events = [pycef.parse(line) for line in lines("cef")]
    assert [event["externalId"] for event in events] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "8",
    ]
    messages = lines("syslog")
    assert [f'seq="{number}"' in messages[number - 1] for number in range(1, 10)] == [True] * 9
    ocsf = [json.loads(line) for line in lines("ocsf")]
    assert [event["metadata"]["sequence"] for event in ocsf] == [*range(1, 11), 10]


def test_nightly_exports_have_every_entry_once(log: Any, clock: Clock) -> None:
    found = []
    for night in range(4):
        assert log(*log.nightly, "--output", log.out).code == 0
        lines = log.out.read_bytes().splitlines(keepends=True)
        found += _seqs(lines)
        assert verify([b"".join(lines)], log.trust_key, [log.seal.read_bytes()]) == 0
        clock.advance(days=1)
        for number in range(night):
            log("subject", "add", f"N-{night}-{number}")
    assert found == list(range(1, found[-1] + 1))
    assert json.loads(log.cursor.read_bytes())["seq"] == found[-1]


def test_what_is_chosen_by_time_has_no_gap_and_misses_nothing_when_the_clock_goes_back(
    log: Any, clock: Clock
) -> None:
    for days in (1, 1, -2, 3):
        clock.advance(days=days)
        log("subject", "add", f"T-{clock.moment:%d}-{days}")
    everything = _export(log)
    times = {json.loads(line)["seq"]: json.loads(line)["at"] for line in everything[:-1]}
    moments = sorted(set(times.values()))
    for since in moments:
        for until in moments:
            if since > until:
                assert log("log", "export", "--since", since, "--until", until).code == 2
                continue
            lines = _export(log, "--since", since, "--until", until)
            wanted = [seq for seq, at in times.items() if since <= at < until]
            seqs = _seqs(lines)
            assert set(wanted) <= set(seqs)
            assert seqs == list(range(seqs[0], seqs[-1] + 1)) if seqs else not wanted
            assert verify([b"".join(lines)], log.trust_key) == 0


@pytest.mark.parametrize("options", [("--since", "2999-01-01"), ("--until", "2001-01-01")])
def test_an_empty_export_is_an_export(log: Any, options: tuple[str, ...]) -> None:
    lines = _export(log, *options)
    assert _seqs(lines) == []
    assert verify([b"".join(lines)], log.trust_key) == 0


@pytest.mark.parametrize(
    "options",
    [
        ("--since", "2026-01-01", "--after", "3"),
        ("--after", "3", "--cursor-file", "c"),
        ("--cursor-file", "same", "--checkpoint", "same"),
        ("--since", "yesterday"),
        ("--format", "xml"),
    ],
)
def test_usage(log: Any, options: tuple[str, ...]) -> None:
    assert log("log", "export", *options).code == 2


def test_a_cursor_of_another_database(log: Any, tmp_path: Path) -> None:
    cursor = {"leaf_hash": "0" * 64, "origin": "facecli.log/0", "schema": "facecli.log-cursor/1"}
    text = json.dumps({**cursor, "seq": 1}, sort_keys=True, separators=(",", ":")) + "\n"
    log.cursor.write_text(text)
    done = log(*log.nightly)
    assert done.code == 1
    assert "another database" in done.err
    assert (log.cursor.read_text(), log.seal.exists()) == (text, False)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[" * 9999, b'{"seq":3}\n', b"7\n"])
def test_a_damaged_cursor(log: Any, content: Any) -> None:
    log.cursor.write_bytes(content)
    done = log(*log.nightly)
    assert done.code == 1
    assert "damaged" in done.err
    assert log.cursor.read_bytes() == content


def test_a_cursor_from_the_future_or_at_another_entry(log: Any) -> None:
    assert log(*log.nightly, "--output", log.out).code == 0
    cursor = log.cursor.read_text()
    log.cursor.write_text(cursor.replace('"seq":7', '"seq":600'))
    done = log(*log.nightly, "--output", log.out)
    assert done.code == 31
    assert "stands at entry 600, and the log ends at entry 7" in done.err
    log.cursor.write_text(cursor.replace('"seq":7', '"seq":5'))
    assert log(*log.nightly, "--output", log.out).code == 30
    assert log("log", "export", "--after", "600").code == 1


def test_a_checkpoint_by_an_unknown_key_or_that_is_none(log: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    stranger = type(log)(other, log._capsys)
    assert stranger("init").code == 0
    assert stranger("log", "checkpoint", "--output", log.seal).code == 0
    other_log = log.seal.read_bytes()
    for content, code in ((other_log, 30), (b"", 1), (b"\n", 1), (b"\xff", 1), (b"nonsense\n", 1)):
        log.seal.write_bytes(content)
        done = log(*log.nightly, "--output", log.out)
        assert done.code == code
        assert "checkpoint" in done.err
        assert content.strip() or "it is empty" in done.err
        assert _state(log) == [None, content]


def test_a_log_that_does_not_extend_the_checkpoint_is_not_exported(log: Any) -> None:
    assert log(*log.nightly, "--output", log.out).code == 0
    before = _state(log)
    with opened(log) as session, session.db.transaction():
        intruder.rewrite(session.db, intruder.cut(3))
    log.cursor.unlink()
    done = log(*log.nightly, "--output", log.out)
    assert done.code == 31
    assert _state(log) == [None, before[1]]


def test_a_full_device_moves_nothing_and_is_logged(log: Any) -> None:
    assert log(*log.nightly, "--output", log.out).code == 0
    before = _state(log)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "facecli", *log.globals, *map(str, log.nightly)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 74
    assert "no space left" in done.stderr
    assert _state(log) == before
    last = log("log", "show", "-n", "1", "--format", "json").json()[0]
    assert (last["action"], last["outcome"]) == ("log.export", "failed")


@pytest.mark.parametrize("where", ["--output", "--cursor-file", "--checkpoint"])
def test_a_place_that_cannot_be_written_moves_nothing(log: Any, tmp_path: Path, where: str) -> None:
    options = {"--output": log.out, "--cursor-file": log.cursor, "--checkpoint": log.seal}
    options[where] = tmp_path / "nowhere" / "file"
    done = log("log", "export", *(word for option in options.items() for word in option))
    assert done.code == 74
    assert _state(log) == [None, None]
    assert list(tmp_path.glob(".*.tmp")) == []


def _fill(facecli: Facecli, count: Any) -> None:
    with opened(facecli) as session, session.act() as act:
        for number in range(count):
            act.record("test", details={"number": number, "padding": "x" * 280})


def test_a_reader_that_closes_the_pipe_moves_nothing(log: Any) -> None:
    _fill(log, 1000)  # more than a pipe holds
    command = [sys.executable, "-m", "facecli", *log.globals, *map(str, log.nightly)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.readline()
    running.stdout.close()
    assert running.wait(60) == 74
    running.stderr.close()
    assert _state(log) == [None, None]


def test_a_file_that_runs_out_of_room_moves_nothing(log: Any) -> None:
    """The system lets no file grow beyond a limit between the database's size and the export's."""
    assert log(*log.nightly, "--output", log.out).code == 0
    _fill(log, 22_000)
    before, most = [*_state(log), log.out.read_bytes()], log.db.stat().st_size + 40_000
    done = log.process(
        *("log", "export", "--checkpoint", log.seal, "--output", log.out),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    assert done.code == 74
    assert "file too large" in done.err
    assert [*_state(log), log.out.read_bytes()] == before
    assert list(log.folder.glob(".*.tmp")) == []
    assert len(_export(log, "--checkpoint", log.seal)) > 22_000
    assert log.out.stat().st_size > most


def test_a_slow_reader_keeps_nobody_from_writing(log: Any) -> None:
    _fill(log, 5000)
    command = [sys.executable, "-m", "facecli", *log.globals, "log", "export"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    first = running.stdout.readline()
    assert log.bare("--lock-wait", "0", *log.globals, "subject", "add", "T-1").code == 0
    lines = [first, *running.stdout]
    running.stdout.close()
    assert running.wait(60) == 0
    assert verify([b"".join(lines)], log.trust_key) == 0


def test_killed_at_random_moments_cursor_and_checkpoint_are_behind_what_is_on_disk(
    log: Any,
) -> None:
    _fill(log, 3000)
    seen = 0
    rehearsal = spawn(*log.globals, "log", "export", "--output", log.folder / "rehearsal.jsonl")
    with kills(log.folder, rehearsal, random.Random(7)) as killing:
        for attempt in range(KILLS):
            out = log.folder / f"night-{attempt}.jsonl"
            killing.kill(spawn(*log.globals, *log.nightly, "--output", out))
            if out.exists():  # then it is whole
                lines = out.read_bytes().splitlines(keepends=True)
                assert verify([b"".join(lines)], log.trust_key) == 0
                seqs = _seqs(lines)
                assert seqs[0] <= seen + 1  # entries may come twice, none is left out
                seen = max(seen, seqs[-1])
            cursor = json.loads(log.cursor.read_bytes())["seq"] if log.cursor.exists() else 0
            assert cursor <= seen
            assert not log.seal.exists() or int(log.seal.read_text().split("\n")[1]) <= seen
    assert log(*log.nightly, "--output", log.out).code == 0
    assert _seqs(log.out.read_bytes().splitlines(keepends=True))[0] <= seen + 1
    assert log("log", "verify", "--against", log.seal).code == 0


def test_no_name_ref_or_path_is_in_the_export(enrolled: Facecli, sample_data: Path) -> None:
    enrolled("match", sample_data / "probes" / "gate-2.jpg", "--purpose", "gate")
    enrolled("match", sample_data / "missing.jpg", "--purpose", "gate")
    enrolled("verify", "Nobody-9", sample_data / "probes" / "gate-2.jpg", "--purpose", "gate")
    enrolled("subject", "correct", "A-1001", "--name", "Marked-Name", "--new-ref", "Marked-Ref")
    enrolled("revoke", "A-1002", "--yes", "--reason", "Marked-Reason")
    out = enrolled.folder / "log.jsonl"
    assert enrolled("log", "export", "--output", out).code == 0
    text = out.read_text(encoding="utf-8")
    manifest = (sample_data / "manifest.csv").read_text(encoding="utf-8")
    held = list(csv.DictReader(manifest.splitlines()))
    secrets = {row[column] for row in held for column in ("ref", "name", "image", "evidence")}
    secrets |= {"Marked", "Nobody-9", "gate-2.jpg", str(sample_data), os.fspath(enrolled.folder)}
    assert [secret for secret in secrets if secret and secret in text] == []
