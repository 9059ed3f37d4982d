"""`facecli log verify`: the sentence and the code of each verdict, in the database and offline."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.audit import intruder
from tests.conftest import Clock, Facecli, Run
from tests.forensics import PAGE
from tests.prepared import opened


@pytest.fixture
def log(facecli: Any, clock: Clock, tmp_path: Path) -> Any:
    """A sealed log, an export of it, and the checkpoint that its auditor keeps."""
    facecli.trust_key = facecli("init").out.splitlines()[-1]
    for number in range(4):
        facecli("subject", "add", f"S-{number}")
    facecli.seal, facecli.out = tmp_path / "seal", tmp_path / "log.jsonl"
    assert facecli("log", "export", "--checkpoint", facecli.seal, "--output", facecli.out).code == 0
    return facecli


def _offline(facecli: Facecli, *options: Any) -> Run:
    """As an auditor runs it: no database, no key."""
    return facecli.bare("--no-input", "--db", "/proc/none/facecli.db", "log", "verify", *options)


def test_a_log_that_was_never_sealed(facecli: Facecli) -> None:
    facecli("init")
    done = facecli("log", "verify")
    assert done.code == 32
    assert "facecli log checkpoint" in done.err


def test_an_unsealed_tail_is_reported(log: Any) -> None:
    assert "not sealed yet" not in log("log", "verify").out
    log("subject", "add", "T-1")
    done = log("log", "verify", "--against", log.seal, "--trust-key", log.trust_key)
    assert done.code == 0
    assert "8 entries" in done.out
    assert "from 8 on are not sealed yet" in done.out
    quiet = log.bare(*log.globals, "-q", "log", "verify")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_offline_needs_neither_database_nor_key(log: Any) -> None:
    done = _offline(log, "--file", log.out, "--checkpoint", log.seal, "--trust-key", log.trust_key)
    assert done.code == 0
    assert "entries 1 to 7" in done.out
    without = _offline(log, "--file", log.out, "--trust-key", log.trust_key)
    assert without.code == 0
    assert "older than what you saw" in without.out


@pytest.mark.parametrize(
    "options",
    [
        ("--file", "OUT"),
        ("--file", "OUT", "--against", "SEAL", "--trust-key", "KEY"),
        ("--checkpoint", "SEAL"),
        ("--certificate", "OUT"),
        ("OUT", "--trust-key", "KEY", "--quorum", "2"),
        ("--link", "SEAL"),
    ],
)
def test_usage(log: Any, options: tuple[str, ...]) -> None:
    words = {"OUT": log.out, "SEAL": log.seal, "KEY": log.trust_key}
    assert _offline(log, *(words.get(word, word) for word in options)).code == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--against", "/proc/none"),
        ("--file", "/proc/none", "--trust-key", "KEY"),
        ("--certificate", "/proc/none", "--checkpoint", "SEAL", "--trust-key", "KEY"),
        ("--file", "OUT", "--checkpoint", "/proc/none", "--trust-key", "KEY"),
    ],
)
def test_a_file_that_is_not_there_is_named(log: Any, options: tuple[str, ...]) -> None:
    words = {"OUT": log.out, "SEAL": log.seal, "KEY": log.trust_key}
    done = _offline(log, *(words.get(word, word) for word in options))
    assert done.code == 1
    assert "/proc/none is not usable: no such file" in done.err


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "not of the form name+hash+base64"),
        ("x", "not of the form name+hash+base64"),
        ("a+b+c", "not of the form name+hash+base64"),
        ("a+b+YWFh", "another type"),
        ("CUT", "not whole"),
    ],
)
def test_a_trust_key_that_is_none(log: Any, key: str, why: str) -> None:
    key = log.trust_key[1:] if key == "CUT" else key
    for done in (
        _offline(log, "--file", log.out, "--trust-key", key),
        log("log", "verify", "--trust-key", key),
    ):
        assert done.code == 1
        assert why in done.err
        assert "Give the line that `facecli log checkpoint --trust-key` prints" in done.err


def test_another_trust_key(log: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    key = type(log)(other, log._capsys)("init").out.splitlines()[-1]
    assert _offline(log, "--file", log.out, "--trust-key", key).code == 1
    done = log("log", "verify", "--trust-key", key)
    assert done.code == 30
    assert "trust key" in done.err


def test_files_of_another_log_alone_accuse_nobody(log: Any, tmp_path: Path) -> None:
    """The trust key may be the wrong one; once a file names its log, they are of two logs."""
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    stranger = type(log)(other, log._capsys)
    key, seal = stranger("init").out.splitlines()[-1], other / "seal"
    assert stranger("log", "checkpoint", "--output", seal).code == 0
    certificate = tmp_path / "certificate.json"
    assert log("revoke", "S-1", "--yes", "--certificate", certificate).code == 0
    documents = [["--certificate", certificate],
                 ["--certificate", certificate, "--checkpoint", log.seal],
                 [log.out, "--certificate", certificate, "--checkpoint", log.seal]]  # fmt: skip
    for options in documents:
        done = _offline(log, *options, "--trust-key", key)
        assert (done.code, "--trust-key is not usable" in done.err) == (1, True), options
        done = _offline(log, *options, "--checkpoint", seal, "--trust-key", key)
        assert (done.code, "not that of the trust key" in done.err) == (30, True), options


@pytest.mark.parametrize("option", [(), ("--checkpoint",)])
def test_a_named_pipe_is_waited_for_and_that_is_noted(
    log: Any, tmp_path: Path, option: tuple[str, ...]
) -> None:
    pipe, given = tmp_path / "pipe", log.seal if option else log.out
    os.mkfifo(pipe)
    with subprocess.Popen(["/bin/sh", "-c", 'cat "$1" >"$2"', "sh", given, pipe]):
        words = [log.out, *option, pipe] if option else [pipe]
        done = _offline(log, *words, "--trust-key", log.trust_key)
    assert done.code == 0
    assert f"{pipe} is a pipe: waiting" in done.err


def test_each_kind_of_tampering_has_its_code_and_its_sentence(log: Any) -> None:
    good = log.out.read_bytes().splitlines(keepends=True)
    edited = [good[0].replace(b'"done"', b'"gone"'), *good[1:]]
    cases = [
        (edited, 30, "hash"),
        ([*good[:2], *good[3:]], 30, "stands where"),
        ([*good[:2], good[3], good[2], *good[4:]], 30, "stands where"),
        ([*good[:2], good[1], *good[2:]], 30, "stands where"),
        ([*good[:-2], good[-1]], 31, "missing"),
        (good[:-1], 31, "without the checkpoint"),
        ([b"nonsense\n", *good], 30, "line"),
        ([good[0][:40]], 31, "cut short"),
    ]
    for lines, code, said in cases:
        log.out.write_bytes(b"".join(lines))
        done = _offline(log, "--file", log.out, "--trust-key", log.trust_key)
        assert (done.code, said in done.err) == (code, True), (lines, done.err)


def _files(log: Any, folder: Any) -> Any:
    """A file of every kind that could be given by mistake, by name."""
    log("subject", "add", "C-1")
    assert log("revoke", "C-1", "--yes", "--certificate", folder / "certificate").code == 0
    assert log("log", "export", "--cursor-file", folder / "cursor", "--output", log.out).code == 0
    for form in ("csv", "cef", "syslog", "ocsf"):
        assert log("log", "export", "--format", form, "--output", folder / form).code == 0
    (folder / "compressed").write_bytes(gzip.compress(log.out.read_bytes()))
    (folder / "binary").write_bytes(random.Random(3).randbytes(200_000))
    (folder / "zeros").write_bytes(bytes(200_000))
    (folder / "utf-16").write_bytes(log.out.read_text(encoding="utf-8").encode("utf-16"))
    (folder / "utf-16-le").write_bytes(log.seal.read_text(encoding="utf-8").encode("utf-16-le"))
    (folder / "link").write_text(log("log", "checkpoint", "--since", log.seal).out)
    (folder / "text").write_text("Dear auditor,\n\nplease find enclosed\n")
    (folder / "json").write_text('{"a": [1, 2]}\n')
    (folder / "empty").touch()
    made = {path.name: path for path in folder.iterdir() if not path.name.startswith("facecli")}
    return {**made, "export": log.out, "checkpoint": log.seal}


SAID = {
    "utf-16": "UTF-16", "utf-16-le": "UTF-16", "link": "--link",
    "certificate": "--certificate", "cursor": "cursor", "compressed": "unpack it", "empty": "empty",
    "checkpoint": "--checkpoint", "export": "takes as FILE",
    **{form: f"format {form}" for form in ("csv", "cef", "syslog", "ocsf")},
}  # fmt: skip


@pytest.mark.parametrize("wanted", ["export", "checkpoint", "against", "certificate"])
def test_a_file_of_another_kind_is_called_by_its_name_and_not_altered(
    log: Any, wanted: str, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    files = _files(log, folder)
    options = {
        "export": ("--file", None, "--checkpoint", log.seal),
        "checkpoint": ("--checkpoint", None, "--file", log.out),
        "against": ("--against", None),
        "certificate": ("--certificate", None, "--checkpoint", log.seal),
    }[wanted]
    right = {"against": "checkpoint"}.get(wanted, wanted)
    for name, path in files.items():
        words = [path if word is None else word for word in options]
        done = log("log", "verify", *words, "--trust-key", log.trust_key)
        if name == right:
            assert done.code != 1, (name, done)
            continue
        assert (done.code, done.out) == (1, ""), (name, done)
        assert str(path) in done.err or wanted == "certificate"
        assert SAID.get(name, "") in done.err, (name, done)
        assert "Traceback" not in done.err


def test_a_folder_is_no_file(log: Any, tmp_path: Path) -> None:
    done = _offline(log, "--file", tmp_path, "--trust-key", log.trust_key)
    assert done.code == 2
    assert "is a directory" in done.err


def test_swapped_arguments_are_named(log: Any) -> None:
    done = _offline(log, "--file", log.seal, "--checkpoint", log.out, "--trust-key", log.trust_key)
    assert done.code == 1
    assert "it is an export, which `log verify` takes as FILE" in done.err


def test_a_damaged_page(log: Any) -> None:
    content = log.db.read_bytes()
    dice = random.Random(1)
    for page in range(len(content) // PAGE):
        at = page * PAGE + dice.randrange(16, PAGE)  # the first 16 bytes say which key opens it
        broken = bytearray(content)
        broken[at] ^= 0x10
        log.db.write_bytes(broken)
        done = log("log", "verify")
        assert done.code == 33, (page, done)
        assert "damaged" in done.err


def test_a_page_of_something_else_is_damaged_too(log: Any) -> None:
    """The pages' own check finds damage outside the log."""
    log.db.write_bytes(log.db.read_bytes()[:-PAGE] + bytes(PAGE))
    assert log("log", "verify").code == 33


def test_a_checkpoint_that_another_log_made_since(log: Any) -> None:
    with opened(log) as session, session.db.transaction():
        intruder.rewrite(session.db, intruder.edited(1))
        intruder.sign(session.db)
    done = log("log", "verify", "--against", log.seal)
    assert done.code == 30
    assert "entries up to 7" in done.err


def test_verifying_changes_nothing(log: Any) -> None:
    before = log.db.read_bytes()
    log("log", "verify", "--against", log.seal)
    assert log.db.read_bytes() == before
    assert json.loads(log.out.read_bytes().splitlines()[-1])["until"] == 7
