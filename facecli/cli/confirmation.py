"""The question before what cannot be undone."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from facecli.cli.lines import fitted, terminal_width
from facecli.cli.session import Settings
from facecli.consent import subjects
from facecli.errors.erasure import Declined, NotConfirmed
from facecli.printable import printable
from facecli.store.database import Database

MOST_NAMED = 20
_ANSWERS = " [y/N]: "  # what click adds to a question


def person(db: Database, subject_id: int) -> str:
    """Return REF and name of a subject as a question shows them: `A-1001 (Jo Doe)`.

    The REF comes first, since a name can imitate one. Characters that control a terminal are
    escaped.
    """
    ref, name = subjects.names(db, {subject_id})[subject_id]
    return printable(ref if name is None else f"{ref} ({name})")


def listed(people: Sequence[str]) -> str:
    """Return a line for each person before a question about several; empty for one."""
    if len(people) < 2:
        return ""
    more = len(people) - MOST_NAMED
    lines = [*people[:MOST_NAMED], *([f"and {more:,} more"] if more > 0 else [])]
    return "".join(f"  {line}\n" for line in lines)


def confirm(settings: Settings, question: str, *, yes: bool) -> None:
    """Ask on a terminal, unless `yes` answers already.

    Raises:
        NotConfirmed: there is no terminal to ask on.
        Declined: the answer is no.
    """
    if yes:
        return
    if not settings.interactive:
        raise NotConfirmed()
    if not ask(question):
        raise Declined()


def ask(question: str) -> bool:
    """Ask on the terminal, in lines that fit it, and return the answer; Enter is no."""
    room = len(_ANSWERS)
    text = fitted(question + "_" * room, terminal_width(sys.stderr))[:-room]
    return click.confirm(text, err=True)
