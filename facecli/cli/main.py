"""The entry point: the table of commands, and the one place that prints an error and ends.

A command is imported when it is called. `--help` takes its summaries from the table here, so it
imports no command.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import resource
import sys
from pathlib import Path
from typing import Any

import click

from facecli import __version__
from facecli.cli import config as configuration
from facecli.cli.files import discard_stdout
from facecli.cli.help_pages import CommandGroup
from facecli.cli.output import note, print_error
from facecli.cli.param_types import Number
from facecli.errors.base import Exit, FacecliError, because
from facecli.errors.command_line import (
    BadText,
    Interrupted,
    NoWorkingFolder,
    OutputFailed,
    ReaderGone,
)
from facecli.workers import interruption
from facecli.workers.confinement.bounds import require_confinement, when_confined_less
from facecli.workers.confinement.kernel import hide_memory

COMMANDS = {
    "init": "Create the encrypted database and its first key slot.",
    "purpose": "Purposes for which faces are compared: apply, list, show, notice, retire.",
    "subject": "Subjects: add, list, show, correct, complete, hold, release, export.",
    "consent": "Consents: record, list, show, receipt.",
    "enroll": "Enrol faces under recorded consent: file, batch, camera.",
    "faces": "Templates of a subject: list, remove.",
    "camera": "Cameras of this machine: list, test.",
    "match": "Compare every face in images with the gallery of a purpose (1:N).",
    "verify": "Compare one face with one subject (1:1).",
    "revoke": "Withdraw consent and erase the data that depended on it.",
    "purge": "Erase everything that is due. Runs from cron.",
    "reenroll": "Make new templates from kept photos, with another engine.",
    "evaluate": "Measure accuracy on labelled images: FMR, FNMR, FPIR, FNIR, DET.",
    "cluster": "Decode and recognise on the machines of a cluster: worker.",
    "log": "The sealed log: show, export, verify, checkpoint, certificate, cosign.",
    "key": "Key slots and the database key: list, add, remove, rotate.",
    "backup": "Encrypted copies: create, verify, list, erase, restore.",
    "status": "Print counts and dates: subjects, data that is due, latest acts.",
    "doctor": "Check files, keys, database, models, clock, schedule, disk and cameras.",
    "completion": "Print the completion script for a shell: bash, zsh, fish.",
    "help": "Print the help of a command.",
}
ALIASES = {"enrol": "enroll"}
OUTPUT_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class LazyGroup(CommandGroup):
    """A group that imports `facecli.commands.NAME` only when NAME is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or return None if there is no such command."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"facecli.commands.{name}").command
        return command

    def summary(self, ctx: click.Context, name: str) -> str:
        """Return the table's summary of a command, which imports nothing."""
        return COMMANDS[name]


def default_database() -> Path:
    """Return `$XDG_DATA_HOME/facecli/facecli.db`, by the XDG Base Directory Specification."""
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if os.path.isabs(home) else Path.home() / ".local" / "share"
    return base / "facecli" / "facecli.db"


@click.command(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 partly failed, 10 no database, 11 locked, "
    "12 key, 20 no consent, 21 unknown, 74 output. The README lists all.",
)
@click.version_option(__version__, prog_name="facecli", message="%(prog)s %(version)s")
@click.option("--db", envvar="FACECLI_DB", type=click.Path(path_type=Path), metavar="PATH",
              help="Database file.  [default: $XDG_DATA_HOME/facecli/facecli.db]")  # fmt: skip
@click.option("--key-file", metavar="FILE", help="File with a random key, mode 0600.")
@click.option("--passphrase-file", metavar="FILE",
              help="File whose first line is the passphrase; - is stdin.")  # fmt: skip
@click.option("--passphrase-command", metavar="CMD",
              help="Command that prints the passphrase as its first line.")  # fmt: skip
@click.option("--config", envvar="FACECLI_CONFIG", type=click.Path(path_type=Path), metavar="FILE",
              help="Configuration in TOML.  [default: $XDG_CONFIG_HOME/facecli/config.toml, "
              "/etc/facecli/config.toml]")  # fmt: skip
