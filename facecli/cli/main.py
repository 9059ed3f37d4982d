"""The entry point: the table of commands, and the one place where an error becomes a sentence.

Commands are imported by name when they are called; the summaries that `--help` lists stand in
the table here, so that it imports none of them.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import resource
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from facecli import __version__
from facecli.cli.files import discard_stdout
from facecli.cli.output import note
from facecli.cli.param_types import Number
from facecli.errors.base import Exit, FacecliError, because
from facecli.errors.command_line import BadText, Interrupted, OutputFailed, ReaderGone
from facecli.workers import interruption

COMMANDS = {
    "init": "Create the encrypted database and its first key slot.",
    "purpose": "What faces are compared for: apply, list, show, retire.",
    "subject": "The people held here: add, list, show, correct, hold, release, export.",
    "consent": "Who agreed to what: record, list, show, receipt.",
    "enroll": "Enrol faces under recorded consents: file, batch, camera.",
    "camera": "Cameras: which there are, and does one deliver: list, test.",
    "match": "Compare every face in images with a purpose's gallery (1:N).",
    "verify": "Compare one face with one subject (1:1).",
    "revoke": "Withdraw people's consent and erase what rested on it.",
    "purge": "Erase everything that is due; made for cron.",
    "reenroll": "Make templates anew from kept photos, with another engine.",
    "evaluate": "Measure accuracy on labelled images: FMR, FNMR, FPIR, FNIR, DET.",
    "log": "What was done, by whom: show, export, verify, checkpoint, certificate, cosign.",
    "key": "Slots around the database key: list, add, remove, rotate.",
    "backup": "Encrypted copies: create, verify, restore.",
    "status": "Counts and dates: who is held, what is due, what was last done.",
    "doctor": "Check files, keys, database, models, clock, schedule, disk and cameras.",
    "completion": "Print the completions for a shell: bash, zsh, fish.",
}
ALIASES = {"enrol": "enroll"}
OUTPUT_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class LazyGroup(click.Group):
    """Imports `facecli.commands.NAME` only when NAME is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None if there is none of that name."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"facecli.commands.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list that `--help` shows, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def default_database() -> Path:
    """`$XDG_DATA_HOME/facecli/facecli.db`, by the XDG base directory specification."""
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if os.path.isabs(home) else Path.home() / ".local" / "share"
    return base / "facecli" / "facecli.db"


def narrow_width() -> int | None:
    """How wide help may be on a terminal narrower than 50 columns, below which click goes not."""
    import shutil  # only for help

    columns = shutil.get_terminal_size().columns
    return max(columns - 2, 20) if columns < 52 else None


class Formatter(click.HelpFormatter):
    """click's, for narrow terminals too: lines as short as they, and room for a second column."""

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        super().__init__(indent_increment, width or narrow_width(), max_width)

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Two columns; the first takes a third of the width at most."""
        super().write_dl(list(rows), min(col_max, max(self.width // 3, 10)), col_spacing)


click.Context.formatter_class = Formatter  # subcommands are click's own classes


@click.command(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 partly failed, 10 no database, 11 locked, "
    "12 key, 20 no consent, 21 unknown, 74 output, 130 interrupted; see the README for all.",
)
@click.version_option(__version__, prog_name="facecli", message="%(prog)s %(version)s")
@click.option("--db", envvar="FACECLI_DB", type=click.Path(path_type=Path), metavar="PATH",
              help="The database.  [default: $XDG_DATA_HOME/facecli/facecli.db]")  # fmt: skip
@click.option("--key-file", metavar="FILE", help="A file that holds a random key, mode 0600.")
@click.option("--passphrase-file", metavar="FILE",
              help="A file whose first line is the passphrase; - is stdin.")  # fmt: skip
@click.option("--passphrase-command", metavar="CMD",
              help="A command that prints the passphrase as its first line.")  # fmt: skip
@click.option("--no-input", is_flag=True, help="Never ask; implied when stdin is no terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
@click.option("-v", "--verbose", is_flag=True, help="More on stderr.")
@click.option("--lock-wait", envvar="FACECLI_LOCK_WAIT", type=Number(0, 86400),
              default=30, show_default=True, metavar="SECONDS",
              help="How long to wait for another writer.")  # fmt: skip
@click.pass_context
def cli(
    ctx: click.Context,
    /,
    db: Path | None,
    no_input: bool,
    quiet: bool,
    verbose: bool,
    lock_wait: float,
    **key_options: str | None,
) -> None:
    """Face recognition that answers for itself: consent, matching, erasure and a log.

    \b
    Example:
      facecli init --key-file facecli.key
    """
    if quiet and verbose:
        raise click.UsageError("-q and -v contradict each other")
    from facecli.cli.session import Settings  # brings the database along; --help needs none

    ctx.obj = Settings(
        db=(db or default_database()).absolute(),
        key_options=key_options,
        no_input=no_input,
        quiet=quiet,
        verbose=verbose,
        lock_wait=lock_wait,
    )


def run(arguments: list[str] | None = None) -> None:
    """The console script: run a command and exit with its code."""
    sys.exit(main(arguments))


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit code. Every error ends here, as one sentence on stderr."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the key
    interruption.install()  # SIGTERM ends a command as Ctrl-C does: whole acts only, no orphans
    _write_what_can_be_written()
    try:
        code: Any = cli.main(arguments, prog_name="facecli", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return int(code or Exit.OK)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except FacecliError as error:
        return _explain(error)
    except (KeyboardInterrupt, click.Abort):
        return _explain(Interrupted())
    except (BrokenPipeError, SystemExit):  # click leaves so when a pipe breaks under its --help
        discard_stdout()
        return _explain(ReaderGone(path="stdout"))
    except UnicodeEncodeError:  # how Python passes on the bytes of an argument that is no text
        return _explain(BadText(what="An argument", why="it is not text in UTF-8"))
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # before a path was used for anything
            return _explain(BadText(what=f"The path {error.filename}", why="it is too long"))
        if error.errno not in OUTPUT_ERRORS:
            return _unexpected(error)
        discard_stdout()
        return _explain(OutputFailed(path="stdout", **because(error)))
    except Exception as error:
        return _unexpected(error)


def _write_what_can_be_written() -> None:
    """A character that the terminal's encoding lacks is escaped, and ends no command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _explain(error: FacecliError) -> int:
    note(f"facecli: {error}")
    return int(error.exit_code)


def _unexpected(error: BaseException) -> int:
    """A fault of ours. Source lines are shown on request; the error's own words may hold values."""
    if os.environ.get("FACECLI_DEBUG"):
        import traceback

        traceback.print_tb(error.__traceback__)
    note(
        f"facecli: an unexpected fault ({type(error).__name__}); nothing was left half done. "
        "Set FACECLI_DEBUG=1 to see where, and report it."
    )
    return int(Exit.FAILED)
