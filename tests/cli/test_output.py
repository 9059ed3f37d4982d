"""What commands print: one record in four formats, and files that are whole or not there."""

from __future__ import annotations

import csv
import errno
import fcntl
import io
import json
import os
import pty
import re
import stat
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from wcwidth import wcswidth

from facecli.cli import output
from facecli.cli.output import (
    Reporter,
    already_done,
    opened_first,
    output_of_act,
    progress,
    reporting,
    shown_after,
)
from facecli.cli.records import RecordKind
from facecli.errors.command_line import OutputFailed, ReaderGone, Unreported
from facecli.errors.consent import NoConsent
from tests.conftest import PROJECT

REPORTS = {
    "subject": ["subject", "list"],
    "consent": ["consent", "list"],
    "purpose": ["purpose", "list"],
    "log-entry": ["log", "show"],
    "purpose-change": ["purpose", "apply", "{samples}/purposes.toml", "--dry-run"],
}
ONE = {
    "subject": ["subject", "show", "A-1"],
    "consent": ["consent", "show", "A-1"],
    "consent-receipt": ["consent", "receipt", "A-1"],
    "purpose": ["purpose", "show", "gate"],
}


@pytest.fixture
def filled(ready: Any) -> Any:
    """facecli with a record of every kind."""
    ready("subject", "add", "A-1", "--name", "=HYPERLINK(1)")
    ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "1y")
    return ready


def arguments(command: list[str], sample_data: Path) -> list[str]:
    return [word.format(samples=sample_data) for word in command]


# -- four formats, the same fields ----------------------------------------------------------


@pytest.mark.parametrize("schema", REPORTS)
def test_a_report_has_the_same_fields_in_every_format(
    filled: Any, sample_data: Path, schema: str
) -> None:
    command = arguments(REPORTS[schema], sample_data)
    whole = filled(*command, "--format", "json").json()
    lines = filled(*command, "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == whole
    assert {record["schema"] for record in whole} == {f"facecli.{schema}/1"}
    rows = list(csv.DictReader(io.StringIO(filled(*command, "--format", "csv").out)))
    assert len(rows) == len(whole)
    for row, record in zip(rows, whole, strict=True):
        assert set(row) | {"schema"} == set(record)
        for name, value in record.items():
            if isinstance(value, str) and name != "schema":
                assert row[name] in (value, f"'{value}")
            elif value is None:
                assert row[name] == ""
    assert filled(*command, "--format", "table").out == filled(*command).out
    table = filled(*command, "--wide").out.splitlines()
    assert len(table) == len(whole) + 1
    titles = {title.lower() for title in table[0].split()}
    assert titles - {"user"} == set(rows[0])


def without_proofs(document: dict[str, Any]) -> dict[str, Any]:
    """A receipt without its proofs, which differ: each receipt is an entry in the log itself."""
    log = [{**one, "proof": None} for one in document.get("log", [])]
    return {**document, "log": log}


@pytest.mark.parametrize("schema", ONE)
def test_one_record_in_every_format(filled: Any, schema: str) -> None:
    document = filled(*ONE[schema], "--format", "json").json()
    assert document["schema"] == f"facecli.{schema}/1"
    line = json.loads(filled(*ONE[schema], "--format", "jsonl").out)
    assert without_proofs(line) == without_proofs(document)
    header, row = list(csv.reader(io.StringIO(filled(*ONE[schema], "--format", "csv").out)))
    assert len(header) == len(row) == len(set(header))
    assert {name.split(".")[0] for name in header} == set(document) - {"schema"}
    table = filled(*ONE[schema]).out
    if schema not in ("purpose", "consent-receipt"):  # these are prose
        assert [line.split()[0] for line in table.splitlines() if line[0] != " "] == header


@pytest.mark.parametrize("command", [["subject", "list"], ["consent", "list"], ["purpose", "list"]])
def test_nothing_to_report(facecli: Any, command: list[str]) -> None:
    assert facecli("init").code == 0
    assert facecli(*command, "--format", "json").out == "[]\n"
    assert facecli(*command, "--format", "jsonl").out == ""
    assert len(facecli(*command, "--format", "csv").out.splitlines()) == 1
    assert facecli(*command).out == "(none)\n"


def test_an_unknown_format(facecli: Any) -> None:
    assert facecli("subject", "list", "--format", "yaml").code == 2


# -- nothing stored steers a terminal or a spreadsheet ----------------------------------------

THINGS = RecordKind("thing", ("a", "b"))


def printed(form: str, *records: dict[str, Any]) -> str:
    stream = io.StringIO()
    reporter = Reporter(THINGS, form, stream)
    for record in records:
        reporter.add(record)
    reporter.finish()
    return stream.getvalue()


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20A1"],
)
def test_csv_cells_are_no_formulas(cell: str) -> None:
    _, line = printed("csv", {"a": cell, "b": f'"{cell}'}).splitlines()
    assert line.startswith("'")
    assert next(csv.reader([line]))[0].startswith("'")


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_control_and_bidi_characters_are_escaped(form: str) -> None:
    text = printed(form, {"a": "x\x1b[2J\u202e\x9b\u2028\udcffy", "b": "名"})
    assert not set("\x1b\u202e\x9b\u2028\udcff") & set(text)
    assert "名" in text
    if form.startswith("json"):
        found = json.loads(text)
        record = found[0] if isinstance(found, list) else found
        assert record["a"] == "x\x1b[2J\u202e\x9b\u2028\udcffy"


