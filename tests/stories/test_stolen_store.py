"""A stolen store: nothing can be read without the key, and what was erased not even with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.conftest import Clock, Facecli, Run
from tests.forensics import database_key, plaintext
from tests.stories.conftest import Applies

Person = Callable[[int], Path]
NAME = "Marked-Name-Qy3"


def test_a_thief_reads_nothing_and_the_erased_are_gone(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], probe: Person, tmp_path: Path,
    clock: Clock,
) -> None:  # fmt: skip
    assert applies("gate", title="A story's gate").code == 0
    assert enrol("Marked-1", 1, "gate", "--name", NAME).code == 0
    assert ready("verify", "Marked-1", probe(1), "--purpose", "gate").code == 0
    backup = tmp_path / "backup.db"
    assert ready("backup", "create", backup).code == 0
    for stolen in (ready.db, backup):
        content = stolen.read_bytes()
        assert not any(word in content for word in (NAME.encode(), b"Marked-1", b"SQLite format"))
    thief = tmp_path / "thief"
    thief.mkdir(mode=0o700)
    for file in ready.folder.glob("facecli.db*"):
        shutil.copy(file, thief)
    other_key = thief / "other.key"
    other_key.write_bytes(bytes(32))
    other_key.chmod(0o600)
    opened = ready.bare(
        "--no-input", "--db", thief / "facecli.db", "--key-file", other_key, "subject", "list"
    )
    assert (opened.code, opened.out) == (12, "")

    key = database_key(ready.db, ready.key)
    assert NAME.encode() in plaintext(ready.db, key)
    assert ready("revoke", "Marked-1", "--yes").code == 0
    pages = plaintext(ready.db, key)
    assert not any(word in pages for word in (NAME.encode(), b"Marked-1"))
