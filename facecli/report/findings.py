"""The result of a check: its severity, one sentence, and the remedy."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from facecli.errors.base import FacecliError

_UNDONE = re.compile(r"^Nothing was \w+[.;] ")
"""The opening of some remedies: a command speaks of itself, before it states what to do."""

Severity = Literal["ok", "warning", "error"]


class Finding(NamedTuple):
    """The result of one check. `remedy` is empty if the severity is `ok`.

    With an error, facecli does not work or cannot be trusted. A warning may become an error.
    """

    check: str
    severity: Severity
    finding: str
    remedy: str = ""


def ok(check: str, finding: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding(check, "ok", finding)


def warning(check: str, finding: str, remedy: str) -> Finding:
    """Return a finding that may become an error."""
    return Finding(check, "warning", finding, remedy)


def error(check: str, finding: str, remedy: str) -> Finding:
    """Return a finding that must be corrected."""
    return Finding(check, "error", finding, remedy)


def failed(check: str, why: FacecliError) -> Finding:
    """Return the error that a command would end with, as a finding."""
    remedy = _UNDONE.sub("", why.hint, count=1)
    return error(check, why.message, remedy[:1].upper() + remedy[1:])
