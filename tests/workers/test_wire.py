"""Answers as plain data: they arrive as they were, and nothing but the expected type arrives."""

from __future__ import annotations

import json
import math
import pickle
import pkgutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import facecli
from facecli.errors.base import FacecliError
from facecli.errors.command_line import BadInput, OutputFailed
from facecli.workers import wire
from facecli.workers.wire import OR_NAN, Between, Forged


@dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.0


@dataclass(frozen=True)
class Shape:
    """One field of every kind."""

    name: str
    points: tuple[Point, ...]
    corner: tuple[int, int]
    pixels: bytes
    kind: Literal["open", "closed"] = "open"
    share: Annotated[float, Between(0, 1)] | None = None
    angle: Annotated[float, OR_NAN] = 0.0
    flags: dict[str, bool] | None = None
    more: list[Any] | None = None


SHAPE = Shape(
    "a\udcff\n",
    (Point(1, 2.5), Point(-3)),
    (4, 5),
    b"\0\xff" * 9,
    "closed",
    1.0,
    -0.5,
    {"yes": True},
    [None, "x", (1, b"y"), {"z": [2.5]}],
)


def arrives(value: object, expected: Any) -> Any:
    return wire.unpack(wire.pack(value), expected)


def message(text: bytes, *blobs: bytes) -> bytes:
    """A message with this JSON."""
    sizes = [struct.pack("<I", len(part)) for part in (text, *blobs)]
    return b"".join([struct.pack("<I", len(sizes)), *sizes, text, *blobs])


def test_a_dataclass_arrives_as_it_was() -> None:
    assert arrives(SHAPE, Shape) == SHAPE
    assert arrives((SHAPE, None), tuple[Shape, None]) == (SHAPE, None)
    assert arrives(Point(1), Shape | Point) == Point(1)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.tuples(inner, inner)
    | st.dictionaries(st.text() | st.integers(0, 9), inner),
    max_leaves=20,
)  # fmt: skip


@given(plain)
def test_plain_values_arrive_as_they_were(value: Any) -> None:
    again = arrives(value, Any)
    assert again == value
    assert type(again) is type(value)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_answer_are_forged(content: bytes) -> None:
    with pytest.raises(Forged):
        wire.unpack(content, Shape)


@given(st.data())
def test_a_changed_answer_is_forged_or_of_the_right_type(data: st.DataObject) -> None:
    content = bytearray(wire.pack(SHAPE))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = wire.unpack(bytes(content), Shape)
    except Forged:
        return
    assert arrives(found, Shape) == found or math.isnan(found.angle)


def test_numbers_of_numpy_arrive_as_python_s() -> None:
    found = arrives((np.int64(3), np.float32(0.5), np.bool_(True)), tuple[int, float, bool])
    assert found == (3, 0.5, True)
    assert [type(each) for each in found] == [int, float, bool]


@pytest.mark.parametrize("value", [object(), Point, lambda: None, {1, 2}, np.zeros(3), 1j])
def test_other_values_cannot_be_sent(value: object) -> None:
    with pytest.raises(TypeError):
        wire.pack((1, value))


