"""Agreements: consents as the operator states them, with their evidence and their period."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from facecli.consent import dates
from facecli.consent.purpose_terms import Purpose
from facecli.errors.command_line import BadInput
from facecli.errors.consent import GivenTooEarly
from facecli.times import add

LARGEST_EVIDENCE = 64 * 1024 * 1024
GIVEN = "The date it was given"
EXPIRES = "The date it expires"


@dataclass(frozen=True)
class Evidence:
    """The form that was signed: its SHA-256 in hex, and its content if that is kept.

    shared: the reason why the form covers other people or purposes too, or None.
    """

    sha256: str
    content: bytes | None
    shared: str | None = None


@dataclass(frozen=True)
class Shown:
    """The notice that was shown, and when.

    how: `declared` or `asked`; None leaves it to the signed form to show it.
    version: of the purpose, whose notice it was; None stands for the version in force.
    since: the moment at which the command, or the first start of the batch, began; None is now.
    day: the day of that moment (see `dates.today`); None is today.
    language: of the notice; None is the principal one.
    """

    how: str | None = None
    version: int | None = None
    since: str | None = None
    day: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Agreement:
    """A consent as the operator states it, before it is recorded.

    `expires` is a moment, a date, or a length counted from `given`. Where `given` is None, the
    command itself states that the consent was given as it began. offered_alternative: the way
    without the face was offered before.
    """

    expires: str
    given: str | None = None
    evidence: Evidence | None = None
    guardian: str | None = None
    notice: Shown = Shown()
    offered_alternative: bool = False


def read_evidence(path: Path, *, keep: bool, shared: str | None = None) -> Evidence:
    """Hash the evidence file, and return its content too if `keep` is set.

    Raises:
        BadInput: the file cannot be read, is empty, or is larger than 64 MiB.
    """
    what = f"The evidence {path}"
    try:
        if not path.is_file():
            why = "it is not a regular file" if path.exists() else "there is no such file"
            raise BadInput(what=what, why=why)
        with path.open("rb") as stream:
            content = stream.read(LARGEST_EVIDENCE + 1)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=what, why=why) from None
    if not content:
        raise BadInput(what=what, why="it is empty")
    if len(content) > LARGEST_EVIDENCE:
        raise BadInput(what=what, why="it is larger than 64 MiB")
    return Evidence(hashlib.sha256(content).hexdigest(), content if keep else None, shared)


def period(agreement: Agreement, purpose: Purpose, now: str, zone: str) -> tuple[str, str]:
    """Return the moments at which the consent was given and at which it ends.

    Args:
        zone: the controller's time zone, whose days dates are.

    Raises:
        BadInput: a date cannot be read, or lies in the future or the past where it must not, or the
            consent lasts longer than the purpose allows.
        GivenTooEarly: the consent is older than this version.
    """
    given = given_at(agreement, now, zone)
    expires = dates.end(agreement.expires, EXPIRES, zone, given, agreement.given)
    if given > now:
        raise BadInput(what=GIVEN, why=f"{agreement.given or given} is in the future")
    if expires <= now:
        raise BadInput(
            what=EXPIRES, why=f"{dates.last_day(expires, zone)} is over", reason="consent-expired"
        )
    if expires > (latest := _latest_end(given, purpose, zone)):
        last, allowed = dates.last_day(expires, zone), dates.last_day(latest, zone)
        why = f"{last} is later than the purpose allows ({allowed})"
        raise BadInput(what=EXPIRES, why=why)
    if agreement.given is not None:
        _check_version(agreement.given, given, purpose, zone)
    return given, expires


def given_at(agreement: Agreement, now: str, zone: str) -> str:
    """Return the moment at which a consent was given: of a date, the first moment of its day.

    Raises:
        BadInput: the date cannot be read.
    """
    if agreement.given is None:
        return agreement.notice.since or now
    return dates.start(agreement.given, GIVEN, zone)


def is_given_on(agreement: Agreement, moment: str, now: str, zone: str) -> bool:
    """Return True if a consent given at `moment` was given on the stated date, or at that time."""
    stated = given_at(agreement, now, zone)
    if agreement.given is None or not dates.is_date(agreement.given):
        return stated == moment
    return dates.day_of(stated, zone) == dates.day_of(moment, zone)


def _check_version(stated: str, given: str, purpose: Purpose, zone: str) -> None:
    """Refuse a consent that was given before its version of the purpose was in force.

    On the day of a change, a date does not tell which of the two notices was shown.
    """
    since, why = purpose.version_since, None
    if purpose.version == 1 and purpose.terms.in_force_since:
        since = dates.start_of_day(purpose.terms.in_force_since, zone)
    day = dates.day_of(since, zone)
    if not dates.is_date(stated) and given < since:
        why = f"the notice of version {purpose.version} is only in force since {since}"
    elif dates.day_of(given, zone) < day:
        why = f"the notice of version {purpose.version} is only in force since {day}"
    elif dates.is_date(stated) and dates.day_of(given, zone) == day and purpose.version > 1:
        why = (
            f"the notice of version {purpose.version} is in force since {since}, and the date does "
            f"not say which notice was shown; give the time too, such as {since}"
        )
    if why and purpose.version == 1:
        why += "; if the purpose is older than that, state `in_force_since` in its file"
    if why:
        raise GivenTooEarly(what=GIVEN, why=why)


def _latest_end(given: str, purpose: Purpose, zone: str) -> str:
    """Return the latest end of a consent: the end of the day on which `max_consent` is over."""
    day = add(f"{dates.day_of(given, zone)}T00:00:00Z", purpose.terms.max_consent)[:10]
    return dates.end_of_day(day, zone)
