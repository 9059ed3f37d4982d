"""Types of option values."""

from __future__ import annotations

import math
import re
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


class Seconds(click.ParamType[int]):
    """A length of work such as `90s`, `5m` or `2h`, as seconds."""

    name = "length"
    _UNITS = {"s": 1, "m": 60, "h": 3600}  # noqa: RUF012 -- never changed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the seconds, or fail with a usage error."""
        found = re.fullmatch(r"([0-9]{1,5})([smh])", str(value))
        if found is None:
            self.fail(f"{value!r} is no length of work; give 90s, 5m or 2h.", param, ctx)
        return int(found[1]) * self._UNITS[found[2]]
