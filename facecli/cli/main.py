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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from facecli import __version__, interruption
from facecli.cli import config as configuration
from facecli.cli.files import discard_stdout
from facecli.cli.help_pages import CommandGroup
from facecli.cli.output import bar, note, print_error
from facecli.cli.param_types import Number
from facecli.errors.base import Exit, FacecliError, because
from facecli.errors.command_line import (
    BadText,
    HalfDone,
    Interrupted,
    NoAccess,
    NoWorkingFolder,
    OutputFailed,
    ReaderGone,
)
from facecli.errors.shortage import RAISE_LIMIT, ran_out
from facecli.printable import printable
from facecli.steps import show_with
from facecli.workers.confinement.demands import require_confinement, when_confined_less

if TYPE_CHECKING:
    from facecli.cli.config_settings import Config
    from facecli.cli.session import Settings

COMMANDS = {
    "init": "Create the encrypted database and its first key slot.",
    "purpose": "Purposes of comparing faces: apply, list, show, notice, ask-again, retire.",
    "subject": "Subjects: add, list, show, correct, complete, hold, release, export, elsewhere, "
    "disclosed, request, answer, requests.",
    "consent": "Consents: record, list, show, receipt.",
    "enroll": "Enrol faces under recorded consent: file, batch, camera.",
    "faces": "Templates of a subject: list, remove.",
    "camera": "Cameras of this machine: list, test.",
    "match": "Compare every face in images with the gallery of a purpose (1:N).",
    "verify": "Compare one face with one subject (1:1).",
    "calibrate": "Measure the false-match rate among the gallery's own subjects.",
    "revoke": "Withdraw consent and erase the data that depended on it.",
    "purge": "Erase everything that is due. Runs from cron.",
    "reenroll": "Make new templates from kept photos, with another engine.",
    "evaluate": "Measure accuracy on labelled images: FMR, FNMR, FPIR, FNIR, DET.",
    "cluster": "Decode and recognise on the machines of a cluster: worker.",
    "log": "The sealed log: show, export, verify, checkpoint, certificate, cosign.",
    "key": "Key slots and the database key: list, add, remove, rotate.",
    "backup": "Encrypted copies: create, verify, list, erase, restore.",
    "report": "The custody report, and papers that laws ask for: policy, processing, filing.",
    "status": "Print counts and dates: subjects, data that is due, latest acts.",
    "doctor": "Check files, keys, database, models, clock, schedule, disk and cameras.",
    "config": "The configuration file: show.",
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

    invocation = ctx.find_object(Invocation) or Invocation()
    invocation.prepare()
    invocation.command = ctx.invoked_subcommand or ""
    found = configuration.load(config, COMMANDS, words_below)
    if found is not None and found.require_sandbox:
        require_confinement()
    if found is not None and found.lock_wait is not None and _is_default(ctx, "lock_wait"):
        lock_wait = found.lock_wait
    ctx.obj = invocation.settings = Settings(
        db=(db or (found and found.db) or default_database()).absolute(),
        key_options=key_options,
        config=found,
        no_input=no_input,
        quiet=quiet,
        verbose=verbose,
        lock_wait=lock_wait,
    )
    when_confined_less(ctx.obj.detail)
    show_with(partial(bar, quiet=quiet))


def _is_default(ctx: click.Context, option: str) -> bool:
    return ctx.get_parameter_source(option) == ParameterSource.DEFAULT


def words_below(name: str) -> list[str]:
    """Return the words of everything below a command, such as `log export`. It is imported."""
    command = importlib.import_module(f"facecli.commands.{name}").command
    return list(_words_below(command, name))


def _words_below(command: click.Command, words: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield f"{words} {name}"
            if (own := command.get_command(context, name)) is not None:
                yield from _words_below(own, f"{words} {name}")


@dataclass
class Invocation:
    """One call of facecli.

    prepare: called before a command that may hold a key. command: the first of its words, once it
    is known. settings: once they are read.
    """

    prepare: Callable[[], None] = lambda: None
    command: str = ""
    settings: Settings | None = None


def run(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its code; this is the console script."""
    sys.exit(main(arguments, _hide_memory))


def _hide_memory() -> None:
    from facecli.workers.confinement.kernel import hide_memory  # `--help` needs no ctypes

    hide_memory()


def main(arguments: list[str] | None = None, prepare: Callable[[], None] = lambda: None) -> int:
    """Run a command and return its exit code. Every error ends here, as a sentence on stderr.

    Args:
        prepare: is called before a command that may hold a key.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the key
    interruption.install()  # SIGTERM ends a command as Ctrl-C does: whole acts only, no orphans
    _escape_unencodable()
    before = _acts_committed()
    invocation = Invocation(prepare)
    problem: BaseException | None = None
    try:
        result: Any = cli.main(
            arguments, prog_name="facecli", standalone_mode=False, obj=invocation
        )
        if sys.stdout is not None:
            sys.stdout.flush()
        code = int(result or Exit.OK)
    except BaseException as error:
        problem = error
        code = _end(error, changed=_acts_committed() > before)
    if "FACECLI_HOOK" not in os.environ:
        _call_hook(invocation, code, problem)
    return code


def _call_hook(invocation: Invocation, code: int, problem: BaseException | None) -> None:
    """Run the program that the configuration names for this end of a command.

    It cannot change the exit code. Without a configuration that can be read there is none.
    """
    settings = invocation.settings
    context = getattr(problem, "ctx", None)
    if settings is not None:
        config = settings.config
    else:
        config = _config_after_all(context) if code else None
    if config is None:
        return
    from facecli.cli import hook_process, hooks  # most machines have none

    begun = settings.begun if settings is not None else ""
    words = begun or (context.command_path if context is not None else f"- {invocation.command}")
    ended = hooks.Ended(
        command=words.partition(" ")[2],
        code=code,
        began=bool(begun),
        reason=_reason(problem),
        counts=settings.counts if settings is not None else {},
        at_terminal=sys.stderr is not None and sys.stderr.isatty(),
        db=settings.db.absolute() if settings is not None else None,
    )
    if program := hooks.chosen(config.hooks, ended):
        environment = hooks.environment(ended, os.environ)
        limit = config.hooks.time_limit
        if trouble := hook_process.run(program, environment, limit):
            note(f"facecli: {trouble}")


def _config_after_all(context: click.Context | None) -> Config | None:
    """Read the configuration after an error that came before it, such as an unknown command."""
    named = context.params.get("config") if context is not None else None
    environment = os.environ.get("FACECLI_CONFIG")
    try:
        return configuration.load(
            named or (Path(environment) if environment else None),
            COMMANDS,
            words_below,
        )
    except FacecliError:  # a command that got further would report it
        return None


def _reason(problem: BaseException | None) -> str:
    """Return the reason code of an error, which names nobody."""
    match problem:
        case FacecliError():
            return problem.reason
        case click.UsageError():
            return "usage"
        case KeyboardInterrupt() | click.Abort():
            return Interrupted.code
        case _:
            return ""


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
        case HalfDone():
            _print_place(error.__cause__)
            return _explain(error)
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
        case PermissionError(filename=str() as path) if not changed:
            return _explain(NoAccess(path=printable(path)))
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


def _print_place(error: BaseException | None) -> None:
    """Print the place of a fault in the code, where FACECLI_DEBUG is set. No value is printed."""
    if error is not None and os.environ.get("FACECLI_DEBUG"):
        import traceback

        print_error("".join(traceback.format_tb(error.__traceback__)).rstrip("\n"))


def _unexpected(error: BaseException, *, changed: bool) -> int:
    """Report a fault of facecli itself, or too little memory, without the error's own message.

    It may hold values.
    """
    _print_place(error)
    state = (
        "What `facecli log show` prints as done is done, and nothing else"
        if changed
        else "Nothing was changed"
    )
    if ran_out(error):
        problem, remedy = "too little memory for this command", RAISE_LIMIT
    else:
        problem = f"an unexpected fault ({type(error).__name__})"
        remedy = "Set FACECLI_DEBUG=1 to print its place in the code, and report it."
    note(f"facecli: {problem}. {state}. {remedy}")
    return int(Exit.UNREPORTED if changed else Exit.FAILED)
