"""Canonical JSON agrees with the specification, and with another implementation of it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from facecli.audit.canonical import canonical, joined, listed, quoted

INTEGERS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(VALUES)
def test_it_agrees_with_another_implementation(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_an_object_is_joined_from_its_members(value: dict[str, Any]) -> None:
    forms = {name: canonical(member).decode() for name, member in value.items()}
    assert joined(forms).encode() == canonical(value)


@given(st.lists(st.text(), max_size=4))
def test_strings_alone_are_written_alike(texts: list[str]) -> None:
    assert listed(texts).encode() == canonical(texts)
    for text in (None, *texts):
        assert quoted(text).encode() == canonical(text)


def test_names_sort_by_utf_16_units_as_in_the_specification() -> None:
    """RFC 8785, section 3.2.3."""
    names = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    expected = (
        '{"\\r":"Carriage Return","1":"One","\u0080":"Control",'
        '"\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",'
        '"\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
    )
    assert canonical(names) == expected.encode()
    assert canonical([{"a": names}]) == f'[{{"a":{expected}}}]'.encode()


def test_strings_are_escaped_as_in_the_specification() -> None:
    """RFC 8785, section 3.2.2.2."""
    assert canonical("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/") == (
        b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'
    )


@pytest.mark.parametrize("value", [1.0, (1,), b"x", {1: 2}, {"a": {None: 1}}, [set()], object()])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), "\ud800", {"\udfff": 1}, ["a", {"b": "\ud800"}], {"\ue000": 2**53}]
)
def test_values_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        canonical(value)


def test_it_starts_without_what_is_slow_to_import() -> None:
    modules = "facecli.audit.canonical, facecli.audit.merkle, facecli.audit.log_verification"
    code = f"import sys, {modules}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"cryptography", "rfc8785", "numpy", "sqlcipher3"} & set(loaded)
