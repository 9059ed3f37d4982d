"""Fixtures for the fault tests; what they are made of is in `worlds`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_DATA
from tests.faults.worlds import SEED, World, populate


@pytest.fixture(scope="session")
def _world_once(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("world"))
    world.folder.chmod(0o700)
    assert world.run("init") == 0
    assert world.run("purpose", "apply", SAMPLE_DATA / "purposes.toml", "--format", "json") == 0
    populate(world)
    assert world.run("backup", "create", world.backup) == 0
    assert world.run("revoke", "P-00", "--yes") == 0
    return world


@pytest.fixture
def world(_world_once: World, tmp_path: Path) -> World:
    """The population: 29 people, and a backup from when there were 30."""
    world = _world_once.copy(tmp_path / "world")
    world.relocate()
    return world


@pytest.fixture
def chance() -> random.Random:
    """Random moments; the seed is in the test's output when it fails."""
    print(f"FACECLI_FAULTS_SEED={SEED}")
    return random.Random(SEED)


@pytest.fixture(autouse=True)
def _unmeasured(unmeasured: None) -> None:
    """The calls that fail or are killed are counted: those of the command, and no others."""
