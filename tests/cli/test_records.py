"""Kinds of records: the columns of a table and of a wide one."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from facecli import cli, commands
from facecli.cli.records import RecordKind


def every_kind() -> list[RecordKind]:
    modules = [
        importlib.import_module(f"{package.__name__}.{one.name}")
        for package in (cli, commands)
        for one in pkgutil.iter_modules(package.__path__)
    ]
    found = {id(v): v for m in modules for v in vars(m).values() if isinstance(v, RecordKind)}
    return list(found.values())


def test_a_table_shows_all_fields_unless_it_names_its_columns() -> None:
    assert RecordKind("x", ("a", "b")).columns == ("a", "b")
    assert RecordKind("x", ("a", "b"), ("b",)).columns == ("b",)


def test_a_field_beneath_another_has_no_column_but_in_a_wide_table() -> None:
    kind = RecordKind("x", ("a", "b"), beneath={"a": "b"})
    assert (kind.columns, kind.wide_columns) == (("a",), ("a", "b"))


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.schema)
def test_what_a_kind_names_are_its_columns(kind: RecordKind) -> None:
    assert set(kind.dispensable) < set(kind.columns)
    assert set(kind.beneath) <= set(kind.columns)
    assert set(kind.fields) <= set(kind.wide_columns)
    assert len(set(kind.wide_columns)) == len(kind.wide_columns)
