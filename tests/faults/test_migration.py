"""SIGKILL while a database is brought to the present schema: the next command does it whole.

`make test` kills each earlier schema's migration at one of four moments, `make test-faults` at all.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from facecli.cli.session import Settings, session
from facecli.store import schema, templates
from facecli.store.integrity import check_pages, check_structure
from tests.conftest import Facecli
from tests.faults import tracing
from tests.faults.worlds import TIMES, World
from tests.prepared import opened
from tests.store.test_schema import content, facecli_of, lasting, made, number, older, people

__all__ = ["made", "number", "older", "people"]  # the fixtures
OPENS = ["subject", "list"]


@tracing.needs_strace
def test_a_migration_that_was_killed_is_done_by_the_next_command(
    number: int, older: Facecli, tmp_path: Path
) -> None:
    with facecli_of(number), opened(older) as found:
        there = lasting(found.db)
        before = content(found.db, there)
    world = World(tmp_path / "world")
    world.folder.mkdir(mode=0o700)
    shutil.copy(older.key, world.key)
    for path in older.db.parent.glob(f"{older.db.name}*"):
        shutil.copy(path, world.folder / path.name.replace(older.db.name, world.db.name))
    trial = world.copy(tmp_path / "trial")
    writes = tracing.calls(trial, OPENS, tmp_path / "trace")["pwrite64"]
    moments = (1, writes // 3, 2 * writes // 3, writes - 1)
    for at in moments if TIMES >= 10 else [moments[number % len(moments)]]:
        trial = world.copy(tmp_path / "trial")
        assert tracing.run(trial, OPENS, "pwrite64", at, "signal=KILL").returncode == -9
        assert trial.run(*OPENS) == 0
        settings = Settings(trial.db, {"key_file": str(trial.key)}, no_input=True)
        with session(settings, "test") as found:
            check_pages(found.db)
            check_structure(found.db)
            templates.check_subjects(found.db)
            templates.check_ages(found.db)
            assert found.db.value("PRAGMA user_version") == schema.known()
            assert content(found.db, there) == before
        assert not trial.db.with_name("facecli.db-journal").exists()
