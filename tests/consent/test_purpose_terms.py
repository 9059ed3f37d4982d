"""The terms of a purpose: which changes are minor, what is hashed, what a person is shown."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, replace
from typing import Any

import pytest

from facecli.audit.query import latest
from facecli.consent import purpose_terms, purposes
from facecli.consent.notices import Notice
from facecli.consent.purpose_terms import Terms
from tests.consent.conftest import TERMS, World

# -- new versions and revisions -------------------------------------------------------------

MINOR: list[tuple[str, Any]] = [
    ("max_consent", "1y"), ("retain_template", "6m"), ("retain_match", "7d"),
    ("inactive_after", "90d"), ("threshold_fmr", 1e-4), ("ask_again_within", "20d"),
    ("data", ("face template",)), ("data", ("photo",)), ("data", ("photo", "face template")),
    ("controller_contact", "changed"), ("impact_assessment", "changed"),
    ("review_by", "2027-03-01"), ("review_by", None), ("notice_correction", "a typing error"),
    ("notice_correction", None), ("max_templates", 2), ("in_force_since", "2026-01-01"),
    ("authority", "changed"), ("authority", None), ("processing_locations", ("Hangzhou",)),
    ("case_required", True), ("operators", ("jo",)), ("operators", ("li", 1002, "jo")),
    ("answer_within", "20d"), ("answer_within", "1m"), ("answer_within", None),
    ("controller_address", "changed"), ("controller_officer", None), ("security", "changed"),
    ("recipients", "None."), ("transfers", "none"),
    ("notice_lang", "fr"), ("further_notices", (Notice("fr", "Avis"), *TERMS.further_notices)),
    ("language", "fr"),
]  # fmt: skip
"""Field, and what becomes of it: the consents stay valid."""
MAJOR: list[tuple[str, Any]] = [
    ("max_consent", "3y"), ("retain_template", "13m"), ("retain_photo", "1h"),
    ("retain_match", "1m"), ("inactive_after", "181d"), ("threshold_fmr", 2e-3),
    ("ask_again_within", "31d"), ("answer_within", "2m"),
    ("data", ("face template", "photo", "iris template")),
    ("data", ("face template", "gait")), ("controller_name", "changed"), ("title", "changed"),
    ("method", "card"), ("scope", "changed"), ("necessity", "changed"), ("impact", "changed"),
    ("legal_basis", "changed"), ("alternative", "changed"), ("rights", "changed"),
    ("notice_sha256", "changed"), ("max_templates", 4), ("max_templates", 0),
    ("jurisdiction", "changed"), ("jurisdiction", None), ("processing_locations", ()),
    ("processing_locations", ("Hangzhou", "Shanghai", "Berlin")),
    ("calibration", "overall"),
    ("operators", ()),
    ("recipients", "the police"), ("recipients", None), ("transfers", "Singapore"),
]  # fmt: skip
"""Field, and what becomes of it: whoever agreed is asked again."""
BEFORE: dict[str, Any] = {
    "data": ("face template", "photo"), "max_templates": 3, "review_by": "2026-12-01",
    "notice_correction": "an earlier error", "jurisdiction": "PRC", "authority": "CAC",
    "processing_locations": ("Hangzhou", "Shanghai"), "operators": ("li", 1002),
    "answer_within": "31d", "controller_officer": "Zhao Min", "recipients": "the bank",
    "transfers": "Macao",
}  # fmt: skip


def test_every_field_is_decided_here() -> None:
    decided = {name for name, _ in [*MINOR, *MAJOR]}
    assert {*decided, "notice", "texts"} == set(Terms.__dataclass_fields__)


@pytest.mark.parametrize(("field", "after"), MINOR)
def test_what_takes_nothing_from_the_person_is_a_revision(
    gate: World, field: str, after: Any
) -> None:
    gate.apply(**BEFORE)
    before = gate.record()
    change = gate.apply(**{**BEFORE, field: after})
    assert (change.kind, change.version, change.revision) == ("revision", before.version, 1)
    assert change.consents_ended == 0
    assert [name for name, _, _ in change.fields] == [field]
    assert gate.purpose().version == before.version


@pytest.mark.rule("consent-version")
@pytest.mark.parametrize(("field", "after"), MAJOR)
def test_everything_else_makes_a_new_version(gate: World, field: str, after: Any) -> None:
    gate.apply(**BEFORE)
    consent = gate.record()
    change = gate.apply(**{**BEFORE, field: after})
    assert (change.kind, change.version, change.revision) == ("version", consent.version + 1, 0)
    assert change.consents_ended == 1
    assert change.fields == ((field, {**asdict(TERMS), **BEFORE}[field], after),)
    assert after == getattr(gate.purpose().terms, field)


@pytest.mark.parametrize(
    "stated", [{"jurisdiction": "PRC"}, {"authority": "CAC"}, {"processing_locations": ("Here",)}]
)
def test_what_was_not_stated_before_is_a_revision(gate: World, stated: Any) -> None:
    change = gate.apply(**stated)
    assert (change.kind, gate.apply(**stated).kind) == ("revision", "unchanged")
    assert gate.purpose().terms == replace(TERMS, **stated)


@pytest.mark.rule("consent-version")
def test_searches_without_a_case_are_a_new_version(gate: World) -> None:
    gate.apply(case_required=True)
    change = gate.apply(case_required=False)
    assert (change.kind, change.fields) == ("version", (("case_required", True, False),))
    assert gate.apply(operators=("li",)).kind == "revision"  # all could search before


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, None),
        ({"case_required": True}, "each with a case"),
        ({"operators": ("li",)}, "only by 1 named user"),
        ({"case_required": True, "operators": (1, 2)}, "each with a case, only by 2 named users"),
    ],
)
def test_a_person_reads_who_may_search_without_names(
    gate: World, terms: dict[str, Any], words: str | None
) -> None:
    gate.apply(**terms)
    assert purpose_terms.statement(gate.purpose()).get("Searches") == words


NOTICE = {"notice": "A corrected notice", "notice_sha256": "1" * 64}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"notice_correction": "a typing error"}, "revision"),
        ({"notice_correction": "a typing error", "retain_match": "7d"}, "revision"),
        ({"notice_correction": "a typing error", "scope": "wider"}, "version"),
        ({"notice_correction": "an earlier error"}, "version"),  # said before: not of this change
        ({"notice_correction": None}, "version"),
    ],
)
def test_a_notice_may_be_corrected_where_the_file_says_so(
    gate: World, changes: Any, kind: str
) -> None:
    gate.apply(notice_correction="an earlier error")
    assert gate.apply(**{**NOTICE, **changes}).kind == kind


def languages(**texts: str) -> dict[str, Any]:
    """Terms with a notice in several languages, the first one principal."""
    first, *further = (Notice(language, text) for language, text in texts.items())
    return {
        "notice": first.text, "notice_sha256": first.sha256, "notice_lang": first.language,
        "further_notices": tuple(further),
    }  # fmt: skip


@pytest.mark.rule("consent-version")
@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (languages(en="A", fr="C", zh="B"), "revision"),
        (languages(zh="B", en="A"), "revision"),
        (languages(de="A", zh="B"), "revision"),
        (languages(en="A"), "version"),
        (languages(zh="B"), "version"),
        (languages(en="A", zh="C"), "version"),
        (languages(en="C", zh="B"), "version"),
        ({**languages(en="A", zh="C"), "notice_correction": "a typing error"}, "revision"),
        ({**languages(en="A"), "notice_correction": "the Chinese one was wrong"}, "revision"),
    ],
)
def test_a_notice_may_get_further_languages_and_keeps_those_it_has(
    gate: World, after: Any, kind: str
) -> None:
    gate.apply(**languages(en="A", zh="B"))
    assert gate.apply(**after).kind == kind
    assert gate.purpose().terms == replace(TERMS, **after)
    assert gate.apply(**after).kind == "unchanged"


@pytest.mark.rule("consent-version")
def test_line_ends_of_a_notice_that_is_stored_with_them_are_no_change(gate: World) -> None:
    gate.apply(**languages(en="\ufeffA\r\nB\r\n", zh="C\rD"))
    agreed = gate.record()
    plain = languages(en="A\nB\n", zh="C\nD")
    assert gate.apply(**plain).kind == "unchanged"
    assert gate.apply(**plain, retain_match="7d").kind == "revision"
    assert gate.purpose().terms.notice == "A\nB\n"
    standing = purposes.standing_terms(gate.db, agreed.version_id, "en")
    assert (standing.notice_sha256, standing.notice) == (agreed.notice_sha256, "\ufeffA\r\nB\r\n")
    assert gate.apply(**languages(en="A\nBB\n", zh="C\nD")).kind == "version"


def test_the_log_identifies_the_notice_in_each_language(gate: World) -> None:
    gate.apply(**languages(en="A", zh="B"))
    details = latest(gate.db, 1)[0]["details"]
    assert details["notices"] == {"en": Notice("en", "A").sha256, "zh": Notice("zh", "B").sha256}
    assert details["terms_sha256"] == gate.purpose().terms.digest
    assert replace(TERMS, **languages(en="A", zh="C")).digest != details["terms_sha256"]
    assert purpose_terms.statement(gate.purpose())["Notice languages"] == "en, zh"


@pytest.mark.parametrize(
    ("cap", "held", "room"),
    [(0, 999, sys.maxsize), (3, 0, 3), (3, 2, 1), (3, 3, 0), (3, 4, 0)],
)
def test_a_cap_counts_the_templates_of_a_subject(cap: int, held: int, room: int) -> None:
    assert replace(TERMS, max_templates=cap).room_for_templates(held) == room


def test_fields_that_state_nothing_leave_the_digest_of_earlier_terms() -> None:
    terms = replace(TERMS, notice_lang=None, further_notices=(), answer_within=None)
    terms = replace(terms, language=None, texts=())
    later = {name for name, field in Terms.__dataclass_fields__.items() if not field.default} | {
        "calibration"
    }
    earlier = {name: value for name, value in asdict(terms).items() if name not in later}
    stated = json.dumps(earlier, sort_keys=True, separators=(",", ":"))
    assert terms.digest == hashlib.sha256(stated.encode()).hexdigest()
    assert replace(terms, max_templates=3).digest != terms.digest
    assert replace(terms, calibration="overall").digest != terms.digest


@pytest.mark.rule("consent-version")
def test_one_widening_among_narrowings_is_a_new_version(gate: World) -> None:
    assert gate.apply(max_consent="1y", threshold_fmr=1e-4, retain_match="31d").kind == "version"


def test_a_rate_for_the_worst_group_is_a_revision(gate: World) -> None:
    gate.apply(calibration="overall")
    assert gate.apply(calibration="worst-group").kind == "revision"


def test_the_same_length_in_other_words_is_a_revision(gate: World) -> None:
    assert gate.apply(retain_template="12m").kind == "revision"


# -- what a person is shown -----------------------------------------------------------------


@pytest.mark.rule("notice-fields")
def test_a_rate_that_holds_only_on_average_is_stated(gate: World) -> None:
    assert "False matches" not in purpose_terms.statement(gate.purpose())
    gate.apply(calibration="overall")
    assert "not in every group" in purpose_terms.statement(gate.purpose())["False matches"]


@pytest.mark.rule("notice-fields")
def test_the_statement_says_every_field(gate: World) -> None:
    stated: dict[str, Any] = {
        "max_templates": 3, "review_by": "2027-03-01", "in_force_since": "2025-02-03",
        "jurisdiction": "PRC", "authority": "CAC", "processing_locations": ("Hangzhou", "Shanghai"),
        "controller_address": "1 Lake Road", "controller_officer": "Zhao Min", "recipients": "none",
        "transfers": "none", "security": "A locked room",
    }  # fmt: skip
    gate.apply(**stated, notice_correction="a typing error", notice_lang="en", language="en")
    text = "\n".join(purpose_terms.statement(gate.purpose()).values())
    unsaid = {
        "notice", "data", "threshold_fmr", "further_notices", "processing_locations",
        "calibration", "case_required", "operators", "texts",
    }  # fmt: skip
    for name in set(Terms.__dataclass_fields__) - unsaid:
        assert str(getattr(gate.purpose().terms, name)) in text
    assert "Hangzhou, Shanghai" in text


def test_what_several_controllers_state_is_named_once() -> None:
    assert purpose_terms.joined(["a", None, "b", "a", ""]) == "a; b"
    assert purpose_terms.joined([None]) == ""
