"""Checks of the engine: its weights and their hashes, its calibration and the origin of that."""

from __future__ import annotations

from collections.abc import Iterator

from facecli.errors.base import FacecliError
from facecli.printable import counted
from facecli.recognition.engines import availability
from facecli.recognition.engines import of_database as engine_of_database
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.rate_scale import calibration_of
from facecli.report.findings import Finding, failed, ok, warning
from facecli.store.database import Database


def shipped() -> Iterator[Finding]:
    """Check the weights that ship with facecli."""
    yield from _parts(availability.shipped_parts())


def of_database(db: Database) -> Iterator[Finding]:
    """Check the engine of a database, its weights, and its calibration."""
    try:
        spec = engine_of_database.engine_of(db)
    except FacecliError as why:
        yield failed("engine", why)
        return
    yield ok("engine", f"{spec.engine_id}, {spec.dimension} numbers a template")
    yield from _parts(availability.further_parts(spec))
    yield from _calibration(spec)


def _parts(parts: Iterator[availability.EnginePart]) -> Iterator[Finding]:
    for part in parts:
        try:
            part.read()
        except FacecliError as why:
            yield failed("model", why)
        else:
            yield ok("model", f"{part.name} has the expected hash")


def _calibration(spec: EngineSpec) -> Iterator[Finding]:
    try:
        found = calibration_of(spec)
    except FacecliError as why:
        yield warning("calibration", why.message, why.hint)
        return
    origin = found.origin
    own = "your own" if spec.calibration_text is not None else "as shipped"
    yield ok(
        "calibration",
        f"{own}: {origin.data_set}, {counted(origin.people, 'person', 'people')}, "
        f"{origin.impostor_comparisons:,} impostor comparisons, {origin.date}; false-match rates "
        f"from {found.smallest:g} to {found.largest:g}",
    )
