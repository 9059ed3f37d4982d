"""Every error a user can meet: what happened, what to do next, and the exit code.

A class's docstring is its message; `{names}` in it are filled from the keyword arguments.
`code` is the kebab-case reason that records and the log carry. `cli.main` is the only place
that turns an error into a sentence on stderr and an exit code. README's table of exit codes
is checked against this file.
"""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """Exit codes that scripts rely on, each with its meaning in the README and the man pages."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Exit:
        """A member: the code, and what it means in a few words."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "all of it done"
    FAILED = 1, "failed, nothing changed"
    USAGE = 2, "usage"
    PARTIAL = 3, "finished, but part of the input failed, or due records remain"
    NOT_SAME = 4, "`verify`: not the same person"
    NO_DATABASE = 10, "no database there, or not one of ours"
    LOCKED = 11, "locked by another process"
    KEY = 12, "wrong key, or no key"
    NO_CONSENT = 20, "no valid consent for this purpose"
    UNKNOWN = 21, "no such subject, purpose, slot or consent"
    SAFETY = 22, "refused by a safety limit (`--max-fraction`, clock, hold)"
    LOG_ALTERED = 30, "log altered"
    LOG_TRUNCATED = 31, "log truncated or rolled back"
    LOG_UNSEALED = 32, "log not sealed since the last checkpoint that was expected"
    PAGE_DAMAGED = 33, "database page integrity failed"
    OUTPUT = 74, "output could not be written (disk full, closed pipe)"
    INTERRUPTED = 130, "interrupted"


class FacecliError(Exception):
    """{message}"""

    exit_code: ClassVar[Exit] = Exit.FAILED
    code: ClassVar[str] = "failed"
    remedy: ClassVar[str] = ""

    def __init__(self, **details: object) -> None:
        self.details = details
        self.message = (type(self).__doc__ or "").split("\n")[0].format(**details)
        self.hint = self.remedy.format(**details)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.details)

    @property
    def reason(self) -> str:
        """The reason code of this very error; some classes take it as the detail `reason`."""
        return str(self.details.get("reason", self.code))


def _rebuild(kind: type[FacecliError], details: dict[str, object]) -> FacecliError:
    return kind(**details)


# -- the command line ---------------------------------------------------------------------


class UsageError(FacecliError):
    """{message}"""

    exit_code = Exit.USAGE
    code = "usage"


class TwoKeySources(UsageError):
    """Two key sources were given: {first} and {second}."""

    remedy = "Give one of them."


class BadInput(FacecliError):
    """{what} is not usable: {why}."""

    code = "bad-input"
    remedy = "Nothing was changed; correct it and run the command again."


class BadText(BadInput):
    """{what} is not usable: {why}."""

    exit_code = Exit.USAGE
    code = "bad-text"


class NotWritten(FacecliError):
    """{path} could not be written: {why}."""

    exit_code = Exit.OUTPUT
    code = "not-written"
    remedy = "{Cure}, then run the command again."
    CURES: ClassVar[dict[int | None, str]] = {
        errno.ENOSPC: "free some space",
        errno.EDQUOT: "free some space, or have the quota raised",
        errno.EFBIG: "raise the limit on the size of files (`ulimit -f`)",
        errno.EROFS: "mount it for writing",
        errno.ENOENT: "make that folder",
        errno.ENOTDIR: "make that folder",
        errno.EACCES: "let this user write there",
        errno.EPERM: "let this user write there",
        errno.EBADF: "open it",
        errno.ENAMETOOLONG: "choose a shorter name",
        errno.EIO: "see what is wrong with the disk or its quota",
    }
    """What helps, by the number of the operating system's error."""

    def __init__(self, **details: object) -> None:
        number = details.get("errno")
        cure = self.CURES.get(number if isinstance(number, int) else None, "see to that")
        super().__init__(**{"cure": cure, "Cure": cure[0].upper() + cure[1:], **details})


def because(error: OSError) -> dict[str, object]:
    """What a `NotWritten` says of an error of the operating system: `why` and `errno`."""
    return {"why": (error.strerror or "unknown error").lower(), "errno": error.errno}


class OutputFailed(NotWritten):
    """The output {path} could not be written: {why}."""

    code = "output-failed"
    remedy = "{Cure} or name another place, then run the command again."


class ReaderGone(OutputFailed):
    """The output {path} could not be written: the reader closed the pipe."""

    remedy = "What was reported as done is done; let the reader take all of it."


