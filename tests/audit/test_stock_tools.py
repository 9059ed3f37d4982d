"""Stock tools check the log's files: Go's signed notes and trees, written by others.

They need the Debian packages golang-go and golang-golang-x-mod-dev.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.notes import encode_base64
from tests.audit.logs import Log
from tests.conftest import READY_ENTRIES

SEALED = READY_ENTRIES + 1  # the checkpoint is logged too

PACKAGES = Path("/usr/share/gocode")
SOURCE = Path(__file__).with_name("stock") / "verify.go"
Stock = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None or not (PACKAGES / "src/golang.org/x/mod/sumdb").is_dir(),
    reason="golang-go and golang-golang-x-mod-dev are not installed",
)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """A program of Go's own note and tlog."""
    folder = tmp_path_factory.mktemp("stock")
    environment = {"GO111MODULE": "off", "GOPATH": str(PACKAGES), "GOCACHE": str(folder / "cache"),
                   "HOME": str(folder)}  # fmt: skip
    program = folder / "verify"
    subprocess.run(
        ["go", "build", "-o", program, SOURCE], env={**os.environ, **environment}, check=True
    )
    return lambda *arguments: subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def witnessed(ready: Any, tmp_path: Path) -> Any:
    """A log with its vkey, a checkpoint, and a witness."""
    ready.vkey = ready("log", "checkpoint", "--vkey").out.strip()
    ready.seal = tmp_path / "seal"
    assert ready("log", "checkpoint", "--output", ready.seal).code == 0
    return ready


def test_a_checkpoint_is_opened_by_the_vkey_whatever_lines_are_appended(
    witnessed: Any, stock: Stock, tmp_path: Path
) -> None:
    done = stock(witnessed.vkey, witnessed.seal)
    assert done.returncode == 0, done.stdout
    assert done.stdout.split()[1:] == [f"{SEALED}", "1", "1"]  # the epoch's line is passed over
    key = ("--key", tmp_path / "witness.key", "--name", "witness.example")
    line = witnessed("log", "cosign", witnessed.seal, *key, "--state", tmp_path / "state").out
    with witnessed.seal.open("a", encoding="utf-8") as stream:
        stream.write(line)
    assert stock(witnessed.vkey, witnessed.seal).stdout.split()[1:] == [f"{SEALED}", "1", "2"]
    text = witnessed.seal.read_text()
    witnessed.seal.write_text(text.replace(f"\n{SEALED}\n", f"\n{SEALED + 1}\n"))
    assert stock(witnessed.vkey, witnessed.seal).returncode == 1


def test_a_link_is_a_proof_to_a_stock_tree(witnessed: Any, stock: Stock, tmp_path: Path) -> None:
    root = witnessed.seal.read_text().split("\n")[2]
    for number in range(9):
        witnessed("subject", "add", f"A-{number}")
    link = tmp_path / "link"
    assert witnessed("log", "checkpoint", "--since", witnessed.seal, "--output", link).code == 0
    done = stock(witnessed.vkey, link, root)
    assert done.returncode == 0, done.stdout
    assert done.stdout.split()[1] == f"{SEALED + 10}"
    assert stock(witnessed.vkey, link, encode_base64(bytes(32))).returncode == 1


def test_a_certificate_is_a_proof_to_a_stock_tree(
    witnessed: Any, stock: Stock, tmp_path: Path
) -> None:
    witnessed("subject", "add", "A-1")
    file, proof, entry = (tmp_path / name for name in ("certificate", "proof", "entry"))
    assert witnessed("revoke", "A-1", "--yes", "--certificate", file).code == 0
    document = json.loads(file.read_bytes())
    proof.write_text(document["proof"], encoding="utf-8")
    entry.write_bytes(canonical(document["entry"]))
    assert stock(witnessed.vkey, proof, entry).returncode == 0
    entry.write_bytes(canonical({**document["entry"], "outcome": "failed"}))
    assert stock(witnessed.vkey, proof, entry).returncode == 1


def test_a_log_of_a_hundred_epochs_is_one_small_note(stock: Stock, tmp_path: Path) -> None:
    log = Log()
    for _ in range(100):
        log.append(1).succeed()
    note = tmp_path / "note"
    note.write_text(log.seal(), encoding="utf-8")
    assert stock(log.identity.verifier(), note).returncode == 0
