"""Whether the engine `dlib` gives what dlib itself gives: templates and boxes, on the same images.

    python -m tests.benchmarks.bench_agreement --images FOLDER [--faces N] [--boxes N] [--output F]

FOLDER holds photographs, one folder a person. Templates are compared component by component
before they are brought to unit length; dlib computes them from the same chips. Boxes are compared
with those of dlib's CNN detector on the whole image, not enlarged, at its own threshold.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import dlib
import numpy as np
from PIL import Image

from facecli.recognition.engines import engine, weights
from facecli.recognition.engines.dlib.engine import DlibEngine
from tests.benchmarks.figures import Figure, document, write

TOLERANCE = 1e-5
SAME_FACE = 0.35  # overlap from which on two boxes are of one face
OVERLAP = 0.9


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=1000)
    parser.add_argument("--boxes", type=int, default=200)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    made = engine.load("dlib")
    assert isinstance(made, DlibEngine)
    found = _templates(made, chosen.images, chosen.faces) | _boxes(
        made, chosen.images, chosen.boxes
    )
    write(chosen.output, document(_figures(found), found))


def _figures(found: dict[str, Any]) -> list[Figure]:
    return [
        Figure(
            f"components of `dlib`'s templates, {found['faces']} faces",
            f"{found['largest_difference']:.1e} apart at most",
            "dlib's own of the same chips",
            "",
            f"{TOLERANCE:g} or less",
            found["largest_difference"] <= TOLERANCE,
        ),
        Figure(
            f"faces that dlib's CNN detector finds in {found['images']} images",
            f"{found['found_too']} of {found['theirs']} found",
            "dlib's own detector",
            "",
            "all of them",
            found["found_too"] == found["theirs"],
        ),
        Figure(
            "overlap of `dlib`'s boxes with those, median",
            f"{found['median_overlap']:.3f}; the same box: {found['same_box']:.0%}",
            "dlib's own detector",
            "",
            f"{OVERLAP:g} or more",
            found["median_overlap"] >= OVERLAP,
        ),
    ]


def _templates(made: DlibEngine, folder: Path, wanted: int) -> dict[str, Any]:
    network = dlib.face_recognition_model_v1(_weights(weights.RESNET.file))
    faces, largest = 0, 0.0
    for rgb in _images(folder):
        for face in made.detect(rgb)[: wanted - faces]:
            chip = made.chip(rgb, face)
            own = np.array(network.compute_face_descriptor(chip))
            largest = max(largest, float(np.abs(made.raw(chip[None])[0] - own).max()))
            faces += 1
        if faces >= wanted:
            break
    return {"faces": faces, "largest_difference": largest}


def _boxes(made: DlibEngine, folder: Path, images: int) -> dict[str, Any]:
    detector = dlib.cnn_face_detection_model_v1(_weights(weights.MMOD.file))
    overlaps, looked, mine_alone = [], 0, 0
    for rgb in islice(_images(folder), images):
        looked += 1
        height, width = rgb.shape[:2]
        whole = dlib.rectangle(0, 0, width - 1, height - 1)
        theirs = [_sides(found.rect.intersect(whole)) for found in detector(rgb, 0)]
        mine = [face.box for face in made.detect(rgb)]
        overlaps += [max((_overlap(box, one) for one in mine), default=0.0) for box in theirs]
        mine_alone += sum(all(_overlap(box, one) < SAME_FACE for one in theirs) for box in mine)
    return {
        "images": looked,
        "theirs": len(overlaps),
        "found_too": sum(each >= SAME_FACE for each in overlaps),
        "median_overlap": statistics.median(overlaps),
        "same_box": sum(each == 1 for each in overlaps) / len(overlaps),
        "mine_alone": mine_alone,
    }


def _images(folder: Path) -> Iterator[Any]:
    """One image a person, spread over the alphabet; then the others."""
    everybody = [sorted(person.glob("*.jpg")) for person in sorted(folder.iterdir())]
    firsts = [person[0] for person in everybody if person]
    rest = [path for person in everybody for path in person[1:]]
    for path in [*firsts[::7], *(path for at, path in enumerate(firsts) if at % 7), *rest]:
        with Image.open(path) as image:
            yield np.asarray(image.convert("RGB"))


def _weights(file: str) -> str:
    found = importlib.util.find_spec("face_recognition_models")
    assert found is not None
    assert found.submodule_search_locations
    return str(Path(found.submodule_search_locations[0]) / "models" / file)


def _sides(rect: Any) -> tuple[int, int, int, int]:
    return rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1


def _overlap(one: Sequence[float], two: Sequence[float]) -> float:
    """Intersection over union."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    both = max(width, 0) * max(height, 0)
    return both / (sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, two)) - both)


if __name__ == "__main__":
    main()
