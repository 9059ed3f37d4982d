"""The engine of a database: read from and written to the table `meta`.

`meta` has its name and id and, where the engine has them, its views, model card and calibration.
"""

from __future__ import annotations

from facecli.errors.recognition import EngineChanged
from facecli.recognition.engines import engine, model_card
from facecli.recognition.engines.engine import EngineSpec
from facecli.store.database import Database


def engine_of(db: Database) -> EngineSpec:
    """Return the engine that makes and compares the templates of this database.

    Raises:
        UnknownEngine: this facecli has no engine of that name.
        EngineChanged: the engine of that name has other parts now, so that its templates cannot
            be compared with the stored ones.
    """
    kept = _kept(db)
    if "engine_card" in kept:
        found = model_card.parse(kept["engine_card"]).spec(None)
    else:
        views = kept.get("engine_views")
        found = engine.spec(kept["engine"], int(views) if views else None)
    if found.engine_id != kept["engine_id"]:
        raise EngineChanged(stored=kept["engine_id"], present=found.engine_id)
    return found.calibrated(kept.get("calibration"))


def engine_id_of(db: Database) -> str:
    """Return the id of the database's engine, even if this facecli lacks that engine."""
    return _kept(db)["engine_id"]


def set_engine(db: Database, spec: EngineSpec) -> None:
    """Make this the engine of the database. Call it inside a transaction."""
    values = {
        "engine": spec.name,
        "engine_id": spec.engine_id,
        "engine_views": None if spec.views is None else str(spec.views),
        "engine_card": model_card.dump(spec.card) if spec.card else None,
        "calibration": spec.calibration_text,
    }
    for name, value in values.items():
        db.execute("DELETE FROM meta WHERE name = ?", (name,))
        if value is not None:
            db.insert("meta", name=name, value=value)


def _kept(db: Database) -> dict[str, str]:
    rows = db.rows(
        "SELECT name, value FROM meta"
        " WHERE name IN ('engine', 'engine_id', 'engine_views', 'engine_card', 'calibration')"
    )
    return {str(name): str(value) for name, value in rows}
