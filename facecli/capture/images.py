"""Decode an image file of unknown origin safely to an upright RGB array.

Decoding is the attack surface. This module runs inside a worker process (`facecli.workers`), which
holds no key and no database and has limits of memory and time. The first bytes of a file decide its
kind, never its name. Its header states the number of pixels, which is checked before any is
decoded. Every error becomes a `CaptureFailed` with one sentence of our own.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from facecli.capture import (
    bmp_header,
    heif_items,
    image_kinds,
    jpeg_stream,
    png_chunks,
    tiff_pictures,
)
from facecli.capture.jpeg_scans import MOST_SCANS, has_too_many_scans
from facecli.capture.pixels import Rgb, orientation_of, to_rgb, upright
from facecli.errors.capture import CaptureFailed, NotDecoded
from facecli.extras import install_command
from facecli.workers import files

MAX_PIXELS = 100_000_000
MAX_BYTES = 512 * 1024 * 1024
_PILLOWS_LIMIT = 178_956_970
"""Pixels above which Pillow refuses an image as a decompression bomb."""

READABLE = "JPEG, PNG, WebP, AVIF, BMP or TIFF"
_PLUGINS: dict[str, Callable[[io.BytesIO], Image.Image]] = {
    "AVIF": AvifImagePlugin.AvifImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
_UNREAD_VARIANTS = {
    "JPEG": jpeg_stream.unread_variant,
    "TIFF": tiff_pictures.unread_variant,
    "HEIC": heif_items.unread_variant,
}
_NEEDED = {"PNG": png_chunks.without_unneeded, "JPEG": jpeg_stream.without_fill}
_UNREAD_ERRORS = ("unsupported", "unknown pixel mode", "unknown data organization")
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the worker processes run in parallel
PngImagePlugin.MAX_TEXT_CHUNK = png_chunks.MAX_TEXT


@dataclass(frozen=True, slots=True)
class Capture:
    """One decoded image.

    rgb: (height, width, 3) uint8 RGB in sRGB, upright, C-contiguous.
    sha256: hex digest of the file's bytes.
    format: JPEG, PNG, WebP, AVIF, BMP, TIFF or HEIC.
    size: (width, height) of the whole image in pixels, upright.
    scale: 1, 1/2, 1/4 or 1/8; a point x of `rgb` lies at x / scale of the whole image.
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

    Raises:
        CaptureFailed: also for a FIFO, a device or a directory, which are not even opened.
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
    """Decode the bytes of one image file.

    An animation or a document gives its first picture. Transparent pixels become white. A usable
    colour profile is converted to sRGB.

    Args:
        name: the name of the image in errors.
        max_pixels: most pixels that are decoded; never more than the 179 million of Pillow's own
            limit. A sequential JPEG that is decoded reduced counts as it is decoded.
        at_least: let a JPEG be decoded at 1/2, 1/4 or 1/8 of its size (DCT scaling, far cheaper
            than all of it) as long as its longer side keeps this many pixels, and smaller where
            `max_pixels` asks for it. Other formats are always decoded at full size.

    Raises:
        CaptureFailed: with the reason `too-many-pixels`, `unsupported-image` (a whole file in a
            format that is not read) or `unreadable-image`.
    """
    kind = _signature(data, name)
    max_pixels = min(max_pixels, _PILLOWS_LIMIT)
    if kind == "WebP":  # Pillow's opener allocates the canvas before it can be asked for its size
        _check_claim(_webp_canvas(data), name, max_pixels)
    if kind == "JPEG":
        _check_work(data, name)
    needed = _NEEDED[kind](data) if kind in _NEEDED else data
    with _failing_as_capture(name, kind, data), _open(needed, kind) as image:
        whole = image.size
        divisor = _reduce(image, at_least, max_pixels)
        _check_claim(whole if _is_decoded_whole(image) else image.size, name, max_pixels)
        loaded = _loaded(image, needed, kind)
        orientation = orientation_of(image)
        rgb = upright(to_rgb(loaded, name), orientation)
    if divisor == 1:
        whole = (rgb.shape[1], rgb.shape[0])
    elif orientation >= 5:
        whole = (whole[1], whole[0])
    return Capture(rgb, hashlib.sha256(data).hexdigest(), kind, whole, 1 / divisor)


