from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
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


def colours_of(results: list[Result]) -> Counter[object]:
    """The number of pixels of each colour of the figure."""
    with Image.open(io.BytesIO(cohort_plot.draw(results, "a title", "png"))) as image:
        found = image.convert("RGB").getcolors(2**24) or []
    return Counter({colour: count for count, colour in found})


FIRST, SECOND = (tuple(bytes.fromhex(one[1:])) for one in plots.COLOURS[:2])


def test_every_rate_has_its_own_colour() -> None:
    assert {FIRST, SECOND} <= set(colours_of(RESULTS))


def test_a_bar_that_rests_on_few_errors_is_pale() -> None:
    few, enough = (
        colours_of([replace(one, errors=errors) for one in RESULTS])[FIRST] for errors in (29, 30)
    )
    assert enough > 10 * few > 0  # the legend has it


def test_a_rate_of_0_has_no_bar() -> None:
    many = [replace(one, errors=30) for one in RESULTS]
    women = [one for one in many if one.cohort == "women"]
    assert colours_of([one for one in many if one.value != 0])[FIRST] > 0
    without = [replace(one, value=0.0, low=0.0) for one in women if one.value is not None]
    assert colours_of(without)[FIRST] < colours_of(women)[FIRST] / 10


def test_an_svg_is_well_formed_and_the_same_each_time() -> None:
    first = cohort_plot.draw(RESULTS, "a title", "svg")
    assert ElementTree.fromstring(first).tag.endswith("svg")
    assert cohort_plot.draw(RESULTS, "a title", "svg") == first


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(BadInput, match="too few comparisons"):
        cohort_plot.draw([of("FMR", "stated FMR 0.01", "women", None, None, None)], "x", "png")


HOSTILE = "x" * 3000, "a\nb\tc", "\x1b[31mred", "单", "\u202eevil", "<b>", "\U0001f600", ""


@pytest.mark.parametrize("form", ["png", "svg"])
def test_hostile_names_leave_room_and_warn_of_nothing(
    form: str, recwarn: pytest.WarningsRecorder
) -> None:
    named = [replace(RESULTS[0], cohort=name) for name in HOSTILE]
    content = cohort_plot.draw([*RESULTS, *named], "a title", form)
    assert not recwarn.list
    assert content == cohort_plot.draw([*RESULTS, *named], "a title", form)


def test_a_long_name_takes_no_room_from_the_bars() -> None:
    long = [replace(one, cohort=f"{one.cohort}{'x' * 3000}") for one in RESULTS]
    assert colours_of(long)[FIRST] > colours_of(RESULTS)[FIRST] / 2
