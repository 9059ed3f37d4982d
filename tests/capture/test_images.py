"""Decoding files of every kind, and refusing what is not one."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import socket
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile

from facecli.capture.images import Capture, decode, encode_jpeg, read_image
from facecli.errors.capture import CaptureFailed
from facecli.workers.answers import Failure
from facecli.workers.local import Pool
from tests.capture import decoding
from tests.conftest import SAMPLE_DATA

RED, GREEN, BLUE, WHITE = (200, 30, 40), (20, 180, 60), (30, 60, 190), (255, 255, 255)


def quarters(width: int = 64, height: int = 48) -> np.ndarray:
    """Red and green above, blue and white below: shows every turn and mirroring."""
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[: height // 2, : width // 2] = RED
    rgb[: height // 2, width // 2 :] = GREEN
    rgb[height // 2 :, : width // 2] = BLUE
    rgb[height // 2 :, width // 2 :] = WHITE
    return rgb


def saved(image: Image.Image | np.ndarray, kind: str, **options: Any) -> bytes:
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def near(found: np.ndarray, expected: np.ndarray, tolerance: int = 6) -> bool:
    """Same shape, and same colours away from the edges between the quarters."""
    if found.shape != expected.shape:
        return False
    difference = np.abs(found.astype(int) - expected.astype(int)).max(axis=2)
    return bool(np.median(difference) <= tolerance and (difference <= tolerance).mean() > 0.8)


def failure(data: bytes, **options: Any) -> CaptureFailed:
    with pytest.raises(CaptureFailed) as caught:
        decode(data, "photo.jpg", **options)
    return caught.value


def is_one_sentence(error: CaptureFailed) -> bool:
    why = str(error.details["why"])
    return bool(why) and "\n" not in why and "Error" not in why and "0x" not in why


def chunk(name: bytes, content: bytes) -> bytes:
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + b"".join(extra)
        + pixels
        + chunk(b"IEND", b"")
    )


# -- what is read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "tolerance"),
    [
        ("JPEG", "JPEG", 8),
        ("PNG", "PNG", 0),
        ("WEBP", "WebP", 8),
        ("BMP", "BMP", 0),
        ("TIFF", "TIFF", 0),
        ("AVIF", "AVIF", 8),
    ],
)
def test_every_supported_kind_is_read(kind: str, name: str, tolerance: int) -> None:
    data = saved(quarters(), kind)
    capture = decode(data, "photo")
    assert near(capture.rgb, quarters(), tolerance)
    assert capture.rgb.dtype == np.uint8
    assert capture.rgb.flags.c_contiguous
    assert capture.format == name
    assert capture.size == (64, 48)
    assert capture.scale == 1.0
    assert capture.sha256 == hashlib.sha256(data).hexdigest()


def test_the_signature_decides_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "portrait.jpg"
    path.write_bytes(saved(quarters(), "PNG"))
    assert read_image(path).format == "PNG"


def test_a_symbolic_link_to_an_image_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(saved(quarters(), "PNG"))
    (tmp_path / "link").symlink_to("real.png")
    assert read_image(tmp_path / "link").size == (64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied(kind: str, orientation: int) -> None:
    undo: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(undo[orientation](quarters()))
    capture = decode(saved(stored, kind, exif=exif.tobytes()), "photo")
    assert near(capture.rgb, quarters(), 10)
    assert capture.size == (64, 48)


@pytest.mark.parametrize("kind", ["AVIF", "HEIC"])
@pytest.mark.parametrize("stated", [1, 3, 6])
def test_a_turn_of_the_container_counts_alone(kind: str, stated: int) -> None:
    """ISO/IEC 23000-22: what EXIF states beside it was applied or is stale."""
    data = turned_by_container(kind, stated)
    assert b"irot" in data
    assert data.count(struct.pack(">HHIH", 0x0112, 3, 1, stated)) == 1
    assert near(decode(data, "photo").rgb, np.rot90(quarters(), -1), 10)


def turned_by_container(kind: str, stated: int) -> bytes:
    """Quarters that `irot` turns by a quarter, and an EXIF orientation besides."""
    other, orientation = 0x9999, 0x0112
    entries = [
        struct.pack(">HHIHH", orientation, 3, 1, 6, 0),
        struct.pack(">HHIHH", other, 3, 1, stated, 0),
    ]
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02" + b"".join(entries) + bytes(4)
    if kind == "HEIC":
        out = io.BytesIO()
        heif = pytest.importorskip("pillow_heif")
        heif.from_pillow(Image.fromarray(quarters())).save(out, exif=exif, quality=95)
        data = out.getvalue()
    else:
        data = saved(quarters(), kind, exif=exif)
    heads = {tag: struct.pack(">HHI", tag, 3, 1) for tag in (0x010F, orientation, other)}
    data = data.replace(heads[orientation], heads[0x010F])  # a writer may leave it
    return data.replace(heads[other], heads[orientation])


def test_nonsense_in_the_exif_leaves_the_picture_as_it_is() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    for block in (exif.tobytes(), b"Exif\0\0II*\0\xff\xff\xff\xff garbage"):
        assert near(decode(saved(quarters(), "JPEG", exif=block), "photo").rgb, quarters(), 10)


def test_a_colour_profile_is_converted_to_srgb() -> None:
    lab_like = ImageCms.createProfile("sRGB")
    assert near(
        decode(
            saved(quarters(), "PNG", icc_profile=ImageCms.ImageCmsProfile(lab_like).tobytes()), "p"
        ).rgb,
        quarters(),
        2,
    )
    swapped = decode(saved(quarters(), "PNG", icc_profile=red_and_blue_swapped()), "p").rgb
    assert near(swapped, quarters()[:, :, ::-1], 4)


def red_and_blue_swapped() -> bytes:
    """An sRGB profile in which the first channel is blue: its effect cannot be overlooked."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for index in range(int.from_bytes(profile[128:132], "big")):
        entry = 132 + 12 * index
        name = bytes(profile[entry : entry + 4])
        profile[entry : entry + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(name, name)
        if name == b"desc":
            start = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            profile[start + 28 : start + 36] = "swap".encode("utf-16-be")
    return bytes(profile)


@pytest.mark.parametrize("profile", [b"", b"junk", b"\xff" * 5000, b"\0" * 300])
def test_an_unusable_profile_is_passed_over(profile: bytes) -> None:
    assert near(decode(saved(quarters(), "PNG", icc_profile=profile), "p").rgb, quarters(), 0)


def test_a_profile_of_another_colour_space_is_passed_over() -> None:
    gray = Image.fromarray(quarters()[:, :, 0])
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert decode(saved(gray, "PNG", icc_profile=profile), "p").rgb[0, 0].tolist() == [200] * 3


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_what_is_transparent_becomes_white(kind: str) -> None:
    alpha = np.zeros((48, 64), np.uint8)
    alpha[:, 32:] = 255
    options = {"lossless": True} if kind == "WEBP" else {}
    rgb = decode(saved(np.dstack([quarters(), alpha]), kind, **options), "p").rgb
    assert rgb[0, 0].tolist() == list(WHITE)
    assert rgb[0, 63].tolist() == list(GREEN)


def test_half_transparent_gray_is_mixed_with_white() -> None:
    image = Image.fromarray(np.full((8, 8), 100, np.uint8)).convert("LA")
    image.putalpha(128)
    assert abs(int(decode(saved(image, "PNG"), "p").rgb[0, 0, 0]) - 177) <= 1


def test_palette_images_with_and_without_transparency() -> None:
    image = Image.fromarray(quarters()).quantize(4)
    assert near(decode(saved(image, "PNG"), "p").rgb, quarters(), 2)
    assert near(decode(saved(image, "BMP"), "p").rgb, quarters(), 2)
    index = image.getpixel((0, 0))
    rgb = decode(saved(image, "PNG", transparency=index), "p").rgb
    assert rgb[0, 0].tolist() == list(WHITE)
    assert near(rgb[:, 32:], quarters()[:, 32:], 2)


def test_cmyk_is_read() -> None:
    cmyk = Image.fromarray(quarters()).convert("CMYK")
    assert near(decode(saved(cmyk, "JPEG", quality=95), "p").rgb, quarters(), 8)
    assert near(decode(saved(cmyk, "TIFF"), "p").rgb, quarters(), 2)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_gray_is_scaled_and_not_clipped(kind: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[np.newaxis].repeat(4, axis=0)
    rgb = decode(saved(ramp, kind), "p").rgb
    assert np.abs(rgb[0, :, 0].astype(int) - np.arange(256)).max() <= 1
    assert (rgb[:, :, 0] == rgb[:, :, 2]).all()


def test_16_bit_colour_png_is_scaled_and_not_clipped() -> None:
    rgb = decode(deep_png(), "p").rgb
    assert np.abs(rgb[0, :, 0].astype(int) - np.arange(256)).max() <= 1
    assert rgb[0, 0, 1] == 255
    assert rgb[0, 0, 2] == 128


def test_16_bit_colour_tiff_is_scaled_and_not_clipped() -> None:
    rgb = decode(deep_tiff(), "p").rgb
    assert np.abs(rgb[0, :, 0].astype(int) - np.arange(256)).max() <= 1
    assert rgb[0, 0, 1:].tolist() == [255, 128]


def deep_samples() -> np.ndarray:
    samples = np.empty((2, 256, 3), np.uint16)
    samples[:, :, 0] = np.arange(256) * 257
    samples[:, :, 1:] = 65535, 128 * 257
    return samples


def deep_png(*extra: bytes) -> bytes:
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep_samples())
    return png(256, 2, 16, 2, rows, *extra)


def deep_tiff() -> bytes:
    pixels = deep_samples().astype("<u2").tobytes()
    entries = [
        (256, 4, 1, 256), (257, 4, 1, 2), (258, 3, 3, 134), (259, 3, 1, 1), (262, 3, 1, 2),
        (273, 4, 1, 140), (277, 3, 1, 3), (278, 4, 1, 2), (279, 4, 1, len(pixels)), (284, 3, 1, 1),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<HHH", 16, 16, 16) + pixels


def test_a_transparent_colour_in_16_bits_does_not_break_it() -> None:
    for transparent in ((0, 65535, 128 * 257), (1, 2, 3)):
        data = deep_png(chunk(b"tRNS", struct.pack(">HHH", *transparent)))
        assert decode(data, "p").rgb.shape == (2, 256, 3)


def test_gray_and_black_and_white_are_read() -> None:
    gray = Image.fromarray(quarters()).convert("L")
    assert decode(saved(gray, "JPEG"), "p").rgb.shape == (48, 64, 3)
    rgb = decode(saved(gray.point(lambda v: 255 * (v > 150), mode="1"), "PNG"), "p").rgb
    assert set(np.unique(rgb)) == {0, 255}


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "TIFF"])
def test_the_first_picture_of_several_is_taken(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    frames = [Image.new("RGB", (64, 48), BLUE), Image.new("RGB", (64, 48), RED)]
    first = Image.fromarray(quarters())
    data = saved(first, kind, save_all=True, append_images=frames, **options)
    assert near(decode(data, "p").rgb, quarters(), 0)


# -- reduced decoding ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_least", "scale", "shape"),
    [
        (None, 1, (1200, 1600)),
        (1600, 1, (1200, 1600)),
        (801, 1, (1200, 1600)),
        (800, 0.5, (600, 800)),
        (300, 0.25, (300, 400)),
        (1, 0.125, (150, 200)),
    ],
)
def test_a_large_jpeg_can_be_decoded_reduced(
    at_least: int | None, scale: float, shape: tuple[int, int]
) -> None:
    capture = decode(saved(quarters(1600, 1200), "JPEG"), "p", at_least=at_least)
    assert capture.rgb.shape[:2] == shape
    assert capture.scale == scale
    assert capture.size == (1600, 1200)
    assert near(capture.rgb, quarters(shape[1], shape[0]), 10)


