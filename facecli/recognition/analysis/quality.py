"""Quality of a capture, in the words of ISO/IEC 29794-5 and its open implementation, BSI's OFIQ.

Every component is a whole number 0..100, higher is better, or None: "could not assess". Where a
measure here is simpler than OFIQ's, its function says so; the numbers are then of the same kind,
not the same value. Importing this module imports no numerical package: records of quality
travel to the parent process, which needs none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from facecli.recognition.engines.engine import (
    LEFT_EYE,
    LEFT_MOUTH,
    NOSE_TIP,
    RIGHT_EYE,
    RIGHT_MOUTH,
    DetectedFace,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from facecli.recognition.engines.engine import Landmarks, Rgb

    Luminance = npt.NDArray[np.uint8]

CHIP = 112
"""Side in pixels of the upright face on which exposure and sharpness are measured."""
CHIP_EYES = 44.0
"""Pixels between the eyes in that face."""
CHIP_EYE_LINE = 46.0
"""Rows above the eyes in that face."""


@dataclass(frozen=True)
class Quality:
    """OFIQ's components as whole numbers 0..100, higher is better; None: could not assess.

    luminance is no component but LuminanceMean's native value, 0..255: it tells dark from bright.
    """

    Sharpness: int | None
    UnderExposurePrevention: int | None
    OverExposurePrevention: int | None
    DynamicRange: int | None
    LuminanceMean: int | None
    InterEyeDistance: int | None
    HeadPoseYaw: int | None
    HeadPosePitch: int | None
    HeadPoseRoll: int | None
    SingleFacePresent: int | None
    luminance: int | None = None

    def components(self) -> dict[str, int | None]:
        """Every component by OFIQ's name, for records."""
        return {field.name: getattr(self, field.name) for field in fields(self)[:-1]}

    @property
    def unified(self) -> int | None:
        """One figure for the capture, 0..100, higher is better.

        The geometric mean of two figures: the smallest of the components about this face (all but
        SingleFacePresent) that could be assessed, and their geometric mean. So the worst one
        counts most, and none is hidden; None if none was assessed. Chosen by which images, left
        out, lower FNMR most, on one half of the people of a set and confirmed on the other (see
        README). OFIQ's UnifiedQualityScore is instead the magnitude of a MagFace template; this
        is not comparable with it.
        """
        values = [
            value
            for name, value in self.components().items()
            if name != "SingleFacePresent" and value is not None
        ]
        if not values:
            return None
        logs = [math.log(max(value, 1)) for value in values]
        return round(math.exp((min(logs) + sum(logs) / len(logs)) / 2))


@dataclass(frozen=True)
class Floor:
    """The lowest value of a component that passes, and the reason code below it."""

    component: str
    lowest: int
    reason: str


ENROL_FLOORS = (
    Floor("SingleFacePresent", 75, "several-faces"),  # a second face of over 25 % of the area
    Floor("InterEyeDistance", 12, "face-too-small"),  # under about 30 pixels
    Floor("HeadPoseYaw", 67, "turned-away"),  # beyond about 35 degrees
    Floor("HeadPosePitch", 50, "turned-away"),  # beyond about 45 degrees; a rough estimate
    Floor("HeadPoseRoll", 50, "turned-away"),
    Floor("OverExposurePrevention", 5, "too-bright"),  # over about 17 % of the face burnt out
    Floor("UnderExposurePrevention", 80, "too-dark"),  # over about 84 % of the face black
    Floor("LuminanceMean", 30, "too-dark"),  # mean luminance under 40 of 255, or over 215
    Floor("DynamicRange", 50, "too-dark"),  # under 4 bits of entropy
    Floor("Sharpness", 33, "blurred"),  # blur of sigma about 8 % of the inter-eye distance
)
"""Set so that official portraits pass and their blurred, darkened, overexposed and shrunk copies
do not, and that under 1 % of press photographs with faces of 40 pixels between the eyes fail on
exposure or sharpness."""


def refusal(quality: Quality, purpose: Literal["enrol", "probe"] = "enrol") -> str | None:
    """The reason code for which a capture is refused, or None; the first that applies.

    An enrolment must pass every floor; a component that could not be assessed passes, for the
    detector did find a face. A probe is never refused: its quality is shown instead.
    """
    if purpose == "probe":
        return None
    for floor in ENROL_FLOORS:
        value = getattr(quality, floor.component)
        if value is not None and value < floor.lowest:
            return _exposure_reason(quality) if floor.reason == "too-dark" else floor.reason
    return None


