"""Rules of forms: one form is the consent of one subject, to one purpose and one version.

A consent without a form is stated by a date, which counts on its own day alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

UNLESS_SHARED = "and a form counts once; if it covers several people, state why with --shared-form"


class FormUse(NamedTuple):
    """One recorded consent on a form. own: it is the consent of the subject in question."""

    own: bool
    purpose: str
    version: int


def form_refusal(
    uses: Iterable[FormUse], purpose: str, version: int, *, spent: bool, shared: bool
) -> str | None:
    """Return why a form may not state another consent, as a clause; None if it may.

    A shared form covers other people and purposes, and never another version: nobody signed it
    for a notice that did not exist. Once a consent on it was erased, it takes in nobody new,
    because nothing is kept by which the erased person could be told from others.

    Args:
        uses: the recorded consents on the form.
        purpose, version: the purpose that the new consent would be to.
        spent: a consent on the form was erased.
        shared: the operator states that the form covers several people or purposes.
    """
    uses = list(uses)
    for use in uses:
        if use.purpose == purpose and use.version != version:
            return f"this form is a consent to version {use.version}, not {version}"
        if use.own and use.purpose == purpose:
            return "this form is recorded already"
    if spent:
        return "a consent on this form has ended and was erased, and a form counts once"
    for use in uses:
        if not shared and not use.own:
            return f"this form is the consent of another subject, {UNLESS_SHARED}"
        if not shared:
            return f"this form is a consent for purpose {use.purpose}, {UNLESS_SHARED}"
    return None


def date_refusal(day: str, today: str, began: str, closed: str | None) -> str | None:
    """Return why a date without a form does not state a new consent, as a clause; None if it does.

    Args:
        day: the stated date.
        today: the present day; that of the log, if the clock is behind it.
        began: the day on which the command, or the first start of the batch, began.
        closed: the last day on which a consent for the purpose ended that this could repeat.
    """
    if day not in (today, began):
        return f"without a form, the date {day} counts only on that day"
    if closed is not None and day <= closed:
        return f"a consent ended on {closed}, and the date {day} does not show that this is newer"
    return None
