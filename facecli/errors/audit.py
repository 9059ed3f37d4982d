"""Errors of the log, its exports, checkpoints and certificates."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError, Unknown
from facecli.errors.command_line import BadInput, OutputFailed


class NoTrustKey(BadInput):
    """The trust key is not usable: {why}."""

    code = "no-trust-key"
    remedy = "Give the line that `facecli log checkpoint --trust-key` prints, all of it."


class LogAltered(FacecliError):
    """The log was altered: {why}."""

    exit_code = Exit.LOG_ALTERED
    code = "log-altered"
    remedy = "Keep every file as it is, and compare with the last export that verified."


class LogTruncated(FacecliError):
    """The log was cut, or put back to an earlier state: {why}."""

    exit_code = Exit.LOG_TRUNCATED
    code = "log-truncated"
    remedy = "Keep every file as it is, and look for the missing entries in earlier exports."


class LogRestored(LogTruncated):
    """The log went back to entry {entries} on {at}, when a backup was restored and the database \
was gone; {files} {verb} from before."""

    code = "log-restored"
    remedy = (
        "If that was you: move {them} aside, so that the next export begins anew, give the "
        "auditor its checkpoint, and say why. If not: keep every file as it is."
    )


class LogUnsealed(FacecliError):
    """The log is not sealed: {why}."""

    exit_code = Exit.LOG_UNSEALED
    code = "log-unsealed"
    remedy = "Seal it with `facecli log checkpoint`, and keep the checkpoint elsewhere."


class CursorRefused(BadInput):
    """The cursor file {path} is not usable: {why}."""

    code = "bad-cursor"
    remedy = "Nothing was exported; name the right file, or remove it to export from the start."


class WrongFile(BadInput):
    """{what} is not usable: {why}."""

    code = "wrong-file"
    remedy = "Name the {wanted} that `{maker}` wrote."


class CertificateFalse(LogAltered):
    """The certificate does not hold: {why}."""

    code = "certificate-false"
    remedy = "Ask for it again: `facecli log certificate` makes it from the log."


class CertificateTooYoung(LogUnsealed):
    """The certificate cannot be checked against this checkpoint: {why}."""

    code = "certificate-too-young"
    remedy = "Check it against a checkpoint that was made after it."


class CertificateLost(OutputFailed):
    """What was due is erased, but the certificate {path} could not be written: {why}."""

    code = "certificate-lost"
    remedy = "Make it again from the log: `facecli log certificate {entries} --output FILE`."


class NoErasure(Unknown):
    """Entry {seq} of the log records no erasure."""

    remedy = "Look for `revoke.erase` and `purge.erase` in `facecli log show`."
