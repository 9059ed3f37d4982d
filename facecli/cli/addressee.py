"""The person who gets a letter, and the controllers who write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from facecli.audit import sealing
from facecli.consent import consents, dates, holds, purposes, subjects
from facecli.consent.purpose_terms import Terms
from facecli.store.database import Database

if TYPE_CHECKING:
    from facecli.papers.refusal import RefusalFacts


@dataclass(frozen=True)
class Addressee:
    """A person, and the terms of the purposes that a letter to them is about, by code.

    name: the subject's name, or the REF. hold: `until` and `reason` of a legal hold.
    about: the titles of the purposes; none where the letter is about no purpose.
    """

    name: str
    terms: Mapping[str, Terms]
    about: Sequence[str] = ()
    hold: Mapping[str, str] | None = None

    @property
    def controller(self) -> str:
        """The controllers' names."""
        return joined([one.controller_name for one in self.terms.values()])

    @property
    def contact(self) -> str:
        """The addresses at which people reach the controllers."""
        return joined([one.controller_contact for one in self.terms.values()])

    @property
    def authority(self) -> str | None:
        """The supervisory authorities, where they are stated."""
        return joined([one.authority for one in self.terms.values() if one.authority]) or None

    @property
    def rights(self) -> list[str]:
        """The texts on the rights of the person, without repetitions."""
        return list(dict.fromkeys(one.rights for one in self.terms.values()))


def find(db: Database, ref: str, purpose: str | None = None) -> Addressee:
    """Return a subject with the purposes to which they consented, or the one that is named.

    The controller of a subject who consented to nothing is that of the latest purpose.

    Raises:
        Unknown: there is no such subject.
    """
    subject = subjects.find(db, ref)
    given = {one.purpose for one in consents.of_subject(db, subject.subject_id)}
    concerned = sorted(given if purpose is None else given & {purpose})
    terms = {code: purposes.find_known(db, code).terms for code in concerned}
    about = [one.title for one in terms.values()]
    if not terms and (others := purposes.list_all(db)):
        latest = max(others, key=lambda one: one.valid_from)
        terms = {latest.code: latest.terms}
    return Addressee(subject.name or subject.ref, terms, about, holds.of(db, subject))


def refusal_facts(
    db: Database, now: str, person: Addressee, *, alternative: str | None = None
) -> RefusalFacts:
    """Return the facts of a letter that refuses something.

    Args:
        alternative: the purpose's way without the face, for a letter about one purpose.
    """
    from facecli.papers import refusal

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
    )


def joined(texts: Sequence[str]) -> str:
    """Return the texts without repetitions; a database may have several controllers."""
    return "; ".join(dict.fromkeys(texts))
