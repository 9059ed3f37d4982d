"""The terms of a purpose and their texts in several languages, compared with each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from facecli.consent import notices
from facecli.consent.purpose_terms import Terms, compare
from facecli.consent.purpose_texts import OF_PURPOSE, Texts

SENTENCES = (*OF_PURPOSE, "jurisdiction", "authority")
"""Fields that differ between languages; names, addresses and numbers need not."""


@dataclass(frozen=True)
class Behind:
    """A text that changed in some languages and not in the others.

    what: `notice`, or the name of a field. changed, as_before: the languages; None: not known.
    """

    what: str
    changed: tuple[str | None, ...]
    as_before: tuple[str | None, ...]


def left_behind(before: Terms, after: Terms) -> tuple[Behind, ...]:
    """Return the texts that changed in some of the languages which they have before and after.

    A new `notice_correction` says that the others are right, so that there are none.
    """
    if after.notice_correction not in (None, before.notice_correction):
        return ()
    olds, news = dict(_texts(before)), dict(_texts(after))
    found = []
    for what in olds.keys() & news.keys():
        old, new = olds[what], news[what]
        both = [language for language in new if language in old]
        changed = tuple(one for one in both if old[one] != new[one])
        as_before = tuple(one for one in both if old[one] == new[one])
        if changed and as_before:
            found.append(Behind(what, changed, as_before))
    return tuple(sorted(found, key=lambda one: (one.what != "notice", one.what)))


def changes_read(before: Terms, after: Terms, language: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield what `compare` returns, as a reader of a language reads it.

    A term whose text in that language is as before stands as its field states it.
    """
    old, new = before.in_language(language), after.in_language(language)
    texts = before.texts_in(language).keys() & after.texts_in(language).keys()
    changed = {name: values for name, *values in compare(before, after)[0] if "." not in name}
    for name, *values in compare(old, new)[0]:
        if name in changed or name in texts:
            changed[name] = values
    return ((name, was, now) for name, (was, now) in changed.items())


def untranslated(terms: Terms, names: Sequence[str], language: str) -> list[str]:
    """Return which of these fields state something, and have no text for a reader of a language.

    Fields whose language is not known count as none of the reader's.
    """
    if notices.matching([Texts(terms.own_language or "", {})], language) is not None:
        return []
    there = terms.texts_in(language)
    return [
        name for name in names if name in SENTENCES and getattr(terms, name) and name not in there
    ]


def _texts(terms: Terms) -> Iterator[tuple[str, dict[str | None, Any]]]:
    """Yield each text that the terms have, by language."""
    yield "notice", {one.language: one.text for one in terms.notices}
    for name in {name for one in terms.texts for name in one.values}:
        found: dict[str | None, Any] = {terms.own_language: getattr(terms, name)}
        found |= {one.language: one.values[name] for one in terms.texts if name in one.values}
        yield name, found
