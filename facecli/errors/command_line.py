"""Errors of the command line, of input files and of output."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError, NotWritten


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
    remedy = "Nothing was changed. Correct it and run the command again."


class BadText(BadInput):
    """{what} is not usable: {why}."""

    exit_code = Exit.USAGE
    code = "bad-text"


class NoAccess(FacecliError):
    """This user has no access to {path}."""

    code = "no-access"
    remedy = (
        "Nothing was changed. Run the command as the user who owns it, such as "
        "`sudo -u facecli facecli ...`, or name another place."
    )


class NoWorkingFolder(UsageError):
    """The working directory was deleted, so that relative paths lead nowhere."""

    code = "no-working-directory"
    remedy = "Change to a folder that exists, then run the command again."


class OutputFailed(NotWritten):
    """The output {path} could not be written: {why}."""

    code = "output-failed"
    remedy = "{Cure} or name another place, then run the command again."


class ReaderGone(OutputFailed):
    """The output {path} could not be written: the reader closed the pipe."""

    remedy = "Everything reported as done is done. Let the reader take all of the output."


class Unreported(OutputFailed):
    """The command has done its work, but could not write {path} afterwards: {why}."""

    exit_code = Exit.UNREPORTED
    code = "unreported"
    remedy = "{Cure}. Do not repeat the command; `facecli log show` prints what it did."


class StoppedUnreported(Unreported):
    """The command stopped, because it could not write {path}: {why}."""

    code = "stopped-unreported"
    remedy = (
        "{Cure}. What it did is done, and `facecli log show` prints it; run the command again for "
        "the rest."
    )


class HalfDone(FacecliError):
    """An unexpected fault ({fault}) ended the command before all of its work was done."""

    exit_code = Exit.PARTIAL
    code = "half-done"
    remedy = (
        "What `facecli log show` prints as done is done. Run the command again for the rest. Set "
        "FACECLI_DEBUG=1 to print the fault's place in the code, and report it."
    )


class Interrupted(FacecliError):
    """Interrupted."""

    exit_code = Exit.INTERRUPTED
    code = "interrupted"
    remedy = "Everything reported as done is done. Nothing else was changed."
