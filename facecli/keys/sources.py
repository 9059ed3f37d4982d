"""Obtain a secret from a key file, a passphrase, systemd's credentials, or a prompt.

No secret is put into argv, an environment variable of ours, a log or an error.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from facecli.errors.base import because
from facecli.errors.command_line import OutputFailed, TwoKeySources
from facecli.errors.keys import NoKey, UnsafeKeyFile, UnusableKey
from facecli.errors.store import AlreadyThere
from facecli.keys import newfile
from facecli.keys.slots import Secret
from facecli.printable import counted

CREDENTIAL_NAME = "facecli.key"
SHORTEST_KEY = 16  # bytes of a key file; `init` writes 32 random bytes in hex
LONGEST_SECRET = 65536


@dataclass(frozen=True)
class KeySource:
    """An option or variable that names a secret, with its value."""

    option: str
    value: str


OPTIONS = {
    "key_file": ("--key-file", "FACECLI_KEY_FILE"),
    "passphrase_file": ("--passphrase-file", "FACECLI_PASSPHRASE_FILE"),
    "passphrase_command": ("--passphrase-command", "FACECLI_PASSPHRASE_COMMAND"),
}


NOTHING: Mapping[str, str] = {}


def merged(before: Mapping[str, str | None], after: Mapping[str, str]) -> dict[str, str | None]:
    """Merge key options given before the command with those given after it.

    Raises:
        TwoKeySources: the same option was given in both places, and not the same value.
    """
    for name, value in after.items():
        if before.get(name) not in (None, value):
            option = OPTIONS[name][0]
            raise TwoKeySources(first=f"{option} {before[name]}", second=f"{option} {value}")
    return {**before, **after}


def choose(
    options: Mapping[str, str | None],
    environ: Mapping[str, str],
    defaults: Mapping[str, str] = NOTHING,
) -> KeySource | None:
    """Return the source to use: command line, environment, systemd or the configuration.

    Args:
        options: values of the three options by parameter name, None if not given.
        environ: the process environment.
        defaults: the options that the configuration states, at most one.

    Raises:
        TwoKeySources: two on the command line, or two in the environment.
    """
    given = [(OPTIONS[name][0], value) for name, value in options.items() if value is not None]
    inherited = [
        (variable, environ[variable]) for _, variable in OPTIONS.values() if environ.get(variable)
    ]
    for found in (given, inherited):
        if len(found) > 1:
            raise TwoKeySources(first=found[0][0], second=found[1][0])
        if found:
            return KeySource(*found[0])
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and (path := Path(folder, CREDENTIAL_NAME)).exists():
        return KeySource("CREDENTIALS_DIRECTORY", str(path))
    for name, value in defaults.items():
        return KeySource(OPTIONS[name][0], value)
    return None


def files(
    options: Mapping[str, str | None],
    environ: Mapping[str, str],
    defaults: Mapping[str, str] = NOTHING,
) -> set[Path]:
    """Return every file that is named as a key file or passphrase file, used or not.

    Args:
        options, environ, defaults: as in `choose`.
    """
    named = {name: options.get(name) for name in ("key_file", "passphrase_file")}
    stated = [defaults[name] for name in named if name in defaults]
    found = [value for value in named.values() if value not in (None, "", "-")]
    found += [environ[OPTIONS[name][1]] for name in named if environ.get(OPTIONS[name][1])]
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        found.append(os.path.join(folder, CREDENTIAL_NAME))
    return {Path(value) for value in (*found, *stated) if value}


def obtain(
    source: KeySource | None,
    prompt: Callable[[], str] | None,
    path: Path,
    warn: Callable[[str], None],
) -> Secret:
    """Read the secret from `source`, or ask for a passphrase if there is no source.

    Args:
        prompt: asks for a passphrase on the terminal; None if nobody can be asked.
        path: the database, for messages.
        warn: prints a warning.

    Raises:
        NoKey, UnsafeKeyFile, UnusableKey
    """
    if source is None:
        if prompt is None:
            raise NoKey(path=path)
        return _passphrase(prompt(), "the terminal")
    if source.option in ("--passphrase-file", "FACECLI_PASSPHRASE_FILE"):
        return _passphrase(_first_line(source, warn), source.option)
    if source.option in ("--passphrase-command", "FACECLI_PASSPHRASE_COMMAND"):
        from facecli.keys import command  # most commands run none

        return _passphrase(command.first_line(source.value, source.option), source.option)
    return read_key_file(Path(source.value), check_mode=source.option != "CREDENTIALS_DIRECTORY")


def read_key_file(path: Path, *, check_mode: bool = True) -> Secret:
    """Read a key file, without line ends at its end.

    Args:
        check_mode: refuse a file that group or others can read. False for systemd's
            credentials, which their folder protects.

    Raises:
        UnsafeKeyFile: others can read it.
        UnusableKey: it is missing, not a regular file, too short or too long.
    """
    try:
        with open(path, "rb", opener=_without_blocking) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnusableKey(source=f"the key file {path}", why="it is not a regular file")
            if check_mode and status.st_mode & 0o077:
                mode = f"{stat.S_IMODE(status.st_mode):04o}"
                raise UnsafeKeyFile(path=path, verb="read", mode=mode, chmod="600")
            content = stream.read(LONGEST_SECRET + 1)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise UnusableKey(source=f"the key file {path}", why=why) from None
    key = content.rstrip(b"\r\n")
    if not SHORTEST_KEY <= len(key) <= LONGEST_SECRET:
        held = counted(len(key), "byte")
        why = f"it holds {held}; between {SHORTEST_KEY} and {LONGEST_SECRET} are needed"
        raise UnusableKey(source=f"the key file {path}", why=why)
    return Secret("key-file", key)


def create_key_file(path: Path) -> None:
    """Write a new random key, mode 0600, complete or not at all, never over another file.

    Raises:
        AlreadyThere: there is a file already.
        UnusableKey: no file can be created in that place.
        OutputFailed: it could not be written.
    """
    try:
        newfile.create(path, os.urandom(32).hex().encode() + b"\n")
    except FileExistsError:
        raise AlreadyThere(path=path) from None
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        why = f"it cannot be created ({(error.strerror or 'unknown error').lower()})"
        raise UnusableKey(source=f"the key file {path}", why=why) from None
    except OSError as error:
        raise OutputFailed(path=path, **because(error)) from None


def _without_blocking(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _first_line(source: KeySource, warn: Callable[[str], None]) -> str:
    try:
        if source.value == "-":
            if sys.stdin is None:
                raise UnusableKey(source=source.option, why="stdin is closed")
            return sys.stdin.readline(LONGEST_SECRET + 1)
        with open(source.value, encoding="utf-8") as stream:
            status = os.fstat(stream.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_mode & 0o077:
                warn(f"warning: {source.value} can be read by others; run `chmod 600` on it")
            return stream.readline(LONGEST_SECRET + 1)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise UnusableKey(source=source.option, why=why) from None
    except UnicodeDecodeError:
        raise UnusableKey(source=source.option, why="it is not UTF-8 text") from None


def _passphrase(line: str, source: str) -> Secret:
    passphrase = line.rstrip("\r\n")
    if not passphrase:
        raise UnusableKey(source=source, why="the passphrase is empty")
    if len(passphrase) >= LONGEST_SECRET:
        why = f"the passphrase is longer than {LONGEST_SECRET - 1} characters"
        raise UnusableKey(source=source, why=why)
    try:
        return Secret("passphrase", passphrase.encode())
    except UnicodeEncodeError:  # in some locales other bytes than UTF-8 arrive as surrogates
        raise UnusableKey(source=source, why="it is not UTF-8 text") from None
