"""The checks of the engine: weights and calibration."""

from __future__ import annotations

from typing import Any

from facecli.recognition.engines import availability
from facecli.recognition.engines.weights import Weights
from facecli.report.checks import models
from facecli.report.findings import Finding
from tests.prepared import opened


def of_database(facecli: Any) -> dict[str, Finding]:
    with opened(facecli) as session:
        return {one.check: one for one in models.of_database(session.db)}


def test_the_shipped_weights_have_their_hashes() -> None:
    found = list(models.shipped())
    assert len(found) == len(availability.SHIPPED)
    assert {one.severity for one in found} == {"ok"}


def test_weights_with_another_hash_are_an_error(monkeypatch: Any) -> None:
    monkeypatch.setattr(availability, "SHIPPED", (Weights("sface.calibration.json", "0" * 64),))
    [found] = models.shipped()
    assert (found.check, found.severity) == ("model", "error")


def test_a_calibration_is_shown_with_its_origin(ready: Any) -> None:
    found = of_database(ready)
    assert set(found) == {"engine", "calibration"}
    assert found["calibration"].finding.startswith("as shipped: Labeled Faces in the Wild")
    assert "false-match rates from" in found["calibration"].finding


def test_an_engine_that_this_facecli_lacks_is_an_error(ready: Any) -> None:
    with opened(ready) as session:
        session.db.execute("UPDATE meta SET value = 'none' WHERE name = 'engine'")
    found = of_database(ready)
    assert [(one.check, one.severity) for one in found.values()] == [("engine", "error")]
