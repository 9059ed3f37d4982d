"""Decode invented images, so that a worker has imported all that decoding needs.

A sealed worker opens no file, and so imports nothing any more (see `workers.confinement.steps`).
"""

from __future__ import annotations

import importlib
import io
from contextlib import suppress

from PIL import Image, ImageCms

from facecli.capture.images import decode, encode_jpeg
from facecli.errors.capture import CaptureFailed

# Imported by decoders, by Python's codecs and for tracebacks at their first use.
_LATE = """\
PIL.ImageFile PIL.ImagePalette PIL.ImageSequence PIL.ExifTags PIL.TiffTags PIL.MpoImagePlugin
encodings.ascii encodings.cp1252 encodings.hex_codec encodings.idna encodings.latin_1
encodings.utf_16 encodings.utf_16_be encodings.utf_16_le encodings.utf_32 encodings.utf_8
encodings.utf_8_sig linecache pillow_heif traceback
"""
_FORMATS = ("AVIF", "BMP", "JPEG", "PNG", "TIFF", "WebP")
_SIDE = 16
_ORIENTATION = 0x0112


def warm_up_decoders() -> None:
    """Decode one small image of each format, with a colour profile and an orientation."""
    for name in _LATE.split():
        with suppress(ImportError):  # pillow_heif is an extra
            importlib.import_module(name)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    for kind in _FORMATS:
        for mode in ("RGB", "L", "P"):
            stream = io.BytesIO()
            with suppress(
                OSError, KeyError, ValueError
            ):  # a format, or its mode, that is not there
                Image.new(mode, (_SIDE, _SIDE)).save(stream, kind, icc_profile=profile, exif=exif)
            with suppress(CaptureFailed):
                encode_jpeg(decode(stream.getvalue(), kind).rgb)
    with suppress(CaptureFailed):
        decode(b"\xff\xd8\xff damaged", "JPEG")
