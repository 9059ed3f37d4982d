"""The rooms keep to themselves: SQL stands in the room that owns the tables, and nowhere above."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT

PACKAGE = PROJECT / "facecli"
OWNERS = {
    "consent": {
        "purpose", "purpose_version", "purpose_current", "subject", "subject_hold", "consent",
        "spent_form", "spent_day", "interaction", "lapse", "further_notice",
        "held_elsewhere", "disclosure", "subject_request", "alternative_offer", "register_count",
    },
    "store": {
        "meta", "key_slot", "template", "template_shard", "shard_vectors", "shard_subjects",
        "sample", "match_event", "site_calibration",
    },
    "recognition": {"unfinished_batch"},
    "erasure": {"erasure", "known_copy"},
    "audit": {
        "audit_entry", "audit_frontier", "audit_node", "identity_key", "signing_key", "checkpoint",
    },
}  # fmt: skip
"""The tables of each room. The tables of `store` are the ground that all rooms may stand on."""
TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+([a-z_]+)\b")
# The name that a statement takes away, and those that it makes.
CHANGE = re.compile(
    r"(?:DROP|ALTER) TABLE ([a-z_]+)(?: RENAME TO ([a-z_]+))?;|CREATE (?:TABLE|VIEW) ([a-z_]+)"
)
STATEMENT = re.compile(
    r"\b(?:SELECT\s.+\sFROM|INSERT\s.*INTO|UPDATE\s.+\sSET|DELETE\s+FROM)\b", re.S
)


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every string in a source file that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str):
            yield node.lineno, node.value


def _tables_of_others(room: str) -> Iterator[str]:
    theirs = set.union(
        *(tables for owner, tables in OWNERS.items() if owner not in (room, "store"))
    )
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for line, text in _texts(path):
            for table in set(TABLE.findall(text)) & theirs:
                yield f"{path.relative_to(PROJECT)}:{line}: {table}"


@pytest.mark.parametrize("room", ["audit", "consent", "erasure", "recognition", "report", "store"])
def test_no_room_reads_the_tables_of_another(room: str) -> None:
    assert list(_tables_of_others(room)) == []


@pytest.mark.parametrize("folder", ["commands", "cli"])
def test_commands_and_their_frame_hold_no_sql(folder: str) -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line}"
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        for line, text in _texts(path)
        if STATEMENT.search(text)
    ]
    assert found == []


def test_every_table_has_one_owner() -> None:
    made: set[str] = set()
    for script in sorted((PACKAGE / "store/migrations").glob("*.sql")):
        for gone, renamed, new in CHANGE.findall(script.read_text()):
            made = (made - {gone}) | ({renamed, new} - {""})
    owned = [table for tables in OWNERS.values() for table in tables]
    assert sorted(owned) == sorted(made)
