"""The error-versus-discard characteristic: FNMR without the worst images by quality."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from facecli.printable import counted
from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.results import RATES, Result, measured

if TYPE_CHECKING:
    import numpy.typing as npt

    Keep = npt.NDArray[np.bool_]

DISCARD_RATES = RATES[:4]


def discarding(study: AllPairs, share: float) -> Iterator[Result]:
    """Yield FNMR at fixed thresholds with and without the worst images by unified quality.

    One point of the characteristic of ISO/IEC 29794-1. The interval of the difference is paired:
    each draw of people gives both rates. Images whose quality could not be assessed count as the
    worst. share: of the images, 0..1.
    """
    keep = worst_left_out(study.acquired.qualities, share)
    part = f"discard worst {share * 100:g} %"
    for rate in DISCARD_RATES:
        threshold = study.threshold(rate)
        at = f"overall FMR {rate:g}"
        if threshold is None or not len(study.genuine):
            yield Result(part, "FNMR", None, at, note="not supported: too few comparisons")
        elif not study.misses(threshold, keep)[1].sum():
            yield Result(part, "FNMR", None, at, note="not supported: nothing is left")
        else:
            yield from _effect(study, part, at, threshold, keep)


def _effect(study: AllPairs, part: str, at: str, threshold: float, keep: Keep) -> Iterator[Result]:
    """Yield both rates and their difference. keep: (images,)."""
    all_images, kept = study.misses(threshold), study.misses(threshold, keep)
    for name, (wrong, of) in (("FNMR of all", all_images), ("FNMR of kept", kept)):
        yield measured(part, name, float(wrong.sum() / of.sum()), study.bootstrap.share(wrong, of),
                       at=at, threshold=threshold, errors=int(wrong.sum()),
                       of=int(of.sum()))  # fmt: skip
    drawn = study.bootstrap.shares(*kept) - study.bootstrap.shares(*all_images)
    difference = float(kept[0].sum() / kept[1].sum() - all_images[0].sum() / all_images[1].sum())
    interval = study.bootstrap.interval(drawn)
    effect = "lower" if interval.high < 0 else "higher" if interval.low > 0 else "unclear"
    note = f"{effect}; {counted(int((~keep).sum()), 'image')} discarded"
    yield measured(part, "FNMR change", difference, interval, at=at, threshold=threshold, note=note)


def worst_left_out(qualities: Sequence[int | None], share: float) -> Keep:
    """Return (n,) False for the worst `share` of images, rounded down; of equals, the earlier.

    qualities: unified, 0..100, higher is better, or None, which counts as the worst.
    """
    values = np.array([-1 if quality is None else quality for quality in qualities])
    keep = np.ones(len(values), bool)
    keep[np.argsort(values, kind="stable")[: int(share * len(values))]] = False
    return keep
