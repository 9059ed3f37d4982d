"""The user's own network for presentation attack detection, with MiniFASNet's interface.

MiniFASNet is the network of minivision-ai's Silent-Face-Anti-Spoofing (Apache-2.0). Input: the
picture around the face, 80 x 80 pixels, BGR, 0..255. Output: three classes, the second is a real
face. A file's name begins with the size of that part in face boxes, as in
`2.7_80x80_MiniFASNetV2.onnx`; without it, the size is 2.7.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from facecli.errors.recognition import PadModelFailed
from facecli.recognition.engines import weights

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import onnxruntime

    from facecli.recognition.engines.engine import FaceBox, Rgb

    Floats = npt.NDArray[np.float64]

SIDE = 80
CLASSES, REAL = 3, 1
SCALE = 2.7
"""Size of the part in face boxes, where the file's name gives none."""
LARGEST = 64 * 2**20
"""Bytes of the largest file that is read; MiniFASNet has under 2 MB."""
_NAMED_SCALE = re.compile(r"(\d+(?:\.\d+)?)_")


class PadNetwork:
    """The network, loaded and run once.

    Raises:
        PadModelFailed: the file cannot be read, or has another interface.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        named = _NAMED_SCALE.match(path.name)
        self._scale = float(named[1]) if named else SCALE
        self._session = self._opened()
        self._input = self._session.get_inputs()[0].name
        self._run(_grey())

    def real(self, rgb: Rgb, box: FaceBox) -> float:
        """Return the network's score for the face in `box`, 0..1, higher is more likely real.

        Args:
            rgb: (height, width, 3) uint8. box: (left, top, right, bottom) in pixels.
        """
        import cv2
        import numpy as np

        left, top, right, bottom = around(box, self._scale, rgb.shape[1], rgb.shape[0])
        part = cv2.resize(rgb[top:bottom, left:right], (SIDE, SIDE))
        return float(self._run(np.asarray(part, np.uint8))[REAL])

    def _run(self, part: Rgb) -> Floats:
        """Return the probabilities of the classes, (3,), for (80, 80, 3) uint8 RGB."""
        import numpy as np

        plane = np.ascontiguousarray(part[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
        try:
            found = np.asarray(self._session.run(None, {self._input: plane})[0], np.float64)
        except Exception as error:  # ONNX Runtime's exceptions have no common class of their own
            why = f"it does not take 1 x 3 x {SIDE} x {SIDE} pixels ({type(error).__name__})"
            raise PadModelFailed(path=self._path, why=why) from None
        if found.size != CLASSES:
            why = f"it gives {found.size} numbers where three classes are expected"
            raise PadModelFailed(path=self._path, why=why)
        if not np.isfinite(found).all():
            raise PadModelFailed(path=self._path, why="what it gives is not finite")
        return _probabilities(found.reshape(-1))

    def _opened(self) -> onnxruntime.InferenceSession:
        from facecli.errors.recognition import ModelFailed

        try:
            session = weights.open_session(content(self._path), self._path.name)
        except ModelFailed:
            raise PadModelFailed(path=self._path, why="it is not a working ONNX model") from None
        if len(session.get_inputs()) != 1 or len(session.get_outputs()) != 1:
            why = "it has more than one input or output"
            raise PadModelFailed(path=self._path, why=why)
        return session


def _probabilities(found: Floats) -> Floats:
    """Return the probabilities of the classes, (3,).

    MiniFASNet's output goes through a softmax. Many exported networks end in one already; their
    output is taken as it is.
    """
    import numpy as np

    if found.min() >= 0 and abs(float(found.sum()) - 1) < 1e-3:
        return found
    powers = np.exp(found - found.max())
    return np.asarray(powers / powers.sum(), np.float64)


def digest(path: Path) -> str:
    """Return the SHA-256 of the network's file in hex. Raises `PadModelFailed`."""
    return hashlib.sha256(content(path)).hexdigest()


def content(path: Path) -> bytes:
    """Return the network's file. Raises `PadModelFailed` if it cannot be read or is too large."""
    try:
        with open(path, "rb") as stream:
            found = stream.read(LARGEST + 1)
    except OSError as error:
        raise PadModelFailed(path=path, why=(error.strerror or "no reason given").lower()) from None
    if len(found) > LARGEST:
        raise PadModelFailed(path=path, why=f"it has more than {LARGEST} bytes")
    return found


def around(box: FaceBox, scale: float, width: int, height: int) -> FaceBox:
    """Return the part of a picture `scale` times as wide and high as the box, about its middle.

    As in MiniFASNet's own crop, it is moved to stay in the picture, and made smaller where it
    does not fit.
    """
    left, top, right, bottom = box
    wide, high = max(right - left, 1), max(bottom - top, 1)
    scale = min(scale, (width - 1) / wide, (height - 1) / high)
    half_wide, half_high = wide * scale / 2, high * scale / 2
    x = min(max((left + right) / 2, half_wide), width - half_wide)
    y = min(max((top + bottom) / 2, half_high), height - half_high)
    return (
        max(int(x - half_wide), 0),
        max(int(y - half_high), 0),
        min(int(x + half_wide) + 1, width),
        min(int(y + half_high) + 1, height),
    )


def _grey() -> Rgb:
    import numpy as np

    return np.full((SIDE, SIDE, 3), 127, np.uint8)
