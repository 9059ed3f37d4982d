from __future__ import annotations

import struct

import numpy as np
import pytest

from facecli.recognition.engines.dlib.values_format import FormatError, Reader


def encoded(value: int) -> bytes:
    size = max((abs(value).bit_length() + 7) // 8, 1)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


@pytest.mark.parametrize("value", [0, 1, -1, 255, 256, -65_536, 2**63])
def test_integers_are_read_with_their_sign(value: int) -> None:
    reader = Reader(encoded(value))
    assert reader.integer() == value
    assert reader.offset == len(encoded(value))


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x09" + b"\0" * 9, b"\x71\0", b"\x02\0"])
def test_other_bytes_are_no_integer(content: bytes) -> None:
    with pytest.raises(FormatError):
        Reader(content).integer()


def test_a_number_is_its_mantissa_times_a_power_of_two() -> None:
    assert Reader(encoded(3) + encoded(-2)).number("x") == 0.75


@pytest.mark.parametrize(("value", "fits"), [(0, True), (65_536, True), (65_537, False)])
def test_a_size_is_bounded(value: int, fits: bool) -> None:
    reader = Reader(encoded(value))
    if fits:
        assert reader.size("a stride") == value
    else:
        with pytest.raises(FormatError, match="a stride cannot be"):
            reader.size("a stride")


def test_a_tensor_has_its_dimensions_and_is_finite() -> None:
    head = encoded(2) + b"".join(map(encoded, (1, 2, 1, 3)))
    values = np.arange(6, dtype="<f4")
    found = Reader(head + values.tobytes()).tensor("x")
    assert found.shape == (1, 2, 1, 3)
    assert found.ravel().tolist() == values.tolist()
    broken = head + values.tobytes()[:-4] + struct.pack("<f", float("nan"))
    with pytest.raises(FormatError, match="not finite"):
        Reader(broken).tensor("x")
    with pytest.raises(FormatError, match="ends too early"):
        Reader(head + values.tobytes()[:-1]).tensor("x")


def test_an_unknown_name_is_refused_with_the_known_ones_and_the_place() -> None:
    content = encoded(3) + b"con"
    assert Reader(content).name(["con", "fc"]) == "con"
    with pytest.raises(FormatError, match=r"'con' is not one of fc, at byte 5"):
        Reader(content).name(["fc"])
