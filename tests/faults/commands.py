"""The commands that are cut short, what each leaves when it is done, and how it is run again."""

from __future__ import annotations

from collections.abc import Callable

from facecli.keys import slots
from tests.faults.worlds import World

EVERYBODY = {f"P-{number:02}" for number in range(1, 30)}
WITHDRAWING = [f"P-{number:02}" for number in range(1, 20)]
COMMANDS = {
    "rotate": ["key", "rotate"],
    "add": ["key", "add", "--label", "second", "--new-key-file", "{folder}/second.key"],
    "backup": ["backup", "create", "{folder}/new.db"],
    "restore": ["backup", "restore", "{folder}/kept.db"],
    "revoke": ["revoke", *WITHDRAWING, "--yes"],
    "purge": ["purge", "--max-fraction", "1"],
    "export": ["log", "export", "--output", "{folder}/log.jsonl", "--cursor-file", "{folder}/at"],
}
LEAVES = {
    "revoke": EVERYBODY - set(WITHDRAWING),
    "purge": set(),
}


def arguments(name: str, world: World) -> list[str]:
    """The command line."""
    return [argument.format(folder=world.folder) for argument in COMMANDS[name]]


def prepare(name: str, world: World) -> None:
    """Give the command something to do."""
    if name == "purge":
        assert world.run("purpose", "retire", "gate", "--yes") == 0


def finish(name: str, world: World) -> None:
    """The next run of the same command does what the first one did not; nothing is left over."""
    left = world.check()
    after = LEAVES.get(name, EVERYBODY)
    assert left in (EVERYBODY, after), "some are erased, and the command is all or nothing"
    if not _is_done(name, world, left):
        assert world.run(*arguments(name, world)) == 0
    if name == "backup":
        assert world.run("backup", "verify", world.folder / "new.db", "--format", "json") == 0
    assert world.check() == after
    files = {path.name for path in world.folder.iterdir()}
    assert not any(file.endswith((".partial", "-journal", ".tmp")) for file in files), files


def _is_done(name: str, world: World, left: set[str]) -> bool:
    aside = world.folder / "facecli.db.before-restore"
    done: dict[str, Callable[[], bool]] = {
        "rotate": lambda: False,
        "add": lambda: "second" in (slot.label for slot in slots.read(world.db).slots),
        "backup": lambda: (world.folder / "new.db").exists(),
        "restore": lambda: aside.exists() and not aside.samefile(world.db),
        "revoke": lambda: left != EVERYBODY,
        "purge": lambda: False,
        "export": lambda: False,
    }
    return done[name]()
