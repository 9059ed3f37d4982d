"""The configuration file: settings of a machine that no command line should have to repeat.

It is TOML: `--config`, `FACECLI_CONFIG`, `$XDG_CONFIG_HOME/facecli/config.toml` or
`/etc/facecli/config.toml`, the first of them that is named or exists.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from facecli.errors.command_line import BadInput
from facecli.printable import printable

SYSTEM = Path("/etc/facecli/config.toml")
LARGEST = 1 << 20
"""Bytes of a configuration file."""


@dataclass(frozen=True)
class Config:
    """The settings of a configuration file.

    require_sandbox: decode nothing where the kernel cannot confine workers completely.
    """

    require_sandbox: bool = False


def load(named: Path | None) -> Config:
    """Read the configuration. Without a file, every setting has its default.

    Args:
        named: the file that the user named, which must exist.

    Raises:
        BadInput: the file cannot be read or used, or others can write it.
    """
    path = named or next((one for one in _places() if one.exists()), None)
    if path is None:
        return Config()
    return Config(**_checked(path, _table(path)))


def _places() -> tuple[Path, ...]:
    home = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(home) if os.path.isabs(home) else Path.home() / ".config"
    return base / "facecli" / "config.toml", SYSTEM


def _table(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            _check_owner(path, os.fstat(file.fileno()))
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise _bad(path, f"it is larger than {LARGEST:,} B")
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise _bad(path, (error.strerror or "it cannot be read").lower()) from None
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, f"it is not TOML: {printable(str(error))}") from None
    except (UnicodeDecodeError, RecursionError):
        raise _bad(path, "it is not text in UTF-8, or it is nested too deeply") from None


def _check_owner(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _bad(path, "it is not a regular file")
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        raise _bad(path, f"other users can write it; run `chmod go-w {printable(str(path))}`")


def _checked(path: Path, table: dict[str, Any]) -> dict[str, Any]:
    """Return the settings, each of them known and of its type."""
    import difflib

    known = [field.name for field in fields(Config)]
    for name, value in table.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0.5) or known
            raise _bad(path, f"it has no setting {printable(name)}; the nearest is {near[0]}")
        if type(value) is not bool:
            raise _bad(path, f"{name} must be true or false")
    return table


def _bad(path: Path, why: str) -> BadInput:
    return BadInput(what=f"The configuration {printable(str(path))}", why=why)
