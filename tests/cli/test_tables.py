"""Tables fit the terminal, in every script; what is left out is named."""

from __future__ import annotations

import io
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import wcwidth

from facecli.cli import tables
from facecli.cli.records import RecordKind
from tests import terminal

NAMES = {
    "chinese": "王小明",
    "combining": "Ame\u0301lie N\u0303oño",
    "emoji": "Jo 👩‍👩‍👧 Doe",
    "right-to-left": "مُحَمَّد بن سلمان",
    "long": "Wolfeschlegelsteinhausenbergerdorff",
    "thai": "สมชาย ใจดี",
}
PEOPLE = RecordKind(
    "person",
    ("ref", "name", "city", "note", "secret"),
    ("ref", "name", "city", "note"),
    dispensable=("city", "note"),
)


def wide(text: str) -> int:
    return wcwidth.wcswidth(text)


def on_terminal(columns: int, *arguments: object, **environment: str) -> str:
    """Run facecli with a terminal of so many columns as its stdout alone."""
    alone = ["sh", "-c", 'exec "$@" < /dev/null 2> /dev/null', "sh"]
    words = [*alone, sys.executable, "-m", "facecli", *arguments]
    return terminal.on_terminal(words, columns, env=environment)


@pytest.fixture
def peopled(ready: Any) -> Any:
    """A database with a person of each script."""
    for number, name in enumerate(NAMES.values()):
        done = ready("subject", "add", f"A-{number}", "--name", name)
        assert done.code == 0, done.err
    return ready


# -- real terminals -----------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_tables_fit_a_terminal_of_any_width(peopled: Any, columns: int) -> None:
    for command in (
        ["subject", "list"], ["log", "show"], ["doctor", "--quick"], ["status"],
        ["subject", "show", "A-0"], ["purpose", "list"],
    ):  # fmt: skip
        lines = on_terminal(columns, *peopled.globals, *command).splitlines()
        assert len(lines) >= 3
        assert max(map(wide, lines)) <= columns, [x for x in lines if wide(x) > columns]


def test_the_terminals_own_width_counts_before_the_environment(peopled: Any) -> None:
    narrow = on_terminal(60, *peopled.globals, "doctor", "--quick", COLUMNS="200")
    assert max(map(wide, narrow.splitlines())) <= 60


def test_wide_shows_every_field_in_one_line_each(peopled: Any) -> None:
    lines = on_terminal(40, *peopled.globals, "log", "show", "--wide").splitlines()
    assert len(lines) == len(peopled("log", "show", "--format", "jsonl").out.splitlines()) + 1
    assert "DETAILS" in lines[0]
    assert "LEAF_HASH" in lines[0]


def test_names_of_all_scripts_stay_in_line(peopled: Any) -> None:
    titles, *lines = on_terminal(120, *peopled.globals, "subject", "list").splitlines()
    at = titles.index("STATE")
    for line, name in zip(lines, NAMES.values(), strict=True):
        before, _, _ = line.partition("active")
        assert unicodedata.normalize("NFC", name) in before
        assert wide(before) == at


# -- pipes and files ----------------------------------------------------------------------------


def test_a_pipe_gets_80_columns_or_what_COLUMNS_wishes(peopled: Any) -> None:
    def widest(**environment: str) -> int:
        done = peopled.process("doctor", "--quick", env=environment)
        return max(map(wide, done.out.splitlines()))

    assert 60 < widest() <= 80
    assert 80 < widest(COLUMNS="150") <= 150
    assert widest(COLUMNS="wide") <= 80
    assert widest(COLUMNS="1") <= 20