def test_a_turned_jpeg_is_reduced_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = np.ascontiguousarray(np.rot90(quarters(1601, 1203), 1))
    capture = decode(saved(stored, "JPEG", exif=exif.tobytes()), "p", at_least=500)
    assert capture.size == (1601, 1203)
    assert capture.scale == 0.5
    assert capture.rgb.shape == (602, 801, 3)


def test_a_thin_jpeg_and_other_formats_stay_whole_where_they_must() -> None:
    thin = decode(saved(np.zeros((4000, 1, 3), np.uint8), "JPEG"), "p", at_least=100)
    assert thin.rgb.shape == (4000, 1, 3)
    assert thin.scale == 1
    whole = decode(saved(quarters(1600, 1200), "PNG"), "p", at_least=100)
    assert whole.scale == 1
    assert whole.rgb.shape == (1200, 1600, 3)


def test_a_jpeg_over_the_cap_is_read_where_its_reduced_size_is_within_it() -> None:
    data = saved(quarters(1600, 1200), "JPEG")
    capture = decode(data, "p", max_pixels=150 * 200, at_least=800)
    assert capture.scale == 0.125
    assert capture.size == (1600, 1200)
    assert failure(data, max_pixels=150 * 200 - 1, at_least=800).reason == "too-many-pixels"
    assert failure(data, max_pixels=150 * 200).reason == "too-many-pixels"


