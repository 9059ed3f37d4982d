"""The settings that a configuration file may state, and what each may be.

A setting counts after the command line and the environment. An unknown one is an error, because a
misspelt `on_failure` would never run.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from facecli.printable import printable

KEYS = ("key_file", "passphrase_file", "passphrase_command")
LONGEST_WAIT = 86400
"""Seconds of `lock_wait` and of a hook's `time_limit`."""
EVENTS = ("on_failure", "on_success")
SHORTEST_LIMIT = 1
"""Seconds of a hook's `time_limit`: with none, every hook would be killed as it starts."""
MOST_NAMED = 8
"""Settings that are named where none is like the one that is stated."""


class Commands(NamedTuple):
    """The words of commands, which have hooks: the first ones, and a function for those below."""

    first: Collection[str]
    below: Callable[[str], Collection[str]]


@dataclass(frozen=True)
class Hook:
    """The programs of one command, each with its arguments.

    None: the less specific hook counts. An empty tuple: no program.
    """

    on_failure: tuple[str, ...] | None = None
    on_success: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Hooks:
    """The hooks of all commands.

    of: those of single commands, such as `purge` or `log export`, and of groups, such as `log`.
    time_limit: seconds after which a hook is killed.
    """

    every: Hook = Hook()
    of: Mapping[str, Hook] = field(default_factory=dict)
    time_limit: float = 60.0


@dataclass(frozen=True)
class Config:
    """The settings of a configuration file.

    path: the file, or None if there is none. db: the database. key_options: at most one source of
    the key, by the name of its option. require_sandbox: decode nothing where the kernel cannot
    confine workers completely. stated: the names of the settings that the file states.
    """

    path: Path | None = None
    db: Path | None = None
    key_options: Mapping[str, str] = field(default_factory=dict)
    lock_wait: float | None = None
    require_sandbox: bool = False
    hooks: Hooks = field(default_factory=Hooks)
    stated: frozenset[str] = frozenset()


class Unfit(ValueError):
    """A setting is unknown or has a value that it may not have; its text says which."""


def read(table: Mapping[str, Any], path: Path, commands: Commands) -> Config:
    """Return the settings of a parsed file.

    Args:
        path: the file.
        commands: those that may have hooks.

    Raises:
        Unfit: see there.
    """
    _known(table, ("db", *KEYS, "lock_wait", "require_sandbox", "hooks"), "")
    found = {name: _check(name, table[name]) for name in table if name != "hooks"}
    keys = {name: found.pop(name) for name in KEYS if name in found}
    if len(keys) > 1:
        raise Unfit(f"it names two sources of the key, {' and '.join(keys)}")
    if "db" in found:
        found["db"] = Path(found["db"])
    hooks = _table("hooks", table.get("hooks", {}))
    return Config(
        path=path,
        key_options=keys,
        hooks=_hooks(hooks, commands),
        stated=frozenset([*table, *(f"hooks.{name}" for name in hooks)]),
        **found,
    )


def _hooks(table: Mapping[str, Any], commands: Commands) -> Hooks:
    groups = {name.partition(" ")[0] for name in table if " " in name} & set(commands.first)
    names = [*commands.first, *(words for group in groups for words in commands.below(group))]
    _known(table, (*EVENTS, "time_limit", *names), "hooks.")
    own = {}
    for command in [name for name in table if name in names]:
        hook = _table(f"hooks.{command}", table[command])
        _known(hook, EVENTS, f"hooks.{command}.")
        own[command] = _hook(hook, f"hooks.{command}.")
    limit = table.get("time_limit", Hooks.time_limit)
    return Hooks(_hook(table, "hooks."), own, _seconds("hooks.time_limit", limit, SHORTEST_LIMIT))


def _hook(table: Mapping[str, Any], within: str) -> Hook:
    return Hook(**{name: _program(within + name, table[name]) for name in EVENTS if name in table})


def _program(name: str, value: Any) -> tuple[str, ...]:
    """Return a program and its arguments. No shell reads them."""
    if not isinstance(value, list) or not all(_is_text(word) for word in value):
        raise Unfit(f'{name} must be a list of a program and its arguments, such as ["/bin/x"]')
    if value:
        _path(name, value[0])
    return tuple(value)


def _check(name: str, value: Any) -> Any:
    return _CHECKS[name](name, value)


def _switch(name: str, value: Any) -> bool:
    if type(value) is not bool:
        raise Unfit(f"{name} must be true or false")
    return value


def _seconds(name: str, value: Any, least: int = 0) -> float:
    if type(value) not in (int, float) or not least <= value <= LONGEST_WAIT:
        raise Unfit(f"{name} must be a number of seconds from {least} to {LONGEST_WAIT:,}")
    return float(value)


def _text(name: str, value: Any) -> str:
    if not _is_text(value) or not value:
        raise Unfit(f"{name} must be text")
    return str(value)


def _path(name: str, value: Any) -> str:
    if not os.path.isabs(_text(name, value)):
        raise Unfit(f"{name} must be a whole path, from / on")
    return str(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _table(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unfit(f"{name} must be a table")
    return value


def _known(table: Mapping[str, Any], known: Sequence[str], within: str) -> None:
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3, cutoff=0.4) or known[:MOST_NAMED]
            nearest = ", ".join(within + one for one in near)
            raise Unfit(
                f"it has no setting {within}{printable(name)} (possible settings: {nearest})"
            )


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "db": _path,
    "key_file": _path,
    "passphrase_file": _path,
    "passphrase_command": _text,
    "lock_wait": _seconds,
    "require_sandbox": _switch,
}


def hook_settings(hooks: Hooks) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name of each hook that is stated, and its program with arguments."""
    for within, hook in (("hooks", hooks.every), *((f"hooks.{k}", v) for k, v in hooks.of.items())):
        for event in EVENTS:
            program = getattr(hook, event)
            if program is not None:
                yield f"{within}.{event}", program
