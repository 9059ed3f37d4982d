"""The public retention policy, from the purposes as they stand."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.papers.languages import choose
from facecli.report import policy
from facecli.report.as_html import html
from facecli.report.as_markdown import markdown
from tests.prepared import opened


def made(facecli: Any, lang: str = "en") -> Any:
    with opened(facecli) as session:
        return policy.document(session.db, choose(lang, "facecli.report").language, session.now)


@pytest.mark.rule("published-retention")
def test_it_states_the_terms_of_every_purpose_in_use(ready: Any) -> None:
    assert ready("purpose", "retire", "attendance", "--yes").code == 0
    found = made(ready).figures()
    assert [name for name in found if name.startswith("purpose-")] == ["purpose-gate"]
    gate = found["purpose-gate"]
    lengths = {name: gate[name] for name in gate if name.startswith(("retain", "inactive"))}
    assert lengths == {
        "retain_template": "1y", "retain_photo": "0d", "retain_match": "30d",
        "inactive_after": "180d",
    }  # fmt: skip
    assert found["controller"] == "Hangzhou Park Ltd"


@pytest.mark.rule("published-retention")
def test_a_revised_purpose_revises_the_policy(ready: Any, purposes_file: Any) -> None:
    assert ready("purpose", "apply", purposes_file(retain_match='"7d"')).code == 0
    for text in (markdown(made(ready)), html(made(ready))):
        assert "7 days" in text
        assert "Ask at the service desk" in text
        assert "MISSING" not in text


@pytest.mark.parametrize(
    ("inactive", "laws"),
    [("24m", []), ("25m", ["Colorado"]), ("3y", ["Colorado"]), ("37m", ["Colorado", "BIPA"])],
)
def test_a_longer_inactivity_than_a_law_allows_is_named(
    ready: Any, purposes_file: Any, inactive: str, laws: list[str]
) -> None:
    changed = purposes_file(inactive_after=f'"{inactive}"')
    assert ready("purpose", "apply", changed).code == 0
    (section,) = [one for one in made(ready).sections if one.name == "purpose-gate"]
    assert [one.split()[0] for one in section.sentences] == laws


def test_it_speaks_chinese(ready: Any) -> None:
    text = markdown(made(ready, "zh"))
    assert text.startswith("# 人脸数据保存规则\n")
    assert "- 模板的最长保存期: 1年\n" in text
    assert "杭州公园有限公司" in text
    assert "1 号门和 2 号门" in text
    assert "Gates 1" not in text
    assert "\n## 公园入口通行\n" in text


def test_without_a_purpose_the_controller_is_missing(facecli: Any) -> None:
    assert facecli("init").code == 0
    assert [fact.name for fact in made(facecli).missing()] == ["controller", "contact"]
