from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from facecli.cli.session import Session
from facecli.errors.recognition import EngineChanged, UnknownEngine
from facecli.recognition.engines import model_card
from facecli.recognition.engines.engine import EngineSpec, spec
from facecli.recognition.engines.of_database import engine_id_of, engine_of, set_engine
from tests.conftest import Facecli
from tests.prepared import opened
from tests.tiny_network import calibration_file, write_card


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


def meta(session: Session) -> dict[str, str]:
    rows = session.db.rows("SELECT name, value FROM meta WHERE name LIKE 'engine%'"
                           " OR name = 'calibration'")  # fmt: skip
    return {str(name): str(value) for name, value in rows}


def change(session: Session, engine: EngineSpec) -> None:
    with session.db.transaction():
        set_engine(session.db, engine)


@pytest.mark.parametrize("engine", [spec("sface"), spec("dlib", 1), spec("dlib-hog")],
                         ids=lambda engine: engine.engine_id)  # fmt: skip
def test_the_engine_that_was_set_comes_back_with_its_views(
    session: Session, engine: EngineSpec
) -> None:
    change(session, engine)
    assert engine_of(session.db) == engine
    assert engine_id_of(session.db) == engine.engine_id


def test_a_model_card_and_a_calibration_come_back_and_leave_nothing_behind(
    session: Session, tmp_path: Path
) -> None:
    own = model_card.choose(str(write_card(tmp_path)))
    measured = model_card.choose(
        str(write_card(tmp_path)), calibration_file(tmp_path, own.engine_id)
    )
    change(session, measured)
    assert engine_of(session.db) == measured
    change(session, spec("sface"))
    assert meta(session) == {"engine": "sface", "engine_id": spec("sface").engine_id}


def test_an_engine_whose_parts_changed_is_refused_and_its_id_is_still_told(
    session: Session,
) -> None:
    with session.db.transaction():
        session.db.execute("UPDATE meta SET value = 'sface-0' WHERE name = 'engine_id'")
    with pytest.raises(EngineChanged, match="sface-0"):
        engine_of(session.db)
    assert engine_id_of(session.db) == "sface-0"


def test_an_engine_that_this_facecli_lacks_is_refused(session: Session) -> None:
    with session.db.transaction():
        session.db.execute("UPDATE meta SET value = 'oracle' WHERE name = 'engine'")
    with pytest.raises(UnknownEngine, match="oracle"):
        engine_of(session.db)
