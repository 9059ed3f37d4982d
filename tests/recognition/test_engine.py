from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace

import pytest

from facecli.errors import UnknownEngine
from facecli.recognition import engine

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
        "card",
        "calibration_text",
        "module",
        "normalised",
    }


def test_engine_ids_differ_and_are_stable() -> None:
    ids = [engine.spec(name).engine_id for name in engine.names()]
    assert len(set(ids)) == len(ids)
    assert engine.spec("reference").engine_id == "reference-79296b683953"


def test_an_unknown_engine_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(UnknownEngine, match="reference"):
        engine.spec("oracle")
    with pytest.raises(UnknownEngine):
        engine.load("oracle")


def test_specification_and_calibration_import_nothing_heavy() -> None:
    code = """
import sys
from facecli.recognition import analysis, annotation, calibration, engine, quality
for name in engine.names():
    spec = engine.spec(name)
    calibration.load(spec.calibration_file, spec.engine_id).threshold(1e-4)
print(sorted({"numpy", "cv2", "dlib", "onnxruntime", "onnx", "PIL", "face_recognition"}
      & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
