"""The schema: migrations from one to the next, each a file in `migrations/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlcipher3 import dbapi2 as sqlcipher

from facecli.errors.store import NewerSchema

if TYPE_CHECKING:
    from facecli.store.database import Database

APPLICATION_ID = 0x46434C49  # "FCLI"


def migrate(database: Database) -> None:
    """Bring the schema forward, one migration a transaction.

    Raises:
        NewerSchema: a later facecli wrote this file.
    """
    migrations = _migrations()
    found = check_schema(database)
    for number, script in list(enumerate(migrations, 1))[found:]:
        _apply(database, number, script)


def check_schema(database: Database) -> int:
    """The number of its schema.

    Raises:
        NewerSchema: a later facecli wrote this file.
    """
    found = int(database.value("PRAGMA user_version"))
    if found > known():
        raise NewerSchema(path=database.path, found=found, known=known())
    return found


def known() -> int:
    """The number of the schema that this facecli writes."""
    return len(_migrations())


def _apply(database: Database, number: int, script: str) -> None:
    with database.transaction():
        if int(database.value("PRAGMA user_version")) >= number:
            return  # another process was faster
        for statement in _statements(script):
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlcipher.complete_statement(pending):
            yield pending
            pending = ""


def _migrations() -> list[str]:
    # Not importlib.resources, whose import takes a tenth of what a purge with nothing due takes.
    files = sorted(Path(__file__).with_name("migrations").glob("*.sql"))
    return [file.read_text(encoding="utf-8") for file in files]
