"""Receipts and certificates of a forged branch of the log, made with the product itself.

Somebody keeps a copy of the database of yesterday, goes on from it in secret, and lets facecli
make exports, receipts, certificates and links there. No witness is asked.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

SEEN = (30, 31, 32)


class Branch:
    """A database that is copied and goes on in two ways."""

    def __init__(self, facecli: Any, folder: Path) -> None:
        self.facecli, self.folder = facecli, folder
        self.trust_key = facecli("log", "checkpoint", "--trust-key").out.strip()

    def run(self, *words: object) -> None:
        done = self.facecli(*words)
        assert done.code == 0, done.err

    def consent(self, ref: str) -> None:
        self.run("subject", "add", ref)
        self.run("consent", "record", ref, "--purpose", "gate", "--expires", "1y")

    def papers(self, name: str, ref: str) -> dict[str, Path]:
        """Everything that leaves the machine: an export, its checkpoint, and documents."""
        found = {kind: self.folder / f"{name}-{kind}" for kind in
                 ("receipt", "certificate", "export", "seal")}  # fmt: skip
        self.run("consent", "receipt", ref, "--format", "json", "--output", found["receipt"])
        self.run("subject", "add", f"{ref}-gone")
        self.run("revoke", f"{ref}-gone", "--yes", "--certificate", found["certificate"])
        self.run("log", "export", "--output", found["export"], "--checkpoint", found["seal"])
        return found

    def put_back(self, early: Path) -> None:
        for name in ("facecli.db-wal", "facecli.db-shm", "facecli.db-journal"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(early, self.facecli.db)

    def verify(self, *words: object) -> Any:
        return self.facecli.bare("log", "verify", *words, "--trust-key", self.trust_key).code


@pytest.fixture
def branch(ready: Any) -> Branch:
    return Branch(ready, ready.folder)


@pytest.mark.parametrize("kind", ["receipt", "certificate"])
def test_documents_of_one_branch_do_not_hold_in_the_other(branch: Branch, kind: str) -> None:
    early = branch.folder / "early.db"
    branch.consent("A-1")
    shutil.copy(branch.facecli.db, early)
    branch.consent("B-1")
    honest = branch.papers("honest", "A-1")
    branch.put_back(early)
    branch.consent("EVIL")
    forged = branch.papers("forged", "EVIL")
    for number in range(9):
        branch.run("subject", "add", f"M-{number}")
    link = branch.folder / "link"
    branch.run("log", "checkpoint", "--since", forged["seal"], "--output", link)
    document = f"--{kind}"

    # what nobody can see: the branch by itself, with nothing kept
    assert branch.verify(document, forged[kind]) == 0
    assert branch.verify(forged["export"], document, forged[kind]) == 0
    assert branch.verify(honest["export"], document, honest[kind]) == 0

    # what a kept checkpoint, or any file of the other branch, shows
    assert branch.verify(honest["export"], document, forged[kind]) in SEEN
    assert branch.verify(forged["export"], document, honest[kind]) in SEEN
    assert branch.verify(honest["export"], forged["export"], document, forged[kind]) in SEEN
    kept = ("--checkpoint", honest["seal"])
    assert branch.verify(*kept, document, forged[kind]) in SEEN
    assert branch.verify(*kept, "--link", link, document, forged[kind]) in SEEN
    assert branch.verify(*kept, forged["export"], document, forged[kind]) in SEEN
    assert branch.verify(*kept, forged["export"], "--link", link, document, honest[kind]) in SEEN
    assert branch.verify(*kept, document, honest[kind], document, forged[kind]) in SEEN
