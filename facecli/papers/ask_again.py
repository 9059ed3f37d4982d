"""The letter that asks a person again, because a purpose to which they agreed has changed."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from facecli.consent import notices
from facecli.consent.asking_again import AskAgain
from facecli.consent.notices import Notice
from facecli.consent.purpose_languages import changes_read
from facecli.papers import term_words
from facecli.papers.checking import log_check
from facecli.papers.languages import Language
from facecli.papers.letter import Letter, Section


@dataclass(frozen=True)
class Circumstances:
    """The parts that letters of the same day have in common.

    Args:
        at: the time of the letters.
        zone: the controller's time zone.
        trust_key: the log's trust key.
    """

    at: str
    zone: str
    trust_key: str


def letter(person: AskAgain, circumstances: Circumstances, language: Language) -> Letter:
    """Return the letter that asks one person again."""
    say, terms = language.say, person.purpose.terms.in_language(language.tag)
    notice = notices.matching(terms.notices, language.tag) or terms.notices[0]
    return Letter(
        language=language,
        title=say("We ask for your consent again"),
        controller=terms.controller_name,
        contact=terms.controller_contact,
        date=language.day(circumstances.at, ZoneInfo(circumstances.zone)),
        opening=(_opening(person, circumstances.zone, language),),
        sections=(
            _person(person, language),
            _changed(person, notice, language),
            *_choice(person, circumstances.at, language),
            *term_words.sections(person.purpose.terms, person.purpose.version, language),
            _notice(notice, language),
        ),
        check=log_check(language, circumstances.trust_key),
    )


def _opening(person: AskAgain, zone: str, language: Language) -> str:
    terms = person.purpose.terms.in_language(language.tag)
    return language.say(
        "{controller} changed the purpose \u201c{purpose}\u201d on {day}. Your consent covers it "
        "only as it was before. Your face is therefore not used for it now.",
        controller=terms.controller_name,
        purpose=person.before.in_language(language.tag).title,
        day=language.day(person.purpose.version_since, ZoneInfo(zone)),
    )


def _person(person: AskAgain, language: Language) -> Section:
    say, subject = language.say, person.subject
    facts = ((say("Name"), subject.name), (say("Guardian"), subject.guardian),
             (say("Reference"), subject.ref))  # fmt: skip
    return Section(say("You"), facts=tuple((name, value) for name, value in facts if value))


def _changed(person: AskAgain, notice: Notice, language: Language) -> Section:
    """Return the terms before and now, and a sentence if the notice says something else.

    Args:
        notice: that of the letter.
    """
    say = language.say
    changed = changes_read(person.before, person.purpose.terms, language.tag)
    facts = term_words.changes(tuple(changed), language)
    words: tuple[str, ...] = ()
    if _says_something_else(person, notice):
        new = say("The text of the notice has changed. The new one is at the end of this letter.")
        words = (new,)
    elif not facts:
        words = (say("Texts in another language have changed. Those in this one are as before."),)
    return Section(say("What has changed"), paragraphs=words, facts=facts)


def _says_something_else(person: AskAgain, notice: Notice) -> bool:
    """Return True if this notice is new, and in the place of one that is gone."""
    before = {one.sha256 for one in person.before.notices}
    now = {one.sha256 for one in person.purpose.terms.notices}
    return notice.sha256 not in before and not before <= now


def _choice(person: AskAgain, now: str, language: Language) -> tuple[Section, ...]:
    """Return what comes of agreeing and of not agreeing; the data stays due once it is due."""
    say, terms = language.say, person.purpose.terms.in_language(language.tag)
    values = {"day": language.date(person.last_day), "contact": terms.controller_contact}
    other_way = say("Without your face: {alternative}.", alternative=terms.alternative)
    if person.due_at <= now:
        late = say(
            "It ended on {day}. What we hold on your face for this purpose is erased. You can "
            "agree later, and have your face recorded anew: {contact}.",
            **values,
        )
        return (Section(say("The time to agree is over"), paragraphs=(late, other_way)),)
    agreeing = say(
        "Read the notice, and tell us by {day} that you agree: {contact}, or at the place where "
        "your face was recorded. You sign a form, or confirm it there. A new picture is not "
        "needed.",
        **values,
    )
    declining = say(
        "You need not do anything, and you need not give a reason. What we hold on your face for "
        "this purpose is erased after {day}.",
        **values,
    )
    return (
        Section(say("If you agree"), paragraphs=(agreeing,)),
        Section(say("If you do not agree"), paragraphs=(declining, other_way)),
    )


def _notice(notice: Notice, language: Language) -> Section:
    return Section(
        language.say("The notice"), markdown=notice.text, markdown_language=notice.language or ""
    )
