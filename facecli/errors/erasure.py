"""Errors of revocation, purge and restore."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError


class SubjectHeld(FacecliError):
    """{ref} gave no consent to withdraw, and a legal hold keeps the record until {until}."""

    exit_code = Exit.SAFETY
    code = "held"
    remedy = "Nothing was changed; withdraw again when the hold is over."


class ErasureHeld(FacecliError):
    """The withdrawal of {whom} is recorded; a legal hold keeps what rested on it until {until}."""

    exit_code = Exit.SAFETY
    code = "erasure-held"
    remedy = "It is never matched again, and `facecli purge` erases it when the hold is over."


class TooMuchDue(FacecliError):
    """{affected} of {everybody} people are due, more than the limit of {limit}."""

    exit_code = Exit.SAFETY
    code = "too-much-due"
    remedy = (
        "Nothing was erased; look at `facecli purge --dry-run`, and if it is right, raise "
        "--max-fraction or --max-subjects."
    )


class ClockRefused(FacecliError):
    """The clock says {now}, {how} the time that the log has reached, {last}."""

    exit_code = Exit.SAFETY
    code = "clock"
    remedy = (
        "Nothing was erased; set the clock right, then run it again; if it is right already, say "
        "so once with `facecli purge --trust-clock`."
    )


class ResidueLeft(FacecliError):
    """{ref} could not be erased: something is left in {tables}."""

    code = "residue"
    remedy = "The erasure was undone; report this fault."


class NotConfirmed(FacecliError):
    """Nothing was erased: it was not confirmed."""

    code = "not-confirmed"
    remedy = "Answer yes, or give --yes where nobody can be asked."


class ErasuresUnknown(FacecliError):
    """What was erased since the backup is not known: {why}."""

    exit_code = Exit.SAFETY
    code = "erasures-unknown"
    remedy = (
        "Nothing was restored. Give every log export since the backup with --erasures, or put the "
        "present database back in its place: whoever was erased must not come back."
    )
