"""The configuration file: settings of a machine that no command line should have to repeat.

It is TOML: `--config`, `FACECLI_CONFIG`, `$XDG_CONFIG_HOME/facecli/config.toml` or
`/etc/facecli/config.toml`, the first of them that is named or exists. What it may state is in
`config_settings`.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecli import toml_text
from facecli.cli.files import failing_as_output
from facecli.errors.command_line import BadInput
from facecli.nameless_file import nameless_file
from facecli.printable import printable

if TYPE_CHECKING:
    from facecli.cli.config_settings import Config

SYSTEM = Path("/etc/facecli/config.toml")
HEADING = "# Defaults of facecli for this machine; see facecli-operations(7)."
LARGEST = 1 << 20
"""Bytes of a configuration file."""


def load(
    named: Path | None, first: Collection[str], below: Callable[[str], Collection[str]]
) -> Config | None:
    """Read the configuration. Return None if there is no file.

    Args:
        named: the file that the user named, which must exist.
        first: the first words of commands, which may have hooks.
        below: returns the commands below a first word; called only if the file states some.

    Raises:
        BadInput: the file cannot be read or used, or belongs to others, or others can write it.
    """
    path = named or next(filter(_is_there, _places()), None)
    if path is None:
        return None
    from facecli.cli import config_settings  # most machines of one user have no file

    table = _table(path)
    try:
        return config_settings.read(table, path, config_settings.Commands(first, below))
    except config_settings.Unfit as why:
        raise _bad(path, str(why)) from None


def write_system(stated: Mapping[str, str]) -> bool:
    """Write the machine's configuration, owned by root and readable by all. Never replace one.

    Args:
        stated: settings whose values are text, by name.

    Returns:
        False if there is a file already.

    Raises:
        OutputFailed: it could not be written.
    """
    if SYSTEM.exists():
        return False
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in stated.items()]
    text = "".join(f"{line}\n" for line in (HEADING, *lines))
    with failing_as_output(str(SYSTEM)):
        if not SYSTEM.parent.is_dir():
            SYSTEM.parent.mkdir(parents=True)
            SYSTEM.parent.chmod(0o755)  # whatever root's umask is
        with nameless_file(SYSTEM) as file:
            file.stream.write(text.encode())
            os.fchmod(file.stream.fileno(), 0o644)
            file.appear()
    return True


def _places() -> tuple[Path, ...]:
    home = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(home) if os.path.isabs(home) else Path.home() / ".config"
    return base / "facecli" / "config.toml", SYSTEM


def _is_there(path: Path) -> bool:
    """Return True if there is a file, or a link of that name.

    A home that belongs to another user, such as root's under `runuser`, has no file of this one.

    Raises:
        BadInput: the folder may not be entered, so that a file in it may require what is not known.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        closed = next((one for one in path.parents if os.path.exists(one)), Path("/"))
        if path != SYSTEM and closed.stat().st_uid != os.geteuid():
            return False
        folder, reason = printable(str(closed)), (error.strerror or "it cannot be read").lower()
        why = f"{reason} in {folder}; run `chmod a+x {folder}`, or name another with --config"
        raise _bad(path, why) from None
    return True


def _table(path: Path) -> dict[str, Any]:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            _check_owner(path, os.fstat(file.fileno()))
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise _bad(path, f"it is larger than {LARGEST:,} B")
        return toml_text.parse(content)
    except OSError as error:
        raise _bad(path, (error.strerror or "it cannot be read").lower()) from None
    except ValueError as error:
        raise _bad(path, str(error)) from None


def _check_owner(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _bad(path, "it is not a regular file")
    if status.st_uid not in (0, os.geteuid()):
        raise _bad(path, "it belongs to another user; it must be yours or root's")
    if status.st_mode & 0o022:
        raise _bad(path, f"other users can write it; run `chmod go-w {printable(str(path))}`")


def _bad(path: Path, why: str) -> BadInput:
    return BadInput(what=f"The configuration {printable(str(path))}", why=why)
