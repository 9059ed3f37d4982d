"""On whose authority a face may be searched: operators, and cases that name nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facecli.audit.entries import Actor
from facecli.audit.login import Login, Source
from facecli.consent import authority
from facecli.consent.purpose_terms import Purpose
from facecli.errors.base import Exit
from facecli.errors.command_line import BadText
from facecli.errors.consent import CaseRequired, OtherOperator
from tests.consent.conftest import TERMS, World


def purpose(operators: tuple[int | str, ...] = (), case_required: bool = False) -> Purpose:
    terms = replace(TERMS, operators=operators, case_required=case_required)
    return Purpose(1, 1, "missing", 1, 0, "", "", None, terms)


def by(source: Source, uid: int | None, user: str | None) -> Actor:
    """Somebody who works as the service's user 989."""
    return Actor(989, "facecli", "first", "host", Login(source, uid, user))


LI = by("loginuid", 1002, "li")
TIMER = by("none", None, None)


@pytest.mark.rule("search-is-accounted-for")
@pytest.mark.parametrize(
    ("operators", "actor", "passes"),
    [
        ((), LI, True),
        ((), by("claimed", None, "li"), True),
        (("li",), LI, True),
        ((1002,), LI, True),
        (("jo", 1002), by("caller", 1002, "li"), True),
        (("li",), by("caller", 1003, "jo"), False),
        (("LI", "l", 2), LI, False),
        (("li", 1002), by("claimed", None, "li"), False),
        (("li", 1002, 989, "facecli"), by("claimed", 1002, "li"), False),
        ((989,), LI, False),  # the service's user is no operator where a person is known
        (("facecli",), LI, False),
        ((989,), TIMER, True),
        (("facecli",), TIMER, True),
        (("li",), TIMER, False),
        (("None",), TIMER, False),
        ((989,), Actor(989, "facecli", "first", "host"), True),
        ((0, "root"), by("claimed", 0, "root"), False),
    ],
)
def test_only_operators_search_and_a_claim_is_nobody(
    operators: tuple[int | str, ...], actor: Actor, passes: bool
) -> None:
    if passes:
        authority.require(purpose(operators), actor, None)
        return
    with pytest.raises(OtherOperator) as refused:
        authority.require(purpose(operators), actor, "2026-117")
    assert (refused.value.exit_code, refused.value.reason) == (Exit.NO_CONSENT, "other-operator")


@pytest.mark.rule("search-is-accounted-for")
def test_a_case_is_required_where_the_purpose_says_so() -> None:
    authority.require(purpose(), LI, None)
    authority.require(purpose(case_required=True), LI, "2026-117")
    with pytest.raises(CaseRequired) as refused:
        authority.require(purpose(case_required=True), LI, None)
    assert (refused.value.exit_code, refused.value.reason) == (Exit.NO_CONSENT, "case-required")
    with pytest.raises(OtherOperator):  # who may not search, learns nothing of cases
        authority.require(purpose(("jo",), case_required=True), LI, None)


@pytest.fixture
def people(world: World) -> World:
    world.apply()
    world.add("A-1001", name="王小明")
    world.add("b-2", name="Miller")
    world.add("C-3", name="Éva", minor=True, guardian="Orbán")
    world.add("aBc-9", name="McDonald", minor=True, guardian="MacAdam")
    world.add("D-4", name="María José")
    world.add("E-5", name="Kim", minor=True, guardian="Jean-Luc Picard")
    return world


@pytest.mark.parametrize(
    "text",
    ["A-1001", "a-1001", "\uff21-1001", "王小明", "Miller", "miller", "MILLER", "B-2", "E\u0301va",
     "éva", "Orbán", "ORBÁN", "ABC-9", "abc-9", "\u0430Bc-9", "mcdonald", "MCDONALD", "mCdOnAlD",
     "\uff2dcdonald", "MACADAM", "María-José", "maría_josé", "MaríaJosé", "maríajosé",
     "José,María", "MARÍA.JOSÉ", "\uff2daría-José", "Jean-Luc-Picard", "JeanLucPicard",
     "picard.jean-luc"],
)  # fmt: skip
def test_a_case_is_the_name_of_nobody(people: World, text: str) -> None:
    with pytest.raises(BadText, match="the REF or the name of a person") as refused:
        authority.case_of(people.db, text)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["A-100", "A-10011", "2026-117", "王小", "Mill%", "María", "María-2026", "MaríaJosés"]
)
def test_other_cases_are_cases(people: World, text: str) -> None:
    assert authority.case_of(people.db, text) == text
    assert authority.case_of(people.db, None) is None


@pytest.mark.parametrize(
    ("text", "is_case"),
    [("12/26", True), ("26-12", True), ("1-226", True), ("HR/2026/15", True), ("2026-0142", True),
     ("(2020)浙01民终10940号", True), ("KT-2026-Li", True), ("王府井", True), ("case-12", True),
     ("12", False), ("#12", False), ("1226", False), ("LI", False), ("王府", False)],
)  # fmt: skip
def test_ordinary_cases_are_cases_where_refs_are_numbers(
    world: World, text: str, is_case: bool
) -> None:
    world.apply()
    for ref, name in (("12", "Li"), ("1226", "王府"), ("15", "Zhou Hang"), ("20260142", None)):
        world.add(ref, name=name)
    if is_case:
        assert authority.case_of(world.db, text) == text
        return
    with pytest.raises(BadText, match="put `case-` before the number of a case"):
        authority.case_of(world.db, text)


def test_names_are_found_by_an_index(people: World) -> None:
    asked: list[str] = []
    people.db._connection.set_trace_callback(asked.append)
    authority.case_of(people.db, "2026-117")
    people.db._connection.set_trace_callback(None)
    lookups = [sql for sql in asked if "FROM subject" in sql]
    assert len(lookups) == 4
    for sql in lookups:
        plans = [row["detail"] for row in people.db.rows(f"EXPLAIN QUERY PLAN {sql}")]
        reads = [plan for plan in plans if plan.startswith(("SCAN", "SEARCH"))]
        assert reads
        assert all("USING" in plan and "INDEX" in plan for plan in reads), plans