class Bomb:
    """Unpickling it would write a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


def test_a_pickle_is_not_loaded(tmp_path: Path) -> None:
    bomb = pickle.dumps(Bomb(tmp_path / "pwned"))
    for content in (bomb, message(bomb), message(b"null", bomb)):
        for expected in (Shape, str, Any):
            if (content, expected) != (message(b"null", bomb), Any):
                with pytest.raises(Forged):
                    wire.unpack(content, expected)
    assert not (tmp_path / "pwned").exists()


WRONG: list[tuple[object, Any]] = [
    (1, str),
    ("1", int),
    (True, int),
    (1, bool),
    (1.0, int),
    (None, int),
    (2**63, int),
    (2**63, Any),
    (math.nan, float),
    (math.inf, float),
    (math.inf, Annotated[float, OR_NAN]),
    (math.nan, Any),
    ("1", float),
    (True, float),
    ((1, 2), tuple[int, int, int]),
    ((1, "2"), tuple[int, ...]),
    ([1], tuple[int, ...]),
    ({"a": 1}, dict[str, str]),
    ({1: "a"}, dict[str, str]),
    ("ajar", Literal["open", "closed"]),
    (True, Literal[1]),
    (1.5, Annotated[float, Between(0, 1)]),
    (-1, Annotated[int, Between(0, 100)] | None),
    (b"bytes", str),
    ("text", bytes),
    (Point(1), Shape),
    (Point(cast("int", "1")), Point),
    (Point(1), Any),
    (SHAPE, Point | str | None),
]


@pytest.mark.parametrize(("value", "expected"), WRONG)
def test_another_type_or_range_is_forged(value: object, expected: Any) -> None:
    with pytest.raises(Forged):
        arrives(value, expected)


@pytest.mark.parametrize(
    "tree",
    [
        {"Point": {"x": 1}},
        {"Point": {"x": 1, "y": 2.0, "z": 3}},
        {"Point": {"x": 1, "y": 2.0}, "Shape": {}},
        {"Point": [1, 2.0]},
        {"Point": None},
        {"Path": {"x": 1, "y": 2.0}},
        {"subprocess.Popen": {"args": "id"}},
        {"tuple": [1, 2.0]},
        {},
        [],
        {"bytes": 1},
    ],
)
def test_a_dataclass_with_other_fields_is_forged(tree: object) -> None:
    with pytest.raises(Forged):
        wire.unpack(message(json.dumps(tree).encode(), b"blob"), Point)


@pytest.mark.parametrize("number", [0, -1, 2, True, "1", None, 1e9, 2**70])
def test_a_byte_string_that_is_not_there_is_forged(number: object) -> None:
    assert wire.unpack(message(b'{"bytes":1}', b"blob"), bytes) == b"blob"
    with pytest.raises(Forged):
        wire.unpack(message(json.dumps({"bytes": number}).encode(), b"blob"), bytes)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        struct.pack("<I", 0),
        struct.pack("<I", 2**32 - 1),
        struct.pack("<II", 1, 2**32 - 1) + b"1",
        struct.pack("<II", 1, 0),
        message(b"1") + b"0",
        message(b"1")[:-1],
        message(b" " * (wire.MOST_TEXT + 1) + b"1"),
        message(b"\xff"),
        message(b"9" * 10_000),
        message(b"1e999"),
        message(b"[" * 1_000_000),
        message(b'{"list":[' * 100_000 + b"]}" * 100_000),
    ],
)
def test_lengths_beyond_the_end_and_deep_nesting_are_forged(content: bytes) -> None:
    for expected in (Any, list[Any], int):
        with pytest.raises(Forged):
            wire.unpack(content, expected)


def test_what_a_constructor_refuses_is_forged() -> None:
    @dataclass(frozen=True)
    class Even:
        number: int

        def __post_init__(self) -> None:
            if self.number % 2:
                raise ValueError

    content = message(b'{"Even":{"number":1}}')
    with pytest.raises(Forged):
        wire.unpack(content, Even)


def test_an_error_arrives_with_its_details() -> None:
    for error in (
        BadInput(what="the model", why="its hash is another"),
        OutputFailed(path=Path("a/b"), why="no space", errno=28),
    ):
        again = wire.unpack_error(wire.pack_error(error))
        assert type(again) is type(error)
        assert (str(again), again.exit_code) == (str(error), error.exit_code)


@pytest.mark.parametrize(
    "name",
    [
        "facecli.errors.base:Exit",
        "facecli.errors.base:counted",
        "facecli.errors.base:nothing",
        "facecli.errors.nothing:BadInput",
        "facecli.errors.base.os:Path",
        "subprocess:Popen",
        "facecli.cli.main:main",
        "",
    ],
)
def test_only_errors_of_ours_can_be_sent(name: str) -> None:
    with pytest.raises(Forged):
        wire.unpack_error(wire.pack((name, {"what": "id", "why": "x"})))
    with pytest.raises(Forged):
        wire.unpack_error(wire.pack(("facecli.errors.command_line:BadInput", {"wrong": (1,)}, 1)))


def workers() -> list[Callable[..., Any]]:
    """Every function of the package that sets up a worker."""
    found = []
    for module in pkgutil.walk_packages(facecli.__path__, "facecli."):
        if module.name != "facecli.__main__":
            members = vars(import_module(module.name)).items()
            found += [
                member for name, member in members
                if name.endswith("_worker") and getattr(member, "__module__", "") == module.name
            ]  # fmt: skip
    return found


def test_every_worker_states_the_type_of_its_answers() -> None:
    setups = workers()
    assert len(setups) >= 8
    for setup in setups:
        assert wire.answer_type(setup) is not Any
        assert wire.answer_type(partial(setup)) == wire.answer_type(setup)


def test_every_error_can_be_sent() -> None:
    """Its class is found again by its name, in `facecli.errors`."""
    kinds = [FacecliError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    ours = {kind for kind in kinds if kind.__module__.startswith("facecli.")}
    for kind in ours:
        assert kind.__module__.startswith("facecli.errors."), kind
