"""The schema: migrations from one to the next, each a file in `migrations/`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlcipher3 import dbapi2 as sqlcipher

from facecli.errors.store import EarlierDatabase, NewerSchema, NotOurs, PageDamaged

if TYPE_CHECKING:
    from facecli.store.database import Database

APPLICATION_ID = 0x46434C32  # "FCL2"
# "FCLI": the databases of the faceclis whose log had a chain of keys; no schema leads from there.
APPLICATION_ID_BEFORE = 0x46434C49


def check_application(database: Database) -> None:
    """Check that a database is one of ours, of the format that this facecli reads.

    Raises:
        EarlierDatabase: an earlier facecli made it.
        NotOurs: it belongs to another program.
    """
    found = database.value("PRAGMA application_id")
    if found == APPLICATION_ID_BEFORE:
        raise EarlierDatabase(path=database.path)
    if found != APPLICATION_ID:
        raise NotOurs(path=database.path, why="it belongs to another program")


def migrate(database: Database) -> None:
    """Bring the schema forward, one migration a transaction.

    Raises:
        NewerSchema: a later facecli wrote this file.
        PageDamaged: a row refers to one that is not there.
    """
    migrations = _migrations()
    found = check_schema(database)
    for number, script in list(enumerate(migrations, 1))[found:]:
        _apply(database, number, script)


def check_schema(database: Database) -> int:
    """Return the number of its schema.

    Raises:
        NewerSchema: a later facecli wrote this file.
    """
    found = int(database.value("PRAGMA user_version"))
    if found > known():
        raise NewerSchema(path=database.path, found=found, known=known())
    return found


def is_current(database: Database) -> bool:
    """Return True if a database has the current schema. Raises NewerSchema."""
    return check_schema(database) == known()


def known() -> int:
    """Return the number of the schema that this facecli writes."""
    return len(_migrations())


def _apply(database: Database, number: int, script: str) -> None:
    with database.without_foreign_keys(), database.transaction():
        if int(database.value("PRAGMA user_version")) >= number:
            return  # another process was faster
        for statement in _statements(script):
            database.execute(statement)
        if database.rows("PRAGMA foreign_key_check"):
            raise PageDamaged(path=database.path)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlcipher.complete_statement(pending):
            yield pending
            pending = ""


@cache  # every opening asks for their number several times
def _migrations() -> tuple[str, ...]:
    # Not importlib.resources, whose import takes a tenth of what a purge with nothing due takes.
    files = sorted(Path(__file__).with_name("migrations").glob("*.sql"))
    return tuple(file.read_text(encoding="utf-8") for file in files)