def encode_jpeg(rgb: Rgb) -> bytes:
    """Return a (height, width, 3) uint8 RGB array as a JPEG for storing, without metadata.

    Quality 95 and full chroma, so that a later engine loses almost nothing.

    Raises:
        CaptureFailed: a side is longer than the 65,500 pixels that a JPEG can have.
    """
    height, width = rgb.shape[:2]
    if max(height, width) > 65_500 or min(height, width) < 1:
        raise _failure("the photo", f"{width} x {height} pixels cannot be kept as a JPEG")
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb), "RGB").save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


# -- the file -----------------------------------------------------------------------------


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the bytes of the regular file at `path`. Raises `NotDecoded` for anything else."""
    name = str(path)
    try:
        with files.opened(name) as handle:
            status = os.fstat(handle)
            _check_regular(status, name, max_bytes)
            with open(handle, "rb", closefd=False) as file:
                file.seek(0)
                data = file.read(status.st_size + 1)
    except FileNotFoundError:
        raise _not_decoded(name, "there is no such file") from None
    except PermissionError:
        raise _not_decoded(name, "its permissions do not let it be read") from None
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno else "the system gives no reason"
        raise _not_decoded(name, f"it cannot be read ({why})") from None
    except ValueError:
        raise _not_decoded(name, "this is not a usable path") from None
    except MemoryError:
        raise _not_decoded(name, _NO_MEMORY) from None
    if len(data) != status.st_size:
        raise _not_decoded(name, "it changed while it was being read")
    return data


def _check_regular(status: os.stat_result, name: str, max_bytes: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _not_decoded(name, "it is a directory, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise _not_decoded(name, "it is not a regular file")
    if status.st_size > max_bytes:
        why = f"the file is larger than {max_bytes:,} B, the limit for one image"
        raise _not_decoded(name, why)


# -- what it is, and how large ------------------------------------------------------------


def _signature(data: bytes, name: str) -> str:
    """Return the kind of image by the first bytes; refuse what is known and not read."""
    start = data[: image_kinds.LENGTH]
    if not start:
        raise _not_decoded(name, "the file is empty")
    unread = image_kinds.unread_kind(start)
    if unread is not None:
        why = f"it is in the format {unread}, which facecli does not read"
        raise _unsupported(name, why, NotDecoded)
    kind = image_kinds.image_kind(start)
    if kind is None:
        if image_kinds.is_video(start):
            raise NotDecoded(path=name, why=_A_VIDEO, reason="unsupported-image")
        other = image_kinds.other_kind(start)
        if other is not None:
            why = f"it is {other} file, and only {READABLE} can be read"
            raise _unsupported(name, why, NotDecoded)
        raise _not_decoded(name, f"it is not a {READABLE} image")
    variant = _UNREAD_VARIANTS.get(kind)
    unread = variant(data) if variant is not None else None
    if unread is not None:
        raise _unsupported(name, unread, NotDecoded)
    return kind


def _open(data: bytes, kind: str) -> Image.Image:
    """Return Pillow's image with its header read and no pixel decoded."""
    plugin = _PLUGINS.get(kind)
    if plugin is not None:
        return plugin(io.BytesIO(data))
    heif: Image.Image = import_module("pillow_heif").HeifImageFile(io.BytesIO(data))
    return heif


def _loaded(image: Image.Image, data: bytes, kind: str) -> Image.Image:
    """Return the image with its pixels decoded. A JPEG that lost nothing but its end is completed.

    Raises:
        OSError: more than the end is missing.
    """
    try:
        image.load()
    except OSError as error:
        if kind != "JPEG" or "truncated" not in str(error):
            raise
    else:
        return image
    first, *others = (_drafted_pixels(copy, image.size) for copy in jpeg_stream.completions(data))
    if any(other != first for other in others):
        raise OSError("truncated")
    completed = Image.frombytes(image.mode, image.size, first)
    completed.info = image.info
    return completed