def test_a_progressive_jpeg_counts_whole_because_its_decoder_keeps_it_whole() -> None:
    data = saved(quarters(1600, 1200), "JPEG", progressive=True)
    assert decode(data, "p", at_least=200).scale == 0.125
    assert failure(data, max_pixels=150 * 200, at_least=200).reason == "too-many-pixels"


def test_a_jpeg_of_108_megapixels_is_read_reduced() -> None:
    data = saved(Image.new("L", (12_000, 9_000), 99), "JPEG")
    capture = decode(data, "p", at_least=1280)
    assert capture.size == (12_000, 9_000)
    assert capture.rgb.shape == (1125, 1500, 3)


# -- metadata and ends --------------------------------------------------------------------


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"tEXt", b"Comment\0hello")[:-4] + b"\0\0\0\0"],
        [chunk(b"eXIf", b"II*\0\xff\xff\xff\xff")],
        [chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(5 * 2**20)))],
        [chunk(b"iCCP", b"p\0\1" + zlib.compress(bytes(300)))],
        [chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2 * 2**20)))],
        [chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(16 * 2**20)))],
        [chunk(b"acTL", bytes(8))],
    ],
)
def test_metadata_that_cannot_be_read_does_not_cost_the_picture(chunks: list[bytes]) -> None:
    rows = b"".join(b"\0" + row.tobytes() for row in quarters())
    assert near(decode(png(64, 48, 8, 2, rows, *chunks), "p").rgb, quarters(), 0)


