"""The retention policy: a pure function of facts and a given time.

A thing that is held of a subject is due at the *earliest* of the moments that apply to it:

- its consent was withdrawn or ended;
- its consent is to an earlier version of the purpose, and the time to ask again is over;
- its purpose was retired;
- its own retention is over (template, photo and match event each have theirs);
- the subject had no interaction with the purpose for longer than the purpose allows.

What is due is not used, and stays due: the gate asks the same policy. A longer retention, a later
consent or a new interaction does not revive it. Therefore every revision of a purpose counts for
the time in which it was in force, and a `LapseFact` keeps what was due before a new consent.

A consent's record goes when that consent ends; the subject's own record, with name and REF, goes
with the last consent. A subject who gives no consent is due TIME_TO_CONSENT after they were added.
Whoever has an open request is not due for that reason; after the answer the time begins anew.
The record of a subject who is alternative-only stays until they withdraw: it keeps them from being
enrolled. A legal hold keeps everything; what would be due is `held`. Moments are text in UTC (see
`times`), which compares as time does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from facecli.consent.dates import end_of_day
from facecli.times import add

What = Literal["template", "photo", "match", "consent", "subject"]
Reason = Literal[
    "withdrawn",
    "consent-expired",
    "retention-over",
    "inactive",
    "purpose-retired",
    "purpose-revised",
    "purpose-met",
    "no-consent",
    "removed",  # by hand; the policy never decides it
]
TIME_TO_CONSENT = "30d"
NEVER = "9999-12-31T23:59:59Z"
ALWAYS = ""  # before every moment


class Span(NamedTuple):
    """A length that a purpose states, and the time in which it was in force.

    `since` is ALWAYS for a purpose's first revision; `until` is NEVER for the present one.
    """

    length: str
    since: str
    until: str


Spans = tuple[Span, ...]


class RetentionRules(NamedTuple):
    """The retention terms of a purpose, present and past.

    retain: the spans for template, photo and match. superseded: for each version after the first,
    its number, the moment it came into force, and the spans of its time to ask again. zone: the
    controller's time zone, in which days of interactions end.
    """

    purpose: str
    version: int
    retired_at: str | None
    retain: Mapping[str, Spans]
    inactive_after: Spans
    superseded: tuple[tuple[int, str, Spans], ...] = ()
    zone: str = "UTC"


class ConsentFact(NamedTuple):
    """One recorded consent. `last_day`: of an interaction of the subject with the purpose."""

    item_id: int
    purpose: str
    version: int
    expires_at: str
    withdrawn_at: str | None
    recorded_at: str
    last_day: str | None = None


class HeldFact(NamedTuple):
    """A template, a photo or a match event."""

    what: What
    item_id: int
    purpose: str
    created_at: str


class LapseFact(NamedTuple):
    """A break: what is older than `before` is due since `due_at`, whatever was agreed later."""

    purpose: str
    before: str
    due_at: str
    reason: Reason


class SubjectFact(NamedTuple):
    """A subject and all that is held of them. `held_until` is the end of a legal hold.

    waiting_since: the moment since which a consent is awaited, if there is none. open_request: a
    request of theirs has no answer yet.
    """

    item_id: int
    ref: str
    pseudonym: str
    waiting_since: str
    held_until: str | None
    consents: tuple[ConsentFact, ...]
    things: tuple[HeldFact, ...]
    lapses: tuple[LapseFact, ...] = ()
    alternative_only: bool = False
    open_request: bool = False


class Decision(NamedTuple):
    """The decision about one thing: `due` at or before now, `held` by a hold, or `keep`.

    `due_at` is when it is, was, or will be due, and `reason` the rule.
    """

    what: What
    item_id: int
    purpose: str | None
    decision: Literal["due", "held", "keep"]
    reason: Reason
    due_at: str


End = tuple[str, Reason]  # a moment and why; tuples compare by the moment first
_Ending = tuple[What, int, str | None, End]  # a thing, its purpose, and when it is due


def decide(subject: SubjectFact, rules: Mapping[str, RetentionRules], now: str) -> list[Decision]:
    """Return one decision for each thing held of a subject, the subject's own record last.

    Args:
        subject: the facts.
        rules: of every purpose that the facts name, by code.
        now: the time at which to decide.
    """
    return _decided(subject, _endings(subject, rules), now)


def due_or_held(
    subject: SubjectFact, rules: Mapping[str, RetentionRules], now: str
) -> list[Decision]:
    """Return the decisions other than `keep`: the same as `decide`, and quicker without any."""
    endings = [ending for ending in _endings(subject, rules) if ending[3][0] <= now]
    return _decided(subject, endings, now) if endings else []


def purpose_end(subject: SubjectFact, rules: RetentionRules) -> End | None:
    """Return when everything of a subject for one purpose is due by its consents and interactions.

    None: there is no consent to the purpose.
    """
    purpose = rules.purpose
    ends = [
        _end_of(subject, rules, consent)
        for consent in subject.consents
        if consent.purpose == purpose
    ]
    return max(ends, default=None)


def first_over(start: str, spans: Spans) -> str:
    """Return the first moment at which the length then in force was over, counted from `start`.

    A length also ends what is over in the very second in which a later one replaces it: an act
    earlier in that second may have found it due. What is made in that second has the later length.
    """
    if len(spans) == 1:  # nearly always, and asked a million times
        ((length, since, _),) = spans
        return max(later(start, length), since)
    first = NEVER
    for length, since, until in spans:
        over = max(later(start, length), since)
        if over < first and over <= until and start < until:
            first = over
    return first


def _decided(subject: SubjectFact, endings: Iterable[_Ending], now: str) -> list[Decision]:
    over: Literal["due", "held"] = "due"
    if subject.held_until is not None and subject.held_until > now:
        over = "held"
    return [
        Decision(what, item_id, purpose, "keep" if at > now else over, reason, at)
        for what, item_id, purpose, (at, reason) in endings
    ]


def _endings(subject: SubjectFact, rules: Mapping[str, RetentionRules]) -> list[_Ending]:
    """Return when each thing is due, and by which rule."""
    limits: dict[str, End] = {}  # the end of a purpose's consents and of the purpose itself
    agreed: list[_Ending] = []
    last: End | None = None
    for consent in subject.consents:
        purpose = consent.purpose
        end = _end_of(subject, rules[purpose], consent)
        limits[purpose] = max(end, limits.get(purpose, end))
        last = end if last is None else max(end, last)
        agreed.append(("consent", consent.item_id, purpose, end))
    endings: list[_Ending] = []
    for what, item_id, purpose, created_at in subject.things:
        end = min(
            (first_over(created_at, rules[purpose].retain[what]), "retention-over"),
            limits.get(purpose) or (created_at, "consent-expired"),
        )
        if subject.lapses:
            end = _lapsed(subject, purpose, created_at, end)
        endings.append((what, item_id, purpose, end))
    endings += agreed
    endings.append(("subject", subject.item_id, None, _end_of_record(subject, last)))
    return endings


def _end_of(subject: SubjectFact, rules: RetentionRules, consent: ConsentFact) -> End:
    """Return the end of one consent, by its own terms or with its purpose."""
    end: End = (consent.expires_at, "consent-expired")
    if consent.withdrawn_at is not None:
        end = min(end, (consent.withdrawn_at, "withdrawn"))
    for version, since, spans in rules.superseded:
        if consent.version < version:
            end = min(end, (first_over(since, spans), "purpose-revised"))
    if consent.last_day is not None:
        end = min(
            end,
            (
                first_over(end_of_day(consent.last_day, rules.zone), rules.inactive_after),
                "inactive",
            ),
        )
    if rules.retired_at is not None:
        end = min(end, (rules.retired_at, "purpose-retired"))
    return _lapsed(subject, rules.purpose, consent.recorded_at, end) if subject.lapses else end


def _lapsed(subject: SubjectFact, purpose: str, made_at: str, end: End) -> End:
    """Return the end of something, or the break since which it was due already."""
    breaks: list[End] = [
        (lapse.due_at, lapse.reason)
        for lapse in subject.lapses
        if lapse.purpose == purpose and made_at < lapse.before
    ]
    return min([end, *breaks])


def _end_of_record(subject: SubjectFact, last: End | None) -> End:
    """Return when the subject's own record is due. `last`: the end of the last consent, if any."""
    if subject.alternative_only or (subject.open_request and last is None):
        return NEVER, "no-consent"
    return last or (later(subject.waiting_since, TIME_TO_CONSENT), "no-consent")


def later(moment: str, length: str) -> str:
    """Return `moment` plus `length`, or NEVER's day where that is out of range.

    The date's part is cached, as many things share their dates."""
    if length.endswith("h"):
        return add(moment, length)
    return _later_date(moment[:10], length) + moment[10:]


@lru_cache(maxsize=65536)
def _later_date(date: str, length: str) -> str:
    try:
        return add(f"{date}T00:00:00Z", length)[:10]
    except ValueError:
        return NEVER[:10]
