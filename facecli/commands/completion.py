"""`facecli completion`: the script that completes facecli's commands in a shell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from facecli.cli.output import print_text

if TYPE_CHECKING:
    from facecli.cli.completion_values import Kind
    from facecli.cli.session import Settings

SCRIPTS = Path(__file__).parent.parent / "completions"


@click.command(epilog="Exit codes: 0 printed; 2 no such shell; 74 the output could not be written.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.option("--dynamic", is_flag=True,
              help="Complete purposes and REFs too, from the database.")  # fmt: skip
@click.option("--offer", "kind", type=click.Choice(("purpose", "ref")), hidden=True)
@click.option("--prefix", default="", hidden=True)
@click.pass_obj
def command(
    settings: Settings, /, shell: str, dynamic: bool, kind: Kind | None, prefix: str
) -> None:
    """Print the completion script of commands, options and values for a shell.

    Store the script in a file that the shell reads. For bash, this is
    ~/.local/share/bash-completion/completions/facecli; for zsh, _facecli in a folder of fpath; for
    fish, ~/.config/fish/completions/facecli.fish.

    At Tab, the script starts no program. With --dynamic, it starts facecli where a purpose or a
    REF stands. facecli then opens the database for reading, with a key file that the environment
    or the configuration names. It asks nothing, runs no passphrase command, and ends after two
    seconds. Others who see the terminal see the REFs.

    \b
    Example:
      facecli completion fish > ~/.config/fish/completions/facecli.fish
    """
    if kind is not None:
        from facecli.cli import completion_values  # brings the database along

        if found := completion_values.beginning(settings, kind, prefix):
            print_text("\n".join(found))
        return
    script = SCRIPTS / f"facecli{'-dynamic' if dynamic else ''}.{shell}"
    print_text(script.read_text(encoding="utf-8"))  # `make docs` writes it: shells ask often
