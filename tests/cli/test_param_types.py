"""Numbers that options take."""

from __future__ import annotations

import click
import pytest

from facecli.cli.param_types import Number


@pytest.mark.parametrize("text", ["0.5", "1e-1", "1"])
def test_a_number_in_the_range_is_taken(text: str) -> None:
    assert Number(0, 1).convert(text, None, None) == float(text)


@pytest.mark.parametrize("text", ["nan", "NaN", "-nan", "inf", "-1", "2", "one", ""])
def test_anything_else_is_a_usage_error(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Number(0, 1).convert(text, None, None)


@pytest.mark.parametrize("text", ["x", "nan", ""])
def test_a_text_that_is_no_number_is_told_what_is_expected(text: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        Number(0, 86400, unit="seconds").convert(text, None, None)
    assert refused.value.message == (
        f"{text!r} is not a number. Give a number of seconds in 0<=x<=86400."
    )
