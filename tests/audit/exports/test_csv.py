"""CSV, read by Python's own strict reader."""

from __future__ import annotations

import csv as reader
import io
import json
from typing import Any

import pytest

from facecli.audit.exports import csv
from tests.audit.exports.entries import NASTY, entry, fields, nasty


def rows(entries: list[dict[str, Any]]) -> list[dict[str, str]]:
    text = "\n".join([csv.HEADER, *(csv.line(fields(one)) for one in entries)]) + "\n"
    return list(reader.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_row_has_the_names_and_values_of_the_record() -> None:
    (row,) = rows([entry()])
    assert row["seq"] == "812"
    assert (row["actor_uid"], row["actor_user"]) == ("989", "facecli")
    assert [row[f"actor_login_{name}"] for name in ("source", "uid", "user")] == [
        "loginuid", "1000", "li",
    ]  # fmt: skip
    assert json.loads(row["details"]) == entry()["details"]
    assert row["leaf_hash"] == "ab" * 32
    for name in ("at", "action", "outcome", "subject_id", "purpose"):
        assert row[name] == entry()[name]


def test_what_is_null_is_an_empty_cell() -> None:
    (row,) = rows([entry(subject_id=None, purpose=None)])
    assert row["subject_id"] == row["purpose"] == ""


def test_no_text_breaks_out_of_its_cell() -> None:
    found = rows(nasty())
    assert len(found) == len(nasty())
    for row, each in zip(found, nasty(), strict=True):
        assert None not in row
        assert None not in row.values()
        assert json.loads(row["details"]) == each["details"]
        assert "".join(row.values()).isprintable()


@pytest.mark.parametrize("text", [text for text in NASTY if text[:1] in {"=", "+", "-", "@"}])
def test_no_cell_is_a_formula(text: str) -> None:
    (row,) = rows([entry(subject_id=text)])
    assert row["subject_id"] == f"'{text}"


def test_no_cell_of_any_row_is_a_formula() -> None:
    assert not any(
        value[:1] in {"=", "+", "-", "@"} for row in rows(nasty()) for value in row.values()
    )