class Interrupted(FacecliError):
    """Interrupted."""

    exit_code = Exit.INTERRUPTED
    code = "interrupted"
    remedy = "What was reported as done is done; nothing else was changed."


# -- database and keys --------------------------------------------------------------------


class NoDatabase(FacecliError):
    """There is no facecli database at {path}."""

    exit_code = Exit.NO_DATABASE
    code = "no-database"
    remedy = "Create one with `facecli init`, or name another with --db."


class NoBackup(NoDatabase):
    """There is no backup at {path}."""

    code = "no-backup"
    remedy = "Name the file that `facecli backup create` made; FILE.keys is needed beside it."


class NotOurs(FacecliError):
    """{path} is not a facecli database: {why}."""

    exit_code = Exit.NO_DATABASE
    code = "not-ours"
    remedy = "Name the right file with --db; this one was not touched."


class NotABackup(NotOurs):
    """{path} is not a facecli backup: {why}."""

    code = "not-a-backup"
    remedy = "Name the file that `facecli backup create` made; this one was not touched."


class NewerSchema(FacecliError):
    """{path} was written by a newer facecli (schema {found}; this one knows up to {known})."""

    exit_code = Exit.NO_DATABASE
    code = "newer-schema"
    remedy = "Upgrade facecli; the database was not touched."


class AlreadyThere(FacecliError):
    """{path} exists already."""

    code = "already-there"
    remedy = "Choose another path, or move the file away first; nothing was overwritten."


class UnsafePermissions(FacecliError):
    """{path} can be {verb} by others than its owner (mode {mode})."""

    code = "unsafe-permissions"
    remedy = "Run `chmod {chmod} {path}`, then try again."


class SharedFolder(UnsafePermissions):
    """{path} is a folder in which others may put files too (mode {mode})."""

    code = "shared-folder"
    remedy = "Choose a folder of your own, for instance one made with `mkdir -m 700`."


class UnsafeKeyFile(UnsafePermissions):
    """The key file {path} can be {verb} by others than its owner (mode {mode})."""

    exit_code = Exit.KEY
    code = "unsafe-key-file"


class NotRoot(FacecliError):
    """Preparing a system user's folders takes root."""

    code = "not-root"
    remedy = "Nothing was changed; run it with sudo."


class NoAccount(FacecliError):
    """There is no user {name} on this machine."""

    code = "no-account"
    remedy = (
        "Nothing was changed; make one with `useradd --system --user-group --home-dir "
        "/var/lib/facecli --shell /usr/sbin/nologin {name}`, or name another with --user."
    )


class Locked(FacecliError):
    """The database is locked by another process (waited {seconds:g} s)."""

    exit_code = Exit.LOCKED
    code = "locked"
    remedy = "Try again later, or wait longer with --lock-wait."


class NoKey(FacecliError):
    """No key was given for {path}."""

    exit_code = Exit.KEY
    code = "no-key"
    remedy = (
        "Give one with --key-file, --passphrase-file or --passphrase-command, or run it on a "
        "terminal to be asked."
    )


class WrongKey(FacecliError):
    """The key does not open {path}."""

    exit_code = Exit.KEY
    code = "wrong-key"
    remedy = "Check which key file or passphrase belongs to it; `{path}.keys` names the slots."


class UnusableKey(FacecliError):
    """The key from {source} is not usable: {why}."""

    exit_code = Exit.KEY
    code = "unusable-key"
    remedy = "Nothing was opened; correct the key source and try again."


class NoSlots(FacecliError):
    """The key slots {path} are {why}."""

    exit_code = Exit.KEY
    code = "no-slots"
    remedy = (
        "Put back the file of that name from a backup; without it the database cannot be opened."
    )


class PageDamaged(FacecliError):
    """The database {path} is damaged: a page failed its integrity check."""

    exit_code = Exit.PAGE_DAMAGED
    code = "page-damaged"
    remedy = "Nothing was changed; stop using it and restore a backup."


class StoreFailed(NotWritten):
    """The database {path} could not be read or written: {why}."""

    code = "store-failed"
    remedy = "What was reported as done is done; {cure} and run the command again."


class CutShort(FacecliError):
    """The last write to {path} was cut short, and is not undone yet."""

    exit_code = Exit.PARTIAL
    code = "cut-short"
    remedy = "Run `facecli status`, which undoes it, and then look again."


# -- consent ------------------------------------------------------------------------------


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


class Unknown(FacecliError):
    """There is no {kind} {name}."""

    exit_code = Exit.UNKNOWN
    code = "unknown"
    remedy = "List what there is with `facecli {kind} list`."


