"""Options that several commands share."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from facecli.cli.files import NamedFile, Output, refuse_replacing
from facecli.cli.output import FORMATS, WIDE
from facecli.cli.param_types import Number
from facecli.cli.session import Settings
from facecli.keys import sources
from facecli.keys.slots import slots_path
from facecli.store.names import SIDE_FILES

if TYPE_CHECKING:
    from facecli.recognition.matching.thresholds import Asked

Command = TypeVar("Command", bound=Callable[..., Any])


def pass_settings(command: Command) -> Command:
    """Pass the global options, after the check that no output replaces an input."""

    def checked(context: click.Context, *arguments: Any, **options: Any) -> Any:
        settings = context.find_object(Settings)
        if settings is not None:
            settings.begun = context.command_path
        outputs, inputs = _files_of(context)
        if settings is not None and settings.config is not None and settings.config.path:
            inputs.append(NamedFile("the configuration", settings.config.path))
        refuse_replacing(outputs, inputs)
        return context.invoke(command, settings, *arguments, **options)

    return update_wrapper(click.pass_context(checked), command)  # type: ignore[return-value]


def _files_of(context: click.Context) -> tuple[list[Output], list[NamedFile]]:
    """Return the files that a command is to write, and the other files and folders it names."""
    outputs, inputs = [], []
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        name = parameter.opts[0] if parameter.param_type_name == "option" else "an input"
        for path in value if isinstance(value, tuple) else (value,):
            if isinstance(path, Path) and isinstance(parameter.type, OutputFile):
                outputs.append(Output(name, path, parameter.type.replaces))
            elif isinstance(path, Path):
                inputs.append(NamedFile(name, path))
            elif path and isinstance(parameter.type, NameOrFile) and os.path.isfile(path):
                inputs.append(NamedFile(name, Path(path)))
    return outputs, inputs


class NameOrFile(click.types.StringParamType):
    """A name, or the path of a file to read: an engine or a model card, a camera or a video."""


class DataFile(click.Path):
    """A file to read or to write. It must not be the database, its key slots or a key.

    Args:
        key: the option itself names a key file.
        folder: it may be a folder too.
        file: it may be a file.
    """

    def __init__(self, *, key: bool = False, folder: bool = False, file: bool = True) -> None:
        super().__init__(dir_okay=folder, file_okay=file, path_type=Path)
        self._key = key

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or fail with a usage error if it is a file of facecli's own."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if _is_loop(path):
            self.fail(f"{path} is a symbolic link that leads to itself.", param, ctx)
        settings = ctx.find_object(Settings) if ctx is not None else None
        if settings is not None:
            db = settings.db.resolve()
            journals = {Path(f"{db}{suffix}") for suffix in SIDE_FILES}
            taken = {db, slots_path(settings.db).resolve(), *journals}
            if path.resolve() in taken:
                self.fail(f"{path} is the database, its key slots or its journal.", param, ctx)
            keys = sources.files(settings.key_options, os.environ, settings.key_defaults)
            if not self._key and path.resolve() in {key.resolve() for key in keys}:
                self.fail(f"{path} holds the key or the passphrase.", param, ctx)
        return path


def _is_loop(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


class OutputFile(DataFile):
    """A file that the command writes, which replaces no input and none of facecli's own files.

    Args:
        replaces: the kinds of facecli's own that it may replace (see `files.own_kind`).
        folder: it may be a folder too.
    """

    def __init__(self, *replaces: str, folder: bool = False) -> None:
        super().__init__(folder=folder)
        self.replaces = replaces


NAME_OR_FILE = NameOrFile()
FILE = DataFile()
OUTPUT = OutputFile()
OUTPUT_FOLDER = OutputFile(folder=True)
CHECKPOINT_OUTPUT = OutputFile("a checkpoint")
CURSOR_OUTPUT = OutputFile("a cursor")
KEY_FILE = DataFile(key=True)
FILE_OR_FOLDER = DataFile(folder=True)
FOLDER = DataFile(folder=True, file=False)


def reports(command: Command) -> Command:
    """`--format`, `--wide` and `--output`: for every command that reports."""
    return reports_as(*FORMATS)(command)


def reports_as(*formats: str) -> Callable[[Command], Command]:
    """`--format`, `--wide` and `--output`, for a command with formats of its own."""

    def add(command: Command) -> Command:
        command = click.option(
            "--wide",
            is_flag=True,
            expose_value=False,
            callback=_ask_for_all_columns,
            help="Show all columns of a table, without wrapping.",
        )(command)
        command = click.option(
            "--output",
            type=OUTPUT,
            metavar="FILE",
            help="Write the result to FILE, whole or not at all.",
        )(command)
        return click.option(
            "--format",
            "form",
            type=click.Choice(formats),
            default="table",
            show_default=True,
            help="How to print the result.",
        )(command)

    return add


def _ask_for_all_columns(context: click.Context, _: click.Parameter, wide: bool) -> None:
    context.meta[WIDE] = wide


def for_purpose(command: Command) -> Command:
    """`--purpose CODE`, which is required: nothing is done without a purpose."""
    return click.option(
        "--purpose", required=True, metavar="CODE", help="The code of the purpose."
    )(command)


def for_case(command: Command) -> Command:
    """`--case ID`."""
    return click.option(
        "--case", metavar="ID", help="The case or approval that the search belongs to, for the log."
    )(command)


def workers(command: Command) -> Command:
    """`--workers N`."""
    return click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        metavar="N",
        help="Number of processes that decode and recognise.",
    )(command)


def views(most: int) -> Callable[[Command], Command]:
    """`--views N`, up to `most`. Without it, the engine decides."""
    return click.option(
        "--views",
        type=click.IntRange(1, most),
        metavar="N",
        help="Views averaged into one dlib template: 2 (face and mirror image) or 1 (faster).  "
        "[default: 2]",
    )


def thresholds(command: Command) -> Command:
    """`--threshold T` or `--fmr F`."""
    command = click.option(
        "--fmr",
        type=Number(0, 1, min_open=True, max_open=True),
        metavar="F",
        help="False-match rate of one comparison, instead of the purpose's.",
    )(command)
    return click.option(
        "--threshold",
        type=Number(0, 1000),
        metavar="T",
        help="Largest distance that counts as a match, instead of a rate.",
    )(command)


def fpir(command: Command) -> Command:
    """`--fpir F`: the false-positive rate of a whole search."""
    return click.option(
        "--fpir",
        type=Number(0, 1, min_open=True, max_open=True),
        metavar="F",
        help="Share of searches for strangers that may return a candidate.  [default: 0.01]",
    )(command)


def asked(threshold: float | None, fmr: float | None, fpir: float | None = None) -> Asked:
    """Return the threshold that these options ask for together.

    Raises:
        click.UsageError: two of them were given.
    """
    given = {"--threshold": threshold, "--fmr": fmr, "--fpir": fpir}
    from facecli.recognition.matching.thresholds import Asked

    both = [name for name, value in given.items() if value is not None]
    if len(both) > 1:
        raise click.UsageError(
            f"give {' or '.join(both)}, not {'both' if len(both) == 2 else 'all'}"
        )
    return Asked(threshold, fmr, fpir)
