"""Kinds of records: the fields that programs read, and the table that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RecordKind:
    """A kind of record, with its fields in order.

    Attributes:
        schema: the name in `facecli.NAME/1`.
        fields: every field, as JSON and CSV carry them.
        table: the columns of a table; without them, all fields.
        dispensable: columns that a narrow table leaves out, the least important first.
        beneath: fields that a table prints below another field, by the name of that one.
    """

    schema: str
    fields: tuple[str, ...]
    table: tuple[str, ...] = ()
    dispensable: tuple[str, ...] = ()
    beneath: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields that a table shows."""
        return self.table or tuple(
            name for name in self.fields if name not in self.beneath.values()
        )

    @property
    def wide_columns(self) -> tuple[str, ...]:
        """All fields, those of the usual table first."""
        return (*self.columns, *(name for name in self.fields if name not in self.columns))
