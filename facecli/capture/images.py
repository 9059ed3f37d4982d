"""Safe decoding: from a file of unknown origin to an upright RGB array.

Decoding is the attack surface, so this module is meant to run inside a worker process
(`facecli.workers`), which holds no key and no database and has limits of memory and time.
What kind of file it is decides its signature, never its name; how many pixels it has is read
from the header before any is decoded; whatever goes wrong comes out as `CaptureFailed` with one
sentence of our own.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import (  # the plugins are imported so that Pillow never goes looking for more of them
    BmpImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from facecli.capture import image_kinds
from facecli.errors.capture import CaptureFailed
from facecli.extras import install_command

Rgb: TypeAlias = NDArray[np.uint8]

MAX_PIXELS = 100_000_000
MAX_BYTES = 512 * 1024 * 1024
BAND = 256 * 1024
"""Bytes of pixels copied at once."""

READABLE = "JPEG, PNG, WebP, BMP or TIFF"
_PLUGINS = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
_ORIENTATION = 0x0112
_BITS_PER_SAMPLE = 258
_MAX_ICC = 4 * 1024 * 1024
_PROFILE_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


@dataclass(frozen=True, slots=True)
class Capture:
    """One decoded image.

    `rgb` is (height, width, 3) uint8, RGB in sRGB, upright, C-contiguous. `sha256` is the hex
    digest of the file's bytes. `format` is JPEG, PNG, WebP, BMP, TIFF or HEIC. `size` is (width,
    height) of the whole image, upright; `scale` is 1, 1/2, 1/4 or 1/8: a point x of `rgb` lies at
    x / scale of the whole image.
    """

    rgb: Rgb
    sha256: str
    format: str
    size: tuple[int, int]
    scale: float = 1.0


def read_image(
    path: Path,
    *,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int = MAX_BYTES,
    at_least: int | None = None,
) -> Capture:
    """Read and decode the image at `path`; see `decode` for the options.

    Raises `CaptureFailed`, also for what is not a regular file: a FIFO, a device or a directory
    is refused without being opened.
    """
    return decode(
        read_bytes(path, max_bytes=max_bytes),
        str(path),
        max_pixels=max_pixels,
        at_least=at_least,
    )


def decode(
    data: bytes,
    name: str,
    *,
    max_pixels: int = MAX_PIXELS,
    at_least: int | None = None,
) -> Capture:
    """Decode the bytes of one image file; `name` is what errors call it.

    With `at_least` a JPEG may come at 1/2, 1/4 or 1/8 of its size (DCT scaling, far cheaper than
    decoding all of it), its longer side staying `at_least` pixels or more; other formats always
    come whole. Of an animation or a document the first picture is taken. What is transparent
    becomes white; a colour profile is converted to sRGB where it is usable.

    Raises `CaptureFailed` with the reason `too-many-pixels` if the header claims more than
    `max_pixels` pixels (Pillow's own ceiling of 179 megapixels holds in any case), else with
    `unreadable-image`.
    """
    kind = _signature(data, name)
    if kind == "WebP":  # Pillow's opener allocates the canvas before it can be asked for its size
        _check_claim(_webp_canvas(data), name, max_pixels)
    with _failing_as_capture(name, kind), _open(data, kind) as image:
        _check_claim(image.size, name, max_pixels)
        whole = image.size
        divisor = _reduce(image, at_least)
        image.load()
        orientation = _orientation(image)
        rgb = _upright(_to_rgb(image, name), orientation)
    if divisor == 1:
        whole = (rgb.shape[1], rgb.shape[0])
    elif orientation >= 5:
        whole = (whole[1], whole[0])
    return Capture(rgb, hashlib.sha256(data).hexdigest(), kind, whole, 1 / divisor)


def encode_jpeg(rgb: Rgb) -> bytes:
    """The (height, width, 3) uint8 RGB array as a JPEG for keeping.

    Quality 95 and whole chroma, so that a later engine loses next to nothing; no metadata.
    Raises `CaptureFailed` if a side is longer than the 65,500 pixels that a JPEG can have.
    """
    height, width = rgb.shape[:2]
    if max(height, width) > 65_500 or min(height, width) < 1:
        raise _failure("the photo", f"{width} x {height} pixels cannot be kept as a JPEG")
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb), "RGB").save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


# -- the file -----------------------------------------------------------------------------


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of the regular file at `path`; raises `CaptureFailed` for anything else."""
    name = str(path)
    try:
        # Asked before opening, because opening a device can do things, and asked again of what
        # was opened, because it may have been swapped in between.
        _check_regular(os.stat(path), name, max_bytes)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            _check_regular(status, name, max_bytes)
            data = file.read(status.st_size + 1)
    except FileNotFoundError:
        raise _failure(name, "there is no such file") from None
    except PermissionError:
        raise _failure(name, "its permissions do not let it be read") from None
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno else "the system gives no reason"
        raise _failure(name, f"it cannot be read ({why})") from None
    except ValueError:
        raise _failure(name, "this is not a usable path") from None
    except MemoryError:
        raise _failure(name, _NO_MEMORY) from None
    if len(data) != status.st_size:
        raise _failure(name, "it changed while it was being read")
    return data


def _check_regular(status: os.stat_result, name: str, max_bytes: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _failure(name, "it is a directory, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise _failure(name, "it is not a regular file")
    if status.st_size > max_bytes:
        why = f"the file is larger than {max_bytes:,} bytes, the limit for one image"
        raise _failure(name, why)


# -- what it is, and how large ------------------------------------------------------------


def _signature(data: bytes, name: str) -> str:
    """The kind of image that the first bytes say this is."""
    start = data[: image_kinds.LENGTH]
    if not start:
        raise _failure(name, "the file is empty")
    kind = image_kinds.image_kind(start)
    if kind is not None:
        return kind
    other = image_kinds.stranger(start)
    if other is not None:
        raise _failure(name, f"it is {other} file, and only {READABLE} can be read")
    raise _failure(name, f"it is not a {READABLE} image")


def _open(data: bytes, kind: str) -> Image.Image:
    """Pillow's image with its header read and no pixel decoded."""
    plugin = _PLUGINS.get(kind)
    if plugin is not None:
        return Image.open(io.BytesIO(data), formats=[plugin.format or kind])
    heif: Image.Image = import_module("pillow_heif").HeifImageFile(io.BytesIO(data))
    return heif


def _check_claim(size: tuple[int, int], name: str, max_pixels: int) -> None:
    """Refuse by what the header claims, before any memory is spent on it."""
    width, height = size
    if not (isinstance(width, int) and isinstance(height, int)) or min(width, height) < 1:
        raise _failure(name, "its header gives no usable width and height")
    if width * height > max_pixels:
        raise _failure(
            name,
            f"its header claims {width} x {height} pixels, more than the {max_pixels:,} allowed",
            reason="too-many-pixels",
        )


def _webp_canvas(data: bytes) -> tuple[int, int]:
    """(width, height) by a WebP file's first chunk; (0, 0) if that chunk is none (RFC 9649)."""
    chunk = data[12:16]
    if chunk == b"VP8X" and len(data) >= 30:
        return (
            1 + int.from_bytes(data[24:27], "little"),
            1 + int.from_bytes(data[27:30], "little"),
        )
    if chunk == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _reduce(image: Image.Image, at_least: int | None) -> int:
    """Have a JPEG decoded at 1/1, 1/2, 1/4 or 1/8; returns the divisor."""
    if at_least is None or not isinstance(image, JpegImagePlugin.JpegImageFile):
        return 1
    width, height = image.size
    divisor = 1
    while divisor < 8 and max(width, height) >= 2 * divisor * at_least:
        divisor *= 2
    drafted = image.draft(None, (max(1, width // divisor), max(1, height // divisor)))
    return round(width / drafted[1][2]) if drafted else 1


# -- pixels -------------------------------------------------------------------------------


def _to_rgb(image: Image.Image, name: str) -> Rgb:
    """The loaded image's pixels as RGB in sRGB, alpha on white; not yet upright."""
    if image.mode in _DEEP_MODES:
        return _deep_gray(image)
    if image.mode in ("I", "F"):
        raise _failure(name, "its samples are not 8 or 16 bits wide, the only depths that are read")
    profile = image.info.get("icc_profile")
    return _copied(_to_srgb(_flat(image), profile))


def _copied(image: Image.Image) -> Rgb:
    """The pixels as RGB, in bands of rows: Pillow makes three copies on the way, and of a large
    picture whole copies cost more than its decoding."""
    width, height = image.size
    rows = max(BAND // (3 * width), 1)
    out = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        out[top : top + rows] = np.asarray(band if band.mode == "RGB" else band.convert("RGB"))
    return out


def _deep_gray(image: Image.Image) -> Rgb:
    """16-bit gray scaled to 8 bits; a TIFF may declare fewer bits used, such as 12."""
    deep = np.asarray(image).astype(np.uint16)
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE, (16,))[0]
    gray = (deep >> (bits - 8) if 8 < bits <= 16 else deep >> 8).astype(np.uint8)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        gray[deep == transparent] = 255
    return np.repeat(gray[:, :, np.newaxis], 3, axis=2)


def _flat(image: Image.Image) -> Image.Image:
    """The image in mode L, RGB or CMYK, laid on white where it is transparent."""
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode == "RGB" and isinstance(image.info["transparency"], tuple):
        # A 16-bit PNG names its transparent colour in 16 bits; its pixels have the upper 8 left.
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
    """Converted by the embedded ICC profile; as it is if there is none or it is unusable."""
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
    except Exception:  # a broken profile says nothing about the pixels
        return image
    return converted or image


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1..8; 1 if there is none or it is nonsense.

    A TIFF is turned by Pillow itself while loading, which then takes the tag away.
    """
    try:
        value = image.getexif().get(_ORIENTATION)
    except MemoryError:
        raise
    except Exception:  # broken metadata does not make the picture unreadable
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(rgb: Rgb, orientation: int) -> Rgb:
    """The array turned as EXIF 2.32 (4.6.4 A, Orientation) says it should be seen."""
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


# -- failures -----------------------------------------------------------------------------

_NO_MEMORY = "decoding it takes more memory than is allowed"


def _failure(name: str, why: str, reason: str = "unreadable-image") -> CaptureFailed:
    return CaptureFailed(path=name, why=why, reason=reason)


@contextmanager
def _failing_as_capture(name: str, kind: str) -> Iterator[None]:
    """Whatever a decoder raises or warns of becomes one `CaptureFailed`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except CaptureFailed:
        raise
    except Image.DecompressionBombError:
        why = "its header claims more pixels than are allowed"
        raise _failure(name, why, reason="too-many-pixels") from None
    except MemoryError:
        raise _failure(name, _NO_MEMORY) from None
    except ModuleNotFoundError as error:
        if kind != "HEIC" or error.name != "pillow_heif":
            raise _failure(name, f"its {kind} data cannot be decoded here") from None
        raise _failure(name, f"HEIC needs an extra: run `{install_command('heif')}`") from None
    except Exception:  # Pillow's decoders raise nearly every built-in exception
        raise _failure(name, f"its {kind} data is damaged or incomplete") from None
