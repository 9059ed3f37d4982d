"""Errors of consents, purposes and subjects."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError, Unknown


class NoConsent(FacecliError):
    """{ref} may not be used for purpose {purpose}: {why}."""

    exit_code = Exit.NO_CONSENT
    code = "no-consent"
    remedy = "Record a consent to the current notice with `facecli consent record`."


class SubjectRestricted(NoConsent):
    """{ref} may not be used for purpose {purpose}: {why}."""

    code = "restricted"
    remedy = "A legal hold lasts until its end, or until `facecli subject release` ends it."


class AlternativeOnly(NoConsent):
    """{ref} may not be used for purpose {purpose}: {why}."""

    code = "alternative-only"
    remedy = (
        "Offer the purpose's alternative; who has chosen the face since is taken off the list "
        "with `facecli revoke` and added anew."
    )


class NoticeNotShown(NoConsent):
    """The notice of purpose {purpose} was not confirmed as shown to {ref}."""

    code = "notice-not-shown"
    remedy = (
        "Show it (`facecli purpose show`), then run this on a terminal, or give --notice-shown to "
        "confirm that they have read it and agreed."
    )


class NoticeDeclined(NoConsent):
    """{ref} has not agreed to the notice of purpose {purpose}: the camera was not opened."""

    code = "notice-declined"
    remedy = "Offer the purpose's alternative; nothing was changed."


class PurposeClosed(NoConsent):
    """Nobody's face may be used for purpose {purpose}: {why}."""

    code = "purpose-closed"
    remedy = "Name a purpose that is in force and compares faces; see `facecli purpose list`."


class NoHold(Unknown):
    """There is no hold on {ref}."""

    remedy = "Who is held has the state `restricted` in `facecli subject list`."


class PurposeRetired(Unknown):
    """There is no purpose {name} any more: it was retired at {at}."""

    remedy = "List what there is with `facecli purpose list`, or apply a purpose with a new code."


class NoTemplate(Unknown):
    """There is no template of {ref} for the purpose {purpose}."""

    remedy = "Enrol one with `facecli enroll file`."
