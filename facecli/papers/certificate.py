"""The letter of a certificate of erasure: what is gone, and the proof of it.

It names the person, so it is made before the erasure and handed over: nothing of it stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from facecli.papers.checking import check
from facecli.papers.languages import Language
from facecli.papers.letter import Letter, Section
from facecli.papers.term_words import Facts, complaint


@dataclass(frozen=True)
class ErasureFacts:
    """Everything that the letter of an erasure states.

    Args:
        controllers: name and contact of the controller, of each purpose that was erased.
        purposes: the titles of those purposes; none of a subject who agreed to none.
        person: the subject's name, or the REF.
        pseudonym: the subject's id in the log.
        erased: numbers of erased things by kind: template, photo, match, consent, subject.
        reasons: as in the purge's rows: `withdrawn`, `consent-expired`, ...
        whole: nothing on the subject is left.
        seq: number of the log's entry.
        copies: the days on which the copies were made that may still hold the data.
        elsewhere: what is held outside facecli and where, a pair each.
        case: the id under which that is followed up, where the subject is gone.
        authority: the supervisory authority, where it is stated.
        untranslated: sentences on texts that are not there in the letter's language.
        certified: a certificate comes with the letter.
        at: time of the erasure.
    """

    controller: str
    contact: str
    purposes: Sequence[str]
    person: str
    pseudonym: str
    erased: Mapping[str, int]
    reasons: Sequence[str]
    whole: bool
    seq: int
    at: str
    zone: str
    trust_key: str
    copies: Sequence[str] = ()
    elsewhere: Facts = ()
    case: str | None = None
    authority: str | None = None
    untranslated: Sequence[str] = ()
    certified: bool = True


def letter(facts: ErasureFacts, language: Language) -> Letter:
    """Return the letter of a certificate of erasure."""
    say = language.say
    return Letter(
        language=language,
        title=say("Your data has been erased"),
        controller=facts.controller,
        contact=facts.contact,
        date=language.day(facts.at, ZoneInfo(facts.zone)),
        opening=(_opening(facts, language), _rest(facts, language), *facts.untranslated),
        sections=(
            Section(say("What was erased"), facts=_erased(facts, language)),
            *_remaining(facts, language),
            Section(
                say("Your rights"),
                paragraphs=(
                    say("If this is wrong, write to {contact}.", contact=facts.contact),
                    complaint(facts.authority, language),
                ),
            ),
        ),
        check=check(
            language,
            _proof(facts, language),
            "facecli log verify --certificate certificate.json",
            facts.trust_key,
        ),
    )


def _opening(facts: ErasureFacts, language: Language) -> str:
    day = language.time(facts.at, ZoneInfo(facts.zone))
    if not facts.purposes:
        return language.say(
            "{controller} has erased the data on {person} on {day}.",
            controller=facts.controller,
            person=facts.person,
            day=day,
        )
    return language.say(
        "{controller} has erased the data on the face of {person} on {day}.",
        controller=facts.controller,
        person=facts.person,
        day=day,
    )


def _rest(facts: ErasureFacts, language: Language) -> str:
    if facts.whole:
        return language.say(
            "Our database holds nothing on you any more: no name, no reference, no face."
        )
    return language.say(
        "Your name and reference are still held, and so is data for other purposes, if you agreed "
        "to any."
    )


def _erased(facts: ErasureFacts, language: Language) -> tuple[tuple[str, str], ...]:
    say = language.say
    names = {
        "template": say("Templates of your face"),
        "photo": say("Photos"),
        "match": say("Records of matches"),
        "consent": say("Records of consent"),
        "subject": say("Name and reference"),
    }
    found = [
        (names[what], say("erased") if what == "subject" else language.number(count))
        for what, count in facts.erased.items()
        if count
    ]
    about = ((say("Purpose"), language.listed(list(facts.purposes))),) if facts.purposes else ()
    reasons = facts.reasons if facts.purposes else ("no-consent",)
    return (
        *about,
        *found,
        (say("Reason"), language.listed([_reason(one, language) for one in reasons])),
    )


def _reason(code: str, language: Language) -> str:
    say = language.say
    return {
        "withdrawn": say("you withdrew your consent"),
        "consent-expired": say("your consent ended"),
        "retention-over": say("the time for which it may be kept is over"),
        "inactive": say("you did not come for a long time"),
        "purpose-retired": say("the purpose was given up"),
        "purpose-revised": say("the purpose changed, and you did not agree to the change"),
        "purpose-met": say("the purpose is met"),
        "no-consent": say("there was no consent"),
    }.get(code, code)


def _proof(facts: ErasureFacts, language: Language) -> str:
    if facts.certified:
        return language.say(
            "Entry {seq} of our log records this erasure. The certificate that comes with this "
            "letter proves it. Whoever has it can check it, without access to our systems:",
            seq=facts.seq,
        )
    return language.say(
        "Entry {seq} of our log records this erasure. Ask for its certificate, which proves it. "
        "Whoever has it can check it, without access to our systems:",
        seq=facts.seq,
    )


def _remaining(facts: ErasureFacts, language: Language) -> tuple[Section, ...]:
    paragraphs = tuple(_remains(facts, language))
    heading = language.say("What remains")
    return (Section(heading, paragraphs, facts.elsewhere),) if paragraphs else ()


def _remains(facts: ErasureFacts, language: Language) -> Iterator[str]:
    if facts.whole:
        yield _pseudonym(facts, language)
    if facts.copies:
        days = [language.date(day) for day in facts.copies]
        yield language.say(
            "Backups of these days may still hold the data: {days}. They are not used. The data is "
            "erased in them too, and the log records when.",
            days=language.listed(days),
        )
    if facts.elsewhere and facts.case:
        yield language.say(
            "State the case number {case} when you ask about what others hold. It does not name "
            "you.",
            case=facts.case,
        )
    if facts.elsewhere:
        yield language.say(
            "This is recorded as held outside the system. We ask for proof that it is deleted:"
        )


def _pseudonym(facts: ErasureFacts, language: Language) -> str:
    return language.say(
        "The log calls you {pseudonym}. It says what was done and when, and has neither your name "
        "nor your reference nor your face. Nothing in our database links this number to you any "
        "more: keep this letter if you want to show later that it was yours.",
        pseudonym=facts.pseudonym,
    )
