"""Notices in several languages: stored with their revision, and chosen by language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facecli.consent import notices, purposes
from facecli.consent.notices import Notice
from facecli.errors.command_line import BadInput
from tests.consent.conftest import TERMS, World

BOTH = (Notice("en", "English"), Notice("zh-Hans", "中文"))


@pytest.mark.parametrize(
    ("language", "found"), [(None, "en"), ("en", "en"), ("EN", "en"), ("zh-hans", "zh-Hans")]
)
def test_the_notice_in_a_language(language: str | None, found: str) -> None:
    assert notices.in_language(BOTH, language, "the purpose gate").language == found


@pytest.mark.parametrize("language", ["zh", "fr", "", "en\n"])
def test_a_language_that_is_not_there_is_refused_with_the_list(language: str) -> None:
    with pytest.raises(BadInput, match="the purpose gate has its notice in en, zh-Hans"):
        notices.in_language(BOTH, language, "the purpose gate")


def test_a_notice_of_unknown_language_is_only_the_default() -> None:
    only = (Notice(None, "a text"),)
    assert notices.in_language(only, None, "the purpose gate") == only[0]
    with pytest.raises(BadInput, match="states no language of its notice"):
        notices.in_language(only, "en", "the purpose gate")


def test_a_copy_takes_over_the_notices_of_each_revision(gate: World, tmp_path: Path) -> None:
    copy = gate.copy(tmp_path / "copy.db")
    what: dict[str, Any] = {"notice_lang": "en", "further_notices": (Notice("zh", "中文"),)}
    gate.apply(**what)
    gate.apply(**{**what, "further_notices": (*what["further_notices"], Notice("fr", "Avis"))})
    for _ in range(2):
        with copy.db.transaction():
            purposes.take_over(copy.db, gate.db)
        assert copy.purpose().terms == gate.purpose().terms
    revised = copy.db.value("SELECT id FROM purpose_version WHERE version = 2 AND revision = 0")
    assert purposes.terms_of(copy.db, revised) == replace(TERMS, **what)


@pytest.mark.parametrize(
    ("language", "found"),
    [("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("ZH_Hans", "zh-Hans"), ("en-GB", "en"), ("fr", None),
     ("e", None)],
)  # fmt: skip
def test_the_notice_for_a_reader_of_a_language(language: str, found: str | None) -> None:
    notice = notices.matching((Notice(None, "?"), *BOTH), language)
    assert (notice.language if notice else None) == found
    both = [Notice("zh-Hant", "a"), Notice("zh_Hans", "b")]
    assert notices.matching(both, "zh-Hans") == both[1]
    assert notices.matching([Notice("zh-Hant", "a"), Notice("zh", "b")], "zh").text == "b"
