"""The places of a font of the system that joins letters. The parent grants them to a worker."""

from __future__ import annotations

FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",  # Debian, Ubuntu
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",  # Fedora
    "/usr/share/fonts/truetype/DejaVuSans.ttf",  # openSUSE
    "/usr/share/fonts/TTF/DejaVuSans.ttf",  # Arch
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",  # Alpine
    "/System/Library/Fonts/Supplemental/Arial.ttf",  # macOS
)
"""The places of a font with Latin and Arabic letters."""
