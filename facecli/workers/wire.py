"""Answers of workers as plain data, with every type checked by the parent.

Unpickling an answer would let a worker that a malformed file has taken over run code in the
parent, which holds the open database. So an answer is JSON, with its byte strings after it. The
parent knows the type of the answer from the annotation of the worker's setup, and builds nothing
else: classes are never looked up by a name that the worker sent.

A dataclass crosses by its fields, each checked against its annotation. A new field needs no change
here. `Annotated[int, Between(0, 100)]` also states a range, and `Annotated[float, OR_NAN]` allows
what is not a number, which is refused otherwise.

Python's restricted unpickler is not enough: with one class allowed, a forged pickle set attributes
of that class.
"""

from __future__ import annotations

import json
import math
import re
import struct
import types
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache, partial
from importlib import import_module
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from facecli.errors.base import FacecliError

MOST_TEXT = 4 * 2**20
"""Bytes of JSON in an answer: parsed, they take many times as much memory."""
_SIZE = struct.Struct("<I")
_WHOLE = 2**63  # whole numbers lie below it, as in the database
_ERRORS = re.compile(r"facecli\.errors\.([a-z_]+):([A-Za-z]+)")


class Forged(Exception):
    """The bytes are not an answer of the expected type."""


@dataclass(frozen=True)
class Between:
    """The least and the greatest value of a number, for `Annotated`."""

    least: float
    most: float


OR_NAN = "or NaN"
"""Mark for `Annotated[float, OR_NAN]`."""

# -- the worker's half --------------------------------------------------------------------


def pack(value: object) -> bytes:
    """Return plain values, byte strings and dataclasses of them as bytes.

    Raises:
        TypeError: it contains something else.
    """
    blobs: list[bytes] = []
    text = json.dumps(_plain(value, blobs), separators=(",", ":")).encode()
    sizes = [_SIZE.pack(len(part)) for part in (text, *blobs)]
    return b"".join((_SIZE.pack(len(sizes)), *sizes, text, *blobs))


def pack_error(error: FacecliError) -> bytes:
    """Return an error as bytes: its class by name, and its details as text or numbers."""
    details = {
        name: detail if isinstance(detail, int | float | None) else str(detail)
        for name, detail in error.details.items()
    }
    return pack((f"{type(error).__module__}:{type(error).__name__}", details))


