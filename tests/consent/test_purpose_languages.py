"""The terms of a purpose in several languages: for a reader of one, and where they differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from facecli.consent.notices import Notice
from facecli.consent.purpose_languages import Behind, changes_read, left_behind, untranslated
from facecli.consent.purpose_texts import Texts
from tests.consent.conftest import TERMS, World

ZH = TERMS.texts[0]


def texts(language: str = "zh", **values: Any) -> dict[str, Any]:
    """The sample's texts with some changed; None leaves one out."""
    found = {name: text for name, text in {**ZH.values, **values}.items() if text is not None}
    return {"texts": (Texts(language, found),)}


# -- a reader of a language -----------------------------------------------------------------


@pytest.mark.parametrize("tag", ["zh", "zh-CN", "zh-Hans"])
def test_a_reader_gets_each_text_that_is_there_in_their_language(tag: str) -> None:
    read = replace(TERMS, **texts(scope=None)).in_language(tag)
    assert (read.title, read.data, read.controller_name) == (
        "公园入口通行", ("人脸模板",), "杭州公园有限公司",
    )  # fmt: skip
    assert (read.scope, read.controller_contact) == (TERMS.scope, TERMS.controller_contact)


@pytest.mark.parametrize("tag", ["en", "EN-gb", "fr"])
def test_everybody_else_gets_the_fields(tag: str) -> None:
    assert TERMS.in_language(tag) == replace(TERMS, texts=())


@pytest.mark.parametrize(
    ("changes", "tag", "missing"),
    [
        ({}, "zh", []),
        ({}, "en", []),
        ({}, "fr", ["title", "rights"]),
        (texts(rights=None), "zh-CN", ["rights"]),
        ({"authority": "CAC"}, "zh", ["authority"]),
        ({"texts": (), "language": None, "notice_lang": None}, "en", ["title", "rights"]),
        ({"language": "zh", "texts": ()}, "zh", []),
    ],
)
def test_texts_that_a_reader_does_not_get_are_known(
    changes: dict[str, Any], tag: str, missing: list[str]
) -> None:
    terms = replace(TERMS, **changes)
    names = ["title", "rights", "recipients", "authority", "controller_name"]
    assert untranslated(terms, names, tag) == missing


# -- versions -------------------------------------------------------------------------------


@pytest.mark.rule("consent-version")
@pytest.mark.parametrize(
    ("after", "kind", "fields"),
    [
        ({"texts": (ZH, Texts("fr", {"title": "Entrée"}))}, "revision", ["title.fr"]),
        (texts(recipients="无"), "revision", ["recipients.zh"]),
        (texts(title="员工入口"), "version", ["title.zh"]),
        (texts(title=None), "version", ["title.zh"]),
        (texts("zh-Hans"), "revision", sorted(f"{one}.zh" for one in ZH.values)),
        ({"texts": ()}, "version", sorted(f"{one}.zh" for one in ZH.values)),
        (texts(title="入口", controller_contact="x"), "version",
         ["controller_contact.zh", "title.zh"]),
        ({**texts(title="入口"), "notice_correction": "a typing error"}, "revision",
         ["notice_correction", "title.zh"]),
        ({**texts(title="入口"), "notice_correction": "a typing error", "scope": "wider"},
         "version", ["notice_correction", "scope", "title.zh"]),
    ],
)  # fmt: skip
def test_a_changed_translation_is_a_new_version_and_a_further_one_is_not(
    gate: World, after: dict[str, Any], kind: str, fields: list[str]
) -> None:
    change = gate.apply(**after)
    assert change.kind == kind
    assert sorted({name for name, _, _ in change.fields} & set(fields)) == fields
    assert gate.purpose().terms == replace(TERMS, **after)
    assert gate.apply(**after).kind == "unchanged"


@pytest.mark.parametrize(
    ("name", "before", "after", "kind"),
    [
        ("controller_contact", "甲", "乙", "revision"),
        ("authority", "网信办", None, "revision"),
        ("data", ("人脸模板", "照片"), ("人脸模板",), "revision"),
        ("data", ("人脸模板", "照片"), ("人脸模板", "步态"), "version"),
        ("recipients", "银行", "无", "revision"),
        ("recipients", "银行", "警方", "version"),
    ],
)
def test_a_translation_is_judged_as_its_field_is(
    gate: World, name: str, before: Any, after: Any, kind: str
) -> None:
    gate.apply(**texts(**{name: before}))
    assert gate.apply(**texts(**{name: after})).kind == kind


# -- one language behind the others ---------------------------------------------------------

EN, CHINESE = TERMS.notices


@pytest.mark.rule("consent-version")
@pytest.mark.parametrize(
    ("after", "behind"),
    [
        ({}, []),
        ({"notice": "new", "notice_sha256": Notice("en", "new").sha256},
         [Behind("notice", ("en",), ("zh",))]),
        ({"further_notices": (Notice("zh", "新"),)}, [Behind("notice", ("zh",), ("en",))]),
        ({"further_notices": (Notice("zh", "新"),), "notice_correction": "a typing error"}, []),
        ({"notice": "new", "further_notices": (Notice("zh", "新"),)}, []),
        ({"further_notices": (Notice("fr", "Avis"), CHINESE)}, []),
        ({"further_notices": ()}, []),
        ({"scope": "wider"}, [Behind("scope", ("en",), ("zh",))]),
        (texts(scope="全园"), [Behind("scope", ("zh",), ("en",))]),
        ({"scope": "wider", **texts(scope="全园")}, []),
        ({"scope": "wider", **texts(scope=None)}, []),
        ({"necessity": "new", "notice": "new"},
         [Behind("notice", ("en",), ("zh",)), Behind("necessity", ("en",), ("zh",))]),
        ({"retain_match": "7d", "max_consent": "1y"}, []),
    ],
)  # fmt: skip
def test_a_text_that_changes_in_some_languages_only_is_found(
    gate: World, after: dict[str, Any], behind: list[Behind]
) -> None:
    assert list(left_behind(TERMS, replace(TERMS, **after))) == behind
    assert list(gate.apply(**after).behind) == behind


# -- what a reader is told of a change ------------------------------------------------------


def read(after: dict[str, Any], language: str) -> list[tuple[str, Any, Any]]:
    changed = changes_read(TERMS, replace(TERMS, **after), language)
    return [one for one in changed if "notice" not in one[0]]


def test_a_change_is_read_in_the_language_of_the_letter() -> None:
    after = {"scope": "Every gate", **texts(scope="全部入口"), "retain_match": "7d"}
    assert read(after, "zh") == [
        ("scope", ZH.values["scope"], "全部入口"), ("retain_match", "30d", "7d"),
    ]  # fmt: skip
    assert read(after, "en")[0] == ("scope", TERMS.scope, "Every gate")


def test_a_change_whose_translation_stayed_behind_is_not_hidden() -> None:
    assert read({"scope": "Every gate"}, "zh") == [("scope", TERMS.scope, "Every gate")]


def test_a_change_of_a_translation_is_shown_to_its_readers_alone() -> None:
    after = texts(scope="全部入口")
    assert read(after, "zh") == [("scope", ZH.values["scope"], "全部入口")]
    assert read(after, "en") == []


def test_a_first_translation_changes_nothing() -> None:
    assert read({"texts": (ZH, Texts("fr", {"scope": "Portes"}))}, "fr") == []
