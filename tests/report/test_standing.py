"""The purposes in use, in the language of a report."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.papers.languages import choose
from facecli.report import processing, standing
from facecli.report.filing import paper
from tests.prepared import opened


@pytest.fixture
def spoken(ready: Any, purposes_file: Any) -> Any:
    """A database with a purpose whose texts are in Chinese too, and a retired one."""
    path = purposes_file(
        contact='"privacy@park.example"\nauthority = "CAC Zhejiang"\njurisdiction = "PIPL"',
        rights='"Ask"\nprocessing_locations = ["Hangzhou", "Ningbo"]\nsecurity = "A locked room"',
    )
    text = (
        path.read_text(encoding="utf-8")
        .replace("[controller.texts.zh]\n", '[controller.texts.zh]\nauthority = "浙江省网信办"\n')
        .replace("[purpose.gate.texts.zh]\n", '[purpose.gate.texts.zh]\nsecurity = "上锁的房间"\n')
    )
    path.write_text(text, encoding="utf-8")
    assert ready("purpose", "apply", path).code == 0
    assert ready("purpose", "retire", "attendance", "--yes").code == 0
    return ready


def test_a_text_in_the_language_stands_where_the_file_has_it(spoken: Any) -> None:
    with opened(spoken) as session:
        found = {
            tag: standing.in_language(session.db, choose(tag).language) for tag in ("en", "zh")
        }
    assert [one.code for one in found["zh"]] == ["gate"]
    assert found["en"][0].terms.title == "Entry at the park gate"
    assert found["zh"][0].terms.title == "公园入口通行"


def test_the_reports_have_places_law_and_authority_in_their_language(spoken: Any) -> None:
    with opened(spoken) as session:
        db, now = session.db, session.now
        zh, en = (choose(tag, "facecli.report").language for tag in ("zh", "en"))
        record = processing.document(db, zh, now).figures()
        english = processing.document(db, en, now).figures()
        here = paper.own(db, now, with_refs=False, key=None)
        filed = paper.document(db, zh, here, [])
    assert (record["authority"], english["authority"]) == ("浙江省网信办", "CAC Zhejiang")
    assert record["jurisdiction"] == "PIPL"
    assert record["purpose-gate"]["processing_locations"] == "Hangzhou, Ningbo"
    assert record["security"]["gate"] == filed.figures()["security"]["gate"] == "上锁的房间"
    assert filed.figures()["purposes"]["list"][0]["title"] == "公园入口通行"
