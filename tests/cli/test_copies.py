"""What commands say of copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.cli import copies
from facecli.erasure.copies.applying import Unreached
from facecli.errors.store import CopiesUnreached, NoBackup
from tests.conftest import Facecli
from tests.prepared import opened


def test_copies_that_miss_an_erasure_are_named_with_what_to_do(ready: Facecli) -> None:
    with opened(ready) as found:
        assert copies.behind_sentence(found.db) is None
    ready("subject", "add", "B-1")
    for name in ("one.db", "two.db"):
        assert ready("backup", "create", ready.folder / name).code == 0
    ready("revoke", "B-1", "--yes")
    with opened(ready) as found:
        sentence = copies.behind_sentence(found.db)
    assert sentence is not None
    assert sentence.startswith("2 copies may still hold erased data: ")
    assert f"{ready.folder / 'two.db'} (1 erasure)" in sentence
    assert sentence.endswith("Run `facecli backup erase` on each, or on its folder.")
    ready("backup", "erase", ready.folder)
    with opened(ready) as found:
        assert copies.behind_sentence(found.db) is None


def test_whoever_was_not_reached_is_an_error_of_its_own() -> None:
    copies.refuse_unreached([])
    lost = Unreached(Path("/b/a.db"), NoBackup(path="/b/a.db"))
    with pytest.raises(CopiesUnreached, match=r"1 copy could not be reached .*: /b/a\.db"):
        copies.refuse_unreached([lost])
    with pytest.raises(CopiesUnreached, match="2 copies"):
        copies.refuse_unreached([lost, lost])