def test_a_table_is_in_line_on_a_terminal_whatever_the_script() -> None:
    arabic = "\u0645\u064f\u062d\u0645\u062f"
    names = ["Jo", "\u738b\u5c0f\u660e", "e\u0301ve", arabic, "\u30ac\u3099"]
    lines = printed("table", *({"a": name, "b": "x"} for name in names)).splitlines()
    assert [line.split()[0] for line in lines[1:]] == names
    # As many columns before the x: two for a Chinese character, none for a combining mark.
    taken = [2, 6, 3, 4, 2]
    for name, line, width in zip(names, lines[1:], taken, strict=True):
        assert line == name + " " * (8 - width) + "x"


def test_a_table_says_why_a_file_failed() -> None:
    stream = io.StringIO()
    kind = RecordKind("match", ("path", "reason", "error"), ("path", "reason"))
    reporter = Reporter(kind, "table", stream)
    reporter.add({"path": "a.jpg", "error": {"code": "unreadable-image", "message": "it is empty"}})
    reporter.finish()
    assert stream.getvalue().splitlines()[1].split() == ["a.jpg", "unreadable-image"]


def test_a_cell_of_several_lines_stays_one_row() -> None:
    for form in ("table", "csv", "jsonl"):
        lines = printed(form, {"a": "one\ntwo\r\nthree", "b": 1}).splitlines()
        assert len(lines) == (1 if form == "jsonl" else 2)


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, ""), (True, "yes"), (False, "no"), (0.123456789, "0.1234568"), ([], ""),
     ([1, 2], "[1, 2]"),
     ({"k": "é"}, '{"k": "é"}'), (5, "5")],
)  # fmt: skip
def test_how_values_become_cells(value: object, cell: str) -> None:
    assert next(csv.reader([printed("csv", {"a": value}).splitlines()[1]])) == [cell, ""]


