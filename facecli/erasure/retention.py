"""When is something due to be erased? A pure function of the facts and a given time.

Each thing that is held of a person is due at the *earliest* of the moments that apply to it:

- its consent was withdrawn, ran out, or is to an earlier version of the purpose;
- its purpose was retired;
- its own retention is over (template, photo and match event each have theirs);
- the person has not been seen for longer than the purpose allows.

A consent's record goes when that consent ends; the person's own record, with name and REF, goes
with the last consent. A person listed without any consent (alternative-only, or not yet asked)
is due when inactive for as long as the most patient purpose allows. A hold keeps everything, and
what would be due is then said to be held. Moments are text in UTC (see `times`), which compares
as time does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from facecli.times import add

What = Literal["template", "photo", "match", "consent", "subject"]
Reason = Literal[
    "withdrawn",
    "consent-expired",
    "retention-over",
    "inactive",
    "purpose-retired",
    "purpose-revised",
]
NEVER = "9999-12-31T23:59:59Z"


class Rules(NamedTuple):
    """What a purpose says about keeping, as it stands now."""

    purpose: str
    version: int
    version_since: str
    retired_at: str | None
    retain: Mapping[str, str]  # template, photo, match -> a length
    inactive_after: str


class ConsentFact(NamedTuple):
    """One recorded consent."""

    item_id: int
    purpose: str
    version: int
    expires_at: str
    withdrawn_at: str | None


class HeldFact(NamedTuple):
    """A template, a photo or a match event."""

    what: What
    item_id: int
    purpose: str
    created_at: str


class SubjectFact(NamedTuple):
    """A person and all that is held of them. `held_until` is the end of a legal hold."""

    item_id: int
    ref: str
    pseudonym: str
    last_interaction: str
    held_until: str | None
    consents: tuple[ConsentFact, ...]
    things: tuple[HeldFact, ...]


class Decision(NamedTuple):
    """What is to be done about one thing: `due` at or before now, `held` by a hold, or `keep`.

    `due_at` is when it is, was, or will be due, and `reason` by which rule.
    """

    what: What
    item_id: int
    purpose: str | None
    decision: Literal["due", "held", "keep"]
    reason: Reason
    due_at: str


class _End(NamedTuple):
    at: str
    reason: Reason


def decide(subject: SubjectFact, rules: Mapping[str, Rules], now: str) -> list[Decision]:
    """One decision for each thing held of a subject, the subject's own record last.

    Args:
        subject: the facts.
        rules: of every purpose that the facts name, by code.
        now: the time at which to decide.
    """
    purposes = {fact.purpose for fact in subject.consents + subject.things}
    limits = {code: _limit(subject, rules[code]) for code in purposes}
    found: list[tuple[What, int, str | None, _End]] = []
    for thing in subject.things:
        over = _later(thing.created_at, rules[thing.purpose].retain[thing.what])
        limit = limits[thing.purpose] or _End(thing.created_at, "consent-expired")
        end = min(limit, _End(over, "retention-over"))
        found.append((thing.what, thing.item_id, thing.purpose, end))
    for consent in subject.consents:
        rule = rules[consent.purpose]
        end = min([_consent_end(consent, rule), *_purpose_ends(subject, rule)])
        found.append(("consent", consent.item_id, consent.purpose, end))
    found.append(("subject", subject.item_id, None, _subject_end(found, subject, rules)))
    held = subject.held_until is not None and subject.held_until > now
    return [
        Decision(what, item_id, purpose, _decision(end, now, held), end.reason, end.at)
        for what, item_id, purpose, end in found
    ]


def _decision(end: _End, now: str, held: bool) -> Literal["due", "held", "keep"]:
    if end.at > now:
        return "keep"
    return "held" if held else "due"


def _limit(subject: SubjectFact, rule: Rules) -> _End | None:
    """Until when anything may be kept for a purpose, whatever its own retention.

    None if there never was a consent: nothing may be kept then.
    """
    ends = [_consent_end(c, rule) for c in subject.consents if c.purpose == rule.purpose]
    return min([max(ends), *_purpose_ends(subject, rule)]) if ends else None


def _consent_end(consent: ConsentFact, rule: Rules) -> _End:
    end = _End(consent.expires_at, "consent-expired")
    if consent.withdrawn_at is not None:
        end = min(end, _End(consent.withdrawn_at, "withdrawn"))
    if consent.version < rule.version:
        end = min(end, _End(rule.version_since, "purpose-revised"))
    return end


def _purpose_ends(subject: SubjectFact, rule: Rules) -> Iterable[_End]:
    yield _End(_later(subject.last_interaction, rule.inactive_after), "inactive")
    if rule.retired_at is not None:
        yield _End(rule.retired_at, "purpose-retired")


def _subject_end(
    found: Iterable[tuple[What, int, str | None, _End]],
    subject: SubjectFact,
    rules: Mapping[str, Rules],
) -> _End:
    """With the last consent; without any, by the most patient purpose."""
    consents = [end for what, _, _, end in found if what == "consent"]
    if consents:
        return max(consents)
    patience = [_later(subject.last_interaction, rule.inactive_after) for rule in rules.values()]
    return _End(max(patience, default=NEVER), "inactive")


def _later(moment: str, length: str) -> str:
    """`moment` plus `length`; the date's part is remembered, as many things share their dates."""
    if length.endswith("h"):
        return add(moment, length)
    return _later_date(moment[:10], length) + moment[10:]


@lru_cache(maxsize=65536)
def _later_date(date: str, length: str) -> str:
    try:
        return add(f"{date}T00:00:00Z", length)[:10]
    except ValueError:
        return NEVER[:10]