def _plain(value: Any, blobs: list[bytes]) -> Any:
    """Return a value as JSON has it. What is no scalar becomes an object with one member."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        blobs.append(value)
        return {"bytes": len(blobs)}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_plain(each, blobs) for each in value]}
    if isinstance(value, dict):
        return {"dict": [[_plain(key, blobs), _plain(value[key], blobs)] for key in value]}
    if is_dataclass(value) and not isinstance(value, type):
        kept = {field.name: _plain(getattr(value, field.name), blobs) for field in fields(value)}
        return {type(value).__name__: kept}
    if type(value).__module__ == "numpy" and value.shape == ():
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be sent")


# -- the parent's half --------------------------------------------------------------------


def answer_type(setup: Callable[..., Any]) -> Any:
    """Return the type of the answers, from the annotation of a setup or of a `partial` of it.

    Raises:
        TypeError: the setup is not annotated as returning a `Callable[[Task], Answer]`.
    """
    returned = get_type_hints(getattr(setup, "func", setup)).get("return")
    if len(get_args(returned)) != 2:
        raise TypeError("the setup of a worker must state the type of its answers")
    return get_args(returned)[1]


def unpack(content: bytes, expected: Any) -> Any:
    """Return the value that `pack` was given.

    Args:
        expected: the type; `Any` stands for plain values of any shape, without dataclasses.

    Raises:
        Forged: the bytes hold something else.
    """
    try:
        text, *blobs = _parts(content)
        return _reader(expected)(json.loads(text), blobs)
    except Forged:
        raise
    except Exception as error:  # nested too deeply, a number that is too long, no UTF-8, ...
        raise Forged(type(error).__name__) from None


def unpack_error(content: bytes) -> FacecliError:
    """Return the error that `pack_error` was given. Raises `Forged`."""
    name, details = unpack(content, tuple[str, dict[str, Any]])
    named = _ERRORS.fullmatch(name)
    try:
        module = import_module(f"facecli.errors.{named[1]}") if named else None
        kind = getattr(module, named[2]) if named else None
        if not (isinstance(kind, type) and issubclass(kind, FacecliError)):
            raise Forged("not one of our errors")
        return kind(**details)
    except Forged:
        raise
    except Exception as error:
        raise Forged(type(error).__name__) from None


def _parts(content: bytes) -> list[bytes]:
    """Return the JSON text and the byte strings of a message."""
    (count,) = _SIZE.unpack_from(content)
    at = _SIZE.size * (count + 1)
    if not 1 <= count <= len(content) // _SIZE.size or at > len(content):
        raise Forged("its lengths are wrong")
    sizes = [_SIZE.unpack_from(content, _SIZE.size * number)[0] for number in range(1, count + 1)]
    if at + sum(sizes) != len(content) or sizes[0] > MOST_TEXT:
        raise Forged("its lengths are wrong")
    parts = []
    for size in sizes:
        parts.append(content[at : at + size])
        at += size
    return parts


# -- readers: functions from a JSON tree and the byte strings to a value of one type ---------

Reader = Callable[[Any, list[bytes]], Any]


def _reader(expected: Any) -> Reader:
    """Return the function that makes values of a type. It raises `Forged` for other trees."""
    origin, arguments = get_origin(expected), get_args(expected)
    if expected is Any:
        return _anything
    if origin is Annotated:
        marks = [mark for mark in arguments[1:] if isinstance(mark, Between)]
        return partial(_marked, _reader(arguments[0]), marks, OR_NAN in arguments)
    if origin in (Union, types.UnionType):
        kinds = [_reader(kind) for kind in arguments if kind is not types.NoneType]
        return partial(_first_that_fits, kinds, types.NoneType in arguments)
    if origin is Literal:
        return partial(_listed, arguments)
    if is_dataclass(expected) and isinstance(expected, type):
        return partial(_dataclass, expected)
    name = (origin or expected).__name__ if expected is not None else ""
    if name in _BUILT_IN:
        return partial(_built_in, name, _BUILT_IN[name](arguments))
    return partial(_scalar, expected)


def _scalar(expected: Any, tree: Any, _: list[bytes]) -> Any:
    if expected is float:
        if type(tree) in (int, float) and math.isfinite(tree):
            return float(tree)
    elif expected is int:
        if type(tree) is int and -_WHOLE <= tree < _WHOLE:
            return tree
    elif expected in (None, types.NoneType):
        if tree is None:
            return None
    elif expected in (bool, str) and type(tree) is expected:
        return tree
    raise Forged(f"{type(tree).__name__} instead of {expected}")


def _anything(tree: Any, blobs: list[bytes]) -> Any:
    if not isinstance(tree, dict):
        return _scalar(type(tree), tree, blobs)
    [(name, _)] = tree.items()
    arguments = {"tuple": (Any, ...), "list": (Any,), "dict": (Any, Any), "bytes": ()}[name]
    return _built_in(name, _BUILT_IN[name](arguments), tree, blobs)


def _marked(
    read: Reader, marks: Sequence[Between], or_nan: bool, tree: Any, blobs: list[bytes]
) -> Any:
    if or_nan and type(tree) is float and math.isnan(tree):
        return tree
    value = read(tree, blobs)
    for mark in marks:
        if not mark.least <= value <= mark.most:
            raise Forged(f"a number outside {mark.least} to {mark.most}")
    return value


def _first_that_fits(kinds: Sequence[Reader], or_none: bool, tree: Any, blobs: list[bytes]) -> Any:
    if or_none and tree is None:
        return None
    for read in kinds:
        with suppress(Forged):
            return read(tree, blobs)
    raise Forged("none of the expected types")


def _listed(values: tuple[Any, ...], tree: Any, _: list[bytes]) -> Any:
    if not any(type(tree) is type(each) and tree == each for each in values):
        raise Forged("a value that is not listed")
    return tree


def _content(name: str, tree: Any) -> Any:
    """Return the content of an object whose one member has this name."""
    if not isinstance(tree, dict):
        raise Forged(f"{type(tree).__name__} instead of {name}")
    [(found, content)] = tree.items()
    if found != name:
        raise Forged(f"{found} instead of {name}")
    return content


def _dataclass(kind: type, tree: Any, blobs: list[bytes]) -> Any:
    """Make a dataclass of exactly its fields. What its constructor refuses is forged."""
    content, readers = _content(kind.__name__, tree), _field_readers(kind)
    if type(content) is not dict or content.keys() != readers.keys():
        raise Forged(f"other fields than those of {kind.__name__}")
    return kind(**{name: read(content[name], blobs) for name, read in readers.items()})


@lru_cache(maxsize=64)
def _field_readers(kind: Any) -> dict[str, Reader]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _built_in(name: str, read: Reader, tree: Any, blobs: list[bytes]) -> Any:
    return read(_content(name, tree), blobs)


def _tuple(kinds: tuple[Any, ...]) -> Reader:
    if kinds[1:] == (Ellipsis,):
        read_all = _list(kinds[:1])
        return lambda content, blobs: tuple(read_all(content, blobs))
    readers = [_reader(kind) for kind in kinds]

    def read(content: Any, blobs: list[bytes]) -> tuple[Any, ...]:
        if type(content) is not list or len(content) != len(readers):
            raise Forged(f"not {len(readers)} values")
        return tuple([one(each, blobs) for one, each in zip(readers, content, strict=True)])

    return read


def _list(kinds: tuple[Any, ...]) -> Reader:
    one = _reader(kinds[0])

    def read(content: Any, blobs: list[bytes]) -> list[Any]:
        if type(content) is not list:
            raise Forged("not a list")
        return [one(each, blobs) for each in content]

    return read


def _dict(kinds: tuple[Any, ...]) -> Reader:
    pair = _tuple(kinds)

    def read(content: Any, blobs: list[bytes]) -> dict[Any, Any]:
        if type(content) is not list:
            raise Forged("not a dictionary")
        return dict(pair(each, blobs) for each in content)

    return read


def _bytes(_: tuple[Any, ...]) -> Reader:
    def read(content: Any, blobs: list[bytes]) -> bytes:
        if type(content) is not int or not 1 <= content <= len(blobs):
            raise Forged("no such byte string")
        return blobs[content - 1]

    return read


_BUILT_IN: dict[str, Callable[[tuple[Any, ...]], Reader]] = {
    "bytes": _bytes,
    "dict": _dict,
    "list": _list,
    "tuple": _tuple,
}
