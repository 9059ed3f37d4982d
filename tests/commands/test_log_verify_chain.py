"""`facecli log verify FILE…`: years of exports in one command, and what they prove together."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT

NIGHTS = 30
COMMAND = 'log verify log-*.jsonl --checkpoint seal --trust-key "$(cat trust.key)"'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the month is kept that this module's tests copy, by the time at its end."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def nightly(ready: Any, clock: Any, made: Path) -> Any:
    """A month of exports, made as the timer makes them; made once, then copied."""
    folder = ready.folder
    ready.seal, ready.cursor, ready.early = (folder / name for name in ("seal", "at", "early"))
    if kept := [*made.iterdir()]:
        shutil.copytree(kept[0], folder, dirs_exist_ok=True)
        clock.moment = datetime.fromisoformat(kept[0].name)
    else:
        _make_month(ready, clock)
        ready.copy(made / clock.moment.isoformat())
    ready.trust_key = (folder / "trust.key").read_text(encoding="utf-8").strip()
    ready.files = sorted(folder.glob("log-*.jsonl"))
    return ready


def _make_month(ready: Any, clock: Any) -> None:
    trust_key = ready("log", "checkpoint", "--trust-key").out
    (ready.folder / "trust.key").write_text(trust_key, encoding="utf-8")
    for night in range(NIGHTS):
        for number in range(night % 3):
            ready("subject", "add", f"A-{night}-{number}")
        out = ready.folder / f"log-{clock.moment:%Y%m%dT%H%M%S}.jsonl"
        done = ready("log", "export", "--cursor-file", ready.cursor, "--checkpoint", ready.seal,
                     "--output", out)  # fmt: skip
        assert done.code == 0, done.err
        if night == 4:
            shutil.copy(ready.seal, ready.early)
        clock.advance(days=1)


def _verify(facecli: Any, *options: object) -> Any:
    return facecli.bare("--no-input", "log", "verify", *options, "--trust-key", facecli.trust_key)


def test_thirty_nights_are_verified_by_the_command_of_the_page_and_the_timers(
    nightly: Any, tmp_path: Path
) -> None:
    for place in ("source/facecli-log.5.md", "examples/facecli-export.timer",
                  "examples/facecli-export.cron"):  # fmt: skip
        assert COMMAND in (PROJECT / "man" / place).read_text(encoding="utf-8")
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    in_folder = re.sub(r"/var/lib/facecli/(?:exports/)?", "", readme)
    assert COMMAND.replace('"$(cat trust.key)"', "KEY") in in_folder
    command = f'"{sys.executable}" -m facecli {COMMAND}'
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        r"The chain of 30 exports is whole: entries 1 to \d+, \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, "
        r"none altered, none missing\.\n",
        done.stdout,
    )


def test_order_duplicates_and_the_repeated_option_do_not_matter(nightly: Any) -> None:
    files = nightly.files
    expected = _verify(nightly, *files).out.splitlines()[0]
    for words in (files[::-1], [*files, *files[:1]], [w for f in files for w in ("--file", f)]):
        done = _verify(nightly, *words, "--checkpoint", nightly.seal, "--checkpoint", nightly.early)
        assert done.code == 0, done.err
        assert done.out.splitlines()[0] == expected


def test_a_tampered_night_is_found_wherever_it_stands(nightly: Any) -> None:
    for number in (0, 7, NIGHTS - 1):
        good = nightly.files[number].read_bytes()
        nightly.files[number].write_bytes(good.replace(b'"done"', b'"gone"', 1))
        done = _verify(nightly, *nightly.files)
        assert (done.code, nightly.files[number].name in done.err) == (30, True)
        nightly.files[number].write_bytes(good)


def test_a_missing_night_is_named_by_entries_and_times(nightly: Any) -> None:
    done = _verify(nightly, *nightly.files[:7], *nightly.files[8:])
    assert done.code == 31
    assert "missing before" in done.err
    assert nightly.files[8].name in done.err
    assert len(re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", done.err)) >= 2


def test_what_came_before_is_said_not_to_be_shown(nightly: Any) -> None:
    done = _verify(nightly, *nightly.files[9:])
    assert done.code == 0
    assert "is not shown: give the export before it" in done.out
    kept = _verify(nightly, *nightly.files[5:], "--checkpoint", nightly.early)
    assert (kept.code, "not shown" in kept.out) == (0, False)
    gap = _verify(nightly, *nightly.files[9:], "--checkpoint", nightly.early)
    assert gap.code == 31


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.replace(b"\n", b"\r\n"), "line ends were changed to CR LF"),
        (lambda data: b"\xef\xbb\xbf" + data, "a byte-order mark was added"),
        (lambda data: data[:-1], "the last newline was removed"),
        (lambda data: data + b"\n", "blank lines were added"),
    ],
)
def test_form_is_put_right_with_a_note(nightly: Any, change: Any, words: str) -> None:
    for path in (nightly.files[3], nightly.seal):
        path.write_bytes(change(path.read_bytes()))
    done = _verify(nightly, *nightly.files, "--checkpoint", nightly.seal)
    assert done.code == 0, done.err
    for path in (nightly.files[3], nightly.seal):
        assert f"{path}: {words}" in done.err
    export = nightly("log", "export", "--checkpoint", nightly.seal, "--output", nightly.files[0])
    assert export.code == 0, export.err


def test_a_pipe_is_read_as_a_file(nightly: Any) -> None:
    command = [sys.executable, "-m", "facecli", "log", "verify", "/dev/stdin", "--trust-key"]
    with nightly.files[0].open("rb") as stream:
        data = stream.read()
    done = subprocess.run(
        [*command, nightly.trust_key], input=data, capture_output=True, check=False
    )
    assert (done.returncode, b"The export is whole" in done.stdout) == (0, True), done.stderr


def test_a_certificate_is_part_of_the_chain(nightly: Any, tmp_path: Path) -> None:
    file, last = tmp_path / "certificate.json", tmp_path / "log-last.jsonl"
    assert nightly("revoke", "A-1-0", "--yes", "--certificate", file).code == 0
    assert _verify(nightly, *nightly.files, "--certificate", file).code == 32
    cursor = ("--cursor-file", nightly.cursor)
    assert nightly("log", "export", *cursor, "--output", last).code == 0
    done = _verify(nightly, *nightly.files, last, "--certificate", file)
    assert (done.code, "The certificate holds" in done.out) == (0, True), done.err


def test_exports_of_before_and_several_in_one_file_are_named(nightly: Any, tmp_path: Path) -> None:
    together = tmp_path / "together"
    together.write_bytes(b"".join(path.read_bytes() for path in nightly.files))
    done = _verify(nightly, together)
    assert (done.code, "holds several exports" in done.err) == (1, True)
    old = nightly.files[0].read_bytes().replace(b'{"action":"log.epoch"', b'{"action":"init"')
    together.write_bytes(old)
    done = _verify(nightly, together)
    assert (done.code, "an earlier facecli wrote this export" in done.err) == (1, True)
    vkey = nightly("log", "checkpoint", "--vkey").out.strip()
    done = nightly.bare("log", "verify", together, "--trust-key", vkey)
    assert (done.code, "an earlier facecli" in done.err) == (1, True)


def test_a_restore_without_the_live_database_is_named_to_auditor_and_operator(
    nightly: Any, clock: Any, tmp_path: Path
) -> None:
    backup, new = tmp_path / "backup.db", tmp_path / "log-new.jsonl"
    assert nightly("backup", "create", backup).code == 0
    agreed = nightly("log", "show", "-n", "1", "--format", "json").json()[0]["seq"] - 2
    kept = ("--cursor-file", nightly.cursor, "--checkpoint", nightly.seal)
    nightly("subject", "add", "B-1")
    lost = tmp_path / "log-lost.jsonl"
    assert nightly("log", "export", *kept, "--output", lost).code == 0
    for path in (nightly.db, Path(f"{nightly.db}.keys")):
        path.unlink()
    clock.advance(hours=1)
    assert nightly("backup", "restore", backup, "--erasures", lost).code == 0
    against = nightly("log", "verify", "--against", nightly.seal)
    assert against.code == 31
    assert f"Both branches agree up to entry {agreed};" in against.err
    refused = nightly("log", "export", *kept, "--output", new)
    assert refused.code == 31
    assert "move them aside" in refused.err
    assert str(nightly.cursor) in refused.err
    cursor_alone = nightly("log", "export", *kept[:2], "--output", new)
    assert (cursor_alone.code, "move it aside" in cursor_alone.err) == (31, True)
    assert nightly("log", "export", "--output", new).code == 0
    done = _verify(nightly, new, "--checkpoint", nightly.seal)
    assert done.code == 31
    assert f"agree up to entry {agreed}; entries {agreed + 1} to" in done.err


def test_a_receipt_is_proven_and_every_covered_field_counts(nightly: Any, tmp_path: Path) -> None:
    form, file = tmp_path / "form.txt", tmp_path / "receipt.json"
    form.write_text("agreed")
    record = ("consent", "record", "A-1-0", "--purpose", "gate", "--expires", "1y")
    assert nightly(*record, "--evidence", form).code == 0
    receipt = ("consent", "receipt", "A-1-0", "--format", "json", "--output", file)
    assert nightly(*receipt).code == 0
    logged = nightly("log", "show", "-n", "1", "--format", "json").json()[0]
    assert (logged["action"], len(logged["details"]["entries"])) == ("consent.receipt", 1)
    done = _verify(nightly, "--receipt", file)
    assert done.code == 0, done.err
    assert "The receipt holds" in done.out
    assert "does not cover A-1-0" in done.out
    good = json.loads(file.read_bytes())
    text = file.read_text(encoding="utf-8")
    purpose = good["pii_processing"]["purposes"][0]
    for old, new in (
        (good["record_id"], "0" * 36),
        (f'"purpose_version": {purpose["purpose_version"]}', '"purpose_version": 7'),
        (f'"valid_until": "{good["events"][0]["valid_until"]}"', '"valid_until": "2999"'),
        (good["pii_processing"]["privacy_notice"]["sha256"], "0" * 64),
        ('"text": "', '"text": "x'),
        ('"kept": false', '"kept": true'),
        ('"purpose_code": "gate"', '"purpose_code": "door"'),
    ):
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert _verify(nightly, "--receipt", file).code == 30, old
    file.write_text(text.replace('"log": [', '"log": [], "x": ['), encoding="utf-8")
    assert _verify(nightly, "--receipt", file).code == 1


def test_a_withdrawal_is_proven_too(nightly: Any, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    record = ("consent", "record", "A-1-0", "--purpose", "gate", "--expires", "1y")
    assert nightly(*record).code == 0
    hold = ("subject", "hold", "A-1-0", "--reason", "suit", "--until", "2099-01-01")
    assert nightly(*hold).code == 0
    assert nightly("revoke", "A-1-0", "--yes").code == 22
    receipt = ("consent", "receipt", "A-1-0", "--format", "json", "--output", file)
    assert nightly(*receipt).code == 0
    out = tmp_path / "log-last.jsonl"
    assert nightly("log", "export", "--output", out).code == 0
    done = _verify(nightly, out, "--receipt", file)
    assert done.code == 0, done.err
    assert "records its withdrawal" in done.out
    document = json.loads(file.read_bytes())
    del document["log"][1]
    file.write_text(json.dumps(document), encoding="utf-8")
    assert _verify(nightly, "--receipt", file).code == 30