class NoHold(Unknown):
    """There is no hold on {ref}."""

    remedy = "Who is held has the state `restricted` in `facecli subject list`."


class PurposeRetired(Unknown):
    """There is no purpose {name} any more: it was retired at {at}."""

    remedy = "List what there is with `facecli purpose list`, or apply a purpose with a new code."


class NoTemplate(Unknown):
    """There is no template of {ref} for the purpose {purpose}."""

    remedy = "Enrol one with `facecli enroll file`."


# -- erasure ------------------------------------------------------------------------------


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


# -- captures -----------------------------------------------------------------------------


class CaptureFailed(FacecliError):
    """{path}: {why}."""

    code = "unreadable-image"


class NotAVideo(CaptureFailed):
    """{path} cannot be read as a video: {why}."""

    code = "unreadable-video"
    remedy = "Videos are MP4, Matroska, WebM, AVI, MOV, MPEG or Ogg files."


class BrokenOff(NotAVideo):
    """{path} breaks off after {frames} frames: the file is shorter than it says itself."""

    code = "video-cut-off"
    remedy = "Copy the file again, and see that it is whole."


class VideoChanged(FacecliError):
    """{path} has changed since it was searched: it is not what it was, and is not shown."""

    exit_code = Exit.OUTPUT
    code = "video-changed"
    remedy = "What was reported is true of what it was; run the command again for a new film."


class NoCamera(FacecliError):
    """The camera {path} gives no pictures: {why}."""

    code = "no-camera"
    remedy = "See that it is on and free, and try it with `facecli camera test`."


class StreamLost(NoCamera):
    """The camera {path} was lost and did not come back within {seconds} seconds: {why}."""

    code = "stream-lost"
    remedy = "What was reported as done is done; try it with `facecli camera test`."


class NoDisplay(FacecliError):
    """No window can be shown: {why}."""

    code = "no-display"
    remedy = "Run it on a desktop, or over `ssh -X`; without --preview no display is needed."


class EnrolmentRefused(FacecliError):
    """{path} was not enrolled: {words}."""

    code = "refused"
    WORDS: ClassVar[dict[str, str]] = {
        "no-face": "no face was found",
        "several-faces": "it shows several faces; one photo is for one face",
        "face-too-small": "the face is too small; move closer or use a larger picture",
        "blurred": "the face is blurred",
        "too-dark": "the face is too dark",
        "too-bright": "the face is too bright",
        "turned-away": "the face is turned away",
        "duplicate-identity": (
            "this face is enrolled under another REF; if they are two people, use --allow-duplicate"
        ),
        "already-enrolled": "this capture is enrolled already",
        "identity-changed": (
            "another person came before the camera; one capture is for one person, so begin again"
        ),
    }

    def __init__(self, **details: object) -> None:
        reason = str(details.get("reason"))
        super().__init__(**{"words": self.WORDS.get(reason, reason), **details})

    @property
    def why(self) -> str:
        """What stands against this capture, in words."""
        return str(self.details["words"])


class NoGoodFrame(EnrolmentRefused):
    """{path} showed no face good enough to enrol in {frames} frames: {counts}."""

    remedy = "Follow what is asked before the camera, or allow more time with --max-seconds."

    @property
    def why(self) -> str:
        """What stands against this capture, in words."""
        return (
            f"no face was good enough in {self.details['frames']} frames: {self.details['counts']}"
        )


class PresentationRefused(EnrolmentRefused):
    """{path} was not enrolled: {words}."""

    remedy = "Begin again, with the person themself before a camera."
    WORDS: ClassVar[dict[str, str]] = {
        "recording": "--liveness asks a person to react, and a recording cannot",
        "wrong-turn": "the head turned to another side than was asked, or without being asked",
        "turn-too-late": "the head did not turn within the time for it",
        "turn-jumped": (
            "the head had turned from one frame to the next, as swapped pictures do; it is to be "
            "turned slowly"
        ),
        "flat-face": "the face turned as a flat picture does",
        "face-lost": "the face was lost, or not alone, while the head was to be turned",
        "challenge-unfinished": "the time of --max-seconds was over before every turn was seen",
        "screen-seen": "the pattern of a screen was seen in the face",
        "frozen-frames": "the camera gave the same frame for seconds",
        "looped-frames": "the camera gave the same frames again",
        "too-few-frames": "too few frames were good enough for the network of --pad-model",
        "presentation-attack": "the network of --pad-model took it for a picture of a face",
    }


