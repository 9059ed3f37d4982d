"""A DET plot (ISO/IEC 19795-1): both kinds of error on axes of normal deviates.

Matplotlib, of the extra `plot`, draws it. It has wheels for every platform and a licence like
BSD's, and has been maintained for twenty years. PNG and SVG come from one drawing, without a
browser or a display.
"""

from __future__ import annotations

import importlib.util
import io
import warnings
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from facecli.errors.command_line import BadInput
from facecli.errors.recognition import MissingExtra
from facecli.recognition.evaluation.results import Curve, Plot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FORMATS = {".png": "png", ".svg": "svg"}
TICKS = (
    1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9,
    0.95, 0.99, 0.999,
)  # fmt: skip
FEWEST_TICKS, MOST_TICKS = 5, 9
# Okabe and Ito's colours, which colour-blind readers can distinguish, and line styles for print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES = ("-", "--", "-.", ":")
HAN_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Serif CJK SC", "Noto Serif CJK JP",
    "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback",
    "Microsoft YaHei", "SimHei", "PingFang SC", "Arial Unicode MS",
)  # fmt: skip
"""Fonts for the letters that matplotlib's own font lacks, the first that there is."""
LEAST = 1e-4
"""Lower end of the axis of misses, so that a rate of 0 can be drawn."""


def check(path: Path) -> str:
    """Return the format that the file's name demands: `png` or `svg`.

    Raises:
        BadInput: the name ends neither in .png nor in .svg.
        MissingExtra: matplotlib is not installed.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise BadInput(what=f"The plot {path}", why="its name must end in .png or .svg")
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra(what="A plot", package="matplotlib", extra="plot")
    return form


def draw(plot: Plot, form: str) -> bytes:
    """Return the picture as the content of a file, in the format `png` or `svg`.

    Raises:
        BadInput: there are too few comparisons for any curve.
    """
    if not _drawable(plot):
        raise BadInput(what="The DET plot", why="there are too few comparisons for any point of it")
    return picture(lambda figure: draw_on(figure.add_subplot(), plot), form)


def picture(painted: Callable[[Any], None], form: str) -> bytes:
    """Return a figure as the content of a file; `painted` draws on it."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(
        {
            "svg.hashsalt": "facecli",
            "svg.fonttype": "path",
            "font.size": 11,
            "font.family": ["DejaVu Sans", *_han_fonts()],
            "text.parse_math": False,  # a cohort's name may have a dollar sign
        }
    ):
        figure = Figure(figsize=(8, 7), dpi=150, layout="constrained")
        painted(figure)
        content = io.BytesIO()
        # No date, so that the same figures give the same file.
        metadata = {"Date": None} if form == "svg" else {}
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            # A letter that no font has is a box, which the reader of the picture sees.
            figure.savefig(content, format=form, metadata=metadata)
    return content.getvalue()


def _han_fonts() -> list[str]:
    """Return a font of this machine with Chinese letters, if there is one."""
    from matplotlib.font_manager import fontManager

    held = set(fontManager.get_font_names())
    return [name for name in HAN_FONTS if name in held][:1]


def draw_on(axes: Any, plot: Plot) -> None:
    """Draw a plot with at least one curve of two points on matplotlib's axes."""
    curves = _drawable(plot)
    for at, curve in enumerate(curves):
        _line(axes, curve, at)
    _marks(axes, plot.marks)
    _frame(axes, plot, curves)


def _drawable(plot: Plot) -> list[Curve]:
    return [curve for curve in plot.curves if len(curve.false_positive) > 1]


def deviate(rate: float) -> float:
    """Return the standard normal deviate of a rate, 0..1 excluded."""
    return NormalDist().inv_cdf(rate)


def _up(rate: float) -> float:
    """Return the place of a miss rate, 0..1, on the axis of misses."""
    return deviate(min(max(rate, LEAST), 0.999))


def _line(axes: Any, curve: Curve, at: int) -> None:
    points = [
        (deviate(across), _up(up))
        for across, up in zip(curve.false_positive, curve.false_negative, strict=True)
    ]
    if curve.band is not None:
        ends = (curve.band.low, curve.band.high)
        low, high = ([_up(one) for one in end] for end in ends)
        across = [deviate(one) for one in curve.band.false_positive]
        axes.fill_between(across, low, high, color=COLOURS[at % len(COLOURS)], alpha=0.2, lw=0)
    axes.plot(
        [x for x, _ in points],
        [y for _, y in points],
        STYLES[at % len(STYLES)],
        color=COLOURS[at % len(COLOURS)],
        linewidth=2,
        label=curve.label,
    )


def _marks(axes: Any, marks: Iterable[tuple[float, float, float]]) -> None:
    for at, (rate, across, up) in enumerate(marks):
        if not 0 < across < 1:
            continue
        x, y = deviate(across), _up(up)
        named = "calibrated thresholds, by their FMR" if at == 0 else None
        axes.plot([x], [y], "o", color="black", markersize=6, label=named, zorder=5)
        axes.annotate(percent(rate), (x, y), xytext=(8, 8), textcoords="offset points", fontsize=10)


def _frame(axes: Any, plot: Plot, curves: list[Curve]) -> None:
    lowest = min(min(curve.false_positive) for curve in curves)
    ups = [up for curve in curves for up in curve.false_negative]
    ups += [up for curve in curves if curve.band is not None for up in curve.band.high]
    _axis(axes.xaxis, axes.set_xlim, lowest, max(max(curve.false_positive) for curve in curves))
    _axis(axes.yaxis, axes.set_ylim, max(min(ups), LEAST), max(ups))
    axes.set_xlabel(plot.across)
    axes.set_ylabel(plot.up)
    axes.set_title(plot.title, fontsize=12)
    axes.grid(visible=True, color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=True, loc="best")


def _axis(axis: Any, set_limits: Any, low: float, high: float) -> None:
    """Set ticks at round rates around the data, FEWEST_TICKS to MOST_TICKS of them."""
    start = max((at for at, tick in enumerate(TICKS) if tick <= low), default=0)
    end = min((at for at, tick in enumerate(TICKS) if tick >= high), default=len(TICKS) - 1)
    while end - start < FEWEST_TICKS - 1:
        start, end = max(start - 1, 0), min(end + 1, len(TICKS) - 1)
    shown = list(TICKS[start : end + 1])
    set_limits(deviate(shown[0]), deviate(shown[-1]))
    if len(shown) > MOST_TICKS:  # their labels would overlap
        shown = [tick for tick in shown if tick not in (2e-3, 5e-3, 0.02, 0.4, 0.95)]
    axis.set_ticks([deviate(tick) for tick in shown], [percent(tick) for tick in shown])


def percent(rate: float) -> str:
    """Return a rate as text: `5 %`, `0.1 %`, `0.00001 %`."""
    digits = f"{rate * 100:.10f}".rstrip("0").rstrip(".")
    return f"{digits} %"