def test_a_file_gets_80_columns(peopled: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    peopled("log", "show", "--output", tmp_path / "log.txt")
    assert 60 < max(map(wide, (tmp_path / "log.txt").read_text().splitlines())) <= 80


def test_what_was_left_out_is_named_on_stderr(peopled: Any) -> None:
    done = peopled("log", "show")
    assert "Not shown: subject_id, details. Use --wide for all columns.\n" == done.err
    assert "SUBJECT_ID" not in done.out
    assert peopled("log", "show", "--wide").err == ""
    assert peopled.bare("-q", *peopled.globals, "log", "show").err == ""
    assert peopled("log", "show", "--format", "csv").err == ""


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_the_forms_for_programs_do_not_change_with_the_width(peopled: Any, form: str) -> None:
    command = [*peopled.globals, "subject", "list", "--format", form]
    assert on_terminal(20, *command) == on_terminal(300, *command)
    assert on_terminal(20, *command, "--wide") == on_terminal(300, *command)


# -- how columns share the width ----------------------------------------------------------------


def drawn(width: int | None, **record: object) -> tuple[list[str], list[str]]:
    text, left_out = tables.table(PEOPLE, [record], width)
    return text.splitlines(), left_out


def test_a_column_is_left_out_before_a_word_breaks() -> None:
    record = {"ref": "A-1", "name": "Johnson", "city": "Hangzhou", "note": "came at noon, twice"}
    assert drawn(80, **record) == (
        ["REF  NAME     CITY      NOTE", "A-1  Johnson  Hangzhou  came at noon, twice"], []
    )  # fmt: skip
    lines, left_out = drawn(32, **record)
    assert left_out == []
    assert lines[1] == "A-1  Johnson  Hangzhou  came at"
    assert [line.strip() for line in lines[2:]] == ["noon,", "twice"]
    lines, left_out = drawn(24, **record)
    assert (lines[1:], left_out) == (
        ["A-1  Johnson  came at", "              noon,", "              twice"], ["city"]
    )  # fmt: skip
    assert drawn(13, **record) == (["REF  NAME", "A-1  Johnson"], ["city", "note"])


def test_a_path_breaks_at_its_marks_before_a_word_breaks() -> None:
    kind = RecordKind("place", ("setting", "value", "source"))
    record = {"setting": "key", "value": "/usr/local/facecli.key", "source": "configuration"}
    text, left_out = tables.table(kind, [record], 33)
    assert left_out == []
    assert [line.split() for line in text.splitlines()[1:]] == [
        ["key", "/usr/", "configuration"],
        ["local/"],
        ["facecli."],
        ["key"],
    ]


def test_a_long_word_breaks_after_a_mark_and_else_anywhere() -> None:
    lines, _ = drawn(20, ref="A-1", name="photos/2026/gate-1.jpg")
    assert lines[1:] == ["A-1  photos/2026/", "     gate-1.jpg"]
    lines, _ = drawn(20, ref="A-1", name="x" * 20)
    assert lines[1:] == ["A-1  " + "x" * 15, "     " + "x" * 5]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("width", [11, 14, 20])
def test_no_character_is_taken_apart(name: str, width: int) -> None:
    lines, _ = drawn(width, ref="A-1", name=name * 3)
    assert max(map(wide, lines)) <= width
    shown = "".join(line[5:] for line in lines[1:])
    assert shown.replace(" ", "") == (name * 3).replace(" ", "")
    assert [
        one for line in lines[1:] for one in wcwidth.iter_graphemes(line[5:]) if one != " "
    ] == [one for one in wcwidth.iter_graphemes(name * 3) if one != " "]


def test_wide_adds_the_fields_that_no_table_shows() -> None:
    lines, left_out = drawn(None, ref="A-1", name="x " * 100, secret="s")
    assert lines[0].split() == ["REF", "NAME", "CITY", "NOTE", "SECRET"]
    assert (len(lines), left_out) == (2, [])


def test_a_remedy_stands_under_its_finding() -> None:
    kind = RecordKind("finding", ("check", "finding", "remedy"), beneath={"finding": "remedy"})
    records = [
        {"check": "key", "finding": "It is open to others.", "remedy": "Run chmod 600 k."},
        {"check": "disk", "finding": "There is room.", "remedy": ""},
    ]
    text, _ = tables.table(kind, records, 40)
    assert text.splitlines() == [
        "CHECK  FINDING",
        "key    It is open to others.",
        "       Remedy: Run chmod 600 k.",
        "disk   There is room.",
    ]


def test_a_listing_wraps_each_value_under_itself() -> None:
    text = tables.listing({"ref": "A-1", "note": "one two three four\nfive"}, 16)
    assert text == "ref   A-1\nnote  one two\n      three four\n      five\n"


def test_a_record_of_mappings_is_grouped() -> None:
    record = {
        "at": "now",
        "held": {"subjects": 1234, "last_seen": None},
        "due": {"in_7_days": {"people": 1, "photos": 2}, "later": {"people": 3, "photos": 4}},
        "none": {},
    }
    assert tables.grouped(record, 80) == (
        "at  now\n\n"
        "HELD\n  subjects   1,234\n  last seen  -\n\n"
        "DUE        PEOPLE  PHOTOS\nin 7 days  1       2\nlater      3       4\n"
    )
    assert tables.grouped({"due": record["due"]}, 20) == (
        "DUE IN 7 DAYS\n  people  1\n  photos  2\n\nDUE LATER\n  people  3\n  photos  4\n"
    )


def test_a_stream_in_memory_gets_80_columns() -> None:
    assert tables.width_of(io.StringIO()) == 80
