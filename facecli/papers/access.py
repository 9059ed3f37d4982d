"""The letter that answers a request for access: everything held, readable by the person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from facecli.consent.photo_sources import OTHER
from facecli.consent.purpose_terms import Terms
from facecli.papers import register, term_words
from facecli.papers.checking import log_check
from facecli.papers.languages import Language
from facecli.papers.letter import Letter, Picture, Section

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AccessFacts:
    """Everything that the answer to a request for access states.

    Args:
        document: the data, as `report.disclosure.SUBJECT_SCHEMA` describes them.
        titles, versions: the title and the current version of each purpose by its code.
        terms: the terms as they stand of each consent, by its record id.
        rights: what the controller states on the rights of the person, without repetitions.
        authority: the supervisory authority, where it is stated.
        untranslated: sentences on texts that are not there in the letter's language.
        photos: the JPEG files of the photos by their names in `document`.
    """

    controller: str
    contact: str
    document: Mapping[str, Any]
    titles: Mapping[str, str]
    versions: Mapping[str, int]
    terms: Mapping[str, Terms]
    rights: Sequence[str]
    photos: Mapping[str, bytes]
    zone: str
    trust_key: str
    authority: str | None = None
    untranslated: Sequence[str] = ()


def letter(facts: AccessFacts, language: Language) -> Letter:
    """Return the answer to a request for access."""
    return Letter(
        language=language,
        title=language.say("The data that we hold on you"),
        controller=facts.controller,
        contact=facts.contact,
        date=language.day(facts.document["exported_at"], ZoneInfo(facts.zone)),
        opening=(_opening(facts, language), *facts.untranslated),
        sections=tuple(_sections(facts, language)),
        check=log_check(language, facts.trust_key),
    )


def untranslated(
    concerned: Iterable[Terms], agreed: Iterable[Terms], language: Language
) -> tuple[str, ...]:
    """Return sentences on texts that are not there in the letter's language.

    Args:
        concerned: the terms of the purposes that the person has to do with.
        agreed: the terms that they agreed to.
    """
    all_terms = [*concerned, *agreed]
    names = ("title", "rights", "authority", *term_words.IN_SHORT)
    return term_words.untranslated(all_terms, names, language)


def _opening(facts: AccessFacts, language: Language) -> str:
    subject = facts.document["subject"]
    return language.say(
        "This is all data that {controller} holds on {person} in its system for the recognition "
        "of faces, as of {time}. The files beside this letter hold the same data in full.",
        controller=facts.controller,
        person=subject["name"] or subject["ref"],
        time=language.time(facts.document["exported_at"], ZoneInfo(facts.zone)),
    )


def _sections(facts: AccessFacts, language: Language) -> Iterator[Section]:
    say, document = language.say, facts.document
    yield Section(say("You"), facts=_person(facts, language))
    for consent in document["consents"]:
        yield Section(say("Your consent"), facts=_consent(consent, facts, language))
    yield Section(say("Your face as numbers"), *_listed(_templates(facts, language), language))
    yield Section(
        say("Photos"),
        paragraphs=() if document["photos"] else (say("none"),),
        pictures=tuple(_pictures(facts, language)),
    )
    yield Section(say("Records of matches"), *_listed(_matches(facts, language), language))
    yield from register.sections(document, facts.titles, facts.zone, language)
    yield Section(say("What was done with your data"), *_listed(_log(facts, language), language))
    yield Section(say("Your rights"), paragraphs=tuple(_rights(facts, language)))


def _person(facts: AccessFacts, language: Language) -> Facts:
    say, zone = language.say, ZoneInfo(facts.zone)
    subject, hold = facts.document["subject"], facts.document["hold"]
    found = [
        (say("Reference"), subject["ref"]),
        (say("Name"), subject["name"] or say("none")),
        (say("In our records since"), language.day(subject["created_at"], zone)),
        (say("Last seen on"), language.date(subject["last_interaction"])),
        (say("Your number in the log"), subject["subject_id"]),
        (say("State"), _state(subject["state"], language)),
    ]
    if subject["guardian"]:
        found.append((say("Guardian"), subject["guardian"]))
    if hold:
        found.append((say("Legal hold until"), language.end(hold["until"], facts.zone)))
        found.append((say("Reason of the hold"), hold["reason"]))
    return tuple(found)


def _state(state: str, language: Language) -> str:
    say = language.say
    return {
        "active": say("in use"),
        "restricted": say("stored, and not used"),
        "alternative-only": say("you use the way without your face"),
    }.get(state, state)


def _consent(consent: Mapping[str, Any], facts: AccessFacts, language: Language) -> Facts:
    say, zone = language.say, ZoneInfo(facts.zone)
    title = facts.titles.get(consent["purpose"], consent["purpose"])
    found = [
        (say("Purpose"), say("{title}, version {version}", title=title,
                             version=consent["version"])),
        (say("Given on"), language.day(consent["given_at"], zone)),
        term_words.validity(consent["expires_at"], facts.zone, language),
    ]  # fmt: skip
    if consent["withdrawn_at"]:
        found.append((say("Withdrawn on"), language.day(consent["withdrawn_at"], zone)))
    elif consent["version"] < facts.versions.get(consent["purpose"], 0):
        found.append((say("State"), say("for an earlier version, which no longer counts")))
    found.append((say("Number of its receipt"), consent["record_id"]))
    return (*found, *term_words.in_short(facts.terms[consent["record_id"]], language))


def _templates(facts: AccessFacts, language: Language) -> Facts:
    zone = ZoneInfo(facts.zone)
    return tuple(
        (
            language.time(one["created_at"], zone),
            language.say(
                "{title}: {count} numbers, by {engine}; source of the picture: {source}",
                title=facts.titles.get(one["purpose"], one["purpose"]),
                count=language.number(len(one["vector"])),
                engine=one["engine"],
                source=_source(one["source"], language),
            ),
        )
        for one in facts.document["templates"]
    )


def _source(source: str | None, language: Language) -> str:
    """Return the source of a photo in words; that of `other:TEXT` is the operator's own."""
    say = language.say
    if source is None:
        return say("not stated")
    known = {
        "camera": say("a camera of ours"),
        "handed-in": say("handed in by you or for you"),
        "document": say("a card or file that we had"),
    }
    return known.get(source) or source.removeprefix(f"{OTHER}:")


