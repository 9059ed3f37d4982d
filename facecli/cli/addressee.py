"""The person who gets a letter, and the controllers who write it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from facecli.audit import sealing
from facecli.consent import consents, dates, holds, purposes, subjects
from facecli.consent.purpose_terms import Terms, joined
from facecli.store.database import Database

if TYPE_CHECKING:
    from facecli.papers.languages import Language
    from facecli.papers.refusal import RefusalFacts


@dataclass(frozen=True)
class Addressee:
    """A person, and the terms of the purposes that a letter to them is about, by code.

    name: the subject's name, or the REF. hold: `until` and `reason` of a legal hold.
    concerned: the codes of the purposes that the letter is about; there may be none.
    """

    name: str
    terms: Mapping[str, Terms]
    concerned: Sequence[str] = ()
    hold: Mapping[str, str] | None = None

    def read_in(self, language: Language) -> Addressee:
        """Return the same with each text in a language, where there is one."""
        tag = language.tag
        return replace(self, terms={code: one.in_language(tag) for code, one in self.terms.items()})

    @property
    def about(self) -> list[str]:
        """The titles of the purposes that the letter is about."""
        return [self.terms[code].title for code in self.concerned]

    @property
    def controller(self) -> str:
        """The controllers' names."""
        return joined(one.controller_name for one in self.terms.values())

    @property
    def contact(self) -> str:
        """The addresses at which people reach the controllers."""
        return joined(one.controller_contact for one in self.terms.values())

    @property
    def authority(self) -> str | None:
        """The supervisory authorities, where they are stated."""
        return joined(one.authority for one in self.terms.values()) or None

    @property
    def rights(self) -> list[str]:
        """The texts on the rights of the person, without repetitions."""
        return list(dict.fromkeys(one.rights for one in self.terms.values()))


def find(db: Database, ref: str, among: Collection[str] | None = None) -> Addressee:
    """Return a subject with the purposes to which they consented, or those of them in `among`.

    The controller of a subject who consented to nothing is that of the latest purpose.

    Raises:
        Unknown: there is no such subject.
    """
    subject = subjects.find(db, ref)
    given = {one.purpose for one in consents.of_subject(db, subject.subject_id)}
    concerned = sorted(given if among is None else given.intersection(among))
    terms = {code: purposes.find_known(db, code).terms for code in concerned}
    if not terms and (others := purposes.list_all(db)):
        latest = max(others, key=lambda one: one.valid_from)
        terms = {latest.code: latest.terms}
    return Addressee(subject.name or subject.ref, terms, concerned, holds.of(db, subject))


def refusal_facts(
    db: Database, now: str, addressee: Addressee, language: Language, *, enrolment: bool = False
) -> RefusalFacts:
    """Return the facts of a letter that refuses something.

    Args:
        enrolment: it is about one purpose, whose way without the face it names.
    """
    from facecli.papers import refusal, term_words

    person = addressee.read_in(language)
    stated = ["rights", *(["title"] if person.concerned else [])]
    alternative = None
    if enrolment:
        (terms,) = person.terms.values()
        alternative = terms.alternative
        stated.append("alternative")
    return refusal.RefusalFacts(
        controller=person.controller,
        contact=person.contact,
        person=person.name,
        purpose=joined(person.about) or None,
        alternative=alternative,
        rights=person.rights,
        authority=person.authority,
        at=now,
        zone=dates.zone_of(db),
        trust_key=str(sealing.trust_key(db)),
        untranslated=term_words.untranslated(addressee.terms.values(), stated, language),
    )
