"""`facecli completion`: the script that completes facecli's commands in a shell."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.cli.output import print_text

SCRIPTS = Path(__file__).parent.parent / "completions"


@click.command(epilog="Exit codes: 0 printed; 2 no such shell; 74 output.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def command(shell: str) -> None:
    """Print the completions of commands, options and values for a shell.

    Keep what it prints in a file that the shell reads: for bash in
    ~/.local/share/bash-completion/completions/facecli, for zsh as _facecli in a folder of fpath,
    for fish in ~/.config/fish/completions/facecli.fish.

    \b
    Example:
      facecli completion fish > ~/.config/fish/completions/facecli.fish
    """
    script = SCRIPTS / f"facecli.{shell}"  # written by `make docs`: many a shell asks at its start
    print_text(script.read_text(encoding="utf-8"))
