"""`facecli backup list`: the copies in a folder, and whether every erasure has reached them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from facecli.cli.copies import backup_key_options, backup_secret
from facecli.cli.options import FOLDER, pass_settings, reports
from facecli.cli.output import reporting
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings, session
from facecli.erasure.copies import folder
from facecli.erasure.copies.applying import Unreached
from facecli.erasure.copies.folder import ListedCopy
from facecli.errors.base import Exit

COPY = RecordKind(
    "backup-copy",
    ("path", "copy_id", "kind", "made_at", "applied", "missing", "state", "reason"),
    ("path", "made_at", "missing", "state", "reason"),
    dispensable=("reason",),
)


@click.command(
    epilog="Exit codes: 0 listed; 1 the folder cannot be searched; 3 a copy cannot be opened, or "
    "is missing; 74 output; 10-12 database or key."
)
@click.argument("directory", type=FOLDER, metavar="DIR")
@backup_key_options
@reports
@pass_settings
def command(
    settings: Settings,
    directory: Path,
    backup_key_file: str | None,
    backup_passphrase_file: str | None,
    form: str,
    output: Path | None,
) -> int:
    """List the copies of the database in DIR, and how many erasures have not reached each.

    The state is `current`, `behind`, or `unreadable` with the reason. A copy that is known and no
    longer there is listed too.

    \b
    Example:
      facecli backup list /backup
    """
    path = directory.resolve()
    secret = backup_secret(settings, path, backup_key_file, backup_passphrase_file)
    with session(settings, "backup.list") as opened:
        found = list(folder.look(opened.db, path, secret or opened.secret, settings.lock_wait))
    with reporting(COPY, form, output) as report:
        for one in found:
            report.add(_row(one))
    unread = any(isinstance(one, Unreached) for one in found)
    return Exit.PARTIAL if unread else Exit.OK


def _row(one: ListedCopy | Unreached) -> dict[str, Any]:
    if isinstance(one, Unreached):
        return {"path": str(one.path), "state": "unreadable", "reason": one.error.reason}
    return {
        "path": str(one.copy.path),
        "copy_id": one.copy.copy_id or None,
        "kind": one.copy.kind,
        "made_at": one.copy.made_at or None,
        "applied": one.copy.applied,
        "missing": one.missing,
        "state": "behind" if one.behind else "current",
    }
