"""The uses of a form: which consents are recorded on it, and that it counts once."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from facecli.consent import consents, form_uses, subjects
from facecli.consent.agreements import Evidence
from facecli.consent.forms import FormUse
from facecli.errors.consent import FormAlreadyUsed
from tests.consent.conftest import World

FORM = Evidence(hashlib.sha256(b"form").hexdigest(), None)
SHARED = replace(FORM, shared="One sheet for the family")


@pytest.fixture
def used(world: World) -> World:
    """Two people who share a form for the gate, the second one for the door too."""
    for ref in ("A-1", "A-2", "A-3"):
        world.add(ref)
    for code in ("gate", "door"):
        world.apply(code)
    for ref, code in (("A-1", "gate"), ("A-2", "gate"), ("A-2", "door")):
        world.record(ref, code, evidence=SHARED)
    return world


def test_the_uses_of_a_form_are_those_of_the_subject_first(used: World) -> None:
    def uses(ref: str) -> list[FormUse]:
        return form_uses.of_form(used.db, subjects.find(used.db, ref), FORM.sha256)

    assert uses("A-2") == [
        FormUse(True, "gate", 1), FormUse(True, "door", 1), FormUse(False, "gate", 1),
    ]  # fmt: skip
    assert [use.own for use in uses("A-1")] == [True, False, False]
    assert [use.own for use in uses("A-3")] == [False] * 3


@pytest.mark.rule("one-form-one-consent")
def test_a_form_that_is_used_is_refused_unless_it_is_shared(used: World) -> None:
    def refuse_used(ref: str, evidence: Evidence) -> None:
        form_uses.refuse_used(used.db, subjects.find(used.db, ref), used.purpose("door"), evidence)

    refuse_used("A-3", SHARED)
    refuse_used("A-3", replace(FORM, sha256="0" * 64))
    with pytest.raises(FormAlreadyUsed, match="another subject"):
        refuse_used("A-3", FORM)
    with pytest.raises(FormAlreadyUsed, match="recorded already"):
        refuse_used("A-2", SHARED)
    with used.act() as act:
        act.record("test")
        consents.erase(act, [one.consent_id for one in consents.list_all(act.db, "door")])
    with pytest.raises(FormAlreadyUsed, match="was erased"):
        refuse_used("A-3", SHARED)
