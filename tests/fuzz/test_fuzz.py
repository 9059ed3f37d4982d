"""Files of other people, damaged at random: refused in one sentence, and the database unchanged.

`make fuzz` damages each of them many times; the tests of every day a few times.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecli.capture import manifests
from facecli.capture.tls import read_certificates
from facecli.errors.base import Exit, FacecliError
from tests.conftest import SAMPLE_DATA, Facecli, Run
from tests.tiny_network import write_card
from tests.workers.cluster.certificates import Authority

TIMES = int(os.environ.get("FACECLI_FUZZ", "15"))
SEED = 20260729
TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n", b'"', b"[" * 3000, b"{" * 3000, b"-1", b"1e999",
    b"NaN", b"9" * 5000, b"null", b"true", b"\xed\xa0\x80", b"\xe2\x80\xae", b"=cmd|'", b"../../",
)  # fmt: skip
"""Insertions that parsers are known to stumble over."""
CODES = {int(code) for code in Exit}


def damaged(data: bytes, number: int) -> bytes:
    """The content with some bytes changed, a part repeated, or a token inserted."""
    rng = np.random.default_rng((SEED, number))
    copy = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        at, to = sorted(int(each) for each in rng.integers(0, len(copy) + 1, 2))
        match rng.integers(6):
            case 0:
                copy[at:at] = TOKENS[rng.integers(len(TOKENS))]
            case 1:
                del copy[at : min(to, at + 40)]
            case 2:
                copy[at:at] = copy[at:to]
            case 3:
                del copy[to:]
            case _:
                if at < len(copy):
                    copy[at] = int(rng.integers(256))
    return bytes(copy)


class World:
    """A database with people in it, its files of every kind, and the commands that read them."""

    def __init__(self, facecli: Facecli) -> None:
        self.facecli = facecli
        folder = self.folder = facecli.folder
        shutil.copy(SAMPLE_DATA / "manifest.csv", folder)
        shutil.copy(SAMPLE_DATA / "purposes.toml", folder)
        shutil.copytree(SAMPLE_DATA / "notices", folder / "notices", dirs_exist_ok=True)
        self.card = write_card(folder)
        self.authorities = Authority(folder).ca
        self.config = self._written("config.toml", "require_sandbox = false\n")
        self.export, self.seal = folder / "export.jsonl", folder / "seal"
        self.cursor, self.certificate = folder / "cursor.json", folder / "certificate.json"
        self._do("revoke", "A-1003", "--yes", "--certificate", self.certificate)
        self._do("log", "export", "--output", self.export, "--checkpoint", self.seal,
                 "--cursor-file", self.cursor)  # fmt: skip
        self.trust_key = self._do("log", "checkpoint", "--trust-key").out.strip()
        self.resume = folder / "resume"
        self._do("match", SAMPLE_DATA / "probes/stranger.jpg", "--purpose", "gate",
                 "--resume", self.resume, "--format", "jsonl")  # fmt: skip

    def _written(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def _do(self, *arguments: object) -> Any:
        run = self.facecli(*arguments)
        assert run.code in (0, 3), run.err
        return run

    def state(self) -> bytes:
        return self.facecli.db.read_bytes()


def _verify(world: World, *arguments: object) -> Any:
    """As an auditor does, without the database."""
    return world.facecli.bare("log", "verify", "--trust-key", world.trust_key, *arguments)


def _told(read: Callable[[Path], object], path: Path) -> Run:
    """Only read a file: what a command would do with it takes long, or needs a camera."""
    try:
        read(path)
    except FacecliError as error:
        return Run(int(error.exit_code), "", str(error))
    return Run(0, "", "")


KINDS: dict[str, tuple[Callable[[World], Path], Callable[[World, Path], Any]]] = {
    "manifest": (
        lambda world: world.folder / "manifest.csv",
        lambda world, path: _told(manifests.read, path),
    ),
    "purposes": (
        lambda world: world.folder / "purposes.toml",
        lambda world, path: world.facecli("purpose", "apply", path, "--dry-run"),
    ),
    "export": (lambda world: world.export, lambda world, path: _verify(world, path)),
    "checkpoint": (
        lambda world: world.seal,
        lambda world, path: _verify(world, world.export, "--checkpoint", path),
    ),
    "kept checkpoint": (
        lambda world: world.seal,
        lambda world, path: world.facecli("log", "verify", "--against", path),
    ),
    "certificate": (
        lambda world: world.certificate,
        lambda world, path: _verify(world, "--certificate", path, "--checkpoint", world.seal),
    ),
    "slots": (
        lambda world: Path(f"{world.facecli.db}.keys"),
        lambda world, path: world.facecli("subject", "list"),
    ),
    "model card": (
        lambda world: world.card,
        lambda world, path: world.facecli(
            "evaluate", "--images", world.folder / "notices", "--engine", path
        ),
    ),
    "authorities": (
        lambda world: world.authorities,
        lambda world, path: _told(read_certificates, path),
    ),
    "configuration": (
        lambda world: world.config,
        lambda world, path: world.facecli.bare("--config", path, "camera", "list"),
    ),
}  # fmt: skip


@pytest.fixture
def world(enrolled: Facecli) -> World:
    return World(enrolled)


def test_a_damaged_file_is_refused_in_a_sentence_and_changes_nothing(world: World) -> None:
    for kind, (place, read) in KINDS.items():
        path = place(world)
        whole, before = path.read_bytes(), world.state()
        for number in range(TIMES):
            path.write_bytes(damaged(whole, number))
            run = read(world, path)
            told = f"{kind}, damaged by {number}: {run.code} {run.err[:300]}"
            assert "unexpected fault" not in run.err, told
            assert "Traceback" not in run.err, told
            assert run.code in CODES, told
            assert run.code == 0 or run.err, told
        path.write_bytes(whole)
        assert world.state() == before, kind


def test_a_damaged_file_of_an_earlier_run_is_refused_or_used_whole(world: World) -> None:
    """A command that goes on from it changes the database; where it refuses, it does not."""
    again, absent = world.folder / "again.jsonl", SAMPLE_DATA / "none.jpg"
    commands: dict[Path, list[object]] = {
        world.cursor: ["log", "export", "--output", again, "--cursor-file"],
        world.seal: ["log", "export", "--output", again, "--checkpoint"],
        world.resume: ["match", absent, "--purpose", "gate", "--format", "jsonl", "--resume"],
    }
    for path, command in commands.items():
        whole = path.read_bytes()
        for number in range(TIMES):
            path.write_bytes(damaged(whole, number))
            before = world.state()
            run = world.facecli(*command, path)
            told = f"{path.name}, damaged by {number}: {run.code} {run.err[:300]}"
            assert "unexpected fault" not in run.err, told
            assert run.code in CODES, told
            if run.code not in (0, 3):
                assert world.state() == before, told
        path.write_bytes(whole)
