from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from facecli.errors.recognition import MissingExtra, ModelFailed
from facecli.recognition.engines import availability, model_card
from facecli.recognition.engines.engine import spec
from tests.tiny_network import write_card


def test_shipped_weights_can_be_read() -> None:
    assert [part.name for part in availability.shipped_parts() if part.read()] == [
        weights.file for weights in availability.SHIPPED
    ]


def test_only_engines_with_further_weights_list_them(tmp_path: Path) -> None:
    assert list(availability.further_parts(spec("sface"))) == []
    packaged = [weights.file for weights in availability.PACKAGED]
    for name in availability.EXTRAS:
        assert [part.name for part in availability.further_parts(spec(name))] == packaged
    own = model_card.choose(str(write_card(tmp_path)))
    [part] = availability.further_parts(own)
    assert part.name.endswith("tiny.onnx")
    assert part.read() == (tmp_path / "tiny.onnx").read_bytes()


@pytest.mark.parametrize("name", ["dlib", "reference"])
def test_a_missing_package_names_the_extra_that_brings_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    for part in availability.further_parts(spec(name)):
        with pytest.raises(MissingExtra) as caught:
            part.read()
        assert caught.value.details["extra"] == availability.EXTRAS[name]


def test_missing_and_changed_files_of_the_package_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    place = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: place)
    first, *_ = availability.further_parts(spec("dlib"))
    with pytest.raises(ModelFailed, match="cannot be read"):
        first.read()
    (tmp_path / "models" / first.name).write_bytes(b"other")
    with pytest.raises(ModelFailed, match="not the file"):
        first.read()


def test_an_engine_that_cannot_be_loaded_fails_its_trial(tmp_path: Path) -> None:
    own = model_card.choose(str(write_card(tmp_path)))
    availability.check_loads(own)
    (tmp_path / "tiny.onnx").write_bytes(b"other")
    with pytest.raises(ModelFailed, match="not the file that the card names"):
        availability.check_loads(own)