def _drafted_pixels(data: bytes, size: tuple[int, int]) -> bytes:
    with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as image:
        image.draft(None, size)
        return image.tobytes()


def _check_claim(size: tuple[int, int], name: str, max_pixels: int) -> None:
    """Refuse an image by the size in its header, before any memory is used for it."""
    width, height = size
    if not (isinstance(width, int) and isinstance(height, int)) or min(width, height) < 1:
        raise _failure(name, "its header gives no usable width and height")
    if width * height > max_pixels:
        raise _failure(
            name,
            f"its header claims {width} x {height} pixels, more than the {max_pixels:,} allowed",
            reason="too-many-pixels",
        )


def _check_work(data: bytes, name: str) -> None:
    """Refuse a JPEG whose segments or scans would keep a decoder busy for minutes."""
    if jpeg_stream.has_too_many_segments(data):
        most = jpeg_stream.MOST_SEGMENTS
        raise _not_decoded(name, f"it has {most:,} segments or more before its first scan")
    if has_too_many_scans(data):
        why = f"it has more than {MOST_SCANS} scans, each of which takes as long"
        raise _not_decoded(name, why)


def _webp_canvas(data: bytes) -> tuple[int, int]:
    """Return (width, height) by a WebP file's first chunk (RFC 9649); (0, 0) if it is malformed."""
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


def _reduce(image: Image.Image, at_least: int | None, max_pixels: int) -> int:
    """Set a JPEG to be decoded at 1/1, 1/2, 1/4 or 1/8; return the divisor."""
    if at_least is None or not isinstance(image, JpegImagePlugin.JpegImageFile):
        return 1
    width, height = image.size
    divisor = 1
    while divisor < 8 and (
        max(width, height) >= 2 * divisor * at_least
        or (width // divisor) * (height // divisor) > max_pixels
    ):
        divisor *= 2
    drafted = image.draft(None, (max(1, width // divisor), max(1, height // divisor)))
    return round(width / drafted[1][2]) if drafted else 1


def _is_decoded_whole(image: Image.Image) -> bool:
    """Return True if decoding needs memory for the whole image, however far it is reduced."""
    return "progressive" in image.info


# -- failures -----------------------------------------------------------------------------

_A_VIDEO = "it is a video, which `match`, `verify` and `enroll camera` take with --video"
_NO_MEMORY = "decoding it takes more memory than is allowed"


def _failure(name: str, why: str, reason: str = "unreadable-image") -> CaptureFailed:
    return CaptureFailed(path=name, why=why, reason=reason)


def _not_decoded(name: str, why: str) -> NotDecoded:
    return NotDecoded(path=name, why=why)


def _unsupported(name: str, why: str, error: type[CaptureFailed] = CaptureFailed) -> CaptureFailed:
    remedy = "save the picture as JPEG or PNG"
    return error(path=name, why=f"{why}; {remedy}", reason="unsupported-image")


@contextmanager
def _failing_as_capture(name: str, kind: str, data: bytes) -> Iterator[None]:
    """Turn every error and warning of a decoder into one `CaptureFailed`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except CaptureFailed:
        raise
    except MemoryError:
        raise _failure(name, _NO_MEMORY) from None
    except ModuleNotFoundError as error:
        if kind != "HEIC" or error.name != "pillow_heif":
            raise _failure(name, f"its {kind} data cannot be decoded here") from None
        why = f"HEIC needs an extra: run `{install_command('heif')}`"
        raise _failure(name, why, "unsupported-image") from None
    except Exception as error:  # Pillow's decoders raise nearly every built-in exception
        if _is_unread(kind, str(error), data):
            raise _unsupported(name, f"it is a {kind} variant that facecli does not read") from None
        raise _failure(name, f"its {kind} data is damaged or incomplete") from None


def _is_unread(kind: str, message: str, data: bytes) -> bool:
    """Return True if a decoder failed at a whole file, by its message and the header."""
    if kind == "BMP":
        return "truncated" not in message.lower() and bmp_header.is_plausible(data)
    if kind == "TIFF" and tiff_pictures.is_cut_off(data):
        return False
    return message.lower().startswith(_UNREAD_ERRORS)
