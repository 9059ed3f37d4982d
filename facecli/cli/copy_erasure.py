"""Erasing in the copies of folders, each told of; one that fails stops none of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from facecli.cli.output import note
from facecli.cli.session import Session
from facecli.erasure.copies import folder, known
from facecli.erasure.copies.applying import Copyist, Reached, Unreached
from facecli.keys.slots import Secret
from facecli.printable import counted


def copyist(opened: Session, secret: Secret | None = None) -> Copyist:
    """Return what it takes to erase in copies with the secret of a session, or another one."""
    return Copyist(
        opened.db,
        secret or opened.secret,
        opened.act,
        opened.act_in,
        opened.settings.lock_wait,
    )


def reach(opened: Session, folders: Iterable[Path]) -> list[Unreached]:
    """Erase in the copies of these folders, and return those that could not be reached."""
    unreached = []
    for path in dict.fromkeys(one.resolve() for one in folders):
        done = folder.apply_in(copyist(opened), path)
        unreached += [one for one in tell(opened, done) if one is not None]
    return unreached


def tell(opened: Session, done: Iterable[Reached | Unreached]) -> Iterator[Unreached | None]:
    """Print a line for each copy that was changed or not reached; yield what was not reached."""
    for one in done:
        if isinstance(one, Unreached):
            note(f"Not reached: {one.path}: {one.error}")
            yield one
            continue
        if one.people:
            subjects = counted(one.people, "subject")
            opened.settings.note(f"Erased in {one.copy.path}: data of {subjects}.")
        if sentence := _origin(one):
            opened.settings.note(sentence)
        yield None


def _origin(one: Reached) -> str | None:
    """Return a sentence on a file that other software has copied, or None."""
    if one.original is not None:
        place = one.original.path
        if known.is_there(one.original):
            return f"{one.copy.path} is a second copy of {place}. Both are known from now on."
        return (
            f"{one.copy.path} has the content of {place}, which is not there now and stays known. "
            f"If it is gone for good, run `facecli backup erase {place} --gone`."
        )
    if one.older:
        return (
            f"An older state of {one.copy.path} was put back. Wherever it came from, the erased "
            "data may still be there."
        )
    return None