def _pictures(facts: AccessFacts, language: Language) -> Iterator[Picture]:
    zone = ZoneInfo(facts.zone)
    for one in facts.document["photos"]:
        title = facts.titles.get(one["purpose"], one["purpose"])
        time = language.time(one["captured_at"], zone)
        caption = language.say(
            "{title}, {time}; source: {source}",
            title=title,
            time=time,
            source=_source(one["source"], language),
        )
        yield Picture(one["file"], caption, facts.photos[one["file"]])


def _matches(facts: AccessFacts, language: Language) -> Facts:
    zone = ZoneInfo(facts.zone)
    return tuple(
        (language.time(one["at"], zone), facts.titles.get(one["purpose"], one["purpose"]))
        for one in facts.document["matches"]
    )


def _log(facts: AccessFacts, language: Language) -> Facts:
    zone = ZoneInfo(facts.zone)
    return tuple(
        (language.time(one["at"], zone), _act(one, facts, language))
        for one in facts.document["log"]
    )


def _act(entry: Mapping[str, Any], facts: AccessFacts, language: Language) -> str:
    """Return an act in words, and the purpose that it was for."""
    words = _acts(language).get(entry["action"], str(entry["action"]))
    if entry["outcome"] != "done":
        words = language.say("{act}: refused or failed", act=words)
    purpose = entry["purpose"]
    if purpose is None:
        return words
    return language.say("{act} ({purpose})", act=words, purpose=facts.titles.get(purpose, purpose))


def _acts(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "subject.add": say("your record was made"),
        "subject.correct": say("your record was corrected"),
        "subject.complete": say("the purpose is met"),
        "subject.alternative": say("the alternative was chosen, or no longer chosen"),
        "subject.export": say("a copy of your data was made"),
        "subject.hold": say("a legal hold was set"),
        "subject.release": say("a legal hold was ended"),
        "elsewhere.add": say("data that others hold was recorded"),
        "elsewhere.confirm": say("a deletion by others was confirmed"),
        "disclosure.record": say("a disclosure was recorded"),
        "request.record": say("your request was recorded"),
        "request.answer": say("your request was answered"),
        "alternative.offer": say("the way without your face was offered"),
        "consent.record": say("your consent was recorded"),
        "consent.withdraw": say("your consent was withdrawn"),
        "consent.receipt": say("a receipt was made"),
        "match": say("your face was found in a search"),
        "verify": say("your face was compared with your templates"),
        "enroll": say("a template of your face was stored"),
        "reenroll": say("a template of your face was made anew"),
        "purge": say("data that was due was erased"),
        "revoke": say("data was erased after a withdrawal"),
    }


def _listed(found: Facts, language: Language) -> tuple[tuple[str, ...], Facts]:
    """Return paragraphs and facts of a section; "none" where there is nothing to list."""
    return ((), found) if found else ((language.say("none"),), ())


def _rights(facts: AccessFacts, language: Language) -> Iterator[str]:
    yield from facts.rights
    yield language.say(
        "To have data corrected or erased, or to withdraw a consent, write to {contact}.",
        contact=facts.contact,
    )
    yield term_words.complaint(facts.authority, language)
