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


_End = tuple[str, Reason]  # a moment and why; tuples compare by the moment first
_Ending = tuple[What, int, str | None, _End]  # a thing, its purpose, and when it is due


def decide(subject: SubjectFact, rules: Mapping[str, Rules], now: str) -> list[Decision]:
    """One decision for each thing held of a subject, the subject's own record last.

    Args:
        subject: the facts.
        rules: of every purpose that the facts name, by code.
        now: the time at which to decide.
    """
    return _decided(subject, _endings(subject, rules), now)


def due_or_held(subject: SubjectFact, rules: Mapping[str, Rules], now: str) -> list[Decision]:
    """The decisions that are not to keep: the same, and quicker where there are none."""
    endings = [ending for ending in _endings(subject, rules) if ending[3][0] <= now]
    return _decided(subject, endings, now) if endings else []


def _decided(subject: SubjectFact, endings: Iterable[_Ending], now: str) -> list[Decision]:
    over: Literal["due", "held"] = "due"
    if subject.held_until is not None and subject.held_until > now:
        over = "held"
    return [
        Decision(what, item_id, purpose, "keep" if at > now else over, reason, at)
        for what, item_id, purpose, (at, reason) in endings
    ]


def _endings(subject: SubjectFact, rules: Mapping[str, Rules]) -> list[_Ending]:
    """When each thing is due, and by which rule."""
    limits: dict[str, _End] = {}  # until when a purpose's consents and the purpose itself last
    agreed: list[_Ending] = []
    last: _End | None = None
    for item_id, purpose, version, expires_at, withdrawn_at in subject.consents:
        rule = rules[purpose]
        end = _consent_end(rule, version, expires_at, withdrawn_at)
        end = min(end, _purpose_end(subject, rule))
        limits[purpose] = max(end, limits.get(purpose, end))
        last = end if last is None else max(end, last)
        agreed.append(("consent", item_id, purpose, end))
    endings: list[_Ending] = []
    for what, item_id, purpose, created_at in subject.things:
        end = min(
            (later(created_at, rules[purpose].retain[what]), "retention-over"),
            limits.get(purpose) or (created_at, "consent-expired"),
        )
        endings.append((what, item_id, purpose, end))
    endings += agreed
    endings.append(("subject", subject.item_id, None, last or _without_consent(subject, rules)))
    return endings


def _consent_end(rule: Rules, version: int, expires_at: str, withdrawn_at: str | None) -> _End:
    end: _End = (expires_at, "consent-expired")
    if withdrawn_at is not None:
        end = min(end, (withdrawn_at, "withdrawn"))
    if version < rule.version:
        end = min(end, (rule.version_since, "purpose-revised"))
    return end


def _purpose_end(subject: SubjectFact, rule: Rules) -> _End:
    """Until when the purpose itself lasts for this person."""
    end: _End = (later(subject.last_interaction, rule.inactive_after), "inactive")
    if rule.retired_at is not None:
        end = min(end, (rule.retired_at, "purpose-retired"))
    return end


def _without_consent(subject: SubjectFact, rules: Mapping[str, Rules]) -> _End:
    """When a person without any consent is due: by the most patient purpose."""
    patience = [later(subject.last_interaction, rule.inactive_after) for rule in rules.values()]
    return max(patience, default=NEVER), "inactive"


def later(moment: str, length: str) -> str:
    """`moment` plus `length`, NEVER's day where that is out of range.

    The date's part is remembered, as many things share their dates."""
    if length.endswith("h"):
        return add(moment, length)
    return _later_date(moment[:10], length) + moment[10:]


@lru_cache(maxsize=65536)
def _later_date(date: str, length: str) -> str:
    try:
        return add(f"{date}T00:00:00Z", length)[:10]
    except ValueError:
        return NEVER[:10]
