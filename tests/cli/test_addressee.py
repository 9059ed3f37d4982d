"""The addressee of a letter, with the controllers of the purposes that it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from facecli.cli.addressee import Addressee, find, refusal_facts
from facecli.errors.base import Unknown
from facecli.papers.languages import choose
from tests.consent.conftest import TERMS
from tests.prepared import opened

ENGLISH, CHINESE = choose("en").language, choose("zh").language


def test_a_letter_is_about_the_purposes_that_they_consented_to(ready: Any) -> None:
    ready("subject", "add", "A-1", "--name", "Li Wei")
    ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "6m")
    with opened(ready) as session:
        person = find(session.db, "A-1")
        assert (person.name, list(person.terms)) == ("Li Wei", ["gate"])
        assert person.about == ["Entry at the park gate"]
        facts = refusal_facts(session.db, session.now, person, ENGLISH)
        assert (facts.purpose, facts.controller) == ("Entry at the park gate", "Hangzhou Park Ltd")
        facts = refusal_facts(session.db, session.now, person, CHINESE)
        assert (facts.purpose, facts.controller) == ("公园入口通行", "杭州公园有限公司")
        assert facts.untranslated == ()
        assert find(session.db, "A-1", {"attendance"}).about == []


def test_who_consented_to_nothing_still_has_a_controller_to_write_to(ready: Any) -> None:
    ready("subject", "add", "B-1")
    with opened(ready) as session:
        person = find(session.db, "B-1")
        assert (person.name, person.contact, person.about) == ("B-1", "privacy@park.example", [])
        assert refusal_facts(session.db, session.now, person, ENGLISH).purpose is None


def test_nobody_is_no_addressee(ready: Any) -> None:
    with opened(ready) as session, pytest.raises(Unknown):
        find(session.db, "nobody")


def test_several_controllers_and_authorities_are_named_once_each() -> None:
    other = replace(TERMS, controller_name="Other", authority="CAC", rights="Write.")
    person = Addressee("Jo", {"a": TERMS, "b": other, "c": replace(other, title="C")})
    assert person.controller == f"{TERMS.controller_name}; Other"
    assert (person.authority, person.rights) == ("CAC", [TERMS.rights, "Write."])
    assert Addressee("Jo", {"a": TERMS}).authority is None
