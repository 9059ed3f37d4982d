from __future__ import annotations

from facecli.recognition.evaluation.results import Interval, measured, until_none_is_missed


def test_an_interval_contains_its_value() -> None:
    found = measured("images", "FTA", 0.5, Interval(0.6, 0.7, "test"))
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.7)
    found = measured("images", "FTA", 0.5, Interval(0.1, 0.4, "test"))
    assert (found.low, found.value, found.high) == (0.1, 0.5, 0.5)


def test_a_rate_without_an_interval_names_no_method() -> None:
    found = measured("images", "FTA", 0.5, None, errors=1, of=2)
    assert (found.low, found.high, found.interval) == (None, None, None)
    assert found.record() == {
        "part": "images", "measure": "FTA", "value": 0.5, "at": None, "cohort": None,
        "threshold": None, "low": None, "high": None, "errors": 1, "of": 2, "interval": None,
        "note": None,
    }  # fmt: skip


def test_a_curve_ends_where_no_false_negative_is_left() -> None:
    found = until_none_is_missed("x", [0.1, 0.2, 0.3], [0.4, 0.0, 0.0])
    assert (list(found.false_positive), list(found.false_negative)) == ([0.1], [0.4])
    whole = until_none_is_missed("x", [0.1, 0.2], [0.4, 0.1])
    assert list(whole.false_positive) == [0.1, 0.2]
