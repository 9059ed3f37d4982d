"""The section on the log: the report's own entry, the checkpoint, and how to verify the report."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from facecli.papers.languages import Language
from facecli.report.document import Fact, Section

ACTION = "report.custody"


@dataclass(frozen=True)
class LogPosition:
    """The place of a report in the log.

    entry: the number of the entry that records the report, with the SHA-256 of its file.
    at: the time of that entry.
    checkpoint: the text of the checkpoint that covers all entries before it.
    """

    entry: int
    at: str
    trust_key: str
    checkpoint: str


def section(language: Language, position: LogPosition, name: str) -> Section:
    """Return the section on the log.

    Args:
        name: the file's name, for the commands.
    """
    say = language.say
    return Section(
        "log",
        say("The log, and how to verify this report"),
        sentences=(
            say(
                "The figures are those after entry {before} of the log. Entry {entry} records this "
                "report with the SHA-256 of its file, so that a changed figure is found: compare "
                "the hash of the file with the field sha256 of that entry, and verify the log with "
                "the checkpoint below, saved as the file seal.",
                before=position.entry - 1,
                entry=position.entry,
            ),
        ),
        facts=(
            Fact("entry", say("Entry of this report"), position.entry, "number"),
            Fact("entries_before", say("Entries before it"), position.entry - 1, "number"),
            Fact("trust_key", say("Key to trust, which never changes"), position.trust_key),
            Fact("checkpoint", say("Checkpoint"), position.checkpoint, "lines"),
        ),
        commands=(
            f"sha256sum {shlex.quote(name)}",
            f"facecli log show --action {ACTION} --since {position.at} --format json",
            f"facecli log verify log-*.jsonl --checkpoint seal --trust-key '{position.trust_key}'",
        ),
    )
