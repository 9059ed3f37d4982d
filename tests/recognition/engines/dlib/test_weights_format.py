from __future__ import annotations

import importlib.util
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.recognition.engines.dlib import weights_format
from facecli.recognition.engines.dlib.values_format import FormatError

EMPTY = b"\x01\x02" + b"\x01\x00" * 4


def weights(name: str) -> bytes:
    """One of dlib's own files."""
    found = importlib.util.find_spec("face_recognition_models")
    assert found is not None
    assert found.submodule_search_locations
    return (Path(found.submodule_search_locations[0]) / "models" / name).read_bytes()


# -- a writer of the same format, for small networks --------------------------------------


def integer(value: int) -> bytes:
    size = max((abs(value).bit_length() + 7) // 8, 1)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def number(value: float) -> bytes:
    mantissa, exponent = math.frexp(value)
    return integer(int(mantissa * 2**30)) + integer(exponent - 30)


def name(text: str) -> bytes:
    return integer(len(text)) + text.encode()


def tensor(values: np.ndarray) -> bytes:
    return integer(2) + b"".join(map(integer, values.shape)) + values.astype("<f4").tobytes()


def alias(*shape: int) -> bytes:
    return integer(1) + b"".join(map(integer, shape))


def around(content: bytes) -> bytes:
    return content + b"110" + EMPTY * 3


def convolution(weight: np.ndarray, bias: np.ndarray) -> bytes:
    out, _, rows, columns = weight.shape
    flat = np.concatenate([weight.ravel(), bias]).reshape(-1, 1, 1, 1)
    settings_ = b"".join(map(integer, (out, rows, columns, 2, 2, 0, 0)))
    multipliers = number(1.0) * 3 + number(0.0)
    return around(
        name("con_4")
        + tensor(flat)
        + settings_
        + alias(*weight.shape)
        + alias(1, out, 1, 1)
        + multipliers
    )


def small_network() -> bytes:
    """Detector loss, one convolution of 2 filters and a ReLU."""
    weight = np.arange(2 * 3 * 2 * 2, dtype=np.float32).reshape(2, 3, 2, 2)
    loss = integer(1) + name("loss_mmod_") + alias(80, 80)[:1] + alias(80, 80)[1:]
    numbers = b"".join(map(number, (1.0, 1.0, 0.5, 0.338, 1.0, 0.5, 1.0)))
    versions = integer(2) + integer(3)
    entry = name("input_rgb_image_pyramid") + b"".join(map(number, (122.0, 117.0, 104.0)))
    first = convolution(weight, np.array([7, 8], np.float32)) + integer(1)
    return loss + numbers + versions + entry + first + around(name("relu_"))


SMALL = small_network()


def test_a_small_network_reads_as_written() -> None:
    network = weights_format.read(SMALL)
    assert network.loss.settings["window"] == (80, 80)
    assert network.loss.settings["overlap"] == pytest.approx(0.338)
    assert network.input.settings["mean"] == [122.0, 117.0, 104.0]
    assert [layer.name for layer in network.layers] == ["con", "relu"]
    first = network.layers[0]
    assert first.settings["stride_x"] == 2
    assert first.tensors["weight"].shape == (2, 3, 2, 2)
    assert first.tensors["weight"].ravel().tolist() == list(range(24))
    assert first.tensors["bias"].tolist() == [7, 8]


def test_dlibs_template_network_has_the_layers_it_should() -> None:
    network = weights_format.read(weights("dlib_face_recognition_resnet_model_v1.dat"))
    names = [layer.name for layer in network.layers]
    assert names[:4] == ["con", "affine", "relu", "max_pool"]
    assert names[-2:] == ["avg_pool", "fc"]
    assert (names.count("con"), names.count("add"), names.count("skip")) == (29, 14, 4)
    assert network.layers[-1].tensors["weight"].shape == (256, 128)
    assert network.input.settings["rows"] == 150


def test_dlibs_detector_has_the_layers_it_should() -> None:
    network = weights_format.read(weights("mmod_human_face_detector.dat"))
    names = [layer.name for layer in network.layers]
    assert names == ["con", "bn_con", "relu"] * 6 + ["con"]
    assert [layer.settings["filters"] for layer in network.layers if layer.name == "con"] == [
        16, 32, 32, 45, 45, 45, 1,
    ]  # fmt: skip
    assert network.loss.settings["overlap"] == pytest.approx(0.3383, abs=1e-4)


@pytest.mark.parametrize("length", range(0, len(SMALL), 3))
def test_a_file_that_ends_early_is_refused_with_the_place(length: int) -> None:
    with pytest.raises(FormatError, match=r"at byte [\d,]+"):
        weights_format.read(SMALL[:length])


def test_a_file_with_more_than_a_network_is_refused() -> None:
    with pytest.raises(FormatError, match="more bytes"):
        weights_format.read(SMALL + b"\0")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (name("con_4"), name("con_5"), "not one of"),
        (name("relu_"), name("exec_"), "not one of"),
        (alias(2, 3, 2, 2), alias(2, 3, 2, 3), "do not agree"),
        (alias(1, 2, 1, 1), alias(1, 3, 1, 1), "do not agree"),
        (integer(2) + integer(3) + name("input_rgb_image_pyramid"), integer(7), "unknown version"),
        (b"110" + EMPTY, b"1x0" + EMPTY, "neither 0 nor 1"),
        (struct.pack("<f", 5.0), struct.pack("<f", math.nan), "not finite"),
        (struct.pack("<f", 5.0), struct.pack("<f", math.inf), "not finite"),
        (number(0.338), integer(1 << 61) + integer(1000), "not a usable number"),
        (number(0.338), integer(1) + integer(1 << 60), "not a usable number"),
        (number(0.338), integer(1 << 62) + integer(0), "not a usable number"),
        (EMPTY, integer(2) + integer(1) * 4 + b"\0\0\0\0", "training"),
        (EMPTY, integer(2) + integer(-1) * 4, "cannot have the dimensions"),
        (EMPTY, integer(2) + integer(1 << 25) * 4, "cannot have the dimensions"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(before: bytes, after: bytes, why: str) -> None:
    assert before in SMALL
    with pytest.raises(FormatError, match=why):
        weights_format.read(SMALL.replace(before, after, 1))


def test_endless_layers_are_refused() -> None:
    at = SMALL.index(integer(2) + integer(3) + name("input_rgb_image_pyramid"))
    with pytest.raises(FormatError, match="too many layers"):
        weights_format.read(SMALL[:at] + integer(2) * 5_000 + SMALL[at:])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_change_of_bytes_makes_anything_but_a_network_or_our_error(data: st.DataObject) -> None:
    content = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    piece = data.draw(st.sampled_from([bytes(content), bytes(content[:cut]), bytes(content[cut:])]))
    try:
        network = weights_format.read(piece)
    except FormatError:
        return
    for layer in network.layers:
        assert all(np.isfinite(values).all() for values in layer.tensors.values())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(FormatError):
        weights_format.read(content)
