"""The hooks of the configuration: which program runs after a command, and what it is told.

A program gets the command, the exit code and a summary in its environment: never a REF, a name, or
what opens the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from facecli.cli.config_settings import Hook, Hooks
from facecli.errors.base import Exit

NOT_FAILED = (Exit.OK, Exit.NOT_SAME)  # `verify` answers with 4
MARK = "FACECLI_HOOK"
"""The variable that names the event. A facecli that a hook starts runs no hooks."""
_SECRET = re.compile(r"CREDENTIALS_DIRECTORY|FACECLI_(CAMERA_URL|KEY|PASSPHRASE).*")


@dataclass(frozen=True)
class Ended:
    """A command that has ended.

    command: its words, such as `log export`, or empty if there is no such command. began: it was
    called correctly, and is more than a help text. reason: of the error, if there was one. counts:
    what it did, in numbers. at_terminal: somebody reads its errors on a terminal. db: the database
    that it was called for, once that is known.
    """

    command: str
    code: int
    began: bool
    reason: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    at_terminal: bool = False
    db: Path | None = None

    @property
    def event(self) -> str:
        """The name of the hook."""
        return "on_success" if self.code in NOT_FAILED else "on_failure"

    @property
    def summary(self) -> str:
        """One sentence without anything about a person."""
        counts = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        words = f"facecli {self.command}".strip()
        return f"{words}: {self._meaning()}{f' ({counts})' if counts else ''}"

    def _meaning(self) -> str:
        """Return the meaning of the code for this command; "`verify`: ..." is that for one."""
        meaning = next((one.meaning for one in Exit if one == self.code), "failed")
        clauses = [one.rpartition("`: ") for one in meaning.split("; ")]
        own = [words for of, _, words in clauses if of.strip("`") == self.command]
        return (own or [words for _, _, words in clauses])[0].replace("`", "")


def chosen(hooks: Hooks, ended: Ended) -> tuple[str, ...]:
    """Return the program to run with its arguments, or an empty tuple.

    The hook of the command counts before that of its group, and both before the hook for every
    command. A usage error at a terminal runs none: the person who typed it sees it. Under cron it
    does, as after an upgrade that renamed an option.
    """
    if ended.event == "on_success" and not ended.began:
        return ()
    if ended.code == Exit.USAGE and ended.at_terminal:
        return ()
    words = ended.command.split(" ")
    names = [" ".join(words[:count]) for count in range(len(words), 0, -1)]
    for hook in (*(hooks.of.get(name, Hook()) for name in names), hooks.every):
        program: tuple[str, ...] | None = getattr(hook, ended.event)
        if program is not None:
            return program
    return ()


def environment(ended: Ended, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a hook: what is inherited, without secrets, and what has ended."""
    kept = {name: value for name, value in inherited.items() if not _SECRET.fullmatch(name)}
    return {
        **kept,
        **({"FACECLI_DB": str(ended.db)} if ended.db is not None else {}),
        MARK: ended.event,
        "FACECLI_COMMAND": ended.command,
        "FACECLI_EXIT_CODE": str(ended.code),
        "FACECLI_REASON": ended.reason,
        "FACECLI_SUMMARY": ended.summary,
    }
