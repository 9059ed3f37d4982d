"""Plots inside a page: in its colours, with text, and the same for the same numbers."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from facecli.report import drawing
from facecli.report.document import Bars, Curves

BARS = Bars("Numbers", ("2026-01", "2026-02"), (("First & <last>", (1, 2)), ("$x$", (0, 5))))
CURVES = Curves("DET", "across", "up", (("all", ((1e-4, 0.1), (1e-2, 0.01))),))


@pytest.mark.parametrize("plot", [BARS, CURVES])
def test_a_plot_is_one_element_with_a_text_for_who_does_not_see_it(plot: Bars | Curves) -> None:
    picture = drawing.svg(plot, "name", "A text")
    element = ElementTree.fromstring(picture)
    assert (element.attrib["role"], element.attrib["aria-label"]) == ("img", "A text")
    assert all(one.attrib["id"].startswith("name-") for one in element.iter() if "id" in one.attrib)
    assert not any(colour in picture for colour in drawing.THEMED)
    assert drawing.svg(plot, "name", "A text") == picture


def test_labels_stay_text() -> None:
    texts = "".join(ElementTree.fromstring(drawing.svg(BARS, "n", "a")).itertext())
    assert "First & <last>" in texts
    assert "$x$" in texts
    assert "2026-02" in texts
