"""The trust key in text: read back only whole, and never mistaken for another key."""

from __future__ import annotations

import pytest

from facecli.audit.notes import encode_base64
from facecli.audit.trust_key import TYPE, TrustKey
from facecli.errors.audit import NoTrustKey
from facecli.keys.signing import SigningKey
from tests.audit.logs import ORIGIN

IDENTITY, FIRST = bytes(32), bytes([1] * 32)
KEY = TrustKey.of(ORIGIN, IDENTITY, FIRST)


def test_it_is_read_as_it_is_written_with_or_without_the_end_of_its_line() -> None:
    assert TrustKey.parse(str(KEY)) == TrustKey.parse(f" {KEY}\n") == KEY


def test_it_commits_to_both_keys_in_their_order_and_to_the_name() -> None:
    assert KEY.commits_to(IDENTITY, FIRST)
    assert not KEY.commits_to(FIRST, IDENTITY)
    assert not KEY.commits_to(IDENTITY, IDENTITY)
    assert not TrustKey.of("facecli.log/0", FIRST, FIRST).commits_to(IDENTITY, FIRST)


def test_a_changed_character_is_noticed() -> None:
    text = str(KEY)
    for at in range(len(text)):
        other = "A" if text[at] != "A" else "B"
        with pytest.raises(NoTrustKey):
            TrustKey.parse(text[:at] + other + text[at + 1 :])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not of the form"),
        (ORIGIN, "not of the form"),
        (f"{ORIGIN}+00000000+", "not of the form"),
        (f"{ORIGIN}+00000000+no base64", "not of the form"),
        (str(SigningKey(ORIGIN, bytes(32)).verifier()), "plain Ed25519"),
        (f"{ORIGIN}+00000000+{encode_base64(TYPE + bytes(31))}", "another type"),
        (f"{ORIGIN}+00000000+{encode_base64(TYPE + bytes(32))}", "do not fit"),
    ],
)
def test_another_text_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(NoTrustKey, match=why):
        TrustKey.parse(text)
