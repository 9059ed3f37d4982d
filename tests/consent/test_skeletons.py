"""REFs that look alike share a skeleton, and others do not."""

from __future__ import annotations

import itertools

import pytest

from facecli.consent.skeletons import TABLE, numbers, share_one, skeletons


def alike(one: str, other: str) -> bool:
    found = share_one(one, other)
    assert not (found and {*numbers(one)}.isdisjoint(numbers(other)))
    return found


ALIKE = {
    "other case": ("A-1001", "a-1001"),
    "other case of a word": ("Straße", "STRASSE"),
    "variation selector": ("A-1001", "A-1001\ufe0f"),
    "grapheme joiner": ("A-1001", "A-10\u034f01"),
    "blank braille": ("A-1001", "A-1001\u2800"),
    "Hangul filler": ("A-1001", "\u3164A-1001"),
    "halfwidth filler": ("A-1001", "A\uffa0-1001"),
    "blanks": ("A 1001", "A\u00a0\u30001001"),
    "no blank": ("A 1001", "A1001"),
    "full width": ("A-1001", "\uff21\uff0d\uff11\uff10\uff10\uff11"),
    "Cyrillic letter": ("A-1001", "\u0410-1001"),
    "small Cyrillic letter": ("A-1001", "\u0430-1001"),
    "Greek letter": ("KIM", "\u039aIM"),
    "mathematical letter": ("A-1001", "\U0001d400-1001"),
    "another hyphen": ("A-1001", "A\u20111001"),
    "a dash": ("A-1001", "A\u20131001"),
    "letter O for zero": ("A-1001", "A-1OO1"),
    "small letter o for zero": ("a-1001", "A-1oo1"),
    "letter l for one": ("A-1001", "A-l00l"),
    "letter I for one": ("A-1001", "A-I001"),
    "m and rn": ("m-1", "rn-1"),
    "composed and not": ("\u00c9-1", "E\u0301-1"),
    "two at once": ("A-1001", "\u0430\u2800-l\u04321".replace("\u0432", "00")),
}
APART = (
    ("A-1001", "A-1002"), ("A-1001", "A-1010"), ("A-1001", "B-1001"), ("ALL", "AIL"),
    ("MIA", "MLA"), ("\u5f20\u4e09", "\u5f20\u4e8c"), ("\u5f20", "\u7ae0"), ("A-1", "A-1-1"),
    ("A_1", "A-1"), ("\u0e01-1", "\u0e02-1"), ("E-1", "\u00c9-1"),
)  # fmt: skip


@pytest.mark.parametrize("kind", ALIKE)
def test_refs_that_look_alike_share_a_skeleton(kind: str) -> None:
    one, other = ALIKE[kind]
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_others_share_none(one: str, other: str) -> None:
    assert not alike(one, other)


def test_running_numbers_are_all_apart() -> None:
    refs = [f"A-{number}" for number in range(20_000)]
    assert len({skeletons(ref)[0] for ref in refs}) == len(refs)
    assert len({skeletons(ref)[1] for ref in refs}) == len(refs)


@pytest.mark.parametrize("number", [0, 1])
def test_refs_of_one_series_have_numbers_near_each_other(number: int) -> None:
    """So that an index keeps them on few pages."""
    found = sorted((numbers(f"{of}-{at}")[number], of) for of in "ABC" for at in range(2000, 3000))
    changes = sum(one[1] != other[1] for one, other in itertools.pairwise(found))
    assert changes == 2
    assert len({one for one, _ in found}) == len(found)


def test_the_skeleton_is_that_of_the_standard() -> None:
    """The example of TS 39, and a prototype of several characters."""
    assert skeletons("p\u0430yp\u0430l") == ("paypal", "paypal")
    assert skeletons("\u00e6")[0] == "ae"
    assert skeletons("1") == ("l", "l")


def test_the_table_states_its_version_and_its_licence() -> None:
    head = TABLE.read_text(encoding="ascii").splitlines()[:2]
    assert "version 16.0.0" in head[0]
    assert "LICENSE-unicode.txt" in head[1]
    licence = TABLE.with_name("LICENSE-unicode.txt").read_text(encoding="utf-8")
    assert licence.startswith("UNICODE LICENSE V3")
