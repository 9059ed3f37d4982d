"""`facecli log cosign`: a witness by files, and checkpoints that need its line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.witnesses import WitnessKey
from tests.conftest import READY_ENTRIES

SEALED = READY_ENTRIES + 1  # the export is the last entry


class Witness:
    """A witness with its key and state, in a folder of its own."""

    def __init__(self, facecli: Any, folder: Path, name: str) -> None:
        self._facecli = facecli
        self.key = ("--key", folder / f"{name}.key", "--name", name)
        self.state = folder / f"{name}.state"
        self.vkey = facecli.bare("log", "cosign", *self.key, "--vkey").out.strip()

    def __call__(self, checkpoint: Path, *options: object) -> Any:
        return self._facecli.bare(
            "log", "cosign", checkpoint, *self.key, "--state", self.state, *options
        )


@pytest.fixture
def log(ready: Any, tmp_path: Path) -> Any:
    """A log, its trust key, a checkpoint of it, and an export."""
    ready.trust_key = ready("log", "checkpoint", "--trust-key").out.strip()
    ready.seal, ready.out = tmp_path / "seal", tmp_path / "log.jsonl"
    assert ready("log", "export", "--checkpoint", ready.seal, "--output", ready.out).code == 0
    return ready


@pytest.fixture
def witness(log: Any, tmp_path: Path) -> Witness:
    return Witness(log, tmp_path, "witness.example")


def _append(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")


def _verify(log: Any, *options: object) -> Any:
    return log.bare("log", "verify", *options, "--trust-key", log.trust_key)


def _link(log: Any, since: Path, name: str) -> Path:
    """A link from a checkpoint to a new one, which replaces the log's."""
    link = log.folder / name
    done = log("log", "checkpoint", "--since", since, "--output", link)
    assert done.code == 0, done.err
    log.seal.write_text(link.read_text().partition("\n\n")[2], encoding="utf-8")
    return link


