"""Too little memory (`ulimit -v`): a command refuses before its work, with the remedy."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MIB = 2**20
COMMANDS = {
    "match": "match {data}/probes --purpose gate",
    "verify": "verify A-1001 {data}/probes/gate-1.jpg --purpose gate",
    "enroll file": "enroll file A-1009 {data}/probes/gate-2.jpg --purpose gate --expires 30d",
    "enroll batch": "enroll batch {data}/manifest.csv",
    "evaluate": "evaluate --images {folder}/people",
}
"""Commands that analyse images."""


def limited(mib: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (mib * MIB, mib * MIB))


@pytest.mark.parametrize("mib", [600, 300, 150])
def test_a_command_is_refused_before_its_work_with_the_remedy(
    enrolled: Any, sample_data: Path, mib: int
) -> None:
    for person in ("one", "two"):
        folder = enrolled.folder / "people" / person
        folder.mkdir(parents=True)
        (folder / "1.jpg").symlink_to(sample_data / "probes/gate-1.jpg")
    before = enrolled("log", "show", "--format", "json").out
    for name, line in COMMANDS.items():
        words = line.format(data=sample_data, folder=enrolled.folder).split()
        done = enrolled.process(*words, preexec_fn=limited(mib))
        assert (done.code, done.out) == (1, ""), (name, done.err)
        assert "too little memory" in done.err, (name, done.err)
        assert "`ulimit -v unlimited`" in done.err, (name, done.err)
    assert enrolled("log", "show", "--format", "json").out == before


def test_what_a_small_photo_takes_is_allowed(enrolled: Any, sample_data: Path) -> None:
    words = COMMANDS["verify"].format(data=sample_data).split()
    assert enrolled.process(*words, preexec_fn=limited(640)).code == 0