def test_a_profile_of_more_than_a_mebibyte_is_used() -> None:
    profile = red_and_blue_swapped() + bytes(1_500_000)
    data = saved(quarters(), "PNG", icc_profile=profile)
    assert near(decode(data, "p").rgb[:, :, ::-1], quarters(), 60)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("at_least", [None, 16])
@pytest.mark.parametrize("lost", [1, 2])
def test_a_jpeg_without_its_end_is_read(lost: int, at_least: int | None, progressive: bool) -> None:
    data = saved(quarters(), "JPEG", progressive=progressive)
    expected = decode(data, "p", at_least=at_least)
    found = decode(data[:-lost], "p", at_least=at_least)
    assert np.array_equal(found.rgb, expected.rgb)
    assert found.size == expected.size


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lost_more_than_its_end_is_damaged(progressive: bool) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (96, 128, 3), np.uint8)
    data = saved(noise, "JPEG", progressive=progressive)
    for lost in (6, 40, 400, len(data) // 2):
        assert failure(data[:-lost]).reason == "unreadable-image"


# -- what is refused ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "AVIF"])
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused(kind: str, kept: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (96, 128, 3), np.uint8)
    data = saved(noise, kind)
    error = failure(data[: int(len(data) * kept)])
    assert error.reason == "unreadable-image"
    assert is_one_sentence(error)
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"This is my holiday.\n", "not a JPEG"),
        (b"BMW is a maker of cars and of motorcycles", "not a JPEG"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(64), "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"RIFF\x10\0\0\0WEBPjunk" + bytes(40), "width and height"),
        (b"II*\0\xff\xff\xff\x7f", "damaged"),
    ],
)
def test_what_is_no_image_is_refused_in_one_sentence(data: bytes, word: str) -> None:
    error = failure(data)
    assert error.reason == "unreadable-image"
    assert word in str(error.details["why"])
    assert error.message.startswith("photo.jpg: ")
    assert is_one_sentence(error)


