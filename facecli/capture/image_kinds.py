"""Find the kind of an image file by its first bytes. Reads no pixel, imports nothing heavy."""

from __future__ import annotations

import re

LENGTH = 256
"""Number of first bytes that are enough to find the kind."""
_READ_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".bmp", ".dib", ".tif", ".tiff")
) | {".heic", ".heif", ".hif", ".avif", ".avifs"}
_UNREAD_SUFFIXES = (
    "gif jxl jp2 j2k j2c jpc jpf jpx jpm jph jxr wdp hdp jls ppm pgm pbm pnm pam pfm tga",
    "psd psb xcf exr hdr ico cur icns dds qoi pcx sgi ras xpm bpg flif mng jng djvu svg dcm",
    "dng nef nrw cr2 cr3 crw arw srf sr2 raf orf rw2 rwl pef srw x3f mrw 3fr fff iiq erf mef",
    "mos kdc dcr gpr",
)
SUFFIXES = _READ_SUFFIXES | {f".{one}" for line in _UNREAD_SUFFIXES for one in line.split()}
"""Suffixes of files that are meant to be images."""

_LONGEST_BMP_HEADER = 256
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_VIDEO_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"} | {
    b"qt  ", b"M4V ", b"dash", b"3gp4", b"3gp5", b"3gp6", b"3g2a", b"MSNV"
}  # fmt: skip
_VIDEO_STARTS = (b"\x1a\x45\xdf\xa3", b"FLV\x01", b"\0\0\x01\xba")
_RAW = "camera raw"
_UNREAD = (
    (b"GIF8", "GIF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"II\xbc", "JPEG XR"),
    (b"8BPS", "Photoshop (PSD)"),
    (b"gimp xcf", "GIMP (XCF)"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
    (b"icns", "ICNS"),
    (b"DDS ", "DDS"),
    (b"qoif", "QOI"),
    (b"BPG\xfb", "BPG"),
    (b"FLIF", "FLIF"),
    (b"\x8aMNG\r\n\x1a\n", "MNG"),
    (b"\x8bJNG\r\n\x1a\n", "JNG"),
    (b"AT&TFORM", "DjVu"),
    (b"SIMPLE  =", "FITS"),
    (b"\x59\xa6\x6a\x95", "Sun raster"),
    (b"/* XPM */", "XPM"),
    (b"IIRO", _RAW),  # Olympus
    (b"IIRS", _RAW),
    (b"MMOR", _RAW),
    (b"IIU\0", _RAW),  # Panasonic
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"FOVb", _RAW),  # Sigma
    (b"\0MRM", _RAW),  # Minolta
)
_PNM = re.compile(rb"P(?:[1-6Ff]\s+(?:#[^\n]*\n\s*)*\d+\s+\d+\s|7\s+(?:#|WIDTH|HEIGHT|DEPTH))")
_SVG = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]")
_TGA_TYPES = {1, 2, 3, 9, 10, 11}
_TGA_DEPTHS = {8, 15, 16, 24, 32}


def image_kind(start: bytes) -> str | None:
    """Return JPEG, PNG, WebP, TIFF, BMP, AVIF or HEIC; None for any other file."""
    if unread_kind(start) is not None:
        return None
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WebP"
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if _is_bmp(start):
        return "BMP"
    return _heif_kind(start)


def unread_kind(start: bytes) -> str | None:
    """Return the name of an image format that is recognised and not read, or None."""
    for prefix, kind in _UNREAD:
        if start.startswith(prefix):
            return kind
    if start[:4] == b"II*\0" and start[8:10] == b"CR":  # Canon, a TIFF
        return _RAW
    if start[:2] in (b"II", b"MM") and start[6:14] == b"HEAPCCDR":  # Canon before 2004
        return _RAW
    if start[4:8] == b"ftyp" and start[8:12] == b"crx ":
        return _RAW
    if start[128:132] == b"DICM":
        return "DICOM"
    if _PNM.match(start):
        return "PNM"
    if _SVG.match(start):
        return "SVG"
    return _kind_without_signature(start)


def other_kind(start: bytes) -> str | None:
    """Return a known kind of file that is no image, with its article ("a PDF"), or None."""
    return "a PDF" if start.startswith(b"%PDF") else None


def is_video(start: bytes) -> bool:
    """Return True for MP4, MOV, Matroska, WebM, AVI, FLV and MPEG program streams."""
    if start[4:8] == b"ftyp":
        return start[8:12] in _VIDEO_BRANDS
    return start.startswith(_VIDEO_STARTS) or (start[:4] == b"RIFF" and start[8:12] == b"AVI ")


def is_image(start: bytes) -> bool:
    """Return True for an image, readable or not."""
    return image_kind(start) is not None or unread_kind(start) is not None


def _is_bmp(start: bytes) -> bool:
    header = int.from_bytes(start[14:18], "little")
    return start[:2] == b"BM" and 12 <= header <= _LONGEST_BMP_HEADER


def _heif_kind(start: bytes) -> str | None:
    """Return AVIF or HEIC by the brands of the first box (ISO/IEC 14496-12, 4.3)."""
    if start[4:8] != b"ftyp":
        return None
    box = start[: max(16, min(int.from_bytes(start[:4], "big"), LENGTH))]
    brands = {box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))}
    if box[8:12] in _AVIF_BRANDS or (box[8:12] in _HEIC_BRANDS and brands & _AVIF_BRANDS):
        return "AVIF"
    return "HEIC" if box[8:12] in _HEIC_BRANDS else None


def _kind_without_signature(start: bytes) -> str | None:
    """Return the kind of a format that begins with plain numbers, if they agree with it."""
    if len(start) < 18:
        return None
    icons = int.from_bytes(start[4:6], "little")
    if start[:4] in (b"\0\0\1\0", b"\0\0\2\0") and 1 <= icons <= 256 and start[9] == 0:
        return "ICO"
    if start[:2] == b"\x01\xda" and start[2] in (0, 1) and start[3] in (1, 2):
        return "SGI"
    if start[0] == 10 and start[1] <= 5 and start[2] <= 1 and start[3] in (1, 2, 4, 8):
        return "PCX"
    return "TGA" if _is_tga(start) else None


def _is_tga(start: bytes) -> bool:
    """Return True if all fields of the header are those of a TGA (Truevision TGA 2.0)."""
    palette = start[1]
    width, height = (int.from_bytes(start[at : at + 2], "little") for at in (12, 14))
    return (
        start[2] in _TGA_TYPES
        and start[16] in _TGA_DEPTHS
        and min(width, height) > 0
        and start[17] & 0xC0 == 0
        and (palette == 1 if start[2] in (1, 9) else palette == 0)
        and (palette == 1 or start[3:8] == bytes(5))
    )
