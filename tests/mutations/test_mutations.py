"""Thousands of damaged photographs through the real workers: none crashes or hangs the parent.

`make test` tries 120; `make test-mutations` 100,000, or N. Each is made from a seed and
its number alone, so that a failure can be made again: FACECLI_MUTATIONS_SEED and _FIRST.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from PIL import Image

from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.workers.answers import Failure
from facecli.workers.local import Pool
from tests.conftest import SAMPLE_DATA

# Read when imported: a fixture keeps facecli's variables from tests.
COUNT = int(os.environ.get("FACECLI_MUTATIONS", "120"))
SEED = int(os.environ.get("FACECLI_MUTATIONS_SEED", "20"))
FIRST = int(os.environ.get("FACECLI_MUTATIONS_FIRST", "0"))
KINDS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 16
REFUSALS = {"unreadable-image", "unsupported-image", "too-many-pixels", "worker-crashed"}


@pytest.fixture(scope="module")
def originals() -> list[bytes]:
    """Every sample photograph in every kind, small enough to try many."""
    files: list[bytes] = []
    for path in sorted(SAMPLE_DATA.glob("*/*.jpg")):
        with Image.open(path) as image:
            image.thumbnail((160, 160))
            for kind in KINDS:
                exif = Image.Exif()
                exif[0x0112] = 1 + len(files) % 8
                stream = io.BytesIO()
                image.save(stream, kind, exif=exif)
                files.append(stream.getvalue())
    return files


def mutated(originals: list[bytes], number: int) -> bytes:
    """A few bytes changed, or a part cut out, repeated, filled or taken from another file."""
    rng = np.random.default_rng((SEED, number))
    data = bytearray(originals[rng.integers(len(originals))])
    for _ in range(rng.integers(1, 4)):
        # The first bytes say what kind of file it is; half of the damage is done to headers.
        reach = len(data) if rng.random() < 0.5 else min(len(data), 700)
        start = int(rng.integers(4, max(reach, 5)))
        size = int(rng.integers(1, MOST_BYTES))
        stop = min(start + size, len(data))
        match int(rng.integers(7)):
            case 0:
                data[start:stop] = rng.bytes(stop - start)
            case 1:
                data[start:stop] = bytes([int(rng.choice([0, 1, 127, 128, 255]))]) * (stop - start)
            case 2:
                del data[start : start + int(rng.integers(1, 400))]
            case 3:
                data[start:start] = data[start : start + int(rng.integers(1, 400))]
            case 4:
                del data[start:]
            case 5:
                other = originals[rng.integers(len(originals))]
                data[start : start + 200] = other[start : start + 200]
            case _:
                for at in range(start, stop):
                    data[at] ^= 1 << int(rng.integers(8))
    return bytes(data)


def requests(originals: list[bytes]) -> Iterator[AnalysisRequest]:
    for number in range(FIRST, FIRST + COUNT):
        yield AnalysisRequest(f"#{number}", "probe", content=mutated(originals, number))


def test_damaged_photographs_are_analysed_or_refused_and_cost_nobody_else(
    originals: list[bytes],
) -> None:
    setup = partial(image_analysis.load_analysis_worker, "sface")
    outcomes: Counter[str] = Counter()
    numbers = []
    with Pool[AnalysisRequest, ImageAnalysis](setup, workers=2) as pool:
        for request, outcome in pool.map(requests(originals)):
            numbers.append(request.path)
            if isinstance(outcome, Failure):
                outcomes[outcome.code] += 1
                assert outcome.code in REFUSALS, (request.path, outcome)
            else:
                outcomes["analysed"] += 1
                assert 0 < outcome.width * outcome.height <= 100_000_000
    print(f"FACECLI_MUTATIONS_SEED={SEED}: {dict(outcomes)}")
    assert numbers == [f"#{number}" for number in range(FIRST, FIRST + COUNT)]
    assert outcomes["analysed"] > COUNT / 20
    assert outcomes["unreadable-image"] > COUNT / 20
