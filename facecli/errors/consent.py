"""Errors of consents, purposes and subjects."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError, Unknown
from facecli.errors.command_line import BadInput


class NoSuchItem(Unknown):
    """Nothing that is held elsewhere has the id {item}, or it is another subject's."""

    remedy = "List all with `facecli subject elsewhere list`."


class NoSuchRequest(Unknown):
    """No request has the id {request}."""

    remedy = "List the open requests with `facecli subject requests`."


class NoConsent(FacecliError):
    """{ref} may not be used for purpose {purpose}: {why}."""

    exit_code = Exit.NO_CONSENT
    code = "no-consent"
    remedy = "Record a consent to the current notice with `facecli consent record`."


class GivenTooEarly(BadInput):
    """{what} is not usable: {why}."""

    exit_code = Exit.NO_CONSENT
    code = "consent-other-version"


class SubjectRestricted(NoConsent):
    """{ref} may not be used for purpose {purpose}: {why}."""

    code = "restricted"
    remedy = "Wait for the end of the legal hold, or end it with `facecli subject release`."


class AlternativeOnly(NoConsent):
    """{ref} may not be used for purpose {purpose}: {why}."""

    code = "alternative-only"
    remedy = (
        "Offer the purpose's alternative. If they have chosen the face since, run "
        "`facecli subject correct --no-alternative-only`."
    )


class HoldOver(SubjectRestricted):
    """{ref} may not be used for purpose {purpose}: {why}."""

    remedy = (
        "Run the command again: the next command that writes makes the subject active, unless the "
        "clock is in doubt."
    )


class NoGuardian(NoConsent):
    """{ref} may not be used for purpose {purpose}: {why}."""

    code = "no-guardian"
    remedy = (
        "Name the guardian on record with --guardian (in a manifest: the cell `guardian`), or "
        "correct it with `facecli subject correct --guardian`."
    )


class UnknownAndNoConsent(NoConsent):
    """{ref} is not known, and no consent for purpose {purpose} comes with it: give --expires."""

    remedy = "This records subject and consent. In a manifest, fill the cell `expires`."


class FormAlreadyUsed(NoConsent):
    """{ref} may not be used for purpose {purpose}: {why}."""

    code = "form-already-used"
    remedy = "Give the form that this person signed for this purpose and version."


class DateNotEnough(NoConsent):
    """{ref} may not be used for purpose {purpose}: {why}."""

    remedy = "Give the signed form, or record the consent with `facecli consent record`."


class NoticeNotShown(NoConsent):
    """Nobody confirmed that {ref} was shown the notice of purpose {purpose}."""

    code = "notice-not-shown"
    remedy = (
        "Give the signed form with --evidence. Or show the notice (`facecli purpose notice`) and "
        "confirm with --notice-shown that they have read it and agreed; `facecli enroll camera` "
        "also asks on a terminal."
    )


class NoticeDeclined(NoConsent):
    """{ref} has not agreed to the notice of purpose {purpose}: the camera was not opened."""

    code = "notice-declined"
    remedy = "Nothing was changed. Offer the purpose's alternative."


class PurposeClosed(NoConsent):
    """No face may be used for purpose {purpose}: {why}."""

    code = "purpose-closed"
    remedy = "Name a purpose that is in force and compares faces; see `facecli purpose list`."


class CaseRequired(NoConsent):
    """Purpose {purpose} requires a case for every search, and none was given."""

    code = "case-required"
    remedy = "Name the case or the approval that the search belongs to with --case."


class OtherOperator(NoConsent):
    """Purpose {purpose} names the users who may search, and {who} is none of them."""

    code = "other-operator"
    remedy = (
        "Let one of its operators search; `facecli purpose show` names them. A login that is only "
        "claimed (SUDO_USER) counts for nobody; facecli-log(5) explains logins."
    )


class RateLooser(FacecliError):
    """{asked} is looser than the false-match rate {agreed:g} that the purpose {purpose} states."""

    exit_code = Exit.SAFETY
    code = "rate-looser"
    remedy = (
        "Nothing was compared. Leave the option out or give a stricter value: people agreed to "
        "that rate as a ceiling."
    )


class ConfusableRef(BadInput):
    """The REF {ref}{marks} can be confused with {other}, which another subject has."""

    code = "confusable"
    remedy = (
        "For the same person, use {other}. For two people, give --distinct (in a manifest: the "
        "cell `distinct`)."
    )

    def __init__(self, **details: object) -> None:
        other = str(details.get("other"))
        odd = [one for one in str(details.get("ref")) if ord(one) > 0x7E and one not in other]
        marks = f" (with {', '.join(f'U+{ord(one):04X}' for one in odd)})" if odd else ""
        super().__init__(**{"marks": marks, **details})


class NoHold(Unknown):
    """{ref} is not under a legal hold."""

    remedy = "Subjects under a hold have the state `restricted` in `facecli subject list`."


class PurposeRetired(Unknown):
    """The purpose {name} was retired at {at}."""

    remedy = "List the purposes with `facecli purpose list`, or apply one with a new code."


class NoTemplate(Unknown):
    """{ref} has no template for purpose {purpose}."""

    remedy = "Enrol one with `facecli enroll file`."