def _exposure_reason(quality: Quality) -> str:
    """A flat or extreme luminance is too bright on the bright side of the middle."""
    return "too-bright" if (quality.luminance or 0) > 127 else "too-dark"


def assess(
    rgb: Rgb, face: DetectedFace, others: Sequence[DetectedFace], scale: float = 1.0
) -> Quality:
    """The quality of one face in an image (height, width, 3) uint8 RGB.

    others: the image's other faces. scale: of `rgb` to the whole image, 1 or less, where it was
    decoded reduced; inter-eye distance is that in the whole image. Components that need a
    landmark which the engine did not locate are None.
    """
    pose = head_pose(face.landmarks)
    distance = inter_eye_distance(face.landmarks, pose.yaw)
    pixels = _face_pixels(rgb, face.landmarks)
    dark, burnt, entropy, mean, sharp = pixels if pixels is not None else (None,) * 5
    return Quality(
        Sharpness=_whole(None if sharp is None else 100 * sharp / FULLY_SHARP),
        UnderExposurePrevention=_whole(
            None if dark is None else 120 * (0.832 - _sigmoid(dark, 0.92, 0.05))
        ),
        OverExposurePrevention=_whole(None if burnt is None else 1 / (burnt + 0.01)),
        DynamicRange=_whole(None if entropy is None else 12.5 * entropy),
        LuminanceMean=_whole(
            None if mean is None else 100 * _sigmoid(mean, 0.2, 0.05) * _sigmoid(-mean, -0.8, 0.05)
        ),
        InterEyeDistance=_whole(
            None if distance is None else 100 * _sigmoid(distance / scale, 70, 20)
        ),
        HeadPoseYaw=_whole(_turn(pose.yaw)),
        HeadPosePitch=_whole(_turn(pose.pitch)),
        HeadPoseRoll=_whole(_turn(pose.roll)),
        SingleFacePresent=_whole(_singleness(face, others)),
        luminance=None if mean is None else round(255 * mean),
    )


@dataclass(frozen=True)
class HeadPose:
    """Degrees, 0 is frontal: yaw towards the right of the picture, pitch upwards, roll clockwise.
    None: could not assess."""

    yaw: float | None
    pitch: float | None
    roll: float | None


NOSE_DEPTH, NOSE_DROP = 0.57, 0.54
MOUTH_DEPTH, MOUTH_DROP = 0.06, 1.10
"""Where tip of the nose and middle of the mouth lie before and below the middle of the eyes, in
inter-eye distances, in the canonical face model of MediaPipe."""


def head_pose(landmarks: Landmarks | Sequence[tuple[float, float]]) -> HeadPose:
    """The turn of the head from five landmarks (5, 2), by weak perspective on a rigid mean face.

    Simpler than OFIQ, which fits a 3D face (3DDFA-V2): expect errors of 10 degrees, and more in
    pitch, where noses differ.
    """
    right, left, nose = (_point(landmarks, row) for row in (RIGHT_EYE, LEFT_EYE, NOSE_TIP))
    if right is None or left is None or right == left:
        return HeadPose(None, None, None)
    across = left - right
    unit, roll = across / abs(across), math.degrees(math.atan2(across.imag, across.real))
    if nose is None:
        return HeadPose(None, None, roll)
    # In the frame of the eyes: real part along the eye line, imaginary part down the face.
    tip = (nose - (right + left) / 2) / unit / abs(across)
    yaw = math.degrees(math.atan(tip.real / NOSE_DEPTH))
    corners = [_point(landmarks, row) for row in (RIGHT_MOUTH, LEFT_MOUTH)]
    if corners[0] is None or corners[1] is None:
        return HeadPose(yaw, None, roll)
    mouth = (sum(corners) / 2 - (right + left) / 2) / unit / abs(across)  # type: ignore[arg-type]
    if mouth.imag <= 0:
        return HeadPose(yaw, 90.0, roll)
    share = tip.imag / mouth.imag
    rise = (NOSE_DROP - share * MOUTH_DROP) / max(NOSE_DEPTH - share * MOUTH_DEPTH, 0.05)
    return HeadPose(yaw, math.degrees(math.atan(rise)), roll)


def inter_eye_distance(landmarks: Landmarks, yaw: float | None) -> float | None:
    """Pixels between the eyes' centres, corrected for a turned head as OFIQ does (by 1/cos(yaw));
    None if an eye was not located."""
    right, left = _point(landmarks, RIGHT_EYE), _point(landmarks, LEFT_EYE)
    if right is None or left is None:
        return None
    return abs(left - right) / max(math.cos(math.radians(yaw or 0.0)), 0.1)


