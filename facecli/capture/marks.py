"""Marks to draw onto a picture. The parent process makes them and sees no pixel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PixelBox: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom exclusive."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One face to mark.

    caption: may be empty. blur: make the face unrecognisable. reach: area to blur, if it is not
    the box because the face may be elsewhere in it.
    """

    box: PixelBox
    caption: str
    blur: bool = False
    kind: Literal["match", "no-match"] = "no-match"
    reach: PixelBox | None = None


@dataclass(frozen=True, eq=False)
class PreviewPicture:
    """A picture for the preview window.

    rgb: (height, width, 3) uint8 RGB. words: guidance for the person. box: the face, if there is
    one. good: the frame is fit for enrolment.
    """

    rgb: NDArray[np.uint8] = field(repr=False)
    words: str
    box: PixelBox | None = None
    good: bool = False
