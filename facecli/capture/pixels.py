"""Turn a loaded Pillow image of any mode into upright 8-bit RGB in sRGB."""

from __future__ import annotations

import io
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from facecli.errors.capture import CaptureFailed

Rgb: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), 0 to 255, red first."""

BAND = 256 * 1024
"""Bytes of pixels copied at once."""
_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
_ORIENTATION = 0x0112  # EXIF's tags
_BITS_PER_SAMPLE = 258
_MAX_ICC = 4 * 1024 * 1024  # bytes of a colour profile
_PROFILE_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def to_rgb(image: Image.Image, name: str) -> Rgb:
    """Return the pixels of a loaded image, (height, width, 3) uint8 RGB in sRGB; not yet upright.

    Transparent pixels become white. `name` is the name of the image in errors.

    Raises:
        CaptureFailed: its samples are neither 8 nor 16 bits wide.
    """
    if image.mode in _DEEP_MODES:
        return _deep_gray(image)
    if image.mode in ("I", "F"):
        why = "its samples are not 8 or 16 bits wide, the only depths that can be read"
        raise CaptureFailed(path=name, why=why, reason="unsupported-image")
    profile = image.info.get("icc_profile")
    return _copied(_to_srgb(_flat(image), profile))


def _copied(image: Image.Image) -> Rgb:
    """Copy the pixels in bands of rows.

    Pillow makes three copies on the way. Of a large image, whole copies cost more than decoding.
    """
    width, height = image.size
    rows = max(BAND // (3 * width), 1)
    out = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        out[top : top + rows] = np.asarray(band if band.mode == "RGB" else band.convert("RGB"))
    return out


def _deep_gray(image: Image.Image) -> Rgb:
    """Scale 16-bit gray to 8 bits. A TIFF may state that fewer bits are used, such as 12."""
    deep = np.asarray(image).astype(np.uint16)
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE, (16,))[0]
    gray = (deep >> (bits - 8) if 8 < bits <= 16 else deep >> 8).astype(np.uint8)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        gray[deep == transparent] = 255
    return np.repeat(gray[:, :, np.newaxis], 3, axis=2)


def _flat(image: Image.Image) -> Image.Image:
    """Return the image in mode L, RGB or CMYK, with white where it is transparent."""
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode == "RGB" and isinstance(image.info["transparency"], tuple):
        # A 16-bit PNG names its transparent colour in 16 bits; Pillow keeps the upper 8 of pixels.
        image.info["transparency"] = tuple(
            v >> 8 if max(image.info["transparency"]) > 255 else v
            for v in image.info["transparency"]
        )
    mode = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if not image.has_transparency_data:
        return image.convert(mode)
    layer = image.convert("LA") if image.mode == "La" else image
    rgba = layer.convert("RGBA")
    flat = Image.new(mode, image.size, "white")
    flat.paste(rgba.convert(mode), mask=rgba.getchannel("A"))
    return flat


def _to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Convert by the embedded ICC profile; leave the image as it is without a usable one."""
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= _MAX_ICC:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _PROFILE_SPACES.get(source.profile.xcolor_space) != image.mode:
            return image
        if (source.profile.profile_description or "").startswith("sRGB"):
            return image
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except MemoryError:
        raise
    except Exception:  # the pixels are usable without the profile
        return image
    return converted or image


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 if it is missing or malformed.

    Pillow turns a TIFF itself while loading it, and removes the tag.
    """
    try:
        value = image.getexif().get(_ORIENTATION)
    except MemoryError:
        raise
    except Exception:  # the picture is readable without the metadata
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def upright(rgb: Rgb, orientation: int) -> Rgb:
    """Turn a (height, width, 3) array upright, by EXIF 2.32 (4.6.4 A, Orientation).

    Returns:
        A C-contiguous array; width and height are exchanged for the orientations 5 to 8.
    """
    if orientation in (2, 3):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4):
        rgb = rgb[::-1]
    if orientation in (7, 8):
        rgb = rgb[:, ::-1]
    if orientation in (6, 7):
        rgb = rgb[::-1]
    if orientation >= 5:
        rgb = rgb.transpose(1, 0, 2)
    return np.ascontiguousarray(rgb)