def _point(landmarks: Landmarks | Sequence[tuple[float, float]], row: int) -> complex | None:
    x, y = (float(value) for value in landmarks[row])
    return complex(x, y) if math.isfinite(x) and math.isfinite(y) else None


def _turn(degrees: float | None) -> float | None:
    """OFIQ's 100 cos^2 of a pose angle, 0 beyond a quarter turn."""
    return None if degrees is None else 100 * max(math.cos(math.radians(degrees)), 0.0) ** 2


def _singleness(face: DetectedFace, others: Sequence[DetectedFace]) -> float:
    """100 (1 - A2/A1), A1 and A2 the areas of this and of the largest other face (ISO/IEC 29794-5
    draft; OFIQ since takes the square root of that ratio)."""
    largest = max((other.area for other in others), default=0)
    return 100 * max(1 - largest / max(face.area, 1), 0.0)


def _sigmoid(x: float, middle: float, width: float) -> float:
    """OFIQ's mapping of a native value to 0..1."""
    return 1 / (1 + math.exp(min((middle - x) / width, 500)))


def _whole(value: float | None) -> int | None:
    return None if value is None else round(min(max(value, 0.0), 100.0))


# -- pixels -------------------------------------------------------------------------------

FULLY_SHARP = 0.30
"""Fine over coarse detail in a crisp portrait; press photographs have 0.13 to 0.34."""


def _face_pixels(rgb: Rgb, landmarks: Landmarks) -> tuple[float, float, float, float, float] | None:
    """(share of black, share of burnt pixels, entropy in bits, mean luminance 0..1, sharpness) of
    the face, or None where the eyes were not located.

    Measured on an upright chip within an ellipse over the face; OFIQ measures within the contour
    of its landmarks. Black is 0..25 and burnt 247..255 of 255, as in OFIQ.
    """
    import numpy as np

    chip = _chip(rgb, landmarks)
    if chip is None:
        return None
    mask = _ellipse()
    shares = np.bincount(chip[mask], minlength=256) / np.count_nonzero(mask)
    used = shares[shares > 0]
    return (
        float(shares[:26].sum()),
        float(shares[247:].sum()),
        float(-(used * np.log2(used)).sum()),
        float((shares * np.arange(256)).sum() / 255),
        _sharpness(chip, mask),
    )


def _sharpness(chip: Luminance, mask: npt.NDArray[np.bool_]) -> float:
    """Contrast of fine detail over contrast of coarse detail, 0 and up, higher is sharper.

    Differences of Gaussians, fine between sigma 0.7 and 1.5 and coarse between 1.5 and 8 pixels
    with 44 pixels between the eyes, which is about what template networks see; the ratio does
    not depend on lighting. OFIQ instead feeds Laplacian, Sobel and mean-difference features to
    a random forest. Noise counts as detail here.
    """
    import cv2
    import numpy as np

    plane = chip.astype(np.float32)
    fine, middle, coarse = (cv2.GaussianBlur(plane, (0, 0), sigma) for sigma in (0.7, 1.5, 8.0))
    rounding = 0.05  # variance that whole-number pixels leave in the fine band
    detail = max(float((fine - middle)[mask].var()) - rounding, 0.0)
    return math.sqrt(detail) / max(float((middle - coarse)[mask].std()), 1.0)


def _chip(rgb: Rgb, landmarks: Landmarks) -> Luminance | None:
    """(CHIP, CHIP) uint8 luminance of the face, eyes level and CHIP_EYES pixels apart."""
    import cv2
    import numpy as np

    from facecli.recognition.engines import alignment

    right, left = _point(landmarks, RIGHT_EYE), _point(landmarks, LEFT_EYE)
    if right is None or left is None or abs(left - right) < 1:
        return None
    turn = CHIP_EYES / (left - right)
    shift = complex(CHIP / 2, CHIP_EYE_LINE) - turn * (right + left) / 2
    face = alignment.chip(rgb, alignment.Similarity(turn, shift), CHIP)
    return np.asarray(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), np.uint8)


def _ellipse() -> npt.NDArray[np.bool_]:
    """(CHIP, CHIP): True over the face, from brows to chin, without hair and background."""
    import numpy as np

    y, x = np.ogrid[:CHIP, :CHIP]
    inside: npt.NDArray[np.bool_] = ((x - 56) / 34) ** 2 + ((y - 64) / 44) ** 2 <= 1
    return inside
