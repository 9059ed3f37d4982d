"""The figure of the cohorts: their rates at the thresholds in use, as bars with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from facecli.errors.command_line import BadInput
from facecli.printable import printable
from facecli.recognition.engines.calibration import RULE_OF_30
from facecli.recognition.evaluation.held_rates import RATIO
from facecli.recognition.evaluation.plots import COLOURS, percent, picture

if TYPE_CHECKING:
    from facecli.recognition.evaluation.results import Result

SHARE = 0.8
"""Share of the room of a cohort that its bars fill."""
LEAST_RATIO = 0.01
"""Lower end of the axis of ratios, from which the interval of a rate of 0 is drawn."""
PALE = 0.35
"""Opacity of a bar that rests on fewer than RULE_OF_30 errors."""

LONGEST_LABEL = 24
"""Characters of a cohort's name that are shown."""


def draw(results: Sequence[Result], title: str, form: str) -> bytes:
    """Return the picture as the content of a file, in the format `png` or `svg`.

    The upper axes have the ratio of the false-match rate to the stated one, the lower axes the
    false non-match rate. A bar that rests on few errors is pale; a rate of 0 has an interval alone.

    Args:
        results: of `held_rates`.

    Raises:
        BadInput: no rate was measured.
    """
    ratios, misses = _measured(results, RATIO), _measured(results, "FNMR")
    if not ratios:
        why = "there are too few comparisons, or no calibration, for any rate of a cohort"
        raise BadInput(what="The plot of the cohorts", why=why)

    def panels(figure: Any) -> None:
        from matplotlib.patches import Patch

        above, below = figure.subplots(2, 1, sharex=True)
        cohorts = list(dict.fromkeys(one.cohort or "" for one in (*ratios, *misses)))
        rates = list(dict.fromkeys(one.at or "" for one in ratios))
        _bars(above, ratios, (cohorts, rates), LEAST_RATIO)
        above.set_yscale("log")
        above.set_ylim(bottom=LEAST_RATIO)
        above.yaxis.set_major_formatter(lambda ratio, _: f"{ratio:g}")
        above.yaxis.set_minor_formatter(lambda *_: "")
        above.axhline(1, color="black", linewidth=1)
        above.set_ylabel("FMR divided by the stated FMR")
        above.set_title(title, fontsize=12)
        names = [*rates, f"pale: under {RULE_OF_30} errors"]
        colours = [*((_colour(number), 1.0) for number in range(len(rates))), ("black", PALE)]
        handles = [Patch(color=one, label=name) for one, name in zip(colours, names, strict=True)]
        below_all = "outside lower center"
        figure.legend(handles=handles, loc=below_all, ncols=len(names), fontsize=9)
        _bars(below, misses, (cohorts, rates), 0.0)
        below.yaxis.set_major_formatter(lambda share, _: percent(share))
        below.set_ylabel("False non-match rate (FNMR)")
        below.set_xticks(range(len(cohorts)), map(_label, cohorts), rotation=30, ha="right")

    return picture(panels, form)


def _measured(results: Sequence[Result], measure: str) -> list[Result]:
    return [one for one in results if one.measure == measure and one.value is not None]


def _bars(
    axes: Any, results: Sequence[Result], names: tuple[list[str], list[str]], least: float
) -> None:
    """Draw a bar for each cohort and stated rate, with its interval; no end is below `least`."""
    cohorts, rates = names
    width = SHARE / len(rates)
    for number, at in enumerate(rates):
        shown = [one for one in results if one.at == at]
        middle = (number - (len(rates) - 1) / 2) * width
        across = [cohorts.index(one.cohort or "") + middle for one in shown]
        low, values, high = (
            np.maximum([getattr(one, end) or 0.0 for one in shown], least)
            for end in ("low", "value", "high")
        )
        colours = [(_colour(number), PALE if _is_rough(one) else 1.0) for one in shown]
        heights = [one.value or np.nan for one in shown]
        axes.bar(across, heights, width, color=colours)
        ends = np.array([values - low, high - values])
        axes.errorbar(across, values, ends, fmt="none", ecolor="0.2", elinewidth=1, capsize=3)
    axes.grid(visible=True, axis="y", color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)


def _label(cohort: str) -> str:
    """Return a cohort's name on one line, so short that it leaves room for the bars."""
    shown = printable(cohort)
    return shown if len(shown) <= LONGEST_LABEL else f"{shown[: LONGEST_LABEL - 1]}…"


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _is_rough(one: Result) -> bool:
    return (one.errors or 0) < RULE_OF_30
