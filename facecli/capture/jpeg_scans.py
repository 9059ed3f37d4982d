"""Count the scans of a JPEG before it is decoded.

A progressive JPEG refines the whole image with every scan, so that a small file of many scans keeps
a decoder busy for minutes. Cameras and editors write about ten. Source: libjpeg-turbo,
"Two Issues with the JPEG Standard" (2019), which recommends a limit.
"""

from __future__ import annotations

import re

MOST_SCANS = 100
_START_OF_SCAN = b"\xff\xda"
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # those that end the data of a scan


def has_too_many_scans(data: bytes) -> bool:
    """Return True for a JPEG of more than `MOST_SCANS` scans."""
    return data.count(_START_OF_SCAN) > MOST_SCANS and _scans(data) > MOST_SCANS


def _scans(data: bytes) -> int:
    """Count scans up to the end of the image; what follows may be a film of a camera."""
    scans, at = 0, 2
    while scans <= MOST_SCANS and (marker := _MARKER.search(data, at)) is not None:
        kind, at = marker[0][1], marker.end()
        if kind == 0xD9:  # the end of the image
            break
        scans += kind == 0xDA
        at += int.from_bytes(data[at : at + 2])  # the segment: its length includes these two bytes
    return scans
