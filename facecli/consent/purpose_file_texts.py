"""Reading the texts of a purpose file in further languages: tables `texts.TAG` beside fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facecli.consent.notices import TAG, folded
from facecli.consent.purpose_texts import OF_CONTROLLER, OF_PURPOSE, Text, Texts
from facecli.consent.text import is_empty_word
from facecli.errors.command_line import BadInput

STATED_BY_CONTROLLER = {"jurisdiction", "authority"}
"""Fields of the table [controller] that the terms have under the same name."""


def texts(
    purpose: Mapping[str, Any],
    controller: Mapping[str, Any],
    own: str | None,
    where: str,
    at_top: str,
) -> tuple[Texts, ...]:
    """Return the texts of a purpose and of its controller in further languages, by language.

    Args:
        purpose, controller: their tables, whose fields are read already.
        own: the language of these fields.
        where, at_top: the tables, for refusals.

    Raises:
        BadInput: a text has no field, or says nothing where the field says something.
    """
    found: dict[str, dict[str, Text]] = {}
    for tag, table, place in _tables(controller, at_top):
        values = _values(table, OF_CONTROLLER, controller, place)
        found[tag] = {_term(name): text for name, text in values.items()}
    for tag, table, place in _tables(purpose, where):
        found[tag] = {**found.get(tag, {}), **_values(table, OF_PURPOSE, purpose, place)}
    _check_languages(list(found), own, where)
    return tuple(Texts(tag, found[tag]) for tag in sorted(found))


def language(purpose: Mapping[str, Any], where: str) -> str | None:
    """Return the language of the fields, where a purpose states it.

    Raises:
        BadInput: it is no language tag.
    """
    stated = purpose.get("language")
    if stated is None or (isinstance(stated, str) and TAG.fullmatch(stated)):
        return stated
    raise BadInput(what=where, why="the field `language` must be a language tag such as `en`")


def _tables(owner: Mapping[str, Any], where: str) -> list[tuple[str, Mapping[str, Any], str]]:
    """Return the tag of each language, its table, and the name of that for refusals."""
    tables = owner.get("texts", {})
    if not isinstance(tables, dict):
        raise BadInput(what=where, why="`texts` must be tables, one for each language")
    for tag, table in tables.items():
        if not TAG.fullmatch(tag) or not isinstance(table, dict):
            why = f"`texts.{tag}` must be a table whose name is a language tag such as `zh`"
            raise BadInput(what=where, why=why)
    return [(tag, table, f"{where}: [texts.{tag}]") for tag, table in tables.items()]


def _check_languages(tags: list[str], own: str | None, where: str) -> None:
    if tags and own is None:
        why = 'the language of the fields is not known; write language = "en" for English'
        raise BadInput(what=where, why=why)
    seen = {folded(str(own))}
    for tag in tags:
        if folded(tag) in seen:
            why = f"[texts.{tag}] is the language of the fields themselves, or is there twice"
            raise BadInput(what=where, why=why)
        seen.add(folded(tag))


def _values(
    table: Mapping[str, Any], names: tuple[str, ...], owner: Mapping[str, Any], where: str
) -> dict[str, Text]:
    for name in table:
        if name not in names:
            raise BadInput(what=where, why=f"`{name}` is no field with texts in further languages")
        if name not in owner:
            raise BadInput(what=where, why=f"the field `{name}` itself is not stated")
    return {name: _value(text, name, owner[name], where) for name, text in table.items()}


def _value(text: Any, name: str, field: Any, where: str) -> Text:
    """Return a text that states as much as its field does: a text, or as many texts of a list."""
    if isinstance(field, list):
        if not isinstance(text, list) or len(text) != len(field):
            why = f"the field `{name}` must be a list of {len(field)}, as in the purpose itself"
            raise BadInput(what=where, why=why)
        return tuple(
            str(_value(one, name, own, where)) for one, own in zip(text, field, strict=True)
        )
    if not isinstance(text, str):
        raise BadInput(what=where, why=f"the field `{name}` must be text")
    if is_empty_word(text) and not is_empty_word(field):
        raise BadInput(what=where, why=f"the field `{name}` states nothing, unlike its original")
    if is_empty_word(field) and not is_empty_word(text):
        raise BadInput(what=where, why=f"the field `{name}` states more than its original")
    return text


def _term(name: str) -> str:
    return name if name in STATED_BY_CONTROLLER else f"controller_{name}"
