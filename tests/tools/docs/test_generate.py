"""What facecli does is documented: commands, options, exit codes, errors; nothing is stale."""

from __future__ import annotations

import ast
import json
import pickle
import re
import shlex
import shutil
import string
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from facecli.cli.main import cli
from facecli.errors.base import Exit, FacecliError
from facecli.errors.recognition import EnrolmentRefused
from facecli.recognition.engines import engine
from tests.conftest import PROJECT
from tools.docs import facts, generate
from tools.docs.command_tree import Node, parts, tree
from tools.docs.man_pages import error_classes

README = (PROJECT / "README.md").read_text(encoding="utf-8")
SOURCES = sorted((PROJECT / "facecli").rglob("*.py"))
TREE = tree()
COMMANDS = list(TREE.walk())
LEAVES = list(TREE.leaves())
ERRORS = error_classes()
# Their message says all that is to be said: what the caller wrote is part of it.
WITHOUT_REMEDY = {
    "FacecliError", "UsageError", "CaptureFailed", "NotDecoded", "EnrolmentRefused",
}  # fmt: skip


def words(node: Node) -> str:
    return node.words


def help_of(node: Node) -> str:
    """What `--help` prints for a command."""
    command: click.Command = cli
    context = cli.make_context("facecli", [], resilient_parsing=True)
    for name in node.path:
        assert isinstance(command, click.Group)
        found = command.get_command(context, name)
        assert found is not None
        command = found
        context = command.make_context(name, [], parent=context, resilient_parsing=True)
    return command.get_help(context)


# -- help ---------------------------------------------------------------------------------


@pytest.mark.parametrize("node", COMMANDS, ids=words)
def test_help_shows_an_example_and_exit_codes(node: Node) -> None:
    text = help_of(node)
    assert re.search(r"^ +Examples?:\n +facecli ", text, re.MULTILINE)
    assert "Exit codes: " in text


@pytest.mark.parametrize("node", LEAVES, ids=words)
def test_the_exit_codes_in_help_are_codes_that_there_are(node: Node) -> None:
    ranges = [code.split("-") for codes, _ in node.help.exit_codes for code in codes.split(", ")]
    assert ["0"] in ranges
    for ends in ranges:
        assert {int(end) for end in ends} <= set(map(int, Exit)), ends


@pytest.mark.parametrize("node", COMMANDS, ids=words)
def test_every_option_says_what_it_does(node: Node) -> None:
    assert node.summary
    assert [option.names for option in node.options if not option.help] == []


@pytest.mark.parametrize("node", COMMANDS, ids=words)
def test_examples_are_commands_that_facecli_takes(node: Node) -> None:
    assert len(node.help.examples) >= 1
    for example in node.help.examples:
        program, *arguments = shlex.split(example.split(" > ")[0], comments=True)
        assert program == "facecli"
        command: click.Command = cli
        context = cli.make_context(program, list(arguments))
        while isinstance(command, click.Group):
            words = [*getattr(context, "_protected_args", []), *context.args]
            if command.invoke_without_command and not words:
                break
            name, found, arguments = command.resolve_command(context, words)
            assert found is not None
            command = found
            context = command.make_context(name, list(arguments), parent=context)
        assert context.command_path.startswith(node.words)


@pytest.mark.parametrize("node", [one for one in COMMANDS if one.children], ids=words)
def test_a_groups_summary_lists_its_commands(node: Node) -> None:
    if len(node.path) == 1:
        listed = node.summary.rstrip(".").rpartition(": ")[2].split(", ")
        assert sorted(listed) == sorted(child.path[-1] for child in node.children)


def test_help_is_taken_apart() -> None:
    taken = parts(
        "Do it.\n\nMore\nof it.\n\n\b\nExample:\n  facecli do it\n  facecli do more",
        "Exit codes: 0 done; 1 the file is missing, or broken; 10-12 database or key.",
    )
    assert taken.paragraphs == ("Do it.", "More of it.")
    assert taken.examples == ("facecli do it", "facecli do more")
    assert taken.exit_codes == (
        ("0", "done"),
        ("1", "the file is missing, or broken"),
        ("10-12", "database or key"),
    )


