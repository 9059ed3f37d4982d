"""Parcel pickup: a template for 72 hours, which no late purge makes longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Clock, Facecli, Run
from tests.prepared import count, let_pass
from tests.stories.conftest import Applies, due

pytestmark = pytest.mark.usefixtures("kept_workers")


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


@pytest.mark.rule("earliest-deletion")
def test_a_parcel_that_is_collected_ends_what_was_agreed_for_it(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], sample_data: Path, clock: Clock
) -> None:
    assert applies("pickup", retain_template="72h", retain_match="24h").code == 0
    for ref, number in (("P-88", 1), ("P-89", 2)):
        assert enrol(ref, number, "pickup").code == 0
    assert count(ready, "sample") == [0]  # the photo itself is not kept
    collect = ("verify", "P-88", sample_data / "probes" / "gate-1.jpg", "--purpose", "pickup")
    assert ready(*collect).code == 0
    assert ready("subject", "complete", "P-88", "--purpose", "pickup").code == 0
    assert ready(*collect).code == 20
    assert due(ready) == {
        ("P-88", what, "purpose-met") for what in ("template", "match", "consent", "subject")
    }
    assert ready("purge").code == 0
    assert ready("subject", "show", "P-88").code == 21

    clock.advance(days=1)  # the next parcel of the same person: asked again, enrolled again
    assert enrol("P-88", 1, "pickup").code == 0
    assert ready(*collect).code == 0
    clock.advance(hours=48)  # nobody came for P-89
    assert due(ready) == {("P-89", "template", "retention-over"), (None, "match", "retention-over")}
