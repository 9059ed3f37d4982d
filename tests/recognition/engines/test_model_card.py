"""A user's own network by its model card."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import ModelFailed, NoCalibration, UnknownEngine
from facecli.recognition.engines import engine, model_card
from facecli.recognition.matching import rate_scale
from tests.tiny_network import calibration_file, network, write_card


@pytest.fixture
def card(tmp_path: Path) -> Callable[..., Path]:
    """Writes the tiny model and its card, with some fields changed."""
    return partial(write_card, tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("layout", "NHWC"),
        ("colour", "BGR"),
        ("mean", 0),
        ("scale", 1.0),
        ("metric", "euclidean"),
        ("input_size", 32),
        ("dimension", 16),
        ("name", "other"),
    ],
)
def test_the_engine_id_changes_with_what_changes_templates(
    card: Callable[..., Path], field: str, value: object
) -> None:
    before = model_card.from_file(card()).engine_id
    assert model_card.from_file(card(**{field: value})).engine_id != before


def test_a_byte_order_mark_is_no_part_of_a_card(card: Callable[..., Path]) -> None:
    before = model_card.from_file(card())
    path = card()
    path.write_text(path.read_text("utf-8"), encoding="utf-8-sig")
    assert model_card.from_file(path).engine_id == before.engine_id


def test_the_engine_id_does_not_change_with_the_rest(
    card: Callable[..., Path], tmp_path: Path
) -> None:
    spec = model_card.from_file(card())
    path = calibration_file(tmp_path, spec.engine_id)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "other.onnx").write_bytes(network("NCHW"))
    moved = model_card.from_file(card(model="sub/other.onnx", licence="BSD", calibration=path.name))
    assert moved.engine_id == spec.engine_id


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "sface"}, "`name`"),
        ({"name": "Tiny Model"}, "`name`"),
        ({"name": 5}, "`name`"),
        ({"sha256": "abc"}, "`sha256`"),
        ({"input_size": 0}, "`input_size`"),
        ({"input_size": 112.0}, "`input_size`"),
        ({"layout": "HWC"}, "`layout`"),
        ({"colour": "grey"}, "`colour`"),
        ({"mean": [1, 2]}, "`mean`"),
        ({"mean": "127"}, "`mean`"),
        ({"scale": 0}, "`scale`"),
        ({"dimension": 100_000}, "`dimension`"),
        ({"metric": "manhattan"}, "`metric`"),
        ({"licence": None}, "`licence` is missing"),
        ({"licence": ""}, "`licence`"),
        ({"model": None}, "`model` is missing"),
        ({"colours": "RGB"}, "`colours` is not known"),
        ({"calibration": "none.json"}, "no such file"),
    ],
)
def test_a_bad_field_is_named(
    card: Callable[..., Path], changes: dict[str, object], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        model_card.from_file(card(**changes))


def test_who_measures_a_calibration_does_not_need_the_one_that_the_card_names(
    card: Callable[..., Path], tmp_path: Path
) -> None:
    stale = calibration_file(tmp_path, "tiny-000000000000").name
    for name, says in (("none.json", "no such file"), (stale, "it is for tiny-000000000000")):
        told: list[BadInput] = []
        spec = model_card.choose(str(card(calibration=name)), unusable=told.append)
        assert spec.calibration_text is None
        assert [says in error.message for error in told] == [True]
        with pytest.raises(BadInput, match=says):
            model_card.choose(str(card(calibration=name)))


def test_the_calibration_of_a_card_is_refused_once_it_was_edited(
    card: Callable[..., Path], tmp_path: Path
) -> None:
    path = calibration_file(tmp_path, model_card.from_file(card()).engine_id)
    assert model_card.choose(str(card(calibration=path.name))).calibration_text is not None
    path.write_text(path.read_text().replace('"distance": 0.4', '"distance": 0.6', 1))
    with pytest.raises(BadInput, match="edited after"):
        model_card.choose(str(card(calibration=path.name)))


@pytest.mark.parametrize("content", [b"name = ", b"\xff", b"x" * 300_000])
def test_what_is_no_card_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "card.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        model_card.choose(str(path))
    with pytest.raises(BadInput, match="no such file"):
        model_card.choose(str(tmp_path / "none.toml"))
    with pytest.raises(UnknownEngine):
        model_card.choose("oracle")


def test_a_model_that_was_swapped_is_refused_at_every_start(
    card: Callable[..., Path], tmp_path: Path
) -> None:
    path = card()
    spec = model_card.choose(str(path))
    (tmp_path / "tiny.onnx").write_bytes(network("NHWC"))
    with pytest.raises(ModelFailed, match="not the file that the card names"):
        engine.load(spec)
    with pytest.raises(ModelFailed):
        model_card.choose(str(path))
    (tmp_path / "tiny.onnx").unlink()
    with pytest.raises(ModelFailed, match="cannot be read"):
        engine.load(spec)


def test_without_a_calibration_no_rate_has_a_threshold(
    card: Callable[..., Path], tmp_path: Path
) -> None:
    spec = model_card.choose(str(card()))
    with pytest.raises(NoCalibration, match="--threshold"):
        rate_scale.calibration_of(spec)
    named = model_card.choose(
        str(card(calibration=calibration_file(tmp_path, spec.engine_id).name))
    )
    assert rate_scale.calibration_of(named).threshold(1e-4) == 0.4
    other = calibration_file(tmp_path, engine.spec("sface").engine_id)
    with pytest.raises(BadInput, match="not tiny-"):
        model_card.choose(str(card()), other)
    assert rate_scale.calibration_of(model_card.choose("sface", other)).threshold(1e-4) == 0.4


def test_a_card_that_is_written_reads_back(card: Callable[..., Path], tmp_path: Path) -> None:
    spec = model_card.from_file(card(licence='MIT "\\ ü'))
    named = calibration_file(tmp_path, spec.engine_id)
    (tmp_path / "sub").mkdir()
    for folder in (tmp_path, tmp_path / "sub"):
        assert spec.card is not None
        (folder / "new.toml").write_text(
            model_card.text_of(spec.card, folder, named), encoding="utf-8"
        )
        again = model_card.from_file(folder / "new.toml")
        assert again.calibration_text == named.read_text(encoding="utf-8")
        assert again.card is not None
        assert model_card.dump(again.card).replace("sub/../", "") == model_card.dump(spec.card)


def test_a_card_comes_back_from_the_database_as_it_was(card: Callable[..., Path]) -> None:
    spec = model_card.choose(str(card()))
    assert spec.card is not None
    assert model_card.parse(model_card.dump(spec.card)).spec(None) == spec
