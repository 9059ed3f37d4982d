"""Residential access: the card remains, nobody is pressed, and a child has a guardian."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Clock, Facecli, Run
from tests.prepared import let_pass
from tests.stories.conftest import Applies, due

Person = Callable[[int], Path]


@pytest.mark.rule("alternative-named")
def test_a_door_without_another_way_in_is_refused(applies: Applies) -> None:
    refused = applies("door", alternative="无")
    assert (refused.code, "nobody may be forced to use their face" in refused.err) == (1, True)


@pytest.mark.rule("alternative-named")
def test_a_resident_who_keeps_the_card_is_never_templated(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], probe: Person, clock: Clock
) -> None:
    assert applies("door").code == 0
    assert ready("subject", "add", "R-1", "--alternative-only").code == 0
    refused = enrol("R-1", 1, "door")
    assert (refused.code, "alternative" in refused.err) == (20, True)
    for _ in range(4):  # two years on the list, though no face was ever seen
        let_pass(ready, clock, days=180)
        assert ready("purge").code == 0
    assert ready("subject", "show", "R-1", "--format", "json").json()["state"] == "alternative-only"
    assert ready("subject", "correct", "R-1", "--no-alternative-only").code == 0
    assert enrol("R-1", 1, "door").code == 0
    assert ready("verify", "R-1", probe(1), "--purpose", "door").code == 0
    assert ready("subject", "correct", "R-1", "--alternative-only").code == 0  # and back again
    assert ready("verify", "R-1", probe(1), "--purpose", "door").code == 20
    assert due(ready) == {("R-1", what, "withdrawn") for what in ("template", "consent", "match")}
    assert ready("purge").code == 0
    assert ready("subject", "show", "R-1").code == 0


@pytest.mark.rule("guardian")
def test_a_child_comes_in_by_the_guardian_s_consent_until_grown_up(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], probe: Person, clock: Clock
) -> None:
    assert applies("door").code == 0
    until = clock.moment.date().replace(year=clock.moment.year + 1, day=1)
    child = ("--minor", "--guardian", "Ana Li", "--minor-until", until)
    assert ready("subject", "add", "R-2", *child).code == 0
    for guardian in ((), ("--guardian", "A neighbour")):
        assert enrol("R-2", 2, "door", *guardian).code == 20
    assert enrol("R-2", 2, "door", "--guardian", "Ana Li").code == 0
    assert ready("verify", "R-2", probe(2), "--purpose", "door").code == 0
    let_pass(ready, clock, days=330)
    record = ("consent", "record", "R-2", "--purpose", "door", "--expires", "1y", "--notice-shown")
    assert ready(*record, "--guardian", "Ana Li").code == 0
    let_pass(ready, clock, days=60)
    assert ready(*record).code == 0  # grown up: the next consent is their own
    shown = ready("subject", "show", "R-2", "--format", "json").json()
    assert (shown["minor"], shown["guardian"]) == (False, None)
