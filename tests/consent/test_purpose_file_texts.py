"""Texts of a purpose file in further languages: each says as much as its field does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from facecli.consent.purpose_files import parse_file
from facecli.consent.purpose_texts import Texts
from facecli.errors.command_line import BadInput

Write = Callable[..., Path]
GATE = "\n[purpose.gate.texts.fr]\n"


@pytest.fixture
def with_texts(purposes_file: Write) -> Callable[..., Path]:
    """The sample purposes with more text at their end, and some fields changed."""

    def write(text: str, **changes: str) -> Path:
        path = purposes_file(**changes)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
        return path

    return write


def test_texts_of_the_controller_stand_in_each_purpose(with_texts: Write) -> None:
    more = '\n[controller.texts.fr]\nname = "Le Parc"\n' + GATE + 'title = "Entrée"\n'
    found = parse_file(with_texts(more))
    french, chinese = found["gate"].texts
    assert french == Texts("fr", {"controller_name": "Le Parc", "title": "Entrée"})
    assert (chinese.language, chinese.values["title"]) == ("zh", "公园入口通行")
    assert found["attendance"].texts[0] == Texts("fr", {"controller_name": "Le Parc"})


def test_law_and_authority_of_the_controller_have_texts_under_their_own_names(
    with_texts: Write,
) -> None:
    more = '\n[controller.texts.fr]\nauthority = "la CNIL"\n'
    path = with_texts(more, contact='"a@b.example"\nauthority = "CNIL"')
    assert parse_file(path)["gate"].in_language("fr").authority == "la CNIL"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (GATE + 'titel = "Entrée"\n', "`titel` is no field with texts in further languages"),
        (GATE + 'retain_photo = "1 jour"\n', "`retain_photo` is no field with texts"),
        (GATE + 'recipients = "aucun"\n', "the field `recipients` itself is not stated"),
        (GATE + "title = 3\n", "the field `title` must be text"),
        (GATE + "[purpose.gate.texts.fr.title]\nx = 1\n", "the field `title` must be text"),
        (GATE + 'title = " "\n', "the field `title` states nothing"),
        (GATE + 'title = "\\u202E\\u200D"\n', "the field `title` states nothing"),
        (GATE + 'alternative = "aucune"\n', "the field `alternative` states nothing"),
        (GATE + 'data = "gabarit"\n', "the field `data` must be a list of 1"),
        (GATE + 'data = ["gabarit", "photo"]\n', "the field `data` must be a list of 1"),
        (GATE + 'data = [""]\n', "the field `data` states nothing"),
        (GATE + "data = [1]\n", "the field `data` must be text"),
        ('\n[purpose.gate.texts.EN]\ntitle = "Gate"\n', "is the language of the fields themselves"),
        ('\n[purpose.gate.texts.ZH]\ntitle = "门"\n', "or is there twice"),
        ('\n[purpose.gate.texts."fr_FR"]\n[purpose.gate.texts.FR-fr]\n', "or is there twice"),
        ('\n[purpose.gate.texts."zh\\u001B[2J"]\n', "a table whose name is a language tag"),
        ('\n[purpose.gate.texts.""]\n', "a table whose name is a language tag"),
        ('\n[purpose.gate.texts."?"]\ntitle = "Gate"\n', "a table whose name is a language tag"),
        ('\n[controller.texts.fr]\ntimezone = "CET"\n', "`timezone` is no field with texts"),
    ],
)
def test_a_text_that_is_not_a_translation_is_refused(
    with_texts: Write, more: str, why: str
) -> None:
    with pytest.raises(BadInput, match="Nothing was changed") as refused:
        parse_file(with_texts(more))
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("language", "why"),
    [('"?"', "must be a language tag such as `en`"), ("7", "must be a language tag"),
     ('"zh"', "is the language of the fields themselves")],
)  # fmt: skip
def test_the_language_of_the_fields_is_stated_once(
    with_texts: Write, language: str, why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        parse_file(with_texts("", language=language))
    assert why in str(refused.value)


def test_texts_need_a_known_language_of_the_fields(purposes_file: Write) -> None:
    path = purposes_file()
    text = path.read_text(encoding="utf-8").replace('language = "en"\n', "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="the language of the fields is not known") as refused:
        parse_file(path)
    assert "attendance" in str(refused.value)  # the gate's is that of its first notice


def test_a_text_where_the_field_says_none_says_none_too(with_texts: Write) -> None:
    stated = {"rights": '"Ask"\nrecipients = "none"'}
    found = parse_file(with_texts(GATE + 'recipients = "aucun"\n', **stated))
    assert found["gate"].in_language("fr").recipients == "aucun"
    with pytest.raises(BadInput, match="the field `recipients` states more than its original"):
        parse_file(with_texts(GATE + 'recipients = "la banque"\n', **stated))
