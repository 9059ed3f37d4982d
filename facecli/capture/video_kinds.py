"""Name files and streams that are no readable video, by their first bytes."""

from __future__ import annotations

import os

from facecli.capture.image_kinds import LENGTH, image_kind, unread_kind
from facecli.workers import files

_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"  # the GUID of ASF's header object
_CONTAINERS = (
    (_ASF, "Windows Media (WMV)"),
    (b".RMF", "RealMedia"),
    (b"DHAV", "a recorder's own format (DAV)"),
    (b"IMKH", "a recorder's own format (Hikvision)"),
)
_CONVERT = "convert it to MP4 with H.264"
AV1_CODES = {"av01", "AV01"}
"""Codes of the codec AV1, as OpenCV gives them."""
AV1 = f"its video is AV1, which cannot be decoded here; {_CONVERT}"


def why_no_video(path: str) -> str | None:
    """Return what a file is instead of a readable video, as a clause, or None if it is unknown."""
    try:
        with files.opened(path) as handle:
            start = os.pread(handle, LENGTH, 0)
    except (OSError, ValueError):
        return None
    container = next((name for sign, name in _CONTAINERS if start.startswith(sign)), None)
    if container is not None:
        return f"it is in the format {container}, which facecli does not read; {_CONVERT}"
    image = image_kind(start) or unread_kind(start)
    if image == "GIF":
        return f"it is a GIF, which facecli does not read; {_CONVERT}"
    return f"it is an image ({image}); name it without --video" if image is not None else None
