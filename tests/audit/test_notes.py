"""Signed notes are those of c2sp.org/signed-note, to the byte."""

from __future__ import annotations

import base64

import pytest

from facecli.audit import notes
from facecli.keys.signing import SigningKey, VerifierKey

TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ"
    "b6KE6RyyBwJnAM=\n"
)
# The example of the specification, whose text holds an empty line.
QUASIMODO = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""  # noqa: E501


def test_the_published_note_is_made_and_verified() -> None:
    note = notes.sign(TEXT, [SigningKey("PeterNeumann", PETER_SEED)])
    assert str(note) == f"{TEXT}\n{PETER_LINE}"
    assert notes.parse(str(note)).is_signed_by(PETER)


def test_the_specification_s_example_is_read() -> None:
    note = notes.parse(QUASIMODO)
    assert note.text.endswith("di sole:\n\ned è subito sera.\n")
    (signature,) = note.signatures
    assert signature.name == "quasimodo.example/salvatore"
    assert signature.key_id.hex() == "367ba04b"
    assert len(signature.value) == 64
    assert not note.is_signed_by(PETER)


def test_signatures_by_unknown_keys_are_passed_over() -> None:
    (witness,) = notes.sign(TEXT, [SigningKey.generate("witness.example")]).signatures
    (same_name,) = notes.sign(TEXT, [SigningKey.generate("PeterNeumann")]).signatures
    assert notes.parse(f"{TEXT}\n{witness}{PETER_LINE}{same_name}").is_signed_by(PETER)
    assert not notes.parse(f"{TEXT}\n{witness}{same_name}").is_signed_by(PETER)


def test_a_failing_signature_of_a_known_key_spoils_the_note() -> None:
    wrong = "— PeterNeumann " + notes.encode_base64(PETER.key_id + b"x" * 64) + "\n"
    assert not notes.parse(f"{TEXT}\n{PETER_LINE}{wrong}").is_signed_by(PETER)


def test_another_text_is_not_signed() -> None:
    assert not notes.parse(f"{TEXT}\n\n{PETER_LINE}").is_signed_by(PETER)
    assert not notes.parse(f"x{TEXT}\n{PETER_LINE}").is_signed_by(PETER)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}"[:-1],
        f"{TEXT}\r\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}\r\n",
        f"{TEXT}\n{PETER_LINE}\n",
        f"\t{TEXT}\n{PETER_LINE}",
        f"\ud800{TEXT}\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE.replace('—', '-')}",
        f"{TEXT}\n{PETER_LINE.replace('— ', '—')}",
        f"{TEXT}\n{PETER_LINE.replace('Peter', 'Peter ')}",
        f"{TEXT}\n{PETER_LINE.replace('Peter', 'Peter+')}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', '')}",
        f"{TEXT}\n{PETER_LINE.replace('AM=', 'AN=')}",
        f"{TEXT}\n{PETER_LINE.replace('AM=', 'AM')}",
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        f"{TEXT}\n{PETER_LINE * 101}",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        notes.parse(note)


def test_a_text_that_cannot_be_a_note_is_not_signed() -> None:
    for text in ("no newline", "tab\t\n"):
        with pytest.raises(ValueError, match="note"):
            notes.sign(text, [SigningKey.generate("a")])
