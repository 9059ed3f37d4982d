from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
from PIL import Image

from facecli.errors.command_line import BadInput
from facecli.recognition.evaluation import cohort_plot, plots
from facecli.recognition.evaluation.held_rates import RATIO
from facecli.recognition.evaluation.results import Result


def of(measure: str, at: str, cohort: str, *values: float | None) -> Result:
    value, low, high = values
    return Result("cohort sex", measure, value, at, cohort, low=low, high=high)


RESULTS = [
    of(RATIO, "stated FMR 0.01", "women", 3.5, 2.0, 6.0),
    of(RATIO, "stated FMR 0.01", "men", 0.0, 0.0, 0.7),
    of(RATIO, "stated FMR 0.001", "women", None, None, None),
    of(RATIO, "stated FMR 0.001", "men", 0.9, 0.1, 0.9),
    of("FNMR", "stated FMR 0.01", "women", 0.02, 0.01, 0.04),
    of("FNMR", "stated FMR 0.01", "of $100^ a lone person", 0.0, 0.0, 0.8),
]


def test_every_rate_has_its_own_colour() -> None:
    with Image.open(io.BytesIO(cohort_plot.draw(RESULTS, "a title", "png"))) as image:
        seen = {colour for _, colour in image.convert("RGB").getcolors(2**24) or []}
    assert {tuple(bytes.fromhex(one[1:])) for one in plots.COLOURS[:2]} <= seen


def test_an_svg_is_well_formed_and_the_same_each_time() -> None:
    first = cohort_plot.draw(RESULTS, "a title", "svg")
    assert ElementTree.fromstring(first).tag.endswith("svg")
    assert cohort_plot.draw(RESULTS, "a title", "svg") == first


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(BadInput, match="too few comparisons"):
        cohort_plot.draw([of("FMR", "stated FMR 0.01", "women", None, None, None)], "x", "png")