def test_the_key_is_made_once_and_private(witness: Witness, log: Any) -> None:
    path = witness.key[1]
    assert isinstance(path, Path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().startswith("PRIVATE+KEY+witness.example+")
    assert log.bare("log", "cosign", *witness.key, "--vkey").out.strip() == witness.vkey
    assert WitnessKey.parse(witness.vkey).name == "witness.example"
    path.chmod(0o644)
    assert log.bare("log", "cosign", *witness.key, "--vkey").code == 1
    path.chmod(0o600)
    path.write_text("nonsense")
    assert log.bare("log", "cosign", *witness.key, "--vkey").code == 1


def test_cosigned_replayed_linked_and_forked(witness: Witness, log: Any) -> None:
    first = witness(log.seal)
    assert first.code == 0, first.err
    assert first.out.startswith("— witness.example ")
    assert log.trust_key in first.err
    assert witness(log.seal).code == 0  # the same once more
    early = log.folder / "early"
    early.write_bytes(log.seal.read_bytes())
    database = log.db.read_bytes()
    log("subject", "add", "A-1")
    link = _link(log, early, "link")
    refused = witness(log.seal)
    assert refused.code == 32
    assert "no link leads on" in refused.err
    assert witness(log.seal, "--since", link).code == 0
    assert witness(early).code == 31  # smaller than what it saw
    log.db.write_bytes(database)
    log("subject", "add", "B-1")
    log("subject", "add", "B-2")
    assert log("log", "checkpoint", "--output", log.folder / "fork").code == 0
    assert witness(log.folder / "fork", "--since", link).code in (30, 32)
    log.seal.write_bytes(early.read_bytes())
    fork = _link(log, early, "fork-link")
    assert witness(log.seal, "--since", fork).code == 32
    state = next(witness.state.iterdir())
    state.write_text(state.read_text().replace('"size":', '"size":1'))
    assert witness(log.seal).code in (30, 31)
    state.write_text("{}")
    assert witness(log.seal).code == 1


def test_a_fork_of_the_same_size_is_refused(witness: Witness, log: Any) -> None:
    database = log.db.read_bytes()
    for name in ("A-1", "B-1"):
        log.db.write_bytes(database)
        log("subject", "add", name)
        assert log("log", "checkpoint", "--output", log.folder / name).code == 0
    assert witness(log.folder / "A-1").code == 0
    assert witness(log.folder / "B-1").code == 30


def test_a_quorum_of_witnesses(log: Any, witness: Witness, tmp_path: Path) -> None:
    second, third = (Witness(log, tmp_path, f"{name}.example") for name in ("b", "c"))
    keys = [word for one in (witness, second, third) for word in ("--witness", one.vkey)]
    kept = (log.out, "--checkpoint", log.seal)
    assert _verify(log, *kept, *keys).code == 32
    for one in (witness, second):
        _append(log.seal, one(log.seal).out)
    assert _verify(log, *kept, *keys).code == 32
    done = _verify(log, *kept, *keys, "--quorum", 2)
    assert done.code == 0, done.err
    assert f"Cosigned by the witnesses up to entry {SEALED}." in done.out
    against = log("log", "verify", "--against", log.seal, *keys, "--quorum", 2)
    assert (against.code, "Cosigned" in against.out) == (0, True)
    assert log("log", "verify", "--against", log.seal, *keys).code == 32
    good = log.seal.read_text(encoding="utf-8")
    log.seal.write_text(good.replace("— b.example ", "— b.example "), encoding="utf-8")
    line = next(line for line in good.splitlines() if "b.example" in line)
    other = next(line for line in good.splitlines() if "witness.example" in line)
    forged = line[: len("— b.example ") + 6] + other[-(len(line) - len("— b.example ") - 6) :]
    log.seal.write_text(good.replace(line, forged), encoding="utf-8")
    assert _verify(log, *kept, *keys, "--quorum", 1).code == 30


@pytest.mark.parametrize("key", ["", "x", "a+b+c", "a+00000000+AAAA"])
def test_a_witness_key_that_is_none(log: Any, key: str) -> None:
    done = _verify(log, log.out, "--witness", key)
    assert done.code == 1
    assert "The witness" in done.err
    assert _verify(log, log.out, "--witness", log.trust_key).code == 1


def test_another_trust_key_and_damaged_checkpoints(witness: Witness, log: Any) -> None:
    assert witness(log.out).code == 1
    text = log.seal.read_text(encoding="utf-8")
    log.seal.write_text(text.replace(f"\n{SEALED}\n", f"\n{SEALED + 1}\n"), encoding="utf-8")
    assert witness(log.seal).code == 30
    log.seal.write_text(text, encoding="utf-8")
    other = json.dumps(log.trust_key)[1:-2]
    assert witness(log.seal, "--trust-key", other).code == 1
    assert witness(log.seal, "--trust-key", log.trust_key).code == 0


def test_a_cosigned_checkpoint_of_another_branch_does_not_cover_forged_entries(
    witness: Witness, log: Any, tmp_path: Path
) -> None:
    """Yesterday's database is put back and goes on; an honest export brings the checkpoint."""
    early, honest, kept = tmp_path / "early.db", tmp_path / "honest.jsonl", tmp_path / "kept"
    shutil.copy(log.folder / "facecli.db", early)
    for number in range(4):
        log("subject", "add", f"H-{number}")
    done = log("log", "export", "--until", "2001-01-01", "--output", honest, "--checkpoint", kept)
    assert done.code == 0, done.err
    _append(kept, witness(kept).out)
    required = ("--witness", witness.vkey, "--checkpoint", kept)
    assert _verify(log, honest, *required).code == 0
    for name in ("facecli.db-wal", "facecli.db-shm", "facecli.db-journal"):
        (log.folder / name).unlink(missing_ok=True)
    shutil.copy(early, log.folder / "facecli.db")
    log("subject", "add", "EVIL")
    forged = tmp_path / "forged.jsonl"
    assert log("log", "export", "--output", forged).code == 0
    assert _verify(log, forged).code == 0  # the limit: nothing kept
    for files in ((honest, forged), (forged, honest), (forged,)):
        assert _verify(log, *files, "--checkpoint", kept).code in (30, 31, 32)
        assert _verify(log, *files, *required).code in (30, 31, 32)
    assert _verify(log, honest, forged).code in (30, 31, 32)
