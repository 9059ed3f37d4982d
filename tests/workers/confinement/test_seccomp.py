"""The filter that the assembler makes."""

from __future__ import annotations

import pytest

from facecli.workers.confinement import seccomp
from facecli.workers.confinement.kernel import architecture
from facecli.workers.confinement.profiles import MISSING
from facecli.workers.confinement.seccomp import ALLOW, KILL, Check, Only, refuse
from tests.workers.confinement.bpf import decide

pytestmark = pytest.mark.skipif(not seccomp.is_known(), reason="no filter for this processor")


def test_a_call_is_decided_by_its_rule_or_by_the_default() -> None:
    program = seccomp.assemble([(1, ALLOW), (2, KILL), (3, refuse(13))], MISSING)
    assert decide(program, 1) == ALLOW
    assert decide(program, 2) == KILL
    assert decide(program, 3) == refuse(13)
    assert decide(program, 4) == MISSING


def test_another_architecture_is_killed() -> None:
    program = seccomp.assemble([(1, ALLOW)], ALLOW)
    assert decide(program, 1, audit=0x40000003) == KILL
    if architecture() == "x86_64":
        assert decide(program, 0x40000001) == KILL


def test_all_checks_must_hold() -> None:
    rule = Only((Check(0, (2, 10)), Check(1, (1,), mask=0xF), Check(2, (0,), high=True)), 13)
    program = seccomp.assemble([(7, rule)], MISSING)
    assert decide(program, 7, 2, 1) == ALLOW
    assert decide(program, 7, 10, 0x80001) == ALLOW
    assert decide(program, 7, 10, 1, 0xFFFFFFFF) == ALLOW
    for wrong in ((3, 1), (2, 2), (2, 1, 1 << 32), (10, 0), ()):
        assert decide(program, 7, *wrong) == refuse(13), wrong


def test_a_check_of_no_value_never_holds() -> None:
    program = seccomp.assemble([(7, Only((Check(0, ()),), 25))], MISSING)
    assert decide(program, 7, 0) == refuse(25)
