"""Quality of a capture: one unified figure, and components that give reasons for a refusal.

The unified figure is what predicts errors of the engine (`engine.QualityScale`). The components
are in the words of ISO/IEC 29794-5 and its open implementation, BSI's OFIQ. They cost a chip and
three blurs, so they are assessed for enrolments only.

Every component is a whole number 0..100, higher is better, or None: "could not assess". Where a
measure here is simpler than OFIQ's, its docstring notes it: the values then differ from OFIQ's.
Importing this module imports no numerical package, because records of quality travel to the
parent process, which needs none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from facecli.recognition.analysis.face_pixels import FacePixels, face_pixels
from facecli.recognition.analysis.head_pose import head_pose, inter_eye_distance
from facecli.recognition.engines.engine import DetectedFace, QualityScale

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import Rgb

EXPOSURE = (
    "Sharpness",
    "UnderExposurePrevention",
    "OverExposurePrevention",
    "DynamicRange",
    "LuminanceMean",
)
"""Components that are measured on the pixels of the face."""


@dataclass(frozen=True)
class Quality:
    """OFIQ's components as whole numbers 0..100, higher is better; None: could not assess.

    luminance is not a component. It is LuminanceMean's native value, 0..255, and distinguishes dark
    from bright.
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
        """Return every component by OFIQ's name, for records."""
        return {field.name: getattr(self, field.name) for field in fields(self)[:-1]}


@dataclass(frozen=True)
class Floor:
    """The lowest value of a component that passes, 0..100, and the reason code below it."""

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
"""Set so that official portraits pass, and their blurred, darkened, overexposed and shrunk copies
fail. Of press photographs with 40 pixels between the eyes, under 1 % fail on exposure or
sharpness."""


def unified(scale: QualityScale | None, face: DetectedFace, norm: float) -> int | None:
    """Return the quality of a capture, 0..100, higher is better; None: could not assess.

    Discarding the captures with the lowest figure lowers FNMR (see facecli-accuracy(7)). OFIQ's
    UnifiedQualityScore is the norm of a MagFace template and is not comparable with this figure.

    Args:
        norm: of the network's output for this face; NaN where the engine has none.
    """
    if scale is None:
        return None
    native = norm if scale.measure == "norm" else face.score
    if native is None or not math.isfinite(native):
        return None
    return _whole(100 * (native - scale.zero) / (scale.hundred - scale.zero))


def too_low(scale: QualityScale | None, figure: int | None) -> str | None:
    """Return the reason code that refuses an enrolment of this unified quality, or None."""
    if scale is None or figure is None or figure >= scale.lowest:
        return None
    return "not-a-face"


def refusal(quality: Quality) -> str | None:
    """Return the first reason code that refuses a capture, or None.

    An enrolment must pass every floor. A component that could not be assessed passes, because the
    detector found a face.
    """
    for floor in ENROL_FLOORS:
        value = getattr(quality, floor.component)
        if value is not None and value < floor.lowest:
            return _exposure_reason(quality) if floor.reason == "too-dark" else floor.reason
    return None


def _exposure_reason(quality: Quality) -> str:
    """Return `too-bright` for a flat or extreme luminance above the middle, else `too-dark`."""
    return "too-bright" if (quality.luminance or 0) > 127 else "too-dark"


FULLY_SHARP = 0.30
"""Fine over coarse detail in a crisp portrait; press photographs have 0.13 to 0.34."""


def assess(
    rgb: Rgb, face: DetectedFace, others: Sequence[DetectedFace], scale: float = 1.0
) -> Quality:
    """Return the quality of one face in an image.

    Components that need a landmark which the engine did not locate are None.

    Args:
        rgb: (height, width, 3) uint8 RGB.
        others: the other faces of the image.
        scale: of `rgb` to the whole image, 1 or less. It is below 1 where the image was decoded
            reduced; the inter-eye distance counts pixels of the whole image.
    """
    pose = head_pose(face.landmarks)
    distance = inter_eye_distance(face.landmarks, pose.yaw)
    apart = None if distance is None else 100 * _sigmoid(distance / scale, 70, 20)
    exposure = _exposure(face_pixels(rgb, face.landmarks))
    return Quality(
        **exposure,
        InterEyeDistance=_whole(apart),
        HeadPoseYaw=_whole(_turn(pose.yaw)),
        HeadPosePitch=_whole(_turn(pose.pitch)),
        HeadPoseRoll=_whole(_turn(pose.roll)),
        SingleFacePresent=_whole(_singleness(face, others)),
    )


def _exposure(pixels: FacePixels | None) -> dict[str, int | None]:
    """Return the components of exposure and sharpness by name; None without pixels.

    The mappings are OFIQ's, but for Sharpness.
    """
    if pixels is None:
        return dict.fromkeys(EXPOSURE)
    dark, burnt, entropy, mean, sharpness = pixels
    brightness = 100 * _sigmoid(mean, 0.2, 0.05) * _sigmoid(-mean, -0.8, 0.05)
    values = (
        100 * sharpness / FULLY_SHARP,
        120 * (0.832 - _sigmoid(dark, 0.92, 0.05)),
        1 / (burnt + 0.01),
        12.5 * entropy,
        brightness,
    )
    found: dict[str, int | None] = {
        name: _whole(value) for name, value in zip(EXPOSURE, values, strict=True)
    }
    return {**found, "luminance": round(255 * mean)}


def _turn(degrees: float | None) -> float | None:
    """Return OFIQ's 100 cos^2 of a pose angle, 0 beyond a quarter turn."""
    return None if degrees is None else 100 * max(math.cos(math.radians(degrees)), 0.0) ** 2


def _singleness(face: DetectedFace, others: Sequence[DetectedFace]) -> float:
    """Return 100 (1 - A2/A1), A1 and A2 the areas of this face and of the largest other face.

    Source: ISO/IEC 29794-5 draft. OFIQ has since taken the square root of that ratio.
    """
    largest = max((other.area for other in others), default=0)
    return 100 * max(1 - largest / max(face.area, 1), 0.0)


def _sigmoid(x: float, middle: float, width: float) -> float:
    """Return OFIQ's mapping of a native value to 0..1."""
    return 1 / (1 + math.exp(min((middle - x) / width, 500)))


def _whole(value: float | None) -> int | None:
    return None if value is None else round(min(max(value, 0.0), 100.0))
