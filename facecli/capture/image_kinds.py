"""Find the kind of an image file by its first bytes. Reads no pixel, imports nothing."""

from __future__ import annotations

LENGTH = 32
"""Number of first bytes that are enough to find the kind."""
SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff")
) | {".heic", ".heif", ".hif", ".gif", ".jp2"}
"""Suffixes of files that are meant to be images."""
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_UNREADABLE_IMAGES = ((b"GIF8", "a GIF"), (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000"))
_OTHER_KINDS = (*_UNREADABLE_IMAGES, (b"%PDF", "a PDF"))


def image_kind(start: bytes) -> str | None:
    """Return JPEG, PNG, WebP, TIFF, BMP or HEIC; None if it is no readable image."""
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WebP"
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if start[:2] == b"BM" and int.from_bytes(start[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS:
        return "HEIC"
    return None


def other_kind(start: bytes) -> str | None:
    """Return another known kind of file, with its article ("a PDF"), or None."""
    return next((kind for prefix, kind in _OTHER_KINDS if start.startswith(prefix)), None)


def is_image(start: bytes) -> bool:
    """Return True for an image, readable or not."""
    return image_kind(start) is not None or start.startswith(
        tuple(prefix for prefix, _ in _UNREADABLE_IMAGES)
    )
