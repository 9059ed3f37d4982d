"""Plain English: the lint of `tools/english.py` on all that is here, and on examples of its own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import click
import pytest

from facecli.cli.main import cli
from tests.conftest import PROJECT
from tools import english
from tools.english import Finding

FOLDERS = sorted(
    {str(path.parent.relative_to(PROJECT)) for name in english.SOURCES
     for path in (PROJECT / name).rglob("*.py")}
    | {str(path.parent.relative_to(PROJECT)) for name in english.PAGES
       for path in PROJECT.glob(name)}
)  # fmt: skip


@cache
def everything() -> list[Finding]:
    return english.findings()


@pytest.mark.parametrize("folder", FOLDERS)
def test_texts_are_in_plain_english(folder: str) -> None:
    found = [str(one) for one in everything() if str(Path(one.path).parent) == folder]
    assert found == [], "\n" + "\n".join(found)


def test_no_finding_lies_outside_the_folders_that_are_checked() -> None:
    assert {str(Path(one.path).parent) for one in everything()} <= set(FOLDERS)


def words(found: Iterable[Finding]) -> list[tuple[int, str]]:
    return [(one.line, one.words) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The subject whom it shows.", ["whom"]),
        ("Erase what rested on it.", ["rested on it"]),
        ("Look at every so-manieth frame.", ["so-manieth"]),
        ("only the key alone opens it", ["only the key alone"]),
        ("Stop after so many seconds.", ["so many seconds"]),
        ("There are 1 subjects and 11 subjects.", ["1 subjects"]),
        ("Record a consent to the current notice.", []),
    ],
)
def test_words_with_a_plainer_one_are_found_anywhere(text: str, expected: list[str]) -> None:
    assert [found for _, found, _ in english.of_text(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It says that the key is wrong.", ["says"]),
        ("Twins cannot be told apart.", []),
        ("Of a URL only the host is printed.", ["Of a URL only"]),
        ("Of the frames, each tenth is read.", ["Of the frames,"]),
        ("Begin. " + "one " * 26 + "end.", ["one one one one one …"]),
        ("one " * 20 + "end. " + "two " * 20 + "end.", []),
    ],
)
def test_what_facecli_prints_is_checked_more_strictly(text: str, expected: list[str]) -> None:
    assert [found for _, found, _ in english.of_spoken(text)] == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("What a person is shown.", ["What"]),
        ("Whether it is whole.", ["Whether"]),
        ("May it be matched?", ["May"]),
        ("Due already, or still held?", ["Due already, or still held?"]),
        ("Return the gallery as of `now`.", []),
        ("Whole files, never parts of them.", []),
    ],
)
def test_a_docstring_opens_with_an_imperative_or_a_noun(title: str, expected: list[str]) -> None:
    source = f'def it():\n    """{title}"""\n'
    assert words(english.of_source("a.py", source)) == [(2, found) for found in expected]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('f"{len(people)} subjects"', ["{len(people)} subjects"]),
        ('f"{found:,} frames"', ["{found} frames"]),
        ("f\"{counted(found, 'frame')} of them\"", []),
        ('f"at most {MOST} faces"', []),
        ('f"{kind} images"', []),
    ],
)
def test_a_bare_count_before_a_plural_is_found(expression: str, expected: list[str]) -> None:
    found = words(english.of_source("a.py", f"text = {expression}\n"))
    assert found == [(1, one) for one in expected]


def test_comments_and_pages_are_read_with_their_lines() -> None:
    assert words(english.of_source("a.py", "x = 1\n# whom it shows\n")) == [(2, "whom")]
    page = 'Text.\n\nA line on whom "whom" means.\n'
    assert words(english.of_page("a.md", page)) == [(3, "whom")]


def test_help_is_read_from_the_real_commands() -> None:
    paths = {english._place(command)[0] for command, _ in _all_commands()}
    assert {"facecli/commands/revoke.py", "facecli/commands/log_export.py"} <= paths


def _all_commands() -> list[tuple[click.Command, click.Context]]:
    context = cli.make_context("facecli", [], resilient_parsing=True)
    return list(english._commands(cli, context))
