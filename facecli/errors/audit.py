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


class AnotherLog(LogAltered):
    """The log is not that of the trust key, or was altered: {why}."""

    remedy = "Give files of one log with its trust key. If they are that, keep every file as it is."


class LogTruncated(FacecliError):
    """The log was cut, or an earlier state replaced it: {why}."""

    exit_code = Exit.LOG_TRUNCATED
    code = "log-truncated"
    remedy = "Keep every file as it is, and look for the missing entries in earlier exports."


class LogRestored(LogTruncated):
    """The log went back to entry {entries} on {at}: entry {seq} is a restore without the \
live database. Both branches agree up to entry {entries}; entries {first} to {last}, or more, were \
abandoned."""

    code = "log-restored"
    remedy = (
        "If you know of that restore, keep the files of the abandoned branch apart. Go on with "
        "those of this one, and give the auditor a new checkpoint. If not, keep every file as it "
        "is."
    )


class KeptBeforeRestore(LogRestored):
    """The log went back to entry {entries} on {at}: entry {seq} is a restore without the \
live database. {files} {verb} from before it, and entries from {first} on were abandoned."""

    code = "log-restored"
    remedy = (
        "If you know of that restore, move {them} aside and run the command again, which begins "
        "with entry 1. Then give the auditor the new checkpoint, and the reason. If not, keep "
        "every file as it is."
    )


class LogUnsealed(FacecliError):
    """The log is not sealed: {why}."""

    exit_code = Exit.LOG_UNSEALED
    code = "log-unsealed"
    remedy = "Seal it with `facecli log checkpoint`, and keep the checkpoint elsewhere."


class LogUnreached(LogUnsealed):
    """The log is not shown far enough: {why}."""

    code = "log-not-reached"
    remedy = (
        "Give an export that goes on to that entry, or, with --link, the link that `facecli log "
        "checkpoint --since EARLIER --to LATER` prints. If there is none, the end of the log was "
        "cut off."
    )


class CursorRefused(BadInput):
    """The cursor file {path} is not usable: {why}."""

    code = "bad-cursor"
    remedy = "Nothing was exported. Name the right file, or remove it to export from the start."


class WrongFile(BadInput):
    """{what} is not usable: {why}."""

    code = "wrong-file"
    remedy = "Name the {wanted} that `{maker}` wrote."


class ProofFalse(LogAltered):
    """The {kind} does not hold: {why}."""

    code = "proof-false"
    remedy = "Ask for it again: facecli makes it again from the log."


class ProofUnlinked(LogUnsealed):
    """The {kind} was not compared with the log that you hold: {why}."""

    code = "proof-unlinked"
    remedy = (
        "Give the exports that reach it, or with --link the link between its checkpoint and yours. "
        "`facecli log checkpoint --since EARLIER --to LATER` prints that."
    )


class SeenUnlinked(ProofUnlinked):
    """The checkpoint was not cosigned: {why}."""

    code = "proof-unlinked"
    remedy = (
        "Give the link with --since, as `facecli log checkpoint --since LAST --to CHECKPOINT` "
        "prints it; LAST is the checkpoint that was cosigned last."
    )


class TooFewWitnesses(LogUnsealed):
    """Too few witnesses cosigned: {why}."""

    code = "too-few-witnesses"
    remedy = "Give the checkpoint with the lines of its witnesses, with --checkpoint."


class WitnessRefused(BadInput):
    """The witness {what} is not usable: {why}."""

    code = "bad-witness"
    remedy = "Give the line that the witness publishes, of the form name+hash+base64."


class CertificateLost(OutputFailed):
    """The erasure is done, but the certificate {path} could not be written: {why}."""

    exit_code = Exit.UNREPORTED
    code = "certificate-lost"
    remedy = "Make it again from the log: `facecli log certificate {entries} --output FILE`."


class LetterLost(OutputFailed):
    """The act is done, but its letter {path} could not be written: {why}."""

    exit_code = Exit.UNREPORTED
    code = "letter-lost"
    remedy = (
        "It cannot be made again. After an erasure, certify that for the person: find its entry "
        "with `facecli log show --action revoke.erase`, then run `facecli log certificate`."
    )


class NoErasure(Unknown):
    """Entry {seq} of the log records no erasure."""

    remedy = "Find erasures with `facecli log show --action revoke.erase --action purge.erase`."
