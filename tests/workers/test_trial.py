"""A trial of a worker tells how workers are confined."""

from __future__ import annotations

from facecli.workers import trial
from facecli.workers.confinement import landlock, seccomp


def test_the_trial_tells_what_this_kernel_has() -> None:
    found = trial.confinement_here()
    assert found.landlock == landlock.version()
    assert found.seccomp == seccomp.is_known()
