"""People for comparison: REFs, or tags that only the key makes."""

from __future__ import annotations

from facecli.report.filing.refs import Refs, plain, tagged

KEY, OTHER = b"k" * 32, b"o" * 32


def test_equal_refs_have_equal_tags_under_one_key_only() -> None:
    here, there = tagged(["A-1", "张伟"], KEY), tagged(["张伟", "B-2"], KEY)
    assert len(here.values & there.values) == 1
    assert not here.values & tagged(["A-1", "张伟"], OTHER).values
    assert not any("A-1" in value for value in here.values)


def test_only_the_same_kind_under_the_same_key_is_compared() -> None:
    assert tagged(["A"], KEY).is_comparable(tagged(["B"], KEY))
    assert not tagged(["A"], KEY).is_comparable(tagged(["A"], OTHER))
    assert not tagged(["A"], KEY).is_comparable(plain(["A"]))
    assert plain(["A"]).is_comparable(plain(["B"]))
    assert not Refs().is_comparable(Refs())
