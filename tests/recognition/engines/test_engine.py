from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace

import pytest

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import UnknownEngine
from facecli.recognition.engines import calibration, engine

PARTS = ("name", "detector", "landmarks", "alignment", "network", "metric")


@pytest.mark.parametrize("name", engine.names())
@pytest.mark.parametrize("part", PARTS)
def test_engine_id_changes_with_every_part(name: str, part: str) -> None:
    spec = engine.spec(name)
    other = replace(spec, **{part: getattr(spec, part) + " other"})
    assert other.engine_id != spec.engine_id


def test_parts_listed_here_are_all_there_are() -> None:
    assert {field.name for field in fields(engine.EngineSpec)} == {
        *PARTS,
        "dimension",
        "decode_at_least",
        "views",
        "card",
        "calibration_text",
        "module",
        "normalised",
    }


def test_engine_ids_differ_and_are_stable() -> None:
    ids = [engine.spec(name).engine_id for name in engine.names()]
    assert len(set(ids)) == len(ids)
    assert engine.spec("reference").engine_id == "reference-79296b683953"


def test_another_number_of_views_is_another_engine_with_a_calibration_of_its_own() -> None:
    one, two = (engine.spec("dlib", views) for views in (1, 2))
    assert one.engine_id != two.engine_id == engine.spec("dlib").engine_id
    for spec in (one, two):
        calibration.load(spec.calibration_file, spec.engine_id)
    assert engine.load(one.loadable).spec == one


@pytest.mark.parametrize(("name", "views"), [("sface", 2), ("reference", 1), ("dlib", 3)])
def test_views_that_an_engine_does_not_have_are_refused(name: str, views: int) -> None:
    with pytest.raises(BadInput, match=f"the engine {name} has"):
        engine.spec(name, views)


def test_an_unknown_engine_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(UnknownEngine, match="reference"):
        engine.spec("oracle")
    with pytest.raises(UnknownEngine):
        engine.load("oracle")


def test_specification_and_calibration_import_nothing_heavy() -> None:
    code = """
import sys
from facecli.recognition.analysis import image, quality
from facecli.recognition.annotation import picture_worker
from facecli.recognition.engines import calibration, engine
for name in engine.names():
    spec = engine.spec(name)
    calibration.load(spec.calibration_file, spec.engine_id).threshold(1e-4)
print(sorted({"numpy", "cv2", "dlib", "onnxruntime", "onnx", "PIL", "face_recognition"}
      & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
