"""`facecli help`: the help of a command."""

from __future__ import annotations

import click

from facecli.cli.help_pages import unknown_command
from facecli.cli.output import print_text


@click.command(
    epilog="Exit codes: 0 printed; 2 no such command; 74 the output could not be written."
)
@click.argument("names", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def command(context: click.Context, names: tuple[str, ...]) -> None:
    """Print the help of a command, as its --help does.

    \b
    Examples:
      facecli help
      facecli help log verify
    """
    at = context.find_root()
    for name in names:
        group = at.command
        found = group.get_command(at, name) if isinstance(group, click.Group) else None
        if found is None:
            raise unknown_command(at, name)
        at = click.Context(found, info_name=name, parent=at)
    print_text(at.get_help())
