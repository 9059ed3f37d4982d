"""The letter that asks a person again, because a purpose to which they agreed has changed."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from facecli.consent import notices, purpose_terms
from facecli.consent.notices import Notice
from facecli.consent.purpose_terms import Terms
from facecli.papers import term_words
from facecli.papers.checking import log_check
from facecli.papers.languages import Language
from facecli.papers.letter import Letter, Section


@dataclass(frozen=True)
class AskedAgain:
    """A person to ask again.

    Args:
        name: the subject's name, or None.
        before: the terms to which the person agreed.
        due_at: the moment from which the person's data is due, unless they agree.
    """

    ref: str
    name: str | None
    before: Terms
    due_at: str


@dataclass(frozen=True)
class Change:
    """The purpose as it is now: the same for all who are asked again.

    Args:
        since: the moment since which the new version is in force.
        at: the time of the letters.
        zone: the controller's time zone.
        trust_key: the log's trust key.
    """

    after: Terms
    version: int
    since: str
    at: str
    zone: str
    trust_key: str


def letter(person: AskedAgain, change: Change, language: Language) -> Letter:
    """Return the letter that asks one person again."""
    say, after = language.say, change.after
    notice = _notice(after, language)
    return Letter(
        language=language,
        title=say("We ask for your consent again"),
        controller=after.controller_name,
        contact=after.controller_contact,
        date=language.day(change.at, ZoneInfo(change.zone)),
        opening=(_opening(change, person.before, language),),
        sections=(
            _person(person, language),
            *_changed(person.before, after, language),
            Section(say("If you agree"), paragraphs=(_agreeing(person, change, language),)),
            Section(say("If you do not agree"), paragraphs=_declining(person, change, language)),
            *term_words.sections(after, change.version, language),
            Section(
                say("The notice"), markdown=notice.text, markdown_language=notice.language or ""
            ),
        ),
        check=log_check(language, change.trust_key),
    )


def _opening(change: Change, before: Terms, language: Language) -> str:
    return language.say(
        "{controller} changed the purpose “{purpose}” on {day}. Your consent covers it "
        "only as it was before. Your face is therefore not used for it now.",
        controller=change.after.controller_name,
        purpose=before.title,
        day=language.day(change.since, ZoneInfo(change.zone)),
    )


def _person(person: AskedAgain, language: Language) -> Section:
    named = ((language.say("Name"), person.name),) if person.name else ()
    return Section(language.say("You"), facts=(*named, (language.say("Reference"), person.ref)))


def _changed(before: Terms, after: Terms, language: Language) -> tuple[Section, ...]:
    """Return the terms before and now, and a sentence if the notice says something else."""
    say = language.say
    fields, _ = purpose_terms.compare(before, after)
    shown = {one.sha256 for one in before.notices}
    other = not shown & {one.sha256 for one in after.notices}
    words = (
        (say("The text of the notice has changed. The new one is at the end of this letter."),)
        if other
        else ()
    )
    return (
        Section(
            say("What has changed"), paragraphs=words, facts=term_words.changes(fields, language)
        ),
    )


def _agreeing(person: AskedAgain, change: Change, language: Language) -> str:
    return language.say(
        "Read the notice, and tell us by {day} that you agree: {contact}, or at the place where "
        "your face was recorded. You sign a form, or confirm it there. A new picture is not "
        "needed.",
        day=language.end(person.due_at, change.zone),
        contact=change.after.controller_contact,
    )


def _declining(person: AskedAgain, change: Change, language: Language) -> tuple[str, ...]:
    return (
        language.say(
            "You need not do anything, and you need not give a reason. What we hold on your face "
            "for this purpose is erased after {day}.",
            day=language.end(person.due_at, change.zone),
        ),
        language.say("Without your face: {alternative}.", alternative=change.after.alternative),
    )


def _notice(terms: Terms, language: Language) -> Notice:
    """Return the notice in the letter's language, or the principal one."""
    return notices.matching(terms.notices, language.tag) or terms.notices[0]
