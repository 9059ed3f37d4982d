"""The commands as data: the source of man pages, completions and the README's tables.

Walking the tree imports every command, so only generators do it. No command is called, and no
database is opened.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import click

from facecli.cli.main import ALIASES, COMMANDS, cli

EXAMPLE = re.compile(r"Examples?:\n(.*)", re.DOTALL)
EXIT_CODES = re.compile(r"Exit codes: (.*?)\.?", re.DOTALL)
CODES = r"\d+(?:-\d+)?(?:, \d+(?:-\d+)?)*"
EXIT_CODE = re.compile(rf"({CODES}) (\D.*)", re.DOTALL)
BETWEEN_CODES = re.compile(rf"(?<!\d)[;,] (?={CODES} \D)")
# For options that take text, where only the metavar shows that the text names a file.
METAVARS: dict[str | None, Literal["file", "directory", "purpose", "ref"]] = {
    "CODE": "purpose",
    "REF": "ref",
    "REF...": "ref",
    "FILE": "file",
    "PATH": "file",
    "PATH...": "file",
    "DIR": "directory",
}


@dataclass(frozen=True)
class Values:
    """The values of an option or an argument: known words, a path, a purpose's code or a subject's
    REF of the database, or free text."""

    kind: Literal["words", "file", "directory", "purpose", "ref", "text"]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """An option. `values` is None for a flag; `usage` is as `--help` shows it."""

    names: tuple[str, ...]
    usage: str
    help: str
    metavar: str
    values: Values | None
    multiple: bool


@dataclass(frozen=True)
class Argument:
    """An argument. `many`: it takes all that follow."""

    metavar: str
    values: Values
    many: bool


@dataclass(frozen=True)
class Help:
    """A command's help text in its parts.

    exit_codes: pairs such as ("10-12", "database or key").
    """

    paragraphs: tuple[str, ...]
    examples: tuple[str, ...]
    exit_codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Node:
    """A command or a group of them. `path` is empty for `facecli` itself.

    runs: it does something without a further word, as every command and some groups do.
    """

    path: tuple[str, ...]
    aliases: tuple[str, ...]
    summary: str
    usage: str
    help: Help
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    children: tuple[Node, ...]
    runs: bool

    @property
    def words(self) -> str:
        """Return the words that a person types: `facecli enroll file`."""
        return " ".join(("facecli", *self.path))

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in the order of `--help`."""
        yield self
        for child in self.children:
            yield from child.walk()

    def leaves(self) -> Iterator[Node]:
        """Return the commands that run, without the groups that only hold others."""
        return (node for node in self.walk() if node.runs)


def tree() -> Node:
    """Return all commands of facecli."""
    return _node(cli, "facecli", None, ())


def parts(help_text: str, epilog: str) -> Help:
    """Split a help text and an epilog into paragraphs, examples and exit codes.

    Raises ValueError for exit codes that cannot be read.
    """
    paragraphs, examples = [], []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(help_text.split("\f")[0])):
        text = inspect.cleandoc(paragraph.replace("\b\n", ""))
        if found := EXAMPLE.fullmatch(text):
            examples += [line.strip() for line in found[1].splitlines()]
        elif text:
            paragraphs.append(" ".join(text.split()))
    codes = EXIT_CODES.fullmatch(" ".join(epilog.split()))
    lists = codes is not None and codes[1][0].isdigit()  # a group refers to its commands
    items = BETWEEN_CODES.split(codes[1]) if codes and lists else []
    return Help(tuple(paragraphs), tuple(examples), tuple(map(_exit_code, items)))


def _exit_code(item: str) -> tuple[str, str]:
    found = EXIT_CODE.fullmatch(item)
    if found is None:
        raise ValueError(f"{item!r} in the exit codes of a command has no code and meaning")
    return found[1], found[2]


def _node(
    command: click.Command, name: str, parent: click.Context | None, path: tuple[str, ...]
) -> Node:
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    parameters = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    return Node(
        path=path,
        aliases=tuple(alias for alias, of in ALIASES.items() if path == (of,)),
        summary=_summary(command, path),
        usage=" ".join(command.collect_usage_pieces(context)),
        help=parts(command.help or "", command.epilog or ""),
        options=tuple(_option(one, context) for one in parameters if isinstance(one, click.Option)),
        arguments=tuple(
            _argument(one, context) for one in parameters if isinstance(one, click.Argument)
        ),
        children=tuple(_children(command, context, path)),
        runs=not isinstance(command, click.Group) or command.invoke_without_command,
    )


def _children(
    command: click.Command, context: click.Context, path: tuple[str, ...]
) -> Iterator[Node]:
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        if child is not None and not child.hidden:
            yield _node(child, name, context, (*path, name))


def _summary(command: click.Command, path: tuple[str, ...]) -> str:
    if len(path) == 1:
        return COMMANDS[path[0]]
    return command.get_short_help_str(limit=200)


def _option(option: click.Option, context: click.Context) -> Option:
    usage, help_text = option.get_help_record(context) or ("", "")
    flag = option.is_flag or option.count
    return Option(
        names=(*option.opts, *option.secondary_opts),
        usage=usage,
        help=help_text,
        metavar=option.metavar or "VALUE",
        values=None if flag else _values(option, context),
        multiple=option.multiple,
    )


def _argument(argument: click.Argument, context: click.Context) -> Argument:
    return Argument(
        metavar=(argument.metavar or argument.human_readable_name).removesuffix("..."),
        values=_values(argument, context),
        many=argument.nargs == -1,
    )


def _values(parameter: click.Parameter, context: click.Context) -> Values:
    """Return the values that click offers for an empty word: from types, never from data."""
    items = parameter.shell_complete(context, "")
    kinds = {item.type for item in items}
    if "dir" in kinds:
        return Values("directory")
    if "file" in kinds:
        return Values("file")
    if items:
        return Values("words", tuple(str(item.value) for item in items))
    metavar = parameter.metavar or (parameter.name or "").upper()
    return Values(METAVARS.get(metavar, "text"))
