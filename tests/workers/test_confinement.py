"""A worker that was taken over harms nobody: each attempt, with and without each layer.

The kernel decides. Each run is a process of its own with one user and one set of layers, and every
attempt in it is one task of a worker (see `attacks`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from facecli.workers.confinement import landlock, seccomp
from tests.workers.attacks import ATTACKS, DONE, IMAGE, TLS

BOTH, SECCOMP, LANDLOCK, NONE = "landlock+seccomp", "seccomp", "landlock", ""
USERS = ["ordinary", "root"] if os.geteuid() == 0 else ["ordinary"]
LEFT = {"stat the key file with AT_EMPTY_PATH"}
"""What no layer can refuse. With an empty path this call is the `fstat` of several versions of
glibc, and a filter sees no text. It tells that a file exists, its size and its times."""
LEFT_BY_LANDLOCK = LEFT | {
    "stat the key file",
    "connect a UNIX socket",
    "send UDP",
    "TCP fast open",
    "signal by F_SETOWN",
    "change the parent's limits",
    "raise its own limits",
    "fork",
    "map executable memory",
    "3,000 threads",
    "io_uring",
    "userfaultfd",
    "keyctl",
    "perf events",
    "bpf",
    "a user namespace",
}
"""What Landlock cannot refuse. Seccomp refuses it."""

pytestmark = pytest.mark.skipif(
    not (landlock.version() >= 6 and seccomp.is_known()), reason="this kernel confines less"
)


@lru_cache
def outcomes(layers: str, user: str, kind: str = IMAGE) -> dict[str, str]:
    """What came of every attempt."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.workers.attacks", layers, user, kind],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def succeeded(layers: str, user: str, kind: str = IMAGE) -> set[str]:
    return {name for name, told in outcomes(layers, user, kind).items() if told == DONE}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("attack", [name for name in ATTACKS if name not in LEFT])
def test_an_attack_on_a_confined_worker_is_refused(attack: str, user: str) -> None:
    assert outcomes(BOTH, user)[attack] != DONE


@pytest.mark.parametrize("user", USERS)
def test_what_is_left_is_no_more_than_security_md_says(user: str) -> None:
    assert succeeded(BOTH, user) <= LEFT


@pytest.mark.parametrize("user", USERS)
def test_the_process_that_carries_tls_can_no_more_than_connect_to_its_camera(user: str) -> None:
    """`confinement/test_gate.py` shows that a connection leads to the camera and nowhere else."""
    assert succeeded(BOTH, user, TLS) <= LEFT | {"connect TCP"}
    assert "gate=True" in outcomes(BOTH, user, TLS)["confinement"]


def test_both_layers_are_reported() -> None:
    assert "seccomp=True" in outcomes(BOTH, "ordinary")["confinement"]
    assert "landlock=0" in outcomes(SECCOMP, "ordinary")["confinement"]
    assert "seccomp=False" in outcomes(LANDLOCK, "ordinary")["confinement"]


def test_seccomp_alone_refuses_every_attack_that_both_refuse() -> None:
    assert succeeded(SECCOMP, "ordinary") <= LEFT


def test_landlock_alone_refuses_what_concerns_files_ports_and_signals() -> None:
    assert succeeded(LANDLOCK, "ordinary") <= LEFT_BY_LANDLOCK


def test_without_confinement_the_attacks_are_real() -> None:
    """Otherwise this file would show nothing. Some need a right or a kernel that is not here."""
    assert len(succeeded(NONE, "ordinary")) >= 20
    assert {"read the key file", "connect TCP", "spawn /bin/sh", "signal the parent"} <= succeeded(
        NONE, "ordinary"
    )


def test_the_memory_of_the_parent_is_closed_even_to_unconfined_processes() -> None:
    """The parent hides it before it reads the key. Root could look all the same."""
    found = outcomes(NONE, "ordinary")
    for attack in ("read the parent's memory", "read the parent's environment",
                   "copy the parent's memory", "steal a descriptor of the parent"):  # fmt: skip
        assert found[attack] != DONE, attack
