"""A file in TOML is read, or refused in words, whatever stands in it."""

from __future__ import annotations

import pytest

from facecli import toml_text


def test_a_byte_order_mark_is_no_part_of_a_file() -> None:
    assert toml_text.parse(b"\xef\xbb\xbfa = 1\n") == toml_text.parse(b"a = 1\r\n") == {"a": 1}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a = = 1", "it is not TOML"),
        (b"a = 1\na = 2", "it is not TOML"),
        (b"a = '\x1b[2J'", "it is not TOML"),
        (b"\xff", "it is not UTF-8 text"),
        ("a = 1".encode("utf-16"), "it is not UTF-8 text"),
        (b"a = " + b"[" * 100_000, "it is nested too deeply"),
        (b"a = " + b"{b=" * 100_000, "it is nested too deeply"),
        (b"a" + b".a" * 1_500 + b" = 1", "it is nested too deeply"),
        (b"a = " + b"9" * 100_000, "a number in it is too long"),
        (b"a = 0x" + b"f" * 100_000, "a number in it is too long"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else value,
)
def test_what_is_no_toml_is_refused_in_words(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        toml_text.parse(content)
    assert str(refused.value).isprintable()
