"""The exit codes, and the base class of every error.

The docstring of an error's class is its message; `{names}` in it are filled from the keyword
arguments. `code` is the kebab-case reason in records and in the log. Only `cli.main` turns an
error into a sentence on stderr and an exit code. README's table of exit codes is generated from
this file.
"""

from __future__ import annotations

import errno
import string
from enum import IntEnum
from typing import ClassVar

from facecli.printable import counted


class Exit(IntEnum):
    """Exit codes that scripts rely on, each with its meaning in the README and the man pages."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Exit:
        """Make a member from its code and its meaning in a few words."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "all of it done"
    FAILED = 1, "failed, nothing changed"
    USAGE = 2, "usage"
    PARTIAL = 3, "finished, but part of the input failed, or due records remain; `doctor`: warnings"
    NOT_SAME = 4, "`verify`: not the same person"
    NO_DATABASE = 10, "no database there, or not one of ours"
    LOCKED = 11, "locked by another process"
    KEY = 12, "wrong key, or no key"
    NO_CONSENT = 20, "no valid consent, notice, case or operator for this purpose"
    UNKNOWN = 21, "no such subject, purpose, slot or consent"
    SAFETY = 22, "refused by a safety limit (`--max-fraction`, clock, hold, looser rate, copy)"
    LOG_ALTERED = 30, "log altered"
    LOG_TRUNCATED = 31, "log truncated or rolled back"
    LOG_UNSEALED = 32, "log not sealed since the last checkpoint that was expected"
    PAGE_DAMAGED = 33, "database page integrity failed"
    OUTPUT = 74, "output could not be written (disk full, closed pipe)"
    UNREPORTED = 75, "done, but what had to be written afterwards could not be written"
    INTERRUPTED = 130, "interrupted"


class FacecliError(Exception):
    """{message}"""

    exit_code: ClassVar[Exit] = Exit.FAILED
    code: ClassVar[str] = "failed"
    remedy: ClassVar[str] = ""
    decoded: ClassVar[bool] = True
    """False: it is raised in a worker before a decoder reads the input."""

    def __init__(self, **details: object) -> None:
        self.details = details
        template = (type(self).__doc__ or "").split("\n")[0]
        self.message = _FORMATTER.vformat(template, (), details)
        self.hint = _FORMATTER.vformat(self.remedy, (), details)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.details)

    @property
    def reason(self) -> str:
        """The reason code of this error; the detail `reason` replaces the class's code."""
        return str(self.details.get("reason", self.code))


class _Sentence(string.Formatter):
    """Format with one more specification: `{frames:n frame}` gives `1 frame`, `2 frames`."""

    def format_field(self, value: object, format_spec: str) -> str:
        """Return the formatted value, with its noun where the specification names one."""
        if format_spec.startswith("n "):
            return counted(int(str(value)), format_spec.removeprefix("n "))
        return str(super().format_field(value, format_spec))


_FORMATTER = _Sentence()


def _rebuild(kind: type[FacecliError], details: dict[str, object]) -> FacecliError:
    return kind(**details)


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
        errno.EIO: "check the disk and its quota",
    }
    """The remedy for each error number of the operating system."""

    def __init__(self, **details: object) -> None:
        number = details.get("errno")
        cure = self.CURES.get(number if isinstance(number, int) else None, "correct that")
        super().__init__(**{"cure": cure, "Cure": cure[0].upper() + cure[1:], **details})


def because(error: OSError) -> dict[str, object]:
    """Return the details `why` and `errno` of a `NotWritten` for an error of the system."""
    return {"why": (error.strerror or "unknown error").lower(), "errno": error.errno}


class Unknown(FacecliError):
    """There is no {kind} {name}."""

    exit_code = Exit.UNKNOWN
    code = "unknown"
    remedy = "List all with `facecli {kind} list`."
