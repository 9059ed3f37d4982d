from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import MissingExtra
from facecli.recognition.evaluation import plots
from facecli.recognition.evaluation.results import Curve, Plot, until_none_is_missed

CURVES = (
    Curve("everybody", [1e-5, 1e-3, 0.1], [0.06, 0.02, 0.001]),
    Curve("others", [1e-4, 1e-2, 0.5], [0.09, 0.04, 0.0001]),
)
PLOT = Plot("false matches", "false non-matches", "a title", CURVES, ((1e-3, 1.1e-3, 0.02),))


def test_a_png_is_a_picture_with_the_curves_colours() -> None:
    with Image.open(io.BytesIO(plots.draw(PLOT, "png"))) as image:
        assert image.size == (1200, 1050)
        seen = {colour for _, colour in image.convert("RGB").getcolors(2**24) or []}
    wanted = [tuple(bytes.fromhex(one[1:])) for one in plots.COLOURS[:2]]
    assert set(wanted) <= seen


def test_an_svg_is_well_formed_and_the_same_each_time() -> None:
    first = plots.draw(PLOT, "svg")
    assert ElementTree.fromstring(first).tag.endswith("svg")
    assert plots.draw(PLOT, "svg") == first


def test_axes_are_normal_deviates_at_round_rates() -> None:
    assert plots.deviate(0.5) == 0
    assert plots.deviate(0.1) == pytest.approx(-1.281552, abs=1e-6)


def test_ticks_are_percent_throughout() -> None:
    shown = [plots.percent(rate) for rate in (0, 0.05, 0.001, 1e-4, 1e-7, 1, 0.3)]
    assert shown == ["0 %", "5 %", "0.1 %", "0.01 %", "0.00001 %", "100 %", "30 %"]


def test_nothing_to_draw_is_said_so() -> None:
    with pytest.raises(BadInput, match="too few comparisons"):
        plots.draw(Plot("x", "y", "z", (Curve("nobody", (), ()),)), "png")


def test_a_curve_ends_where_no_miss_was_seen() -> None:
    found = until_none_is_missed("x", [0.1, 0.2, 0.3], [0.2, 0.0, 0.0])
    assert found == Curve("x", [0.1], [0.2])


def test_the_files_name_decides_the_format() -> None:
    assert [plots.check(Path(name)) for name in ("a.png", "b.SVG")] == ["png", "svg"]
    with pytest.raises(BadInput, match=r"\.png or \.svg"):
        plots.check(Path("a.pdf"))


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"facecli\[plot\]"):
        plots.check(Path("a.png"))
