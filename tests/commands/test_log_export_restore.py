"""Nightly exports after a restore without the live database: refused once, then whole again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock


class Nights:
    """A log that is exported with a cursor and a kept checkpoint, backed up, and put back."""

    def __init__(self, facecli: Any, clock: Clock, folder: Path) -> None:
        self.facecli, self.folder, self._clock = facecli, folder, clock
        self.trust_key = facecli("init").out.splitlines()[-1]
        self.cursor, self.seal = folder / "at", folder / "seal"
        self._backup = folder / "backup.db"

    def export(self, name: str) -> Any:
        done = self.facecli("log", "export", "--cursor-file", self.cursor,
                            "--checkpoint", self.seal, "--output", self.folder / name)  # fmt: skip
        self._clock.advance(days=1)
        return done

    def night(self, name: str) -> Path:
        done = self.export(name)
        assert done.code == 0, done.err
        return self.folder / name

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            ref = f"A-{self._clock.moment:%Y%m%d%H%M%S}"
            assert self.facecli("subject", "add", ref).code == 0
            self._clock.advance(seconds=1)

    def back_up(self) -> None:
        assert self.facecli("backup", "create", self._backup).code == 0

    def go_back(self, erasures: Path) -> None:
        for path in (self.facecli.db, Path(f"{self.facecli.db}.keys")):
            path.unlink()
        done = self.facecli("backup", "restore", self._backup, "--erasures", erasures)
        assert done.code == 0, done.err

    def aside(self, *files: Path) -> None:
        for path in files:
            path.rename(path.with_suffix(".aside"))

    def verify(self, *files: Path, kept: Path | None = None) -> Any:
        return self.facecli.bare(
            *("--no-input", "log", "verify", *files, "--trust-key", self.trust_key),
            *(("--checkpoint", kept) if kept else ()),
        )


@pytest.fixture
def nights(facecli: Any, clock: Clock, tmp_path: Path) -> Nights:
    return Nights(facecli, clock, tmp_path)


@pytest.mark.parametrize("grown", [0, 12])
def test_both_files_of_the_abandoned_branch_are_moved_aside_together(
    nights: Nights, grown: int
) -> None:
    """The same where the new branch has grown past the old one: its entry is another."""
    nights.night("1.jsonl")
    nights.back_up()
    nights.add()
    lost = nights.night("2.jsonl")
    nights.go_back(lost)
    nights.add(grown)
    kept = nights.cursor.read_bytes(), nights.seal.read_bytes()
    refused = nights.export("3.jsonl")
    assert refused.code == 31
    assert f"{nights.cursor} and {nights.seal} are from before it" in refused.err
    assert "move them aside and run the command again, which begins with entry 1" in refused.err
    assert (nights.cursor.read_bytes(), nights.seal.read_bytes()) == kept
    assert not (nights.folder / "3.jsonl").exists()

    nights.aside(nights.seal)
    assert nights.export("3.jsonl").code == 31  # the cursor alone, too
    assert not nights.seal.exists()
    nights.aside(nights.cursor)
    new = nights.night("3.jsonl")
    nights.add()
    assert nights.verify(new, nights.night("4.jsonl"), kept=nights.seal).code == 0
    both = nights.verify(nights.folder / "1.jsonl", lost, new)
    assert (both.code, "is a restore without the live database" in both.err) == (31, True)


def test_a_cursor_from_before_the_backup_stays_and_only_the_checkpoint_goes(
    nights: Nights,
) -> None:
    first = nights.night("1.jsonl")
    nights.add()
    nights.back_up()
    later = nights.facecli("log", "checkpoint", "--output", nights.seal)
    assert later.code == 0, later.err
    erasures = nights.folder / "erasures.jsonl"
    assert nights.facecli("log", "export", "--output", erasures).code == 0
    nights.go_back(erasures)
    refused = nights.export("2.jsonl")
    assert refused.code == 31
    assert f"{nights.seal} are from before it" in refused.err
    nights.aside(nights.seal)
    second = nights.night("2.jsonl")
    done = nights.verify(second, first, kept=nights.seal)
    assert done.code == 0, done.err
    assert "The chain of 2 exports is whole: entries 1 to" in done.out
