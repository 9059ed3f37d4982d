"""Numbers of what was erased: they add up and name nobody."""

from __future__ import annotations

from facecli.consent.register import counts
from tests.consent.conftest import World


def test_each_erased_entry_counts_once(world: World) -> None:
    with world.db.transaction():
        counts.add(world.db, [("disclosure", ""), ("disclosure", ""), ("offered", "gate")])
        counts.add(world.db, [("disclosure", "")])
        counts.add(world.db, [])
    assert counts.of_erased(world.db) == {("disclosure", ""): 3, ("offered", "gate"): 1}
