"""The filing of one database, and of several together."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.errors.command_line import BadInput
from facecli.papers.languages import choose
from facecli.report.filing import paper
from facecli.report.filing.others import Reported
from facecli.report.filing.refs import Refs
from tests.prepared import opened

NOW = "2026-11-28T16:30:00Z"
CROWD = Reported("f" * 32, NOW, 100_000, [("2026-03-02", 100_000)], Refs())


def made(facecli: Any, *others: Reported, lang: str = "en", **named: Any) -> Any:
    with opened(facecli) as session:
        here = paper.own(session.db, session.now, **{"with_refs": False, "key": None, **named})
        return paper.document(session.db, choose(lang, "facecli.report").language, here, others)


def test_the_address_is_missing_until_the_purpose_file_states_it(
    enrolled: Any, purposes_file: Any
) -> None:
    assert [fact.name for fact in made(enrolled).missing()] == ["address"]
    stated = purposes_file(contact='"privacy@park.example"\naddress = "1 Lake Road"')
    assert enrolled("purpose", "apply", stated).code == 0
    assert made(enrolled).missing() == []


def test_it_has_the_people_of_the_status(enrolled: Any) -> None:
    found = made(enrolled).figures()
    assert (
        found["count"]["people"]
        == enrolled("status", "--format", "json").json()["filing"]["people"]
    )
    assert (found["count"]["reached_on"], found["count"]["file_by"]) == (None, None)
    assert found["people_for_comparison"] == {"kind": "none", "key_id": None, "values": []}


def test_with_another_database_the_limit_and_the_deadline_are_there(enrolled: Any) -> None:
    count = made(enrolled, CROWD).figures()["count"]
    assert (count["people"], count["databases"], count["at_most"]) == (3, 2, 100_003)
    assert (count["reached_on"], count["file_by"]) == ("2026-03-02", "2026-04-14")
    assert count["file_by_is_certain"] == "yes"
    assert int(count["holidays_known_to"]) >= 2026


@pytest.mark.parametrize(("reached", "over"), [("2026-03-02", True), ("2999-01-04", False)])
def test_a_deadline_that_is_over_is_named(enrolled: Any, reached: str, over: bool) -> None:
    crowd = Reported("f" * 32, NOW, 100_000, [(reached, 100_000)], Refs())
    sentences = made(enrolled, crowd).sections[0].sentences
    assert ("The day to file by, 2026-04-14, is over." in sentences) == over
    assert any(" is over." in sentence for sentence in sentences) == over


def test_one_database_is_not_counted_twice(enrolled: Any) -> None:
    with pytest.raises(BadInput, match="it is a report of the same database as a"):
        paper.check_once([("a", CROWD), ("b", CROWD)])


def test_refs_are_there_only_when_they_are_asked_for(enrolled: Any) -> None:
    assert "A-1001" not in str(made(enrolled, key=b"k" * 32).figures())
    values = made(enrolled, with_refs=True).figures()["people_for_comparison"]["values"]
    assert [one["value"] for one in values] == ["A-1001", "A-1002", "A-1003"]


def test_people_who_cannot_be_compared_have_no_estimate_and_that_is_said(enrolled: Any) -> None:
    tags = Reported("f" * 32, NOW, 1, [("2026-03-02", 1)], Refs("tags", "0" * 32))
    plain = Reported(tags.database, NOW, 1, tags.days, Refs("refs"))
    for other, said in (
        (tags, "There is no estimate"),
        (plain, "The estimate takes equal references"),
    ):
        found = made(enrolled, other, with_refs=True)
        sentences = " ".join(sentence for one in found.sections for sentence in one.sentences)
        assert said in sentences
        assert (found.figures()["count"]["estimate"] is None) == ("no estimate" in sentences)


def test_its_texts_are_those_of_its_language(ready: Any) -> None:
    found = made(ready, lang="zh")
    assert found.figures()["controller"] == "杭州公园有限公司"
    (section,) = [one for one in found.sections if one.name == "purposes"]
    (table,) = section.tables
    assert [row[1] for row in table.rows] == ["员工考勤", "公园入口通行"]
