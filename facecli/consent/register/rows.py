"""Rows of the register's tables: their ids, and reading them as records."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from facecli.store.database import Database

Record = TypeVar("Record")


def new_id() -> str:
    """Return a random id for a new row, by which people name it."""
    return os.urandom(8).hex()


@dataclass(frozen=True)
class Rows(Generic[Record]):
    """The rows of a table.

    query: selects the fields of a record, in their order, from the table, which it calls `r`.
    key: the column with the id that is printed.
    """

    record: Callable[..., Record]
    key: str
    query: str

    def find(self, db: Database, printed_id: str) -> Record | None:
        """Return the record with this id, or None."""
        found = self.where(db, f"r.{self.key} = ?", (printed_id,))
        return found[0] if found else None

    def of_subject(self, db: Database, subject_id: int) -> list[Record]:
        """Return the records of a subject, oldest first."""
        return self.where(db, "r.subject_id = ?", (subject_id,))

    def where(
        self,
        db: Database,
        condition: str,
        parameters: tuple[Any, ...] = (),
        order: str = "r.id",
    ) -> list[Record]:
        """Return the records that meet an SQL condition."""
        sql = f"{self.query} WHERE {condition} ORDER BY {order}"
        return [self.record(*row) for row in db.tuples(sql, parameters)]
