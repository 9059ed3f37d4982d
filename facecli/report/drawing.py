"""Plots of a report as SVG inside a page, by matplotlib of the extra `plot`.

The same numbers make the same picture. Its text stays text, in the page's font, and its lines and
letters take the page's colours, light or dark.
"""

from __future__ import annotations

import importlib.util
import io
import re
import warnings
from typing import Any

from facecli.printable import printable
from facecli.recognition.evaluation import plots
from facecli.recognition.evaluation.results import Curve, Plot
from facecli.report.document import Bars, Curves

INK, PAPER, GRID = "#000000", "#ffffff", "#e0e0e0"
THEMED = {INK: "currentColor", PAPER: "var(--page)", GRID: "var(--line)"}
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "facecli",
    "svg.fonttype": "none",
    "font.size": 11,
    "font.family": "sans-serif",
    "legend.edgecolor": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
MOST_LABELS = 12


def can_draw() -> bool:
    """Return True if matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def svg(plot: Bars | Curves, name: str, alternative: str) -> str:
    """Return a plot as an `<svg>` element.

    Args:
        name: the prefix of all ids in it, so that several plots fit into one page.
        alternative: the text for who does not see it, escaped for HTML.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the page's fonts show the letters
        figure = Figure(figsize=(8, 3.2 if isinstance(plot, Bars) else 6), layout="constrained")
        axes = figure.add_subplot()
        if isinstance(plot, Bars):
            _bars(axes, plot)
        else:
            plots.draw_on(axes, _det(plot))
        content = io.BytesIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(content, format="svg", metadata=nothing)
    return _inlined(content.getvalue().decode(), name, alternative)


def _det(plot: Curves) -> Plot:
    curves = tuple(
        Curve(_plain(label), [across for across, _ in points], [up for _, up in points])
        for label, points in plot.curves
    )
    return Plot(plot.across, plot.up, "", curves)


def _bars(axes: Any, plot: Bars) -> None:
    width = 0.8 / len(plot.series)
    for at, (label, numbers) in enumerate(plot.series):
        places = [month + (at + 0.5) * width - 0.4 for month in range(len(numbers))]
        axes.bar(places, numbers, width, label=_plain(label), color=plots.COLOURS[at])
    step = -(-len(plot.months) // MOST_LABELS)
    labelled = range(0, len(plot.months), step)
    axes.set_xticks(list(labelled), [plot.months[at] for at in labelled], rotation=30, ha="right")
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.set_ylim(0, max(1, *(number for _, numbers in plot.series for number in numbers)) * 1.05)
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, 1.2), ncols=len(plot.series))


def _plain(label: str) -> str:
    """Return a label that matplotlib takes for text and not for a formula."""
    return printable(label).replace("$", r"\$")


def _inlined(picture: str, name: str, alternative: str) -> str:
    """Return a whole SVG file as an element of a page, in the page's colours."""
    text = picture[picture.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", text)
    text = re.sub("|".join(THEMED), lambda found: THEMED[found[0]], text)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return text.replace("<svg ", f'<svg role="img" aria-label="{alternative}" ', 1).strip()
