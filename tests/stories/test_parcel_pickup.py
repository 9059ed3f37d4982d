"""Parcel pickup: a template for 72 hours, which no late purge makes longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Clock, Facecli
from tests.prepared import let_pass


@pytest.mark.rule("due-is-not-used")
def test_a_template_over_its_retention_is_not_matched_though_no_purge_ran(
    enrolled: Facecli, purposes_file: Callable[..., Path], sample_data: Path, clock: Clock
) -> None:
    probe = sample_data / "probes" / "gate-1.jpg"
    assert enrolled("purpose", "apply", purposes_file(retain_template='"72h"')).code == 0
    clock.advance(hours=71)
    found = enrolled("match", probe, "--purpose", "gate", "--format", "json").json()
    assert [row["ref"] for row in found if row["decision"] == "match"] == ["A-1001"]
    clock.advance(hours=49)
    found = enrolled("match", probe, "--purpose", "gate", "--format", "json").json()
    assert [row["decision"] for row in found] == ["no-match"]
    verify = ("verify", "A-1001", probe, "--purpose", "gate")
    assert enrolled(*verify).code == 21  # no template that may be compared
    rows = enrolled("purge", "--dry-run", "--format", "json").json()
    due = [row for row in rows if row.get("what") == "template"]
    assert {row["reason"] for row in due} == {"retention-over"}
    assert len(due) == 3


@pytest.mark.rule("due-is-not-used")
def test_a_search_that_gives_nothing_makes_no_due_row_vanish(
    enrolled: Facecli, purposes_file: Callable[..., Path], sample_data: Path, clock: Clock
) -> None:
    assert enrolled("purpose", "apply", purposes_file(inactive_after='"90d"')).code == 0
    let_pass(enrolled, clock, days=115)
    before = enrolled("purge", "--dry-run", "--format", "json").json()
    assert {row["reason"] for row in before if "ref" in row} == {"inactive"}
    probe = sample_data / "probes" / "gate-1.jpg"
    assert enrolled("verify", "A-1001", probe, "--purpose", "gate").code == 20
    assert enrolled("match", probe, "--purpose", "gate").code == 0
    assert enrolled("subject", "correct", "A-1001", "--name", "Jo Doe").code == 0
    assert enrolled("purge", "--dry-run", "--format", "json").json() == before
