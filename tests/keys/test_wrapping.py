"""The cryptography of slots, against values computed by other means."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from facecli.keys import wrapping

KEY = bytes(range(32))
BOUND = wrapping.binding("4f2a", "desk", "key-file", "slot-key")


def test_a_key_file_is_derived_as_rfc_5869_says() -> None:
    """HKDF-SHA256 of 32 bytes, written out: extract, then one block of expand."""
    salt = b"0123456789abcdef"
    derivation = {"function": "hkdf-sha256", "salt": wrapping.to_base64(salt)}
    extracted = hmac.digest(salt, b"a key file", hashlib.sha256)
    expanded = hmac.digest(extracted, b"facecli.keys/1\x01", hashlib.sha256)
    assert wrapping.derive(b"a key file", derivation) == expanded


def test_a_passphrase_is_derived_as_the_reference_implementation_does() -> None:
    """A value of its src/test.c: version 19, 2 passes, 64 MiB, 1 lane."""
    derivation = {
        "function": "argon2id",
        "salt": wrapping.to_base64(b"somesalt"),
        "memory_kib": 65536,
        "iterations": 2,
        "lanes": 1,
    }
    known = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
    assert wrapping.derive(b"password", derivation).hex() == known


@pytest.mark.parametrize("kind", ["passphrase", "key-file"])
def test_a_new_derivation_is_accepted_and_has_a_salt_of_its_own(kind: Any) -> None:
    one, other = wrapping.new_derivation(kind), wrapping.new_derivation(kind)
    wrapping.check_derivation(kind, one)
    assert one["salt"] != other["salt"]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("passphrase", {"function": "hkdf-sha256"}),
        ("key-file", {"function": "argon2id"}),
        ("key-file", {"salt": "c2hvcnQ="}),
        ("passphrase", {"memory_kib": 2**40}),
        ("passphrase", {"iterations": 0}),
        ("passphrase", {"lanes": True}),
        ("passphrase", {"memory_kib": 31}),
    ],
)
def test_other_parameters_are_refused(kind: Any, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"derivation|salt|Argon2id"):
        wrapping.check_derivation(kind, {**wrapping.new_derivation(kind), **change})


def test_what_was_wrapped_is_unwrapped() -> None:
    wrapped = wrapping.wrap(KEY, b"a key", BOUND)
    assert wrapping.unwrap(KEY, wrapped, BOUND) == b"a key"
    assert b"a key" not in wrapped


def test_two_wraps_of_one_key_differ() -> None:
    assert wrapping.wrap(KEY, b"a key", BOUND) != wrapping.wrap(KEY, b"a key", BOUND)


@pytest.mark.parametrize(
    "other",
    [
        ("4f2b", "desk", "key-file", "slot-key"),
        ("4f2a", "cron", "key-file", "slot-key"),
        ("4f2a", "desk", "passphrase", "slot-key"),
        ("4f2a", "desk", "key-file", "database-key"),
    ],
)
def test_a_wrap_opens_in_its_own_place_only(other: Any) -> None:
    wrapped = wrapping.wrap(KEY, b"a key", BOUND)
    assert wrapping.unwrap(KEY, wrapped, wrapping.binding(*other)) is None


def test_an_altered_or_short_wrap_opens_nothing() -> None:
    wrapped = wrapping.wrap(KEY, b"a key", BOUND)
    for at in range(len(wrapped)):
        altered = bytearray(wrapped)
        altered[at] ^= 1
        assert wrapping.unwrap(KEY, bytes(altered), BOUND) is None
        assert wrapping.unwrap(KEY, wrapped[:at], BOUND) is None
    assert wrapping.unwrap(bytes(32), wrapped, BOUND) is None
