"""Copying rows from the present database into a restored copy of a backup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from facecli.store.database import Database


def replace_rows(copy: Database, present: Database, tables: Sequence[str]) -> None:
    """Give these tables of `copy` the rows that they have in `present`."""
    for table in tables:
        copy.execute(f"DELETE FROM {table}")
        insert_rows(copy, table, present.execute(f"SELECT * FROM {table}"))


def insert_rows(copy: Database, table: str, rows: Iterable[Any]) -> None:
    """Insert whole rows of the same table of another database."""
    for row in rows:
        marks = ", ".join("?" * len(row))
        copy.execute(f"INSERT INTO {table} VALUES ({marks})", tuple(row))
