"""The guides for contributors: every file, function, target and link that they name exists."""

from __future__ import annotations

import ast
import re
from contextlib import closing
from functools import cache

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from tests.conftest import PROJECT

GUIDES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")
FOLDERS = ("facecli", "tests", "tools", "man", "locks", "sample_data")
GENERIC = re.compile(r"NAME|[*]")


def text_of(guide: str) -> str:
    return (PROJECT / guide).read_text(encoding="utf-8")


@cache
def names_in(path: str) -> set[str]:
    """Every function and class of a file, those of a class as `Class.function`."""
    found = set()
    for node in ast.parse((PROJECT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            members = (one for one in node.body if isinstance(one, ast.FunctionDef))
            found |= {f"{node.name}.{one.name}" for one in members}
    return found


@pytest.mark.parametrize("guide", GUIDES)
def test_every_function_that_it_names_exists(guide: str) -> None:
    named = re.findall(r"`((?:\w+/)+\w+\.py):([\w.]+)`", text_of(guide))
    missing = [
        f"{path}:{name}"
        for path, name in named
        if not (PROJECT / path).is_file() or name not in names_in(path)
    ]
    assert missing == []
    assert named or guide != "ARCHITECTURE.md"


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_and_folder_that_it_names_exists(guide: str) -> None:
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./*-]*)[:`]", text_of(guide))
    assert named
    missing = [one for one in named if not GENERIC.search(one) and not (PROJECT / one).exists()]
    assert missing == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_link_leads_to_a_file(guide: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text_of(guide))
    assert [link for link in links if not (PROJECT / link).exists()] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_make_target_that_it_names_exists(guide: str) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([.a-z-]+):", makefile, re.MULTILINE))
    named = {
        target
        for words in re.findall(r"(?:`|^|\n|sudo )make ((?:[.a-z-]+ ?)+)", text_of(guide))
        for target in words.split()
    }
    assert named - targets == set()


@pytest.mark.parametrize(
    "folder",
    sorted(p.name for p in (PROJECT / "facecli").iterdir() if (p / "__init__.py").exists()),
)
def test_every_room_has_its_place_in_the_architecture(folder: str) -> None:
    assert f"| `facecli/{folder}/` |" in text_of("ARCHITECTURE.md")


def test_every_table_of_the_database_is_described() -> None:
    data = text_of("ARCHITECTURE.md").split("## The data")[1].split("\n## ")[0]
    with closing(sqlcipher.connect(":memory:")) as empty:
        for script in sorted((PROJECT / "facecli/store/migrations").glob("*.sql")):
            empty.executescript(script.read_text(encoding="utf-8"))
        tables = empty.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert ("subject",) in tables
    for (table,) in tables:
        assert f"`{table}`" in data, table
