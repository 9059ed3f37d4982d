"""The answer to a request for access: all of the document, in words, and the photos."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from facecli.papers.access import AccessFacts, letter
from facecli.papers.as_html import html
from facecli.papers.as_text import text
from facecli.papers.languages import choose
from tests.consent.conftest import TERMS
from tests.papers.conftest import HOSTILE, KEY

ENGLISH, CHINESE = choose("en").language, choose("zh").language
MOMENT = "2026-11-28T16:30:00Z"


def jpeg() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(stream, "JPEG")
    return stream.getvalue()


def facts(name: str | None = "Li Wei", **changes: Any) -> AccessFacts:
    """Everything held on a person; `changes` are of the document."""
    document = {
        "exported_at": MOMENT,
        "subject": {
            "ref": "A-1", "name": name, "state": "restricted", "minor": True, "guardian": "Li Na",
            "created_at": MOMENT, "last_interaction": "2026-11-27", "subject_id": "s-0f3a",
        },
        "hold": {"reason": "case 7", "until": "2027-06-30T16:00:00Z", "set_at": MOMENT},
        "consents": [{
            "record_id": "r-1", "purpose": "gate", "version": 2, "given_at": MOMENT,
            "expires_at": "2027-11-28T16:00:00Z", "withdrawn_at": MOMENT,
        }],
        "templates": [{"purpose": "gate", "engine": "sface-1", "created_at": MOMENT,
                       "vector": [0.5] * 128, "source": "handed-in"}],
        "photos": [{"file": "photos/photo-0001.jpg", "purpose": "gate", "captured_at": MOMENT,
                    "source": "other:the old album"}],
        "matches": [{"at": MOMENT, "purpose": "gate"}],
        "elsewhere": [], "disclosures": [], "requests": [], "alternative_offers": [],
        "log": [
            {"at": MOMENT, "action": "enroll", "outcome": "refused", "purpose": "gate"},
            {"at": MOMENT, "action": "some.act", "outcome": "done", "purpose": None},
        ],
        **changes,
    }  # fmt: skip
    return AccessFacts(
        controller="Park", contact="privacy@park.example", document=document,
        titles={"gate": "Entry at the gate"}, versions={"gate": 2}, terms={"r-1": TERMS},
        rights=["Ask at the desk."],
        photos={"photos/photo-0001.jpg": jpeg()}, zone="Asia/Shanghai", trust_key=KEY,
    )  # fmt: skip


@pytest.mark.parametrize(
    "stated",
    ["A-1", "Li Wei", "Li Na", "s-0f3a", "November 27, 2026", "June 30, 2027", "case 7",
     "Entry at the gate, version 2", "November 28, 2027", "128 numbers, by sface-1",
     "source of the picture: handed in by you or for you", "; source: the old album",
     "photos/photo-0001.jpg", "a template of your face was stored: refused or failed",
     "some.act", "Ask at the desk.", "stored, and not used", KEY],
)  # fmt: skip
def test_everything_held_is_stated(stated: str) -> None:
    assert stated in text(letter(facts(), ENGLISH), 200)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "not stated"),
        ("camera", "a camera of ours"),
        ("document", "a card or file that we had"),
    ],
)
def test_the_source_of_a_photo_is_stated_or_said_not_to_be(source: str | None, words: str) -> None:
    photo = {**facts().document["photos"][0], "source": source}
    assert f"; source: {words}" in text(letter(facts(photos=[photo]), ENGLISH), 200)


def test_a_consent_states_its_ground_what_is_kept_and_how_long() -> None:
    (consent,) = [one for one in letter(facts(), ENGLISH).sections if one.heading == "Your consent"]
    stated = dict(consent.facts)
    assert stated["Legal basis"] == TERMS.legal_basis
    assert {"Data", "Template of your face", "Photo", "Record of a match"} <= set(stated)


def test_a_consent_that_ends_inside_a_day_is_not_said_to_include_it() -> None:
    consent = {**facts().document["consents"][0], "expires_at": "2027-11-28T09:15:00Z"}
    words = text(letter(facts(consents=[consent]), ENGLISH), 200)
    assert "this day included" not in words
    assert "Valid until" in words


@pytest.mark.parametrize(("version", "withdrawn", "said"),
                         [(1, None, True), (2, None, False), (1, MOMENT, False)])  # fmt: skip
def test_a_consent_to_an_earlier_version_is_said_not_to_count(
    version: int, withdrawn: str | None, *, said: bool
) -> None:
    consent = {**facts().document["consents"][0], "version": version, "withdrawn_at": withdrawn}
    words = text(letter(facts(consents=[consent]), ENGLISH), 200)
    assert ("an earlier version, which no longer counts" in words) is said


def test_the_authority_for_complaints_is_the_one_that_is_stated() -> None:
    assert "complain to the authority for" in text(letter(facts(), ENGLISH), 200)
    words = text(letter(replace(facts(), authority="the CAC"), ENGLISH), 200)
    assert "You can also complain to the CAC." in words


def test_what_is_not_held_is_stated_too() -> None:
    empty: dict[str, Any] = {
        "consents": [],
        "templates": [],
        "photos": [],
        "matches": [],
        "log": [],
    }
    made = letter(facts(None, hold=None, **empty), ENGLISH)
    nothing = [one.heading for one in made.sections if one.paragraphs == ("none",)]
    assert nothing == ["Your face as numbers", "Photos", "Records of matches",
                       "What was done with your data"]  # fmt: skip
    assert "A-1" in made.opening[0]


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_holds_the_photos_and_no_markup_of_others(language: Any, name: str) -> None:
    page = html(letter(facts(name), language))
    assert page.count("<img") == page.count('<img src="data:image/jpeg;base64,') == 1
    assert "<script" not in page
