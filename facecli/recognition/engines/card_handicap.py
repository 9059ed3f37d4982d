"""The table `[handicap]` of a model card: the constants of the handicaps of its templates.

    [handicap]
    crowd = [0.0153, …]        # m: `dimension` numbers, the mean of many people and nobody's face
    crowd_weight = 0.2         # w
    crowd_usual = 0.2959       # the mean product of a face with m
    norm_weight = 0.01         # k, for each unit of norm
    norm_low = 9.0             # norms are clipped to this range
    norm_middle = 12.25        # the norm without handicap
    norm_high = 15.0

Each half, of the crowd or of the norm, may be left out. `scoring` explains the constants, and
`evaluate --save-card` estimates them. Importing this module imports no numerical package.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facecli.errors.command_line import BadInput
from facecli.recognition.engines.scoring import LARGEST, Crowds, NormTerm, Scoring

CROWD = ("crowd", "crowd_weight", "crowd_usual")
NORM = ("norm_weight", "norm_low", "norm_middle", "norm_high")
LARGEST_WEIGHT = 10.0
LARGEST_NORM = 1e6
DIGITS = 5
"""Decimals of a number in a card."""


@dataclass(frozen=True)
class CardHandicap:
    """The constants of a card; a weight of 0 leaves out its half.

    crowd: m, not of unit length; empty without a crowd. The others are as in `Crowds` and
    `NormTerm`.
    """

    crowd: tuple[float, ...] = ()
    crowd_weight: float = 0.0
    crowd_usual: float = 0.0
    norm_weight: float = 0.0
    norm_low: float = 0.0
    norm_middle: float = 0.0
    norm_high: float = 0.0

    @property
    def scoring(self) -> Scoring:
        """The scoring with these constants. Its handicaps never exceed 8 bits."""
        crowds = norm = None
        largest = 0.0
        if self.crowd_weight:
            digest = hashlib.sha256(json.dumps(self.crowd).encode()).hexdigest()
            crowds = Crowds("", digest, self.crowd_weight, self.crowd_usual, (self.crowd,))
            largest += self.crowd_weight * (1 + abs(self.crowd_usual))
        if self.norm_weight:
            norm = NormTerm(self.norm_weight, self.norm_low, self.norm_middle, self.norm_high)
            ends = self.norm_middle - self.norm_low, self.norm_high - self.norm_middle
            largest += self.norm_weight * max(ends)
        return Scoring(crowds, norm, handicap_step=largest / LARGEST)


def read(table: Any, dimension: int, where: str) -> CardHandicap:
    """Return the constants of a card's table.

    Args:
        table: as TOML has it.
        dimension: of a template.
        where: the card, for the message.

    Raises:
        BadInput: a constant is missing, unknown or out of its range. The message names it.
    """
    if not isinstance(table, Mapping):
        raise BadInput(what=where, why="`handicap` must be a table, `[handicap]`")
    unknown = sorted(set(table) - {*CROWD, *NORM})
    if unknown:
        raise BadInput(what=where, why=f"the constant `{unknown[0]}` of `[handicap]` is not known")
    halves = [half for half in (CROWD, NORM) if set(half) & set(table)]
    if not halves:
        raise BadInput(what=where, why="`[handicap]` is empty; state constants, or leave it out")
    for name in (name for half in halves for name in half):
        if name not in table:
            raise BadInput(what=where, why=f"the constant `{name}` of `[handicap]` is missing")
    numbers = {name: _number(table, name, where) for half in halves for name in half[1:]}
    if NORM in halves:
        numbers["norm_weight"] = _number(table, "norm_weight", where)
        _check_range(numbers, where)
    crowd = _crowd(table["crowd"], dimension, where) if CROWD in halves else ()
    return CardHandicap(crowd=crowd, **numbers)


def text_of(handicap: CardHandicap) -> str:
    """Return the table as TOML text, which `read` reads."""
    numbers = vars(handicap)
    halves = [
        half
        for half, weight in ((CROWD, handicap.crowd_weight), (NORM, handicap.norm_weight))
        if weight
    ]
    lines = [f"{name} = {json.dumps(numbers[name])}" for half in halves for name in half]
    return "\n".join(["[handicap]", *lines]) + "\n"


RANGES = {
    "crowd_weight": (0.0, LARGEST_WEIGHT),
    "crowd_usual": (-1.0, 1.0),
    "norm_weight": (0.0, LARGEST_WEIGHT),
    "norm_low": (0.0, LARGEST_NORM),
    "norm_middle": (0.0, LARGEST_NORM),
    "norm_high": (0.0, LARGEST_NORM),
}
"""The least and the greatest value of each constant."""


def _number(table: Mapping[str, Any], name: str, where: str) -> float:
    low, high = RANGES[name]
    value = table[name]
    if not is_number(value) or not low <= value <= high or (name.endswith("weight") and not value):
        above = "above 0 and at most" if name.endswith("weight") else f"from {low:g} to"
        why = f"the constant `{name}` of `[handicap]` must be a number {above} {high:g}"
        raise BadInput(what=where, why=why)
    return float(value)


def _check_range(numbers: Mapping[str, float], where: str) -> None:
    low, middle, high = (numbers[name] for name in NORM[1:])
    if not low <= middle <= high or low == high:
        why = "`norm_low`, `norm_middle` and `norm_high` of `[handicap]` must rise"
        raise BadInput(what=where, why=why)


def _crowd(values: Any, dimension: int, where: str) -> tuple[float, ...]:
    if not _is_vector(values) or len(values) != dimension or not any(values):
        why = f"`crowd` of `[handicap]` must be {dimension} numbers that are not all 0"
        raise BadInput(what=where, why=why)
    return tuple(map(float, values))


def _is_vector(values: Any) -> bool:
    return (
        isinstance(values, Sequence)
        and not isinstance(values, str)
        and all(is_number(value) and abs(value) <= LARGEST_NORM for value in values)
    )


def is_number(value: Any) -> bool:
    """Return True for a whole or real number of TOML that is finite."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
