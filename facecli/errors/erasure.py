"""Errors of revocation, purge and restore."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError, Unknown


class SubjectHeld(FacecliError):
    """{ref} gave no consent to withdraw, and a legal hold keeps the record until {until}."""

    exit_code = Exit.SAFETY
    code = "held"
    remedy = "Nothing was changed. Run the command again when the hold is over."


class ErasureHeld(FacecliError):
    """Consent withdrawn for {subjects}. A legal hold postpones erasure until {until}."""

    exit_code = Exit.SAFETY
    code = "erasure-held"
    remedy = "The data is never matched again. `facecli purge` erases it when the hold is over."


class NoSuchTemplate(Unknown):
    """{ref} has no template {template}."""

    remedy = "List the templates with `facecli faces list {ref}`."


class TemplateHeld(FacecliError):
    """A legal hold keeps the templates of {ref} until {until}."""

    exit_code = Exit.SAFETY
    code = "template-held"
    remedy = "Nothing was changed. Run the command again when the hold is over."


class TooMuchDue(FacecliError):
    """Data of {affected} of {everybody} is due, more than the limit of {limit}."""

    exit_code = Exit.SAFETY
    code = "too-much-due"
    remedy = (
        "Nothing was erased. Check the rows of `facecli purge --dry-run`; if they are right, raise "
        "--max-fraction or --max-subjects."
    )


class ClockRefused(FacecliError):
    """The clock shows {now}, {how} the time that the log has reached, {last}."""

    exit_code = Exit.SAFETY
    code = "clock"
    remedy = (
        "Nothing was erased. Set the clock, then run the command again; if it is right already, "
        "run `facecli purge --trust-clock` once."
    )


class ResidueLeft(FacecliError):
    """{ref} could not be erased: rows are left in {tables}."""

    code = "residue"
    remedy = "The erasure was undone. Report this fault."


class NotConfirmed(FacecliError):
    """Nothing was changed: there is no terminal on which to confirm it."""

    code = "not-confirmed"
    remedy = "Give --yes in scripts."


class Declined(FacecliError):
    """Nothing was changed: you did not confirm it."""

    code = "declined"
    remedy = "Run the command again to be asked again."


class ErasuresUnknown(FacecliError):
    """The erasures since the backup are not known: {why}."""

    exit_code = Exit.SAFETY
    code = "erasures-unknown"
    remedy = (
        "Nothing was restored, since erased subjects must not come back. Give every log export "
        "since the backup with --erasures, or put the present database back in its place."
    )
