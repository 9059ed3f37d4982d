"""The letter of a withdrawal: what was erased, or why a legal hold postpones it.

It names the person. So it is made in the act that erases them, from what was read before.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from facecli.audit import evidence, sealing
from facecli.audit.entries import Act
from facecli.cli.addressee import Addressee, refusal_facts
from facecli.consent import dates
from facecli.consent.register.document import item_record
from facecli.erasure.copies import known
from facecli.erasure.revocation import Revocation

if TYPE_CHECKING:
    from facecli.papers.languages import Language
    from facecli.papers.letter import Letter


def letter(
    act: Act, person: Addressee, done: Revocation, language: Language, *, certified: bool
) -> Letter:
    """Return the letter of a withdrawal that this act carried out.

    Args:
        person: as they were before.
        certified: a certificate comes with the letter.
    """
    from facecli.papers import certificate, refusal, register, term_words

    if done.seq is None:
        if person.hold is None:
            raise ValueError("nothing postpones this erasure")
        facts = refusal_facts(act.db, act.now, person, language)
        return refusal.postponed(facts, person.hold["until"], person.hold["reason"], language)
    zone = dates.zone_of(act.db)
    read = person.read_in(language)
    elsewhere = [item_record(item) for item in done.elsewhere]
    erased = certificate.ErasureFacts(
        controller=read.controller,
        contact=read.contact,
        purposes=read.about,
        person=person.name,
        pseudonym=done.subject.pseudonym,
        erased=Counter(one.what for one in done.decisions),
        reasons=sorted({one.reason for one in done.decisions}),
        whole=any(one.what == "subject" for one in done.decisions),
        seq=done.seq,
        at=act.now,
        zone=zone,
        trust_key=str(sealing.trust_key(act.db)),
        copies=_days_of_copies(act, done.seq),
        elsewhere=tuple(register.held_elsewhere(elsewhere, zone, language)),
        case=next((item.case_id for item in done.elsewhere), None),
        authority=read.authority,
        untranslated=term_words.untranslated(
            person.terms.values(),
            ("title", "authority") if read.about else ("authority",),
            language,
        ),
        certified=certified,
    )
    return certificate.letter(erased, language)


def _days_of_copies(act: Act, seq: int) -> list[str]:
    """Return the days on which the copies were made that may hold what an entry erased.

    They are days of the controller's time zone.
    """
    entry = evidence.entry(act.db, seq)
    copies = [] if entry is None else entry["details"]["copies"]
    found = [known.find(act.db, copy_id) for copy_id in copies]
    zone = dates.zone_of(act.db)
    return sorted({dates.day_of(copy.made_at, zone) for copy in found if copy is not None})
