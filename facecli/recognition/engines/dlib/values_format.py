"""Read the values of dlib's serialisation: numbers, names, flags and tensors.

An integer is a control byte (high bit: sign, low nibble: count) and `count` bytes, low byte first.
A floating-point number is two integers, the mantissa and the exponent of two. A tensor is the
integer 2, four dimensions and its float32 values, low byte first. Source: the format as dlib 19
and 20 write it (dlib/serialize.h, dlib/cuda/tensor*).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.floating[Any]]

LONGEST_NAME = 64


class FormatError(ValueError):
    """The file is not a network that this reader knows, with the place where that showed."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"{why}, at byte {offset:,}")
        self.offset = offset


class Reader:
    """A position in the content of a file, and the values that can be read there.

    Every method raises `FormatError` where the file holds something else.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.offset = 0

    def integer(self) -> int:
        """Read a whole number."""
        control = self._take(1)[0]
        count = control & 0x0F
        if control & 0x70 or not 1 <= count <= 8:
            raise FormatError(self.offset - 1, "an integer was expected")
        value = int.from_bytes(self._take(count), "little")
        return -value if control & 0x80 else value

    def expect(self, value: int, what: str) -> None:
        """Read a whole number and refuse any but this one."""
        found = self.integer()
        if found != value:
            raise FormatError(self.offset, f"{what} should be {value} and is {found}")

    def size(self, what: str) -> int:
        """Read a whole number that can be a size, a stride or a padding: 0..65,536."""
        found = self.integer()
        if not 0 <= found <= 65_536:
            raise FormatError(self.offset, f"{what} cannot be {found}")
        return found

    def number(self, what: str) -> float:
        """Read a floating-point number."""
        mantissa, exponent = self.integer(), self.integer()
        if abs(mantissa) < 1 << 62:
            with suppress(OverflowError):
                return math.ldexp(mantissa, exponent)
        raise FormatError(self.offset, f"{what} is not a usable number")

    def numbers(self, count: int, what: str) -> list[float]:
        """Read `count` floating-point numbers."""
        return [self.number(what) for _ in range(count)]

    def name(self, known: Iterable[str]) -> str:
        """Read a name, which must be one of the known ones."""
        length = self.integer()
        if not 1 <= length <= LONGEST_NAME:
            raise FormatError(self.offset, "a name was expected")
        found = self._take(length).decode("ascii", "replace")
        if found not in known:
            raise FormatError(self.offset, f"{found!r} is not one of {', '.join(known)}")
        return found

    def flag(self, what: str) -> None:
        """Read a truth value: the character 0 or 1."""
        if self._take(1) not in (b"0", b"1"):
            raise FormatError(self.offset, f"{what} is neither 0 nor 1")

    def alias(self, what: str) -> tuple[int, int, int, int]:
        """Read the dimensions of a part of a tensor."""
        self.expect(1, f"the version of {what}")
        return self._dimensions(what)

    def tensor(self, what: str) -> Array:
        """Read a tensor: four dimensions, float32, all finite; may be empty."""
        self.expect(2, f"the version of {what}")
        shape = self._dimensions(what)
        values = np.frombuffer(self._take(4 * math.prod(shape)), "<f4").reshape(shape)
        if not np.isfinite(values).all():
            raise FormatError(self.offset, f"{what} holds values that are not finite")
        return values.astype(np.float32, copy=False)

    def _dimensions(self, what: str) -> tuple[int, int, int, int]:
        first, second, third, fourth = (self.integer() for _ in range(4))
        shape = (first, second, third, fourth)
        if any(not 0 <= part <= 1 << 26 for part in shape) or math.prod(shape) > 1 << 28:
            raise FormatError(self.offset, f"{what} cannot have the dimensions {shape}")
        return shape

    def _take(self, count: int) -> bytes:
        taken = self.content[self.offset : self.offset + count]
        if len(taken) < count:
            raise FormatError(len(self.content), "the file ends too early")
        self.offset += count
        return taken
