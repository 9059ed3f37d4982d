"""The turn of a head between two frames, from five landmarks; flat pictures have no depth in it.

Pure geometry: no engine, no clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from facecli.recognition.analysis.head_pose import head_pose
from facecli.recognition.engines.engine import (
    LEFT_EYE,
    LEFT_MOUTH,
    NOSE_TIP,
    RIGHT_EYE,
    RIGHT_MOUTH,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from facecli.recognition.engines.engine import Points

    Landmarks = npt.NDArray[np.float64]

Facing: TypeAlias = Literal["left", "right", "ahead", "between", "flat"]
"""left, right: the subject's own. flat: the plane of the face turns, but its nose has no depth."""

TURNED = 12.0
"""Degrees of yaw, as `quality.head_pose` measures it, from looking ahead to a turn that counts. It
measures a turn too low: the head must turn by about 20 degrees and more."""
PARALLAX = 0.12
"""Least shift of the nose out of the plane of eyes and mouth, in inter-eye distances. A nose 0.57
before the eyes (the mean head of `quality`) shifts by 0.2 in a turn of 20 degrees."""
AHEAD = 8.0
"""Degrees of yaw within which a head looks ahead."""


class Turn(NamedTuple):
    """A turn away from looking ahead.

    degrees: of yaw, positive to the subject's left. parallax: shift of the nose against the plane
    of eyes and mouth, in inter-eye distances, with the same sign.
    """

    degrees: float
    parallax: float

    @property
    def facing(self) -> Facing:
        """The side that the turn shows."""
        if abs(self.degrees) < TURNED:
            return "ahead" if abs(self.degrees) <= AHEAD else "between"
        if self.parallax * self.degrees <= 0 or abs(self.parallax) < PARALLAX:
            return "flat"
        return "left" if self.degrees > 0 else "right"


def turn_between(ahead: Landmarks, now: Landmarks) -> Turn:
    """Return the turn from one set of landmarks to another, each (5, 2) from `normalised`.

    The homography of the plane through eyes and mouth carries the nose over. The nose of a picture
    goes with the plane, a nose with depth does not (plane plus parallax: Irani and Anandan,
    "Parallax Geometry of Pairs of Points for 3D Scene Analysis", 1996).
    """
    import cv2
    import numpy as np

    plane = [RIGHT_EYE, LEFT_EYE, RIGHT_MOUTH, LEFT_MOUTH]
    over = cv2.getPerspectiveTransform(ahead[plane].astype("f4"), now[plane].astype("f4"))
    nose = over @ [*ahead[NOSE_TIP], 1.0]
    along = now[LEFT_EYE] - now[RIGHT_EYE]
    shift = now[NOSE_TIP] - nose[:2] / (nose[2] or 1.0)
    return Turn(yaw(now) - yaw(ahead), float(shift @ along / np.dot(along, along)))


def yaw(landmarks: Landmarks) -> float:
    """Return the yaw of a head in degrees, positive to the subject's left; see `head_pose`."""
    return head_pose(landmarks.tolist()).yaw or 0.0


def normalised(points: Points) -> Landmarks | None:
    """Return landmarks, (5, 2), with the middle of the eyes at 0, level and at a distance of 1.

    None where a landmark is missing.
    """
    import numpy as np

    flat = np.asarray(points, np.float64)
    if flat.shape != (5, 2) or not np.isfinite(flat).all():
        return None
    numbers = flat[:, 0] + 1j * flat[:, 1]
    across = numbers[LEFT_EYE] - numbers[RIGHT_EYE]
    if across == 0:
        return None
    turned = (numbers - (numbers[LEFT_EYE] + numbers[RIGHT_EYE]) / 2) / across
    return np.stack([turned.real, turned.imag], axis=1)
