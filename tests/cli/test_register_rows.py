"""The rows of the register have the fields of their records."""

from __future__ import annotations

import pytest

from facecli.cli.register_rows import ELSEWHERE, REQUEST, note_open
from facecli.cli.session import Settings
from facecli.consent import subjects
from facecli.consent.register import document, elsewhere, requests
from tests.consent.conftest import World
from tests.consent.conftest import world as world
from tests.consent.register.test_document import filled


def test_every_field_of_a_row_is_in_its_record(world: World) -> None:
    filled(world)
    [item], [request] = elsewhere.list_all(world.db), requests.list_all(world.db)
    assert set(ELSEWHERE.fields) == set(document.item_record(item))
    assert set(REQUEST.fields) == set(document.request_record(request, world.now))


def test_what_is_open_is_noted_with_its_remedy(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(world.db.path)
    note_open(settings, [])
    assert capsys.readouterr().err == ""
    filled(world)
    items = elsewhere.open_items(world.db, subjects.find(world.db, "A-1"))
    note_open(settings, [("A-1", item) for item in items])
    said = capsys.readouterr().err
    assert "Still held elsewhere of A-1: photo at Gate Vendor Ltd (item " in said
    assert "subject elsewhere confirm ITEM --evidence FILE" in said
