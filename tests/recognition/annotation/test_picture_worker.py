"""The worker that draws annotated pictures."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facecli.capture.marks import Mark
from facecli.errors.capture import CaptureFailed
from facecli.recognition.annotation import picture_worker
from facecli.recognition.annotation.picture_worker import PictureRequest
from facecli.workers.local import Pool
from tests.recognition.conftest import PHOTOS

SENATOR = str(PHOTOS / "senator.jpg")


def test_an_annotated_picture_is_a_whole_jpeg_of_the_same_size() -> None:
    mark = Mark(box=(180, 180, 366, 366), caption="s-1", blur=False, kind="match")
    requests = [
        PictureRequest(image, Path("out.jpg"), (mark,))
        for image in (SENATOR, Path(SENATOR).read_bytes())
    ]
    with Pool(picture_worker.load_picture_worker) as pool:
        [(_, of_file), (_, of_bytes)] = list(pool.map(requests))
    assert isinstance(of_file, bytes)
    assert of_file == of_bytes
    with Image.open(io.BytesIO(of_file)) as image, Image.open(SENATOR) as before:
        assert image.size == before.size
        assert image.format == "JPEG"
        assert np.abs(np.asarray(image, int) - np.asarray(before, int)).max() > 100


def test_what_is_no_image_is_not_annotated() -> None:
    with pytest.raises(CaptureFailed, match="out"):
        picture_worker.drawn(PictureRequest(b"no image", Path("out.jpg"), ()))
