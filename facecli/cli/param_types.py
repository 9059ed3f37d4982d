"""Types of option values."""

from __future__ import annotations

import math
from typing import Any

import click


class Number(click.FloatRange):
    """A number in a range. `nan` is refused: as a limit it would limit nothing.

    unit: plural of the unit that is counted, such as `seconds`; empty: a plain number.
    """

    def __init__(
        self,
        low: float,
        high: float | None = None,
        *,
        min_open: bool = False,
        max_open: bool = False,
        unit: str = "",
    ) -> None:
        super().__init__(low, high, min_open=min_open, max_open=max_open)
        self.unit = unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail with a usage error."""
        try:
            is_number = not math.isnan(float(value))
        except ValueError:
            is_number = False
        if not is_number:
            expected = f"a number of {self.unit}" if self.unit else "a number"
            limits = self._describe_range()
            self.fail(f"{value!r} is not a number. Give {expected} in {limits}.", param, ctx)
        return super().convert(value, param, ctx)
