"""`facecli config`: the configuration file, and the value of each setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
from click.core import ParameterSource

from facecli.cli.config_settings import Hooks, hook_settings
from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import pass_settings, reports
from facecli.cli.output import reporting
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings

SECRET = "(not shown)"  # noqa: S105 -- it stands for one
BUILT_IN = "default"
FILE = "config file"


class Value(NamedTuple):
    """A setting in effect. source: command line, environment, config file or default. place: the
    option, variable or file."""

    setting: str
    value: str
    source: str
    place: str = ""


VALUE = RecordKind("config", Value._fields)


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """The configuration file, which states defaults for a machine or a user.

    \b
    Example:
      facecli config show
    """


@command.command(
    epilog="Exit codes: 0 printed; 1 the configuration cannot be used, or others can write it; "
    "2 usage; 74 the output could not be written."
)
@reports
@pass_settings
def show(settings: Settings, form: str, output: Path | None) -> None:
    """Print the value of each setting, and where it comes from.

    The command line counts before the environment, the environment before the configuration file.
    A passphrase command is not printed. The database is not opened. See facecli-operations(7) for
    all settings.

    \b
    Example:
      facecli config show
    """
    with reporting(VALUE, form, output) as report:
        for value in _values(settings, click.get_current_context().find_root()):
            report.add(value._asdict())


def _values(settings: Settings, root: click.Context) -> Iterator[Value]:
    config, place = settings.config, str(settings.config.path) if settings.config else ""
    if config is None:
        yield Value("config", "none", BUILT_IN)
    else:
        yield _given(root, "config", place, "FACECLI_CONFIG") or Value("config", place, BUILT_IN)
    stated = config.stated if config is not None else frozenset()
    for setting, value in (("db", str(settings.db)), ("lock_wait", f"{settings.lock_wait:g}")):
        default = Value(setting, value, FILE, place) if setting in stated else None
        found = _given(root, setting, value, f"FACECLI_{setting.upper()}")
        yield found or default or Value(setting, value, BUILT_IN)
    yield _key(settings, place)
    sandbox = "true" if config is not None and config.require_sandbox else "false"
    hooks = config.hooks if config is not None else Hooks()
    limit = f"{hooks.time_limit:g}"
    for setting, value in (("require_sandbox", sandbox), ("hooks.time_limit", limit)):
        yield Value(setting, value, *((FILE, place) if setting in stated else (BUILT_IN, "")))
    for setting, program in hook_settings(hooks):
        yield Value(setting, " ".join(program[:1]) or "none", FILE, place)


def _given(root: click.Context, setting: str, value: str, variable: str) -> Value | None:
    """Return a value of the command line or the environment, or None."""
    match root.get_parameter_source(setting):
        case ParameterSource.COMMANDLINE:
            return Value(setting, value, "command line", f"--{setting.replace('_', '-')}")
        case ParameterSource.ENVIRONMENT:
            return Value(setting, value, "environment", variable)
        case _:
            return None


def _key(settings: Settings, place: str) -> Value:
    source = settings.key_source
    if source is None:
        return Value("key", "asked for at the terminal", BUILT_IN)
    value = SECRET if "COMMAND" in source.option.upper() else source.value
    if source.option.isupper():
        return Value("key", value, "environment", source.option)
    if any(settings.key_options.values()):
        return Value("key", value, "command line", source.option)
    return Value("key", value, FILE, place)
