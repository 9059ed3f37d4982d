from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace

import pytest

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import ModelFailed, UnknownEngine
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
        "quality",
        "scoring",
    }


SHIPPED_IDS = {
    ("dlib", 1): "dlib-a5d41e263b86",
    ("dlib", 2): "dlib-463525de4e3f",
    ("dlib-hog", 1): "dlib-hog-305a2eede80c",
    ("dlib-hog", 2): "dlib-hog-ef8c28e66ae8",
    ("reference", None): "reference-79296b683953",
    ("sface", None): "sface-622bcafea1ef",
}
"""Ids in databases of users: a change makes their templates unusable."""


@pytest.mark.parametrize(("name", "views"), SHIPPED_IDS)
def test_ids_of_shipped_engines_never_change(name: str, views: int | None) -> None:
    assert engine.spec(name, views).engine_id == SHIPPED_IDS[name, views]


def test_an_engine_with_other_crowds_than_its_own_is_not_loaded() -> None:
    how = engine.SFACE_SCORING
    assert how.crowds is not None
    other = replace(how, crowds=replace(how.crowds, sha256="0" * 64))
    with pytest.raises(ModelFailed, match=r"sface\.crowds\.json is not the file"):
        engine.load(replace(engine.spec("sface"), scoring=other))


def test_templates_of_another_step_or_norm_are_of_another_engine() -> None:
    spec, how = engine.spec("sface"), engine.SFACE_SCORING
    assert how.step is not None
    assert how.norm is not None
    others = [
        replace(how, step=how.step / 2),
        replace(how, crowds=None),
        replace(how, norm=replace(how.norm, weight=how.norm.weight / 2)),
    ]
    ids = {replace(spec, scoring=one).engine_id for one in [how, *others]}
    assert len(ids) == 4


def test_every_shipped_engine_has_a_pinned_id_of_its_own() -> None:
    assert {name for name, _ in SHIPPED_IDS} == set(engine.names())
    assert len(set(SHIPPED_IDS.values())) == len(SHIPPED_IDS)


def test_the_id_of_a_model_card_never_changes() -> None:
    card = engine.ModelCard(
        "my-face", "/a/my.onnx", "0" * 64, 112, "NCHW", "RGB", (127.5, 127.5, 127.5), 0.0078125,
        512, "cosine", "MIT",
    )  # fmt: skip
    assert card.spec(None).engine_id == "my-face-1c5be807491f"
    assert replace(card, model="/b.onnx", licence="BSD").spec(None).engine_id == (
        card.spec(None).engine_id
    )


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