@pytest.mark.parametrize(
    ("epilog", "expected"),
    [
        ("0 whole; 12 key; 30, 31 altered or cut; 33 cut.", ["0", "12", "30, 31", "33"]),
        ("0 shown; 10-12, 33 no database; 74 output.", ["0", "10-12, 33", "74"]),
        ("0 done, 1 failed, 2 usage.", ["0", "1", "2"]),
    ],
)
def test_several_codes_may_share_a_meaning(epilog: str, expected: list[str]) -> None:
    assert [codes for codes, _ in parts("Do it.", f"Exit codes: {epilog}").exit_codes] == expected


def test_exit_codes_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError, match="has no code and meaning"):
        parts("Do it.", "Exit codes: 0, 3.")


# -- README, man pages, completions -------------------------------------------------------


def test_what_is_generated_is_what_make_docs_would_write() -> None:
    wanted = generate.documents(PROJECT)
    stale = [
        str(path.relative_to(PROJECT))
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert (stale, generate.leftover(PROJECT, wanted)) == ([], []), "run `make docs`"


def test_make_docs_writes_what_is_missing_and_takes_away_what_is_left_over(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "README.md", tmp_path)
    shutil.copytree(PROJECT / "man/source", tmp_path / "man/source")
    shutil.copytree(PROJECT / "tests/benchmarks", tmp_path / "tests/benchmarks")
    (tmp_path / "tests/benchmarks/RESULTS.md").unlink()
    (tmp_path / "man/facecli-gone.1").write_text("")
    (tmp_path / "man/facecli.1").write_text("old")
    generate.main(tmp_path)
    shutil.rmtree(tmp_path / "man/source")
    sources = {path.name for path in (PROJECT / "tests/benchmarks").iterdir()} - {"RESULTS.md"}
    written = {
        path.relative_to(tmp_path)
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name not in sources and path.suffix != ".pyc"
    }
    wanted = {path.relative_to(PROJECT) for path in generate.documents(PROJECT)}
    assert written == wanted
    assert (tmp_path / "man/facecli.1").read_text() != "old"


def test_the_readme_has_every_generated_table() -> None:
    assert sorted(found[1] for found in generate.TABLE.findall(README)) == [
        "commands",
        "exit-codes",
    ]


def test_the_table_of_a_benchmark_is_reported_with_its_figures() -> None:
    table = {"head": ["act", "9 people"], "rows": [["`status`", "1 s"]]}
    found = {"scale": {"machine": {"cpus": 2}, "figures": [], "table": table}}
    report = generate._report(found, "Head.\n")
    assert report.endswith("act | 9 people\n--- | ---\n`status` | 1 s\n")


def test_every_figure_that_was_measured_is_reported() -> None:
    results = json.loads((PROJECT / "tests/benchmarks/results.json").read_text(encoding="utf-8"))
    report = (PROJECT / "tests/benchmarks/RESULTS.md").read_text(encoding="utf-8")
    figures = [figure for one in results.values() for figure in one["figures"]]
    assert figures
    for figure in figures:
        missed = "" if figure["reached"] else ": **not reached**"
        assert f"| {figure['measured']} |" in report
        assert f"| {figure['aim']}{missed}\n" in report


def test_the_readmes_exit_codes_are_those_of_the_errors() -> None:
    table = re.findall(r"^(\d+) \| (.+)$", README, re.MULTILINE)
    assert [int(code) for code, _ in table] == [int(code) for code in Exit]
    assert {kind.exit_code for kind in ERRORS} <= {int(code) for code, _ in table}


def test_the_readme_lists_every_command() -> None:
    rows = dict(re.findall(r"^`([a-z-]+)` \| (.+)$", README, re.MULTILINE))
    for node in LEAVES:
        assert set(node.path[1:2]) <= set(re.findall(r"[a-z-]+", rows[node.path[0]])), node.words


def test_the_engines_page_names_the_engines_and_the_default() -> None:
    page = (PROJECT / "man/source/facecli-engines.5.md").read_text(encoding="utf-8")
    engines = page.split("## ENGINES")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^- `([a-z-]+)`: (.+)$", engines, re.MULTILINE))
    assert sorted(rows) == engine.names()
    assert [name for name, text in rows.items() if "default" in text] == [engine.DEFAULT]


def test_every_variable_that_facecli_reads_is_documented() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    read = set(re.findall(r"\"(FACECLI_[A-Z_]+|XDG_[A-Z_]+|CREDENTIALS_DIRECTORY)\"", source))
    assert read == {name for name, _ in facts.ENVIRONMENT}


# -- errors -------------------------------------------------------------------------------


def fields(kind: type[FacecliError]) -> dict[str, str]:
    """The details that a class's sentences need, and how they are formatted."""
    template = f"{(kind.__doc__ or '').splitlines()[0]} {kind.remedy}"
    parsed = string.Formatter().parse(template)
    return {name: form or "" for _, name, form, _ in parsed if name is not None}


def sites() -> Iterator[tuple[str, type[FacecliError], set[str] | None]]:
    """Every place that makes one of our errors: where, which, with which details (None: any)."""
    by_name = {kind.__name__: kind for kind in ERRORS}
    for path in SOURCES:
        if "errors" in path.parts:
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
            if isinstance(call, ast.Call) and name.removeprefix("errors.") in by_name:
                given = {keyword.arg for keyword in call.keywords}
                where = f"{path.relative_to(PROJECT)}:{call.lineno}"
                details = None if None in given else {one for one in given if one}
                yield where, by_name[name.removeprefix("errors.")], details


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_says_what_happened_and_what_to_do(kind: type[FacecliError]) -> None:
    details = {name: 7 if form else f"<{name}>" for name, form in fields(kind).items()}
    error = kind(**details)
    for name in details:
        assert str(details[name]) in str(error)
    assert not re.search(r"[{}]", str(error))
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
    assert kind.exit_code in set(Exit) - {Exit.OK}
    if kind.__name__ not in WITHOUT_REMEDY:
        assert error.message.endswith(".")
        assert error.hint.endswith(".")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("reason", sorted(EnrolmentRefused.WORDS))
def test_a_refused_enrolment_says_why_in_words(reason: str) -> None:
    error = EnrolmentRefused(path="jo.jpg", reason=reason)
    assert error.reason == reason
    assert len(EnrolmentRefused.WORDS[reason].split()) >= 3
    assert str(error) == f"jo.jpg was not enrolled: {EnrolmentRefused.WORDS[reason]}."


def test_every_error_is_made_with_the_details_that_its_sentences_need() -> None:
    made_up = {
        "words",
        "cure",
        "Cure",
        "command",
        "marks",
        "whose",
        "search",
    }  # what the class itself adds
    wrong = [
        (where, kind.__name__, sorted(set(fields(kind)) - given - made_up))
        for where, kind, given in sites()
        if given is not None and not set(fields(kind)) - made_up <= given
    ]
    assert wrong == []


def test_every_error_class_is_used() -> None:
    used = {kind for _, kind, _ in sites()}
    ancestors = {base for kind in ERRORS for base in kind.__mro__[1:]}
    assert [kind.__name__ for kind in ERRORS if kind not in used | ancestors] == []


def test_every_error_is_in_the_manual() -> None:
    manual = (PROJECT / "man/facecli.1").read_text(encoding="utf-8").replace("\\-", "-")
    for kind in ERRORS:
        assert f"\\fB{kind.code}\\fR (exit {int(kind.exit_code)})" in manual or not kind.remedy