def huge_png() -> bytes:
    return png(30_000, 30_000, 8, 2, bytes(64))


def huge_jpeg() -> bytes:
    data = bytearray(saved(quarters(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 30_000, 30_000)
    return bytes(data)


def huge_webp() -> bytes:
    canvas = (29_999).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + canvas


def huge_bmp() -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def huge_tiff() -> bytes:
    data = bytearray(deep_tiff())
    for entry in (10, 22):
        data[entry + 8 : entry + 12] = struct.pack("<I", 30_000)
    return bytes(data)


@pytest.mark.parametrize("make", [huge_png, huge_jpeg, huge_webp, huge_bmp, huge_tiff])
@pytest.mark.parametrize("max_pixels", [100_000_000, 600_000_000])
def test_a_header_that_claims_too_much_is_refused_before_decoding(
    make: Callable[[], bytes], max_pixels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make()

    def never(*_: object) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(Image.Image, "load", never)
    monkeypatch.setattr(ImageFile.ImageFile, "load", never)
    error = failure(data, max_pixels=max_pixels)
    assert error.reason == "too-many-pixels"
    assert is_one_sentence(error)


def test_the_pixel_cap_is_exact() -> None:
    data = saved(quarters(64, 48), "PNG")
    assert decode(data, "p", max_pixels=64 * 48).size == (64, 48)
    assert failure(data, max_pixels=64 * 48 - 1).reason == "too-many-pixels"


@pytest.mark.parametrize(("width", "height"), [(0, 10), (10, 0)])
def test_no_pixels_at_all_are_refused(width: int, height: int) -> None:
    assert failure(png(width, height, 8, 2, b"")).reason == "unreadable-image"


def test_a_bomb_of_compressed_text_is_left_out() -> None:
    for keyword in (b"Comment", b"Raw profile type exif"):
        bomb = chunk(b"zTXt", keyword + b"\0\0" + zlib.compress(bytes(200_000_000), 9))
        assert decode(png(4, 4, 8, 0, bytes(20), bomb), "p").size == (4, 4)


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_samples_of_32_bits_are_refused(dtype: type) -> None:
    values: Any = np.full((8, 8), np.nan if dtype is np.float32 else -1).astype(dtype)
    error = failure(saved(values, "TIFF"))
    assert error.reason == "unsupported-image"
    assert "8 or 16 bits" in str(error.details["why"])


def test_lack_of_memory_is_a_failed_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", exhausted)
    error = failure(saved(quarters(), "PNG"))
    assert "memory" in str(error.details["why"])
    assert error.reason == "unreadable-image"


def test_an_image_too_large_for_its_worker_is_refused_and_the_next_read(tmp_path: Path) -> None:
    Image.new("1", (12_000, 8_000)).save(tmp_path / "large.png")
    (tmp_path / "small.png").write_bytes(saved(quarters(), "PNG"))
    paths = [tmp_path / "large.png", tmp_path / "small.png"]
    with Pool(decoding.sizes, memory_limit=400 * 2**20, bounds=None) as pool:
        (_, refusal), (_, size) = pool.map(paths)
    assert isinstance(refusal, Failure)
    assert refusal.code == "unreadable-image"
    assert "memory" in refusal.message
    assert size == (64, 48)


def test_heic_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    error = failure(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
    assert error.reason == "unsupported-image"
    assert "facecli[heif]" in str(error.details["why"])


def test_heic_is_read_with_its_extra() -> None:
    heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    heif.from_pillow(Image.fromarray(quarters(128, 96))).save(out)
    capture = decode(out.getvalue(), "p")
    assert capture.format == "HEIC"
    assert near(capture.rgb, quarters(128, 96), 12)
    assert failure(out.getvalue(), max_pixels=1000).reason == "too-many-pixels"
    assert failure(out.getvalue()[:-200]).reason == "unreadable-image"


# -- files that are no files --------------------------------------------------------------


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(CaptureFailed) as caught:
        read_image(path, **options)
    assert is_one_sentence(caught.value)
    assert caught.value.reason == "unreadable-image"
    return str(caught.value.details["why"])


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.jpg")  # a reader of it would wait for ever
    assert "not a regular file" in refused(tmp_path / "fifo.jpg")
    assert "not a regular file" in refused(Path("/dev/zero"))
    assert "directory" in refused(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        assert "not a regular file" in refused(tmp_path / "socket")


def test_paths_out_of_reach_are_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert "no such file" in refused(tmp_path / "absent.jpg")
    assert "no such file" in refused(tmp_path / "dangling")
    assert "symbolic links" in refused(tmp_path / "loop")
    assert "name too long" in refused(tmp_path / ("x" * 300))
    assert "usable path" in refused(Path("a\0b"))


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (PermissionError(errno.EACCES, "x"), "permissions"),
        (OSError(errno.EIO, "x"), "output error"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    error: OSError, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> int:
        raise error  # a test may run as root, whom no permission keeps out

    (tmp_path / "photo.png").write_bytes(saved(quarters(), "PNG"))
    monkeypatch.setattr(os, "open", failing)
    assert word in refused(tmp_path / "photo.png")


def test_a_file_over_the_size_cap_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(saved(quarters(), "PNG"))
    os.truncate(path, 700 * 1024 * 1024)  # sparse
    assert "536,870,912 B" in refused(path)
    assert "limit" in refused(path, max_bytes=10)


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="there is no /proc here")
def test_a_file_that_is_not_as_long_as_it_says_is_refused() -> None:
    assert "changed" in refused(Path("/proc/version"))


@pytest.mark.parametrize("data", [b"", b"text", b"GIF89a" + bytes(20), b"8BPS" + bytes(40)])
def test_what_its_first_bytes_refuse_is_not_decoded(data: bytes) -> None:
    assert not failure(data).decoded


def test_a_film_is_said_to_be_one() -> None:
    error = failure((SAMPLE_DATA / "video" / "turn.mp4").read_bytes())
    assert (error.reason, error.decoded) == ("unsupported-image", False)
    assert "it is a video" in error.message
    assert "--video" in error.message


def test_damage_is_found_by_a_decoder() -> None:
    assert failure(saved(quarters(), "JPEG")[:200]).decoded


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zero.jpg").touch()
    assert "empty" in refused(tmp_path / "zero.jpg")


# -- mutated files ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "AVIF"])
def test_mutated_files_are_decoded_or_refused_and_nothing_else(kind: str) -> None:
    rng = np.random.default_rng(7)
    exif = Image.Exif()
    exif[0x0112] = 6
    options = (
        {} if kind == "BMP" else {"exif": exif.tobytes(), "icc_profile": red_and_blue_swapped()}
    )
    original = np.frombuffer(saved(quarters(), kind, **options), np.uint8)
    for _ in range(300):
        data = original.copy()
        places = rng.integers(4, len(data), rng.integers(1, 6))
        data[places] = rng.integers(0, 256, len(places))
        if rng.random() < 0.5:
            data[4 : min(len(data), 300)][rng.integers(0, 200)] ^= 0xFF
        outcome = decoded_or_refused(data.tobytes())
        if isinstance(outcome, CaptureFailed):
            assert is_one_sentence(outcome)
        else:
            assert outcome.rgb.ndim == 3


def decoded_or_refused(data: bytes) -> Capture | CaptureFailed:
    try:
        return decode(data, "p", max_pixels=1_000_000)
    except CaptureFailed as error:
        return error


# -- keeping ------------------------------------------------------------------------------


def test_a_kept_photo_is_a_jpeg_without_metadata() -> None:
    data = encode_jpeg(quarters())
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        assert "icc_profile" not in image.info
    assert near(decode(data, "p").rgb, quarters(), 4)


def test_a_view_of_an_array_can_be_kept() -> None:
    assert near(decode(encode_jpeg(quarters()[::-1, 4:40]), "p").rgb, quarters()[::-1, 4:40], 6)


def test_what_no_jpeg_can_hold_is_refused() -> None:
    with pytest.raises(CaptureFailed):
        encode_jpeg(np.zeros((2, 70_000, 3), np.uint8))
