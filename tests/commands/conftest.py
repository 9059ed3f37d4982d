"""Worker processes that are started once for all tests of commands that look at images."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from facecli.cli import analysers
from facecli.cli.camera import guided_capture
from facecli.commands import verify
from tests.commands.stand_ins import Keeper


@pytest.fixture(scope="session")
def _keeper() -> Iterator[Keeper]:
    keeper = Keeper()
    yield keeper
    keeper.close()


@pytest.fixture
def kept_workers(_keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """The commands' pools are real but outlive the command; `tasks` is what they were given."""
    _keeper.tasks.clear()
    for command in (analysers, guided_capture, verify):
        monkeypatch.setattr(command, "Pool", _keeper)
    return _keeper
