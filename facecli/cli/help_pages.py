"""Help on the terminal: whole sentences, narrow terminals, and the nearest name of a wrong one."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click

from facecli.cli.lines import continued, fitted, terminal_width

SENTENCE = re.compile(r"(.+?\.)(?:\s|$)", re.DOTALL)


class Formatter(click.HelpFormatter):
    """click's formatter, for terminals of fewer than 50 columns too."""

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        super().__init__(indent_increment, width or help_width(max_width or 80), max_width)

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write two columns; the first takes a third of the width at most."""
        below = "\n" + " " * (self.current_indent + self.indent_increment)
        room = self.width - self.current_indent
        kept = [(fitted(first, room).replace("\n", below), second) for first, second in rows]
        super().write_dl(kept, min(col_max, max(self.width // 3, 10)), col_spacing)

    def write_text(self, text: str) -> None:
        """Write a text; an example that is wider than the terminal goes on in a further line."""
        before = len(self.buffer)
        super().write_text(text)
        written = "".join(self.buffer[before:])
        self.buffer[before:] = [continued(written, self.width)]


click.Context.formatter_class = Formatter  # subcommands are click's own classes


def help_width(most: int) -> int:
    """Return the width of help on the terminal of stdout, two columns less than it has."""
    import shutil  # only for help

    columns = terminal_width(sys.stdout) or shutil.get_terminal_size().columns
    return max(min(columns, most) - 2, 20)


class CommandGroup(click.Group):
    """A group that lists each command with its whole first sentence."""

    def summary(self, ctx: click.Context, name: str) -> str:
        """Return the sentence that stands beside a command in the group's help."""
        command = self.get_command(ctx, name)
        text = inspect.cleandoc((command and (command.short_help or command.help)) or "")
        found = SENTENCE.match(text)
        return " ".join((found[1] if found else text).split())

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl((name, self.summary(ctx, name)) for name in self.list_commands(ctx))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, and the arguments after it.

        Raises:
            click.UsageError: there is no such command; the message names the nearest.
        """
        name = args[0]
        if ctx.resilient_parsing or name.startswith("-") or self.get_command(ctx, name):
            return super().resolve_command(ctx, args)
        raise unknown_command(ctx, name)


class LazyCommandGroup(CommandGroup):
    """A group that imports the file of some of its commands only when one of them is called.

    Args:
        later: `MODULE:NAME` of those commands, by their words.
    """

    def __init__(self, *args: Any, later: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in alphabetical order."""
        return sorted({*self.commands, *self._later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported where it has to be, or None if there is none."""
        if cmd_name in self._later and cmd_name not in self.commands:
            module, _, name = self._later[cmd_name].partition(":")
            self.add_command(getattr(importlib.import_module(module), name))
        return super().get_command(ctx, cmd_name)


def unknown_command(ctx: click.Context, name: str) -> click.UsageError:
    """Return the error for a name that is not a command of the context's group."""
    import difflib

    known = ctx.command.list_commands(ctx) if isinstance(ctx.command, click.Group) else []
    near = difflib.get_close_matches(name, known, 1)
    advice = f" Did you mean {near[0]!r}?" if near else ""
    return click.UsageError(f"There is no command {name!r}.{advice}", ctx)
