"""The record of processing activities: complete, or what is missing is named."""

from __future__ import annotations

from typing import Any

from facecli.papers.languages import choose
from facecli.report import processing
from tests.prepared import opened

REPORTS = "facecli.report"
STATED = {
    "contact": '"privacy@park.example"\naddress = "1 Lake Road"\nofficer = "Zhao Min, dpo@x"',
    "rights": '"Ask"\nrecipients = "none"\ntransfers = "none"\nsecurity = "A locked room"',
}


def made(facecli: Any, lang: str = "en") -> Any:
    with opened(facecli) as session:
        return processing.document(session.db, choose(lang, REPORTS).language, session.now)


def test_each_item_that_nobody_stated_is_named_with_its_letter(ready: Any) -> None:
    missing = made(ready).missing()
    assert sorted({(fact.name, fact.needed) for fact in missing}) == [
        ("address", "GDPR 30(1)(a)"), ("officer", "GDPR 30(1)(a)"),
        ("recipients", "GDPR 30(1)(d)"), ("transfers", "GDPR 30(1)(e)"),
    ]  # fmt: skip


def test_nothing_is_missing_once_the_purpose_file_states_it(
    enrolled: Any, purposes_file: Any
) -> None:
    path = purposes_file(**STATED)
    lines = path.read_text().split("[purpose.attendance]")
    path.write_text(lines[0])
    assert enrolled("purpose", "retire", "attendance", "--yes").code == 0
    assert enrolled("purpose", "apply", path).code == 0
    report = made(enrolled)
    assert report.missing() == []
    found = report.figures()
    assert (found["address"], found["officer"]) == ("1 Lake Road", "Zhao Min, dpo@x")
    assert found["purpose-gate"]["recipients"] == "none"
    assert found["purpose-gate"]["templates"] == 3
    assert found["security"]["gate"] == "A locked room"


def test_it_names_nobody(enrolled: Any) -> None:
    assert "A-100" not in str(made(enrolled).figures())


def test_its_texts_are_those_of_its_language(ready: Any) -> None:
    found = made(ready, "zh").figures()
    assert found["controller"] == "杭州公园有限公司"
    gate = found["purpose-gate"]
    assert (gate["data"], gate["legal_basis"]) == ("人脸模板", "个人同意")
