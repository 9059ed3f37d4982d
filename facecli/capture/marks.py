"""What is to be drawn onto a picture. Light: the parent process makes marks and sees no pixel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Box: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """One face: its box (left, top, right, bottom) in pixels, right and bottom exclusive.

    The caption may be empty. With `blur` nothing of the face is left to recognise. reach: what is
    blurred, where that is another part than the box, since the face may be elsewhere in it.
    """

    box: Box
    caption: str
    blur: bool = False
    kind: Literal["match", "no-match"] = "no-match"
    reach: Box | None = None


@dataclass(frozen=True, eq=False)
class Picture:
    """What the window is to show: (height, width, 3) uint8 RGB, the box of the face if there is
    one, what to tell the person, and whether all is well."""

    rgb: NDArray[np.uint8] = field(repr=False)
    words: str
    box: Box | None = None
    good: bool = False