def test_csv_and_json_lines_go_out_at_once() -> None:
    for form, size in (("csv", 2), ("jsonl", 1), ("json", 0), ("table", 0)):
        stream = io.StringIO()
        Reporter(THINGS, form, stream).add({"a": 1, "b": 2})
        assert len(stream.getvalue().splitlines()) == size


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_a_report_that_fails_at_its_start_prints_nothing(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    with pytest.raises(NoConsent), reporting(THINGS, form, None):
        raise NoConsent(ref="A-1", purpose="gate", why="none")
    assert capsys.readouterr().out == ""
    with pytest.raises(NoConsent), reporting(THINGS, form, None) as report:  # noqa: PT012
        report.add({"a": 7, "b": 2})
        raise NoConsent(ref="A-1", purpose="gate", why="none")
    assert "7" in capsys.readouterr().out


# -- --output -------------------------------------------------------------------------------


def test_an_output_file_is_whole_and_its_owners_alone(filled: Any, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    before = os.umask(0)
    try:
        done = filled("subject", "list", "--format", "json", "--output", target)
    finally:
        os.umask(before)
    assert (done.code, done.out) == (0, "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert json.loads(target.read_text())[0]["ref"] == "A-1"
    assert not list(tmp_path.glob(".out.json*"))


def test_an_output_file_is_replaced_by_renaming(filled: Any, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("before")
    with target.open() as reader:
        assert filled("subject", "list", "--format", "json", "--output", target).code == 0
        assert reader.read() == "before"
    assert json.loads(target.read_text())


@pytest.mark.parametrize("command", [["subject", "show", "none"], ["consent", "receipt", "none"]])
def test_a_failure_leaves_the_output_file_alone(
    filled: Any, tmp_path: Path, command: list[str]
) -> None:
    target = tmp_path / "out.json"
    target.write_text("before")
    assert filled(*command, "--output", target).code == 21
    assert target.read_text() == "before"


@pytest.mark.parametrize("error", [NoConsent(ref="A", purpose="b", why="c"), ZeroDivisionError()])
def test_what_fails_halfway_appears_nowhere(tmp_path: Path, error: Exception) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("before")

    def fail() -> None:
        with reporting(THINGS, "jsonl", target) as report:
            report.add({"a": 1, "b": 2})
            raise error

    with pytest.raises(type(error)):
        fail()
    assert target.read_text() == "before"
    assert os.listdir(tmp_path) == ["out.jsonl"]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "table"])
def test_what_was_reported_before_an_interruption_is_kept(tmp_path: Path, form: str) -> None:
    target = tmp_path / "out"

    def interrupted() -> None:
        with reporting(THINGS, form, target) as report:
            report.add({"a": "first", "b": 2})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "first" in target.read_text()
    assert os.listdir(tmp_path) == ["out"]
    if form == "json":
        assert len(json.loads(target.read_text())) == 1


def test_a_report_that_fails_after_the_act_ends_with_75(tmp_path: Path) -> None:
    for target, at in ((None, "act"), (tmp_path / "out", "act"), (tmp_path / "out", "report")):
        with (
            pytest.raises(OutputFailed) as failed,
            opened_first(target, THINGS, "csv") as reporter,
            reporter() if at == "report" else nullcontext(),
        ):
            raise OutputFailed(path="out", why="no space left on device")
        assert failed.value.exit_code == (75 if at == "report" else 74)
    assert os.listdir(tmp_path) == []


def test_the_output_of_an_act_is_on_disk_before_the_act_ends(tmp_path: Path) -> None:
    target, sizes = tmp_path / "report", []

    @contextmanager
    def begin() -> Iterator[Any]:
        yield "act"
        sizes.append(stream.tell())

    with output_of_act(begin, target) as (act, stream):
        stream.write(b"content")
        assert not target.exists()
    assert (act, sizes, target.read_bytes()) == ("act", [7], b"content")


def test_an_output_without_a_name_after_its_act_ends_with_75(tmp_path: Path) -> None:
    target = tmp_path / "report"
    act = output_of_act(lambda: nullcontext(None), target)
    with pytest.raises(Unreported), act:
        target.mkdir()  # in the place of the file


def test_an_output_that_cannot_be_written_undoes_its_act(tmp_path: Path) -> None:
    act = output_of_act(lambda: nullcontext(None), tmp_path / "report")
    with pytest.raises(OutputFailed) as failed, act:
        raise OSError(errno.ENOSPC, "no space")
    assert failed.value.exit_code == 74
    assert not (tmp_path / "report").exists()


def test_a_dry_run_has_nothing_done_to_report() -> None:
    with (
        pytest.raises(OutputFailed) as failed,
        opened_first(None, THINGS, "csv", dry_run=True) as reporter,
        reporter(),
    ):
        raise OutputFailed(path="out", why="no space left on device")
    assert failed.value.exit_code == 74


def test_a_reader_that_goes_after_the_act_is_no_reason_to_repeat_it() -> None:
    with pytest.raises(Unreported, match="the reader closed the pipe") as failed, already_done():
        raise ReaderGone(path="stdout")
    assert "Do not repeat the command" in failed.value.hint


@pytest.mark.parametrize(
    ("place", "remedy"),
    [
        ("none/out.json", "Make that folder"),
        ("file/out.json", "Make that folder"),
        ("n" * 300, "Choose a shorter name"),
    ],
)
def test_a_place_where_no_file_can_be(filled: Any, tmp_path: Path, place: str, remedy: str) -> None:
    (tmp_path / "file").write_text("a file")
    done = filled("subject", "list", "--output", tmp_path / place)
    assert done.code == 74
    assert "could not be written" in done.err
    assert f"{remedy} or name another place" in done.err
    assert "space" not in done.err


def test_a_folder_is_no_output_file(filled: Any, tmp_path: Path) -> None:
    assert filled("subject", "list", "--output", tmp_path).code == 2


def test_a_device_is_not_replaced_by_a_file(filled: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = filled("subject", "list", "--output", tmp_path / "pipe")
    assert done.code == 74
    assert "not a regular file" in done.err
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


# -- terminals ------------------------------------------------------------------------------


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "xterm"}])
def test_no_output_has_colour_or_other_escapes(
    filled: Any, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for command in (["subject", "list"], ["purpose", "show", "gate"], ["--help"], ["nonsense"]):
        done = filled(*command)
        assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize(
    ("terminal", "quiet", "term", "shown"),
    [
        (True, False, "xterm", True),
        (True, True, "xterm", False),
        (True, False, "dumb", False),
        (False, False, "xterm", False),
    ],
)
def test_progress_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, quiet: bool, term: str, shown: bool
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(output, "SHORT", 0)
    monkeypatch.setenv("TERM", term)
    with progress(iter(range(3)), 3, "image", quiet) as items:
        assert list(items) == [0, 1, 2]
    assert ("image" in stream.getvalue()) == shown


BAR = """
import sys
from facecli.cli import output
output.SHORT = float(sys.argv[1])
with output.bar("subject", 1_000_000, quiet=False) as step:
    step(400_000)
    if not output.SHORT:
        step.__self__.refresh()
"""


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_bar_fits_the_terminal(columns: int) -> None:
    said = _on_a_terminal(columns, "0")
    assert "subject/s" in said
    assert "\x1b[3" not in said  # no colour
    lines = [wcswidth(line) for line in re.split(r"[\r\n]|\x1b\[A", said)]
    assert max(lines) <= columns
    assert columns == 40 or "400000/1000000" in said


def test_short_work_shows_nothing() -> None:
    assert _on_a_terminal(80, "60") == ""


def _on_a_terminal(columns: int, *arguments: str) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-c", BAR, *arguments],
        stderr=theirs,
        cwd=PROJECT,
        env={**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"},
    ) as process:
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 65536):
                said += part
        except OSError:  # the other end is closed
            pass
        os.close(ours)
    assert process.returncode == 0
    return said.decode()


