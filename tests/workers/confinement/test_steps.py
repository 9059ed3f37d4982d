"""What takes effect is reported; where less does, work goes on unless that is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facecli.workers.confinement import landlock, seccomp
from facecli.workers.confinement.steps import Confinement

SCRIPT = """
import sys
from facecli.errors.workers import NotConfined
from facecli.workers.confinement.demands import require_confinement
from facecli.workers.local import Pool
from tests.workers import attacks, jobs

attacks.give_up(sys.argv[1])
with Pool(jobs.doubling) as pool:
    print([each for _, each in pool.map([1])], pool.confinement.lacks)
require_confinement()
try:
    with Pool(jobs.doubling) as pool:
        print([each for _, each in pool.map([1])])
except NotConfined as error:
    print(int(error.exit_code), error)
"""


def test_what_is_missing_is_one_sentence() -> None:
    assert Confinement(7, True).lacks == ""
    assert "no Landlock" in Confinement(0, True).lacks
    assert "no seccomp" in Confinement(7, False).lacks
    assert "neither" in Confinement(0, False).lacks


@pytest.mark.skipif(
    not (landlock.version() and seccomp.is_known()), reason="this kernel confines less"
)
@pytest.mark.parametrize(
    ("layers", "lacks"),
    [
        ("landlock+seccomp", ""),
        ("landlock", "There is no seccomp here"),
        ("seccomp", "There is no Landlock here"),
        ("neither", "There is neither Landlock nor seccomp here"),
    ],
)
def test_a_kernel_that_has_less_is_told_and_refused_where_all_is_required(
    layers: str, lacks: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, layers],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )
    first, second = done.stdout.splitlines()
    assert first.startswith(f"[2] {lacks}")
    if not lacks:
        assert (first, second) == ("[2] ", "[2]")
    else:
        assert second.startswith("1 Images are not decoded")
        assert lacks in second
