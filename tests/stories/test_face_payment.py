"""Face payment: one to one at the rate that was agreed, and no visit outlives its retention."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import TURN
from tests.conftest import Clock, Facecli, Run
from tests.stories.conftest import Applies, entries

Person = Callable[[int], Path]


@pytest.mark.rule("rate-is-a-ceiling")
@pytest.mark.rule("log-forgets-visits")
def test_a_payment_is_one_to_one_at_the_agreed_rate(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], probe: Person, clock: Clock
) -> None:
    assert applies("pay", threshold_fmr=1e-5, retain_match="7d", max_templates=1).code == 0
    assert enrol("P-1", 1, "pay").code == 0
    pay = ("verify", "P-1", probe(1), "--purpose", "pay")
    assert ready(*pay).code == 0
    assert ready("verify", "P-1", probe(2), "--purpose", "pay").code == 4  # another person
    assert ready(*pay, "--fmr", "0.1").code == 22
    assert ready(*pay, "--threshold", "1000").code == 22
    held = ready("verify", "P-1", "--video", TURN, "--liveness", "--purpose", "pay")
    assert (held.code, "a recording cannot" in held.err) == (1, True)
    logged = entries(ready, "verify")
    assert [entry["outcome"] for entry in logged] == ["done", "done"] + ["refused"] * 3
    assert {entry["subject_id"] for entry in logged} == {None}
    assert {entry["details"]["references"] for entry in logged[:2]} == {1}
    clock.advance(days=8)
    rows = ready("purge", "--format", "json").json()[:-1]
    assert [{**row, "schema": None} for row in rows] == [
        {"schema": None, "purpose": "pay", "what": "match", "reason": "retention-over",
         "outcome": "erased", "count": 1},
    ]  # fmt: skip
    assert ready(*pay).code == 0


def test_no_more_is_kept_of_a_payer_than_was_agreed(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], probe: Person
) -> None:
    assert applies("pay", max_templates=1).code == 0
    assert enrol("P-1", 1, "pay").code == 0
    more = ("enroll", "file", "P-1", probe(1), "--purpose", "pay")
    refused = ready(*more, "--format", "json")
    assert [row["reason"] for row in refused.json() if "reason" in row] == ["too-many-templates"]
    raised = applies("pay", max_templates=2).json()[0]
    assert (raised["change"], raised["consents_ended"]) == ("version", 1)