def test_a_note_that_nobody_can_read_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    for stream in (None, Full()):
        monkeypatch.setattr(sys, "stderr", stream)
        output.note("something")


def test_notes_go_to_stderr_and_results_to_stdout(filled: Any) -> None:
    done = filled("subject", "add", "A-2")
    assert (done.out, done.err) == ("", "Added A-2.\n")
    assert filled.bare(*filled.globals, "-q", "subject", "add", "A-3").err == ""
    done = filled("subject", "list")
    assert done.err == ""
    assert "A-2" in done.out


def test_a_key_is_no_output_file(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ready.key.read_bytes()
    run = ready("subject", "list", "--format", "csv", "--output", ready.key)
    assert (run.code, "holds the key" in run.err) == (2, True)
    monkeypatch.setenv("FACECLI_KEY_FILE", str(ready.key))
    arguments = ("--db", ready.db, "log", "export", "--checkpoint", ready.key)
    assert ready.bare(*arguments).code == 2
    assert ready.key.read_bytes() == before


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("at", ["open", "act", "result", "name"])
def test_a_result_that_is_printed_after_its_act_tells_what_failed(
    tmp_path: Path, at: str, dry_run: bool
) -> None:
    target = tmp_path / ("none/out" if at == "open" else "out")

    def act_and_print() -> None:
        with shown_after(target, dry_run=dry_run) as shown:
            if at == "act":
                raise OutputFailed(path="out", why="no space left on device")
            shown.text("content")
            if at == "result":
                raise OutputFailed(path="out", why="no space left on device")
            target.mkdir()  # in the place of the file

    with pytest.raises(OutputFailed) as failed:
        act_and_print()
    is_done = at in ("result", "name") and not dry_run
    assert failed.value.exit_code == (75 if is_done else 74)


def test_an_output_that_proves_its_act_reaches_stdout_after_it(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    @contextmanager
    def begin() -> Iterator[Any]:
        yield "act"
        assert capfdbinary.readouterr().out == b""

    with output_of_act(begin, None, proves=True) as (_, stream):
        stream.write(b"content")
    assert capfdbinary.readouterr().out == b"content"
