"""`--expiring` takes a length or a date, which includes its day."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from facecli.cli.search_options import end_of_search
from facecli.errors.command_line import BadText
from tests.consent.conftest import World
from tests.consent.conftest import world as world


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30d", "2026-12-23T09:00:00Z"), ("2026-12-31", "2027-01-01T00:00:00Z")],
)
def test_a_time_is_read(world: World, text: str, expected: str) -> None:
    opened: Any = SimpleNamespace(db=world.db, now=world.now)
    assert end_of_search(opened, text) == expected


def test_nonsense_is_refused(world: World) -> None:
    opened: Any = SimpleNamespace(db=world.db, now=world.now)
    with pytest.raises(BadText):
        end_of_search(opened, "soon")
