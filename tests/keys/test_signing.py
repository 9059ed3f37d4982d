"""The log's signing keys, in the forms of the C2SP signed-note specification."""

from __future__ import annotations

import base64

import pytest

from facecli.keys.signing import SigningKey, VerifierKey

# The example of the Go package that signed-note was written from, and the key of its database.
PUBLISHED = [
    ("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "PeterNeumann"),
    ("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "sum.golang.org"),
]
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]


@pytest.mark.parametrize(("text", "name"), PUBLISHED)
def test_published_verifier_keys_are_read_and_written_alike(text: str, name: str) -> None:
    key = VerifierKey.parse(text)
    assert key.name == name
    assert str(key) == text


def test_the_published_signing_key_has_the_published_verifier_key() -> None:
    assert str(SigningKey("PeterNeumann", PETER_SEED).verifier()) == PUBLISHED[0][0]


def test_every_part_of_a_verifier_key_counts() -> None:
    text = PUBLISHED[0][0]
    for at in range(len(text)):
        for damaged in (text[:at], text[:at] + text[at + 1 :], text[:at] + "B" + text[at + 1 :]):
            if damaged != text:
                with pytest.raises(ValueError, match=r"\w"):
                    VerifierKey.parse(damaged)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2028b", "a\x01b"])
def test_names_that_a_note_cannot_carry_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="key name"):
        SigningKey.generate(name)


def test_a_signature_verifies_for_its_key_and_message_only() -> None:
    key, other = SigningKey.generate("a"), SigningKey.generate("a")
    signature = key.sign(b"text")
    assert key.verifier().verify(signature, b"text")
    assert not key.verifier().verify(signature, b"texT")
    assert not other.verifier().verify(signature, b"text")
    assert not key.verifier().verify(signature[:-1], b"text")


def test_a_signing_key_does_not_show_its_seed() -> None:
    key = SigningKey.generate("a")
    shown = repr(key) + str(key)
    assert key.seed.hex() not in shown
    assert repr(key.seed) not in shown
