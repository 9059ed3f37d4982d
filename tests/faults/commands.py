"""The commands that are cut short, what each leaves when it is done, and how it is run again."""

from __future__ import annotations

from collections.abc import Callable

from facecli.keys import slots
from tests.faults.worlds import World

EVERYBODY = {f"P-{number:02}" for number in range(1, 30)}
WITH_THE_ERASED = EVERYBODY | {"P-00"}
WITHDRAWING = [f"P-{number:02}" for number in range(1, 20)]
SOME = WITHDRAWING[:5]  # with copies to erase in too, so many take long enough
COMMANDS = {
    "rotate": ["key", "rotate"],
    "add": ["key", "add", "--label", "second", "--new-key-file", "{folder}/second.key"],
    "backup": ["backup", "create", "{folder}/new.db"],
    "restore": ["backup", "restore", "{folder}/kept.db"],
    "revoke": ["revoke", *WITHDRAWING, "--yes"],
    "purge": ["purge", "--max-fraction", "1"],
    "erase": ["backup", "erase", "{folder}/kept.db"],
    "revoke-backups": ["revoke", *SOME, "--yes", "--backups", "{folder}"],
    "prune": ["backup", "create", "{folder}/copies", "--keep-daily", "1"],
    "export": ["log", "export", "--output", "{folder}/log.jsonl", "--cursor-file", "{folder}/at"],
}
LEAVES = {
    "revoke": EVERYBODY - set(WITHDRAWING),
    "revoke-backups": EVERYBODY - set(SOME),
    "purge": set(),
}


def arguments(name: str, world: World) -> list[str]:
    """The command line."""
    return [argument.format(folder=world.folder) for argument in COMMANDS[name]]


def prepare(name: str, world: World) -> None:
    """Give the command something to do."""
    if name == "purge":
        assert world.run("purpose", "retire", "gate", "--yes") == 0

    if name == "prune":
        (world.folder / "copies").mkdir(mode=0o700)
        for _ in range(2):
            assert world.run("backup", "create", world.folder / "copies") == 0


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
    if name in ("erase", "revoke-backups"):
        assert world.people_in(world.backup) in (WITH_THE_ERASED, EVERYBODY, after)
        assert world.run("backup", "erase", world.folder) == 0
        assert world.people_in(world.backup) == after
    if name == "prune":
        _check_pruned(world)
    files = {path.name for path in world.folder.iterdir()}
    assert not any(file.endswith((".partial", "-journal", ".tmp")) for file in files), files


def _check_pruned(world: World) -> None:
    """The latest backup is there with its slots, and nothing else."""
    (copy,) = (world.folder / "copies").glob("*.db")
    assert world.people_in(copy) == EVERYBODY
    assert len(list((world.folder / "copies").iterdir())) == 2


def _is_done(name: str, world: World, left: set[str]) -> bool:
    aside = world.folder / "facecli.db.before-restore"
    done: dict[str, Callable[[], bool]] = {
        "rotate": lambda: False,
        "add": lambda: "second" in (slot.label for slot in slots.read(world.db).slots),
        "backup": lambda: (world.folder / "new.db").exists(),
        "restore": lambda: aside.exists() and not aside.samefile(world.db),
        "revoke": lambda: left != EVERYBODY,
        "revoke-backups": lambda: left != EVERYBODY,
        "erase": lambda: False,
        "prune": lambda: False,
        "purge": lambda: False,
        "export": lambda: False,
    }
    return done[name]()
