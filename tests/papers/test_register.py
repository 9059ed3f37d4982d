"""The register in the letter of access: each entry in words, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.consent.register.elsewhere import KINDS
from facecli.consent.register.requests import KINDS as REQUESTS
from facecli.papers.directions import plain
from facecli.papers.languages import Language, choose
from facecli.papers.register import kinds_held_elsewhere, sections
from facecli.printable import printable
from tests.papers.conftest import HOSTILE

ENGLISH, CHINESE = choose("en").language, choose("zh").language
AT = "2026-11-28T16:30:00Z"
EMPTY: dict[str, list[Any]] = {
    "elsewhere": [], "disclosures": [], "requests": [], "alternative_offers": [],
}  # fmt: skip


def item(**changes: Any) -> dict[str, Any]:
    return {"what": "photo", "where": "Vendor", "since": None, "confirmed_at": None, **changes}


def disclosure(**changes: Any) -> dict[str, Any]:
    return {"day": "2026-11-27", "what": "a photo", "recipient": "Court", "basis": "order 1",
            "whole_database": False, **changes}  # fmt: skip


def request(**changes: Any) -> dict[str, Any]:
    return {"received_on": "2026-11-27", "kind": "access", "due_at": "2026-12-27T16:00:00Z",
            "answered_at": None, "answer": None, "refused": None, **changes}  # fmt: skip


def offer(**changes: Any) -> dict[str, Any]:
    return {"purpose": None, "offered_on": "2026-11-27", "choice": None, "changed": False,
            **changes}  # fmt: skip


def words(parts: dict[str, Any], language: Language = ENGLISH) -> str:
    found = sections({**EMPTY, **parts}, {"gate": "The gate"}, "Asia/Shanghai", language)
    return "\n".join(f"{one.heading}: {one.facts}" for one in found)


def test_a_value_of_the_other_direction_leaves_that_of_its_row() -> None:
    place = "שער (2)"
    found = words({"elsewhere": [item(where=place)]}, CHINESE)
    assert f"\\u2068{place}\\u2069" in found
    gate = {**EMPTY, "alternative_offers": [offer(purpose="gate")]}
    (offers,) = sections(gate, {"gate": place}, "Asia/Shanghai", ENGLISH)
    assert offers.facts == (("November 27, 2026", f"\u2068{place}\u2069; no choice yet"),)


def test_without_entries_there_is_no_section() -> None:
    assert words({}) == ""


@pytest.mark.parametrize(
    ("part", "record", "stated"),
    [
        ("elsewhere", item(), ["a photo", "Vendor; deletion not confirmed"]),
        ("elsewhere", item(since="2019-04-27", confirmed_at=AT), [
            "since April 27, 2019", "deletion confirmed on November 29, 2026"]),
        ("disclosures", disclosure(), ["November 27, 2026", "a photo, to Court; basis: order 1"]),
        ("disclosures", disclosure(whole_database=True), ["A breach of the whole database"]),
        ("requests", request(), ["access to your data: to be answered until December 27, 2026"]),
        ("requests", request(answered_at=AT, answer="done", refused="no right"), [
            "answered on November 29, 2026: done (refused: no right)"]),
        ("alternative_offers", offer(), ["for any purpose; no choice yet"]),
        ("alternative_offers", offer(purpose="gate", choice="face", changed=True), [
            "The gate; you chose your face; you chose otherwise later"]),
    ],
)  # fmt: skip
def test_an_entry_is_in_words(part: str, record: dict[str, Any], stated: list[str]) -> None:
    text = words({part: [record]})
    for one in stated:
        assert one in text


def test_every_kind_has_its_words_in_both_languages() -> None:
    for language in (ENGLISH, CHINESE):
        assert set(kinds_held_elsewhere(language)) == set(KINDS)
        for kind in REQUESTS:
            assert words({"requests": [request(kind=kind)]}, language)
    assert "指纹" in words({"elsewhere": [item(what="fingerprint")]}, CHINESE)
    assert "投诉" in words({"requests": [request(kind="complain")]}, CHINESE)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    found = sections({**EMPTY, "disclosures": [disclosure(recipient=text)]}, {}, "UTC", ENGLISH)
    assert f"to {printable(text)};" in plain(next(found).facts[0][1])
