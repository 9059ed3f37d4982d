"""The letter of a refusal: what was refused, the reason, and what the person can do.

Three kinds: a face that was not enrolled, a request that is not met, and an erasure that a legal
hold postpones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from facecli.errors.recognition import PresentationRefused
from facecli.papers import term_words
from facecli.papers.checking import log_check
from facecli.papers.languages import Language
from facecli.papers.letter import Letter, Section
from facecli.papers.register import request_kinds


@dataclass(frozen=True)
class RefusalFacts:
    """Everything that the letters of refusals state.

    Args:
        person: the subject's name, or the REF.
        purpose: the title of the purpose, where it is about one.
        alternative: the purpose's way without the face, if it is about one.
        rights: what the controller states on the rights of the person.
        authority: the supervisory authority, where it is stated.
        at: the time of the refusal.
        untranslated: sentences on texts that are not there in the letter's language.
    """

    controller: str
    contact: str
    person: str
    purpose: str | None
    alternative: str | None
    rights: Sequence[str]
    authority: str | None
    at: str
    zone: str
    trust_key: str
    untranslated: Sequence[str] = ()


def enrolment(facts: RefusalFacts, reasons: Sequence[str], language: Language) -> Letter:
    """Return the letter of an enrolment that was refused.

    Args:
        reasons: the reason codes, such as `no-consent`, without repetitions.
    """
    say = language.say
    words = tuple(_words(reason, language) for reason in reasons)
    return _letter(
        replace(facts, purpose=None),
        language,
        title=say("Your face was not enrolled"),
        opening=say(
            "{controller} has not stored the face of {person} for this purpose: {purpose}. "
            "Nothing of the new pictures is kept.",
            controller=facts.controller,
            person=facts.person,
            purpose=facts.purpose,
        ),
        reasons=words,
    )


def request(
    facts: RefusalFacts, kind: str, asked_on: str, reason: str, language: Language
) -> Letter:
    """Return the letter of a request that is refused.

    Args:
        kind: one of `consent.register.requests.KINDS`.
        asked_on: the day of the request.
        reason: the controller's reason, in its own words.
    """
    say = language.say
    return _letter(
        facts,
        language,
        title=say("Your request is refused"),
        opening=say(
            "{controller} does not meet the request of {person} of {day}: {request}.",
            controller=facts.controller,
            person=facts.person,
            day=language.date(asked_on),
            request=request_kinds(language)[kind],
        ),
        reasons=_quoted(reason, facts, language),
        more=(_court(language),),
    )


def postponed(facts: RefusalFacts, until: str, reason: str, language: Language) -> Letter:
    """Return the letter of a withdrawal whose erasure a legal hold postpones.

    Args:
        until: the end of the hold.
        reason: the reason of the hold, in the controller's own words.
    """
    say = language.say
    return _letter(
        facts,
        language,
        title=say("Your consent is withdrawn; your data is not erased yet"),
        opening=say(
            "{controller} has recorded on {day} that {person} withdraws the consent. The face is "
            "no longer used. The data must be kept until {end}, and is erased after that.",
            controller=facts.controller,
            day=language.day(facts.at, ZoneInfo(facts.zone)),
            person=facts.person,
            end=language.end(until, facts.zone),
        ),
        reasons=_quoted(reason, facts, language),
        more=(_court(language),),
    )


def _letter(
    facts: RefusalFacts,
    language: Language,
    *,
    title: str,
    opening: str,
    reasons: Sequence[str],
    more: Sequence[str] = (),
) -> Letter:
    say = language.say
    about = [(say("Purpose"), facts.purpose)] if facts.purpose else []
    if facts.alternative:
        about.append((say("Without your face"), facts.alternative))
    return Letter(
        language=language,
        title=title,
        controller=facts.controller,
        contact=facts.contact,
        date=language.day(facts.at, ZoneInfo(facts.zone)),
        opening=(opening, *facts.untranslated),
        sections=(
            Section(say("Reason"), paragraphs=tuple(reasons), facts=tuple(about)),
            Section(say("Your rights"), paragraphs=(*facts.rights, *_ways(facts, language), *more)),
        ),
        check=log_check(language, facts.trust_key),
    )


def _ways(facts: RefusalFacts, language: Language) -> tuple[str, ...]:
    return (
        language.say("If this is wrong, write to {contact}.", contact=facts.contact),
        term_words.complaint(facts.authority, language),
    )


def _court(language: Language) -> str:
    """Return the remedy against a right that is refused (PIPL 50, GDPR 12(4))."""
    return language.say("You can also bring the matter before a court.")


def _quoted(reason: str, facts: RefusalFacts, language: Language) -> tuple[str, ...]:
    """Return a reason that the operator wrote, in an unknown language, after its source."""
    return (
        language.say(
            "{controller} recorded this reason. It is quoted as it was written, and not "
            "translated:",
            controller=facts.controller,
        ),
        reason,
    )


def _words(reason: str, language: Language) -> str:
    """Return the reason of a refused enrolment, and what the person can do."""
    say = language.say
    words = {
        "no-consent": say("There is no consent of yours that covers it. Read the notice, and sign "
                          "the form if you agree."),
        "consent-expired": say("Your consent has ended. Give a new one if you still agree."),
        "consent-other-version": say("The purpose has changed since you agreed. Read the new "
                                     "notice, and sign a new form if you agree."),
        "form-already-used": say("The form was used before. Each person signs a form of their own "
                                 "for each purpose."),
        "notice-not-shown": say("Nobody has confirmed that you were shown the notice. Ask for it, "
                                "and read it before you agree."),
        "notice-declined": say("You did not agree to the notice. Nobody may be forced to."),
        "no-guardian": say("For a child, the guardian must agree."),
        "alternative-only": say("You chose the way without your face."),
        "restricted": say("Your data is kept for a legal reason, and must not be used."),
        "other-face": say("The face is not the one that is stored under your reference. Ask for "
                          "the record to be corrected if that one is not yours."),
        "duplicate-identity": say("The face is stored under another reference already. Ask for the "
                                  "record to be corrected if that one is not yours."),
        "already-enrolled": say("A template was made from this picture before."),
        "web-collected": say("A picture from the web is not accepted. Have one taken here."),
        "too-many-templates": say("As many templates of your face are stored as the purpose "
                                  "allows."),
        "purpose-retired": say("The purpose was given up."),
        "identity-changed": say("Another person came in front of the camera. Try again alone."),
        "no-face": say("No face was found in the picture. Try again with a new one."),
        "several-faces": say("The picture shows several faces. Try again with a picture of you "
                             "alone."),
        "face-too-small": say("Your face is too small in the picture. Try again from closer."),
        "blurred": say("Your face is not sharp in the picture. Hold still, and try again."),
        "too-dark": say("Your face is too dark in the picture. Try again with more light."),
        "too-bright": say("Your face is too bright in the picture. Try again with less light."),
        "turned-away": say("Your face is turned away in the picture. Look into the camera, and try "
                           "again."),
        "rotated": say("Your face is not upright in the picture. Try again with one in which it "
                       "is."),
        "not-a-face": say("Your face is covered in the picture, or it is not a face. Try again "
                          "with nothing in front of it."),
    }  # fmt: skip
    if reason in PresentationRefused.WORDS:
        return say(
            "The check that a person is in front of the camera was not passed. Try again. Code of "
            "the reason: {code}.",
            code=reason,
        )
    if reason in words:
        return words[reason]
    return say("Ask for the reason. Its code is {code}.", code=reason)
