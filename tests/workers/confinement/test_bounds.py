"""What a worker may ask of the kernel, as its parent states it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

import facecli
from facecli.recognition.analysis.image import load_analysis_worker
from facecli.recognition.guided_capture.frame_analysis import load_frame_worker
from facecli.recognition.pad.cues import PadChecks
from facecli.workers.confinement import demands
from facecli.workers.confinement.bounds import IMAGES, Bounds
from facecli.workers.confinement.profiles import Profile
from tests.workers import jobs

PACKAGE = str(Path(facecli.__file__).parent)


def test_a_setup_reads_its_own_package() -> None:
    assert IMAGES.for_setup(partial(load_analysis_worker, "sface")).readable == (PACKAGE,)
    assert str(Path(jobs.__file__).parents[1]) in IMAGES.for_setup(jobs.doubling).readable


def test_a_setup_reads_the_files_that_its_arguments_name() -> None:
    checks = PadChecks(network=Path("/models/pad.onnx"))
    asked = IMAGES.for_setup(partial(load_frame_worker, "sface", checks=checks))
    assert asked.readable == (PACKAGE, "/models/pad.onnx")
    assert IMAGES.for_setup(partial(load_frame_worker, "sface", PadChecks())).readable == (PACKAGE,)


def test_the_rest_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demands, "_required", False)
    device = Bounds(Profile.DEVICE, device="/dev/video0").for_setup(jobs.doubling)
    assert (device.profile, device.device, device.required) == (
        Profile.DEVICE,
        "/dev/video0",
        False,
    )
    demands.require_confinement()
    assert IMAGES.for_setup(jobs.doubling).required
