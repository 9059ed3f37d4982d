"""A database with a user's own network: enrolment, matching, thresholds, a swapped model."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.recognition.engines import model_card
from tests.commands.stand_ins import Keeper
from tests.conftest import SAMPLE_DATA, Facecli
from tests.tiny_network import calibration_file, network, write_card

PROBE = SAMPLE_DATA / "probes" / "gate-1.jpg"
PHOTO = SAMPLE_DATA / "enrol" / "A-1001.jpg"


@pytest.fixture
def own(facecli: Facecli, tmp_path: Path, kept_workers: Keeper) -> Facecli:
    """A database whose engine is the tiny network, without a calibration."""
    done = facecli("init", "--engine", write_card(tmp_path))
    assert done.code == 0, done.err
    assert facecli("purpose", "apply", SAMPLE_DATA / "purposes.toml").code == 0
    return facecli


def enrol(facecli: Facecli, *options: str) -> int:
    arguments = ("--purpose", "gate", "--name", "Jo", "--expires", "1y", *options)
    return facecli("enroll", "file", "A-1", PHOTO, *arguments).code


def test_a_threshold_must_be_given_where_none_was_measured(own: Facecli) -> None:
    assert enrol(own) == 2
    assert enrol(own, "--allow-duplicate") == 0
    done = own("match", PROBE, "--purpose", "gate")
    assert done.code == 2
    assert "--threshold" in done.err
    [row] = own("match", PROBE, "--purpose", "gate", "--threshold", "2", "--format", "json").json()
    assert (row["ref"], row["engine"].startswith("tiny-")) == ("A-1", True)
    assert own("verify", "A-1", PHOTO, "--purpose", "gate", "--threshold", "0.001").code == 0
    further = ("enroll", "file", "A-1", PROBE, "--purpose", "gate", "--allow-duplicate")
    assert own(*further).code == 2  # it may be another face
    assert own(*further, "--allow-other-face", "compared by eye").code == 0


def test_a_swapped_model_is_noticed_at_the_next_start(own: Facecli, tmp_path: Path) -> None:
    assert enrol(own, "--allow-duplicate") == 0
    (tmp_path / "tiny.onnx").write_bytes(network("NHWC"))
    done = own.process("match", PROBE, "--purpose", "gate", "--threshold", "1")
    assert done.code == 1
    assert "not the file that the card names" in done.err


def test_a_calibration_serves_rates(facecli: Facecli, tmp_path: Path, kept_workers: Keeper) -> None:
    measured = calibration_file(tmp_path, model_card.choose(str(write_card(tmp_path))).engine_id)
    assert facecli("init", "--engine", write_card(tmp_path), "--calibration", measured).code == 0
    assert facecli("purpose", "apply", SAMPLE_DATA / "purposes.toml").code == 0
    assert enrol(facecli) == 0
    rows = facecli("match", PHOTO, "--purpose", "gate", "--fmr", "1e-4", "--format", "json").json()
    assert [(row["decision"], row["threshold"]) for row in rows] == [("match", 0.4)]


def test_a_card_that_does_not_fit_creates_nothing(facecli: Facecli, tmp_path: Path) -> None:
    done = facecli("init", "--engine", write_card(tmp_path, dimension=9))
    assert done.code == 1
    assert "gives 8 numbers" in done.err
    assert not facecli.db.exists()
    assert not facecli.key.exists()