@click.option("--no-input", is_flag=True, help="Never ask; implied unless stdin is a terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Print only errors on stderr.")
@click.option("-v", "--verbose", is_flag=True, help="Print more on stderr.")
@click.option("--lock-wait", envvar="FACECLI_LOCK_WAIT", type=Number(0, 86400, unit="seconds"),
              default=30, show_default=True, metavar="SECONDS",
              help="Longest wait for another writer.")  # fmt: skip
@click.pass_context
def cli(
    ctx: click.Context,
    /,
    db: Path | None,
    config: Path | None,
    no_input: bool,
    quiet: bool,
    verbose: bool,
    lock_wait: float,
    **key_options: str | None,
) -> None:
    """Recognise faces under recorded consent, with matching, erasure and a sealed log.

    \b
    Example:
      facecli init --key-file facecli.key
    """
    if quiet and verbose:
        raise click.UsageError("-q and -v contradict each other")
    if ctx.invoked_subcommand == "help":
        return
    from facecli.cli.session import Settings  # brings the database along; --help needs none

    if configuration.load(config).require_sandbox:
        require_confinement()
    ctx.obj = Settings(
        db=(db or default_database()).absolute(),
        key_options=key_options,
        no_input=no_input,
        quiet=quiet,
        verbose=verbose,
        lock_wait=lock_wait,
    )
    when_confined_less(ctx.obj.detail)


def run(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its code; this is the console script."""
    hide_memory()  # it will hold the key
    sys.exit(main(arguments))


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code. Every error ends here, as a sentence on stderr."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the key
    interruption.install()  # SIGTERM ends a command as Ctrl-C does: whole acts only, no orphans
    _escape_unencodable()
    before = _acts_committed()
    try:
        code: Any = cli.main(arguments, prog_name="facecli", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return int(code or Exit.OK)
    except BaseException as error:
        return _end(error, changed=_acts_committed() > before)


def _acts_committed() -> int:
    """Return the number of acts that this process has committed, without loading the log."""
    entries = sys.modules.get("facecli.audit.entries")
    return 0 if entries is None else int(entries.Act.committed)


def _end(error: BaseException, *, changed: bool) -> int:
    """Print the sentence for what ended a command, and return its exit code.

    Args:
        changed: the command has committed something.
    """
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.ClickException():
            text = io.StringIO()
            error.show(text)
            print_error(text.getvalue().rstrip("\n"))
            return error.exit_code
        case FacecliError():
            return _explain(error)
        case KeyboardInterrupt() | click.Abort():
            return _explain(Interrupted())
        case BrokenPipeError() | SystemExit():  # click exits so when a pipe breaks under --help
            discard_stdout()
            return _explain(ReaderGone(path="stdout"))
        case UnicodeEncodeError():  # Python passes on the bytes of an argument that is not UTF-8
            return _explain(BadText(what="An argument", why="it is not text in UTF-8"))
        case OSError(errno=errno.ENAMETOOLONG):  # no file was opened yet
            return _explain(BadText(what=f"The path {error.filename}", why="it is too long"))
        case FileNotFoundError() if _has_no_folder():
            return _explain(NoWorkingFolder())
        case OSError(errno=number) if number in OUTPUT_ERRORS:
            discard_stdout()
            return _explain(OutputFailed(path="stdout", **because(error)))
        case _:
            return _unexpected(error, changed=changed)


def _has_no_folder() -> bool:
    """Return True if the working directory was deleted, so that no relative path has a meaning."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _escape_unencodable() -> None:
    """Escape a character that the terminal's encoding lacks, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _explain(error: FacecliError) -> int:
    note(f"facecli: {error}")
    return int(error.exit_code)


def _unexpected(error: BaseException, *, changed: bool) -> int:
    """Report a fault of facecli itself. The error's own message may hold values: never print it."""
    if os.environ.get("FACECLI_DEBUG"):
        import traceback

        print_error("".join(traceback.format_tb(error.__traceback__)).rstrip("\n"))
    state = (
        "What `facecli log show` prints as done is done, and nothing else"
        if changed
        else "Nothing was changed"
    )
    note(
        f"facecli: an unexpected fault ({type(error).__name__}). {state}. "
        "Set FACECLI_DEBUG=1 to print its place in the code, and report it."
    )
    return int(Exit.UNREPORTED if changed else Exit.FAILED)