class NotCompared(FacecliError):
    """{path} was not compared: {why}."""

    code = "refused"
    remedy = "Begin again, with the person themself before a camera, doing what is asked."


class PadModelFailed(FacecliError):
    """{path} cannot be used as --pad-model: {why}."""

    code = "no-pad-model"
    remedy = "It is to be an ONNX file with MiniFASNet's interface; the README describes it."


class WorkersFailed(FacecliError):
    """Worker processes for images cannot be started: {why}."""

    code = "workers-failed"
    remedy = "Try fewer with --workers 1; FACECLI_DEBUG_WORKERS=1 shows what they say."


class ModelFailed(FacecliError):
    """The engine {engine} cannot be loaded: {why}."""

    code = "no-engine"
    remedy = "Reinstall facecli with what that engine needs; the README names it."


class UnknownEngine(FacecliError):
    """There is no engine {name}."""

    exit_code = Exit.UNKNOWN
    code = "unknown-engine"
    remedy = "The engines are: {known}."


class EngineChanged(FacecliError):
    """The templates were made by {stored}, and this facecli has {present}."""

    code = "engine-changed"
    remedy = "They cannot be compared: use the facecli that made them, or run `facecli reenroll`."


class OutsideCalibration(FacecliError):
    """A false-match rate of {fmr:g} was not measured for the engine {engine}."""

    exit_code = Exit.USAGE
    code = "outside-calibration"
    remedy = (
        "Its calibration supports {smallest:g} to {largest:g} ({comparisons:,} impostor "
        "comparisons, rule of 30); choose a rate in that range or give a threshold."
    )


class FpirNotSupported(FacecliError):
    """An FPIR of {fpir:g} at {references:,} references needs a false-match rate of {fmr:.2g}, \
which was not measured for the engine {engine}."""

    exit_code = Exit.USAGE
    code = "fpir-not-supported"
    remedy = (
        "Its calibration supports {smallest:g} and more: ask for --fpir {least:.2g} or more, give "
        "--threshold, or measure more images with `facecli evaluate --save-calibration`."
    )


class NoNormalisation(FacecliError):
    """The calibration of the engine {engine} has no thresholds for normalised distances."""

    exit_code = Exit.USAGE
    code = "no-normalisation"
    remedy = (
        "Leave out --normalise, or measure them with `facecli evaluate --save-calibration` on the "
        "images of {people:,} people or more."
    )


class NoCalibration(FacecliError):
    """The engine {engine} has no calibration: no threshold is known for any false-match rate."""

    exit_code = Exit.USAGE
    code = "no-calibration"
    remedy = (
        "Give --threshold (`enroll`: --allow-duplicate), or measure it with `facecli evaluate "
        "--save-calibration` and name that file in the model card, before `init`."
    )


class MissingExtra(FacecliError):
    """{what} needs the package {package}, which is not installed."""

    code = "missing-extra"
    remedy = "Run pip install 'facecli[{extra}]'."


# -- the log ------------------------------------------------------------------------------


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


# -- key slots and backups ------------------------------------------------------------------


class SameSecret(FacecliError):
    """That secret opens the key slot {label} already."""

    code = "same-secret"
    remedy = "Give the new slot a key file or passphrase of its own."


class DuplicateSlot(FacecliError):
    """There is a key slot {label} already."""

    code = "duplicate-slot"
    remedy = "Choose another --label, or remove that one first."


class LastSlot(FacecliError):
    """{label} is the last key slot: without it nobody could open the database."""

    code = "last-slot"
    remedy = "Add another one first with `facecli key add`."


class NoSuchSlot(Unknown):
    """There is no key slot {name}."""

    remedy = "List what there is with `facecli key list`."


class OldKeyLeft(OutputFailed):
    """The database is under a new key, but the old one is still in {path}: {why}."""

    code = "old-key-left"
    remedy = "{Cure}; the next command removes it."


class BackupRefused(FacecliError):
    """The backup {path} is not usable: {why}."""

    code = "backup-refused"
    remedy = "Nothing was changed; choose another backup."


class BackupDamaged(PageDamaged):
    """The backup {path} is damaged: it was cut or altered."""

    code = "backup-damaged"
    remedy = "Nothing was changed; choose another backup, and find out what happened to this one."


class ErasuresUnknown(FacecliError):
    """What was erased since the backup is not known: {why}."""

    exit_code = Exit.SAFETY
    code = "erasures-unknown"
    remedy = (
        "Nothing was restored. Give every log export since the backup with --erasures, or put the "
        "present database back in its place: whoever was erased must not come back."
    )
