"""`facecli completion`: the script that completes facecli's commands in a shell."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.cli.output import print_text

SCRIPTS = Path(__file__).parent.parent / "completions"


@click.command(epilog="Exit codes: 0 printed; 2 no such shell; 74 the output could not be written.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def command(shell: str) -> None:
    """Print the completion script of commands, options and values for a shell.

    Store the script in a file that the shell reads. For bash, this is
    ~/.local/share/bash-completion/completions/facecli; for zsh, _facecli in a folder of fpath; for
    fish, ~/.config/fish/completions/facecli.fish.

    \b
    Example:
      facecli completion fish > ~/.config/fish/completions/facecli.fish
    """
    script = SCRIPTS / f"facecli.{shell}"  # `make docs` writes it: shells ask at every start
    print_text(script.read_text(encoding="utf-8"))
