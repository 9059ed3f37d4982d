"""`facecli backup erase`: apply every erasure since to copies, in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from facecli.cli.copies import backup_key_options, backup_secret, refuse_unreached
from facecli.cli.copy_erasure import copyist, tell
from facecli.cli.options import FILE_OR_FOLDER, pass_settings, reports
from facecli.cli.output import opened_first
from facecli.cli.records import RecordKind
from facecli.cli.session import Session, Settings, session
from facecli.erasure.copies import applying, folder, known
from facecli.erasure.copies.applying import Reached, Unreached
from facecli.errors.base import Unknown

ERASED = RecordKind(
    "backup-erase",
    ("path", "copy_id", "made_at", "applied", "subjects", "outcome", "reason"),
    ("path", "copy_id", "subjects", "outcome", "reason"),
    dispensable=("copy_id",),
)


@click.command(
    epilog="Exit codes: 0 every erasure has reached the copies; 3 a copy in a folder could not be "
    "reached; 21 --gone: no such copy; 1, 10, 12, 33 the one copy that was named is not usable, "
    "is not there, does not open or is damaged; 74 output; 10-12 database or key."
)
@click.argument("places", nargs=-1, required=True, type=FILE_OR_FOLDER, metavar="FILE|DIR...")
@click.option("--gone", is_flag=True, help="FILE was destroyed otherwise: record that, and no "
              "longer name it as a copy.")  # fmt: skip
@backup_key_options
@reports
@pass_settings
def command(
    settings: Settings,
    places: tuple[Path, ...],
    gone: bool,
    backup_key_file: str | None,
    backup_passphrase_file: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Erase in copies, in place, everything that was erased since they were made.

    A copy is a backup, or a database that a restore set aside. Only the rows of erased subjects
    are overwritten; a copy that holds none of them is not written to. The log of the database
    records each copy that was reached, and the log in the copy stays as it was. With -q, a run
    without trouble prints nothing.

    \b
    Example:
      facecli backup erase /backup
    """
    paths = [one.resolve() for one in places]
    if gone:
        _forget(settings, paths)
        return
    secret = backup_secret(settings, paths[0], backup_key_file, backup_passphrase_file)
    with session(settings, "backup.erase", guarded=True) as opened:
        by = copyist(opened, secret)
        with opened_first(output, ERASED, form) as reporter:
            done: list[Reached | Unreached] = []
            for path in paths:
                if path.is_dir():
                    done += folder.apply_in(by, path)
                else:
                    done.append(applying.apply(by, path))
            if not settings.quiet or form != "table" or output is not None:
                with reporter() as report:
                    for one in done:
                        report.add(_row(one))
        refuse_unreached([one for one in tell(opened, done) if one is not None])


def _row(one: Reached | Unreached) -> dict[str, Any]:
    if isinstance(one, Unreached):
        return {"path": str(one.path), "outcome": "failed", "reason": one.error.reason}
    return {
        "path": str(one.copy.path),
        "copy_id": one.copy.copy_id,
        "made_at": one.copy.made_at,
        "applied": one.copy.applied,
        "subjects": one.people,
        "outcome": "erased" if one.erased else "unchanged",
    }


def _forget(settings: Settings, paths: list[Path]) -> None:
    """Forget copies that are gone.

    Raises:
        UsageError: one of the files is still there.
        Unknown: the database knows no copy at one of the places.
    """
    for path in paths:
        if path.exists():
            raise click.UsageError(f"{path} is still there; --gone is for a copy that is destroyed")
    with session(settings, "backup.gone") as opened:
        for path in paths:
            found = list(_known_at(opened, path))
            if not found:
                raise Unknown(kind="backup", name=str(path))
            for copy in found:
                folder.forget(copy, opened.act, "backup.gone")


def _known_at(opened: Session, path: Path) -> Iterator[known.KnownCopy]:
    for copy in known.list_all(opened.db):
        if copy.path == path or copy.path.parent == path:
            yield copy
