"""What a check found: how bad it is, in one sentence, and what to do about it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from facecli.errors.base import FacecliError

Severity = Literal["ok", "warning", "error"]


class Finding(NamedTuple):
    """One check's result. `remedy` is empty where all is well.

    An error keeps facecli from working or from being trusted; a warning will, or may, do so later.
    """

    check: str
    severity: Severity
    finding: str
    remedy: str = ""


def ok(check: str, finding: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", finding)


def warning(check: str, finding: str, remedy: str) -> Finding:
    """It works today."""
    return Finding(check, "warning", finding, remedy)


def error(check: str, finding: str, remedy: str) -> Finding:
    """It does not work, or cannot be trusted."""
    return Finding(check, "error", finding, remedy)


def failed(check: str, why: FacecliError) -> Finding:
    """What a command would have ended with."""
    return error(check, why.message, why.hint)
