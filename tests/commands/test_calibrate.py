"""`facecli calibrate`: thresholds from the gallery's own subjects, and where they are used."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from facecli.cli.session import Session
from facecli.consent import purposes
from tests.benchmarks.crowd import populate
from tests.conftest import SAMPLE_DATA, Facecli
from tests.prepared import count, opened
from tests.recognition.matching.test_calibrating import alike, with_copies


def crowded(facecli: Facecli, people: int = 200) -> Facecli:
    with opened(facecli) as session:
        populate(session, people, draw=alike)
    return facecli


def test_each_rate_has_a_threshold_with_its_interval(ready: Facecli) -> None:
    done = crowded(ready)("calibrate", "--purpose", "gate", "--format", "json")
    rows = done.json()
    assert {row["schema"] for row in rows} == {"facecli.calibrate/1"}
    assert {row["purpose"] for row in rows} == {"gate"}
    assert {row["basis"] for row in rows} == {"measured", "extrapolated"}
    assert [row["threshold"] for row in rows] == sorted({row["threshold"] for row in rows})
    for row in rows:
        assert 0 <= row["low"] <= row["high"] <= 1
        assert row["in_use"] <= 1.27
    assert "gate: 19,900 pairs of 200 subjects. The thresholds are stored." in done.err
    assert count(ready, "site_calibration") == [1]


def test_a_dry_run_stores_and_logs_nothing(ready: Facecli) -> None:
    crowded(ready)
    before = count(ready, "audit_entry")
    done = ready("calibrate", "--dry-run")
    assert "Nothing was stored." in done.err
    assert count(ready, "site_calibration") == [0]
    assert count(ready, "audit_entry") == before


def test_what_was_measured_holds_in_matching_status_and_doctor(ready: Facecli) -> None:
    crowded(ready)
    ready("calibrate", "--purpose", "gate")
    with opened(ready) as session:
        words = f"site (19900 pairs, {session.now[:10]})"
    held_by = ready("status", "--format", "json").json()["calibration"]
    assert held_by == {"attendance": "shipped worst group", "gate": words}
    assert f"{words} " in ready("doctor", "--quick", "--format", "json").out
    photo = SAMPLE_DATA / "probes" / "gate-1.jpg"
    for command in (("match", photo), ("verify", "N-1", photo)):
        done = ready(*command, "--purpose", "gate", "--format", "csv")
        assert [row["calibration"] for row in csv.DictReader(io.StringIO(done.out))] == [words]
        [entry] = ready("log", "show", "-n", "1", "--format", "json").json()
        assert entry["details"]["calibration"] == words


def test_of_all_purposes_those_with_too_few_subjects_are_named(ready: Facecli) -> None:
    done = crowded(ready)("calibrate")
    assert done.code == 3
    assert "The gallery of attendance has 0 subjects to compare" in done.err
    assert count(ready, "site_calibration") == [1]


@pytest.mark.parametrize("asked", [("--purpose", "gate"), ()])
def test_fewer_than_50_subjects_are_refused_and_logged(
    ready: Facecli, asked: tuple[str, ...]
) -> None:
    done = crowded(ready, 49)("calibrate", *asked)
    assert done.code == 22
    assert "too few to measure a rate" in done.err
    assert "50 subjects or more" in done.err
    [entry] = ready("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["outcome"]) == ("calibrate", "refused")
    assert entry["details"] == {"reason": "too-few-subjects"}


def test_a_refusal_of_all_purposes_names_each_once(ready: Facecli) -> None:
    done = ready("calibrate")
    assert done.code == 22
    for purpose in ("gate", "attendance"):
        assert done.err.count(f"The gallery of {purpose} has 0 subjects") == 1


def test_subjects_left_out_are_told_apart_from_a_drawn_sample(ready: Facecli) -> None:
    with opened(ready) as session:
        populate(session, 120, draw=with_copies(1, 5))
        with session.db.transaction():
            session.db.execute("UPDATE subject SET name = 'Li Na' WHERE id <= 5")
    words = ready("calibrate", "--purpose", "gate").err
    assert "gate: 6,670 pairs of 116 subjects. 4 subjects left out as one person" in words


def test_a_gallery_of_copies_is_refused_with_the_remedy(ready: Facecli) -> None:
    with opened(ready) as session:
        populate(session, 120, draw=with_copies(60, 2))
    done = ready("calibrate", "--purpose", "gate")
    assert done.code == 22
    assert "The gallery of gate has 60 pairs closer than different people are" in done.err
    assert "`revoke` one of them" in done.err


def test_an_unknown_purpose_is_refused(ready: Facecli) -> None:
    assert ready("calibrate", "--purpose", "nowhere").code == 21


def test_a_purpose_file_chooses_for_whom_a_rate_holds(
    ready: Facecli, purposes_file: Callable[..., Path]
) -> None:
    path = purposes_file()
    text = path.read_text(encoding="utf-8")
    changed = text.replace("threshold_fmr = 1e-3", 'threshold_fmr = 1e-3\ncalibration = "overall"')
    path.write_text(changed, encoding="utf-8")
    done = ready("purpose", "apply", str(path))
    assert "gate: at a false-match rate of 0.001" in done.err
    assert "shipped overall 0.8% (in use); shipped worst group 3.0%" in done.err
    assert "attendance" not in done.err.split("gate: ")[0]
    with opened(ready) as session:
        assert _calibration(session) == ("overall", 2)
    path.write_text(text, encoding="utf-8")
    assert "shipped worst group 3.0% (in use)" in ready("purpose", "apply", str(path)).err
    with opened(ready) as session:
        assert _calibration(session) == ("worst-group", 2)


def _calibration(session: Session) -> tuple[str, int]:
    purpose = purposes.find(session.db, "gate")
    return purpose.terms.calibration, purpose.version
