"""The sections on subjects: who is held, for which purpose, on which version, until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from facecli.consent import purpose_revisions, retention_facts
from facecli.consent.dates import last_day
from facecli.consent.photo_sources import kind_of
from facecli.consent.retention import NEVER, Decision, RetentionRules, SubjectFact, decide
from facecli.report.custody.context import Context
from facecli.report.document import Column, Section, Table, Value
from facecli.store import holdings

FACE = {"template", "photo"}


@dataclass(frozen=True)
class _ForPurpose:
    """The data held of a subject for one purpose. The last of it is due at `until`."""

    purpose: str | None
    version: int | None
    templates: int
    photos: int
    consent_until: str | None
    face_until: str | None
    until: str
    reason: str


def section(context: Context) -> Section:
    """Return one row for each subject and purpose, and their numbers by the month of the end."""
    say = context.language.say
    rules = retention_facts.rules(context.db)
    sources = _sources(context)
    rows: list[tuple[Value, ...]] = []
    months: Counter[tuple[str, int | None, str]] = Counter()
    for subject in retention_facts.everybody(context.db):
        state = _state(subject, context.now)
        named = (subject.pseudonym, subject.ref) if context.with_refs else (subject.pseudonym,)
        origins = sources.get(subject.item_id, {})
        for one in _by_purpose(subject, rules, context.now):
            rows.append(
                (*named, state, one.purpose, one.version, one.templates, one.photos,
                 origins.get(one.purpose), one.consent_until, one.face_until, one.reason)
            )  # fmt: skip
            months[one.purpose or "", one.version, _month(one.until, context.zone)] += 1
    return Section(
        "subjects",
        say("Who is held, for which purpose, until when"),
        sentences=(
            say(
                "A subject is named by a pseudonym, as in the log. Face data and consent end at "
                "the earliest moment that applies: end of the consent, retention, inactivity, or "
                "the end of the purpose. A legal hold that runs longer keeps the data until it "
                "ends."
            ),
            say("A row without a purpose is a subject with no consent, template or photo."),
        ),
        tables=(_by_month(context, months), _by_subject(context, rows)),
    )


def _sources(context: Context) -> dict[int, dict[str | None, str]]:
    """Return the kinds of source that were stated for the templates of a subject and purpose.

    The text that goes with `other` stays in the database: it may be about a person.
    """
    found: dict[int, dict[str | None, str]] = {}
    codes = purpose_revisions.codes(context.db)
    for subject_id, purpose_id, source in holdings.sources(context.db):
        own, code, kind = found.setdefault(subject_id, {}), codes[purpose_id], kind_of(source)
        if kind not in own.get(code, "").split():
            own[code] = f"{own[code]} {kind}" if code in own else kind
    return found


def _by_month(context: Context, months: Counter[tuple[str, int | None, str]]) -> Table:
    say = context.language.say
    columns = (
        Column("purpose", say("Purpose")),
        Column("version", say("Version"), "number"),
        Column("month", say("Month of the end")),
        Column("subjects", say("Subjects"), "number"),
    )
    found = sorted(months.items(), key=lambda one: (one[0][0], one[0][1] or 0, one[0][2]))
    rows = [
        (code or None, version, month or None, count) for (code, version, month), count in found
    ]
    return Table("by_month", say("Subjects by purpose, version and month"), columns, rows)


def _by_subject(context: Context, rows: list[tuple[Value, ...]]) -> Table:
    say = context.language.say
    refs = (Column("ref", say("Reference")),) if context.with_refs else ()
    columns = (
        Column("subject_id", say("Subject")),
        *refs,
        Column("state", say("State"), "code"),
        Column("purpose", say("Purpose")),
        Column("version", say("Version"), "number"),
        Column("templates", say("Templates"), "number"),
        Column("photos", say("Photos"), "number"),
        Column("sources", say("Source of the photos"), "codes"),
        Column("consent_until", say("Consent until"), "end"),
        Column("face_until", say("Face data until"), "end"),
        Column("reason", say("Rule"), "code"),
    )
    return Table("by_subject", say("Subjects by purpose"), columns, rows)


def _state(subject: SubjectFact, now: str) -> str:
    if subject.held_until is not None and subject.held_until > now:
        return "restricted"
    return "alternative-only" if subject.alternative_only else "active"


def _by_purpose(
    subject: SubjectFact, rules: dict[str, RetentionRules], now: str
) -> Iterator[_ForPurpose]:
    """Yield what is held for each purpose; for a subject without any, the record alone."""
    found: dict[str | None, list[Decision]] = {}
    for one in decide(subject, rules, now):
        found.setdefault(one.purpose, []).append(one)
    record = found.pop(None)
    for purpose, decisions in (found or {None: record}).items():
        versions = [one.version for one in subject.consents if one.purpose == purpose]
        faces = [one for one in decisions if one.what in FACE]
        last = max(faces or decisions, key=lambda one: one.due_at)
        until, reason = _held(subject, last, now)
        yield _ForPurpose(
            purpose,
            max(versions, default=None),
            sum(one.what == "template" for one in decisions),
            sum(one.what == "photo" for one in decisions),
            max((one.due_at for one in decisions if one.what == "consent"), default=None),
            until if faces else None,
            until,
            reason,
        )


def _held(subject: SubjectFact, last: Decision, now: str) -> tuple[str, str]:
    """Return the end of what a decision is about, and its rule: a hold that runs longer counts."""
    hold = subject.held_until
    if hold is not None and hold > max(now, last.due_at):
        return hold, "legal-hold"
    return last.due_at, last.reason


def _month(moment: str, zone: str) -> str:
    return "" if moment >= NEVER else last_day(moment, zone)[:7]
