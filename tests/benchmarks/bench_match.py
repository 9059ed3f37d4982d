"""Matching a folder, against the `face_recognition` command on the same files in the same run.

    python -m tests.benchmarks.bench_match --images FOLDER [--count N] [--large N] [--output FILE]

FOLDER holds small photographs, one folder a person (such as LFW; research use only, so it does not
ship). Large ones are made here: the sample portraits in frames of 12 megapixels. Images a second,
start-up included, are held against those of the `face_recognition` command at its best number of
processes; so are images in which no face was found, and peak memory of a process against a limit.

SFace's products are also held against those of numpy's matrices, on the same processors in the same
run: a bound that no network reaches. Start-up is left out there, as the difference of two folders.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from tests.benchmarks.figures import Figure, at_least, document, within, write
from tests.benchmarks.samples import SAMPLE_DATA, enrolled

FRAME = (4000, 3000)
ENGINES = ("sface", "dlib")
# Times the peer's images a second: for small photographs what was reached once.
AIMS: dict[str, dict[str, float]] = {
    "small": {"sface": 4.8, "dlib": 3.8},
    "12 megapixels": {"sface": 10, "dlib": 10},
}
PEAK_MB = 500
A_FACE = 0.57e9
"""Multiplications of SFace for one face (see `onnx_recipes.sface`)."""
OF_THE_BOUND = 0.65
ROUNDS = 3
# Runs a command and reports, on the last line of stderr, the largest resident set of a process.
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
# Prints the products that one thread makes in a second of a processor.
PRODUCTS = """
import time
import numpy as np
one, other = (np.ones((1024, 1024), np.float32) for _ in range(2))
out, made, end = np.empty_like(one), 0, time.monotonic() + 3
began = time.process_time()
while time.monotonic() < end:
    np.matmul(one, other, out=out)
    made += 1024**3
print(made / (time.process_time() - began))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--large", type=int, default=12)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = {
            "small": _small(chosen.images, folder / "small", chosen.count),
            "12 megapixels": _large(folder / "large", chosen.large),
        }
        results = {what: _compare(images, folder, chosen.workers) for what, images in sets.items()}
        bound = _bound(sets["small"], folder, chosen.workers)
    figures = [*_figures(results), _bound_figure(bound)]
    write(chosen.output, document(figures, {**results, "bound": bound}))


def _figures(results: dict[str, dict[str, Any]]) -> list[Figure]:
    figures = []
    for what, found in results.items():
        peer = found["face_recognition"]
        theirs = f"face_recognition --cpus {peer['cpus']}: "
        for engine in ENGINES:
            mine = found[engine]
            photos = f"{mine['images']} photos, {what}, `{engine}`"
            figures += [
                at_least(
                    f"match {photos}",
                    f"{mine['images_a_second']:.3g} images/s",
                    f"{theirs}{peer['images_a_second']:.3g} images/s",
                    mine["images_a_second"] / peer["images_a_second"],
                    AIMS[what][engine],
                ),
                Figure(
                    f"no face found in {photos}",
                    str(mine["no_face_found"]),
                    f"{theirs}{peer['no_face_found']}",
                    "",
                    "no more than it",
                    mine["no_face_found"] <= peer["no_face_found"],
                ),
                within(
                    f"peak memory of a process, {photos}",
                    f"{mine['peak_mb']} MB",
                    f"the limit: {PEAK_MB} MB",
                    mine["peak_mb"] / PEAK_MB,
                    1,
                ),
            ]
    return figures


def _bound_figure(found: dict[str, Any]) -> Figure:
    return at_least(
        f"SFace's products in it, {found['images']} photos, start-up left out",
        f"{found['products_a_second'] / 1e9:.3g} G in a second of a processor",
        f"numpy's products of matrices: {found['bound'] / 1e9:.3g} G",
        found["share"],
        OF_THE_BOUND,
    )


def _small(images: Path, target: Path, count: int) -> Path:
    """Copies of the first image of each of `count` people."""
    target.mkdir()
    people = [person for person in sorted(images.iterdir()) if person.is_dir()]
    for person in people[:: max(len(people) // count, 1)][:count]:
        shutil.copy(min(person.glob("*.jpg")), target / f"{person.name}.jpg")
    return target


def _large(target: Path, count: int) -> Path:
    """The sample portraits, each in a frame of 12 megapixels."""
    target.mkdir()
    portraits = sorted(
        [*(SAMPLE_DATA / "enrol").glob("*.jpg"), *(SAMPLE_DATA / "probes").glob("*.jpg")]
    )
    for number in range(count):
        frame = Image.new("RGB", FRAME, (120, 130, 140))
        with Image.open(portraits[number % len(portraits)]) as portrait:
            frame.paste(portrait, (200 + 137 * number % 2500, 100 + 89 * number % 1500))
        frame.save(target / f"{number:03}.jpg", quality=92)
    return target


def _compare(images: Path, folder: Path, workers: int) -> dict[str, Any]:
    peer = _peer(images, folder, workers)
    found = {"face_recognition": peer}
    for engine in ENGINES:
        found[engine] = _facecli(engine, images, folder / f"{engine}-{images.name}", workers)
    return found


def _peer(images: Path, folder: Path, workers: int) -> dict[str, Any]:
    """The command with one process and with as many as there are workers; the better counts."""
    command = [str(Path(sys.executable).with_name("face_recognition"))]
    known = str(SAMPLE_DATA / "enrol")
    runs = []
    for cpus in sorted({1, workers}):
        done = _run([*command, "--cpus", str(cpus), known, str(images)], folder)
        missed = sum("no_persons_found" in line for line in done["out"].splitlines())
        runs.append(_counted(done, images, missed) | {"cpus": cpus})
    return max(runs, key=lambda run: run["images_a_second"])


def _facecli(engine: str, images: Path, folder: Path, workers: int) -> dict[str, Any]:
    done = _match(enrolled(folder, engine), images, folder, workers)
    return _counted(done, images, done["missed"])


def _bound(images: Path, folder: Path, workers: int) -> dict[str, Any]:
    """Products in a second of a processor: SFace's while it matches, and numpy's, of some rounds.

    The difference of all images and a tenth of them is without start-up.
    """
    few = folder / "few"
    few.mkdir()
    for image in sorted(images.iterdir())[::10]:
        shutil.copy(image, few / image.name)
    program = enrolled(folder / "bound", "sface")
    found = [_share_of_bound(program, (images, few), folder, workers) for _ in range(ROUNDS)]
    middle = sorted(found, key=lambda one: one["share"])[ROUNDS // 2]
    return {"images": len(list(images.iterdir())), **middle}


def _share_of_bound(
    program: Sequence[str], folders: Sequence[Path], folder: Path, workers: int
) -> dict[str, float]:
    """Return both products a second, and the share. The bound is measured before and after."""
    before = _products(workers)
    all_of_them, some = (_match(program, one, folder, workers) for one in folders)
    bound = (before + _products(workers)) / 2
    faces = all_of_them["faces"] - some["faces"]
    seconds = all_of_them["processor_seconds"] - some["processor_seconds"]
    made = A_FACE * faces / seconds
    return {"products_a_second": made, "bound": bound, "share": made / bound}


def _products(workers: int) -> float:
    """Return the products of one thread while as many compute as there are workers: their mean."""
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    running = [
        subprocess.Popen([sys.executable, "-c", PRODUCTS], env=alone, stdout=subprocess.PIPE)
        for _ in range(workers)
    ]
    return sum(float(one.communicate()[0]) for one in running) / workers


def _match(program: Sequence[str], images: Path, folder: Path, workers: int) -> dict[str, Any]:
    """Match a folder. faces: those that were compared."""
    match = ["match", str(images), "--purpose", "gate", "--format", "jsonl"]
    done = _run([*program, *match, "--workers", str(workers)], folder)
    rows = [json.loads(line) for line in done["out"].splitlines()]
    faces = {(row["path"], row["face"]) for row in rows if row.get("face") is not None}
    missed = sum(row.get("reason") == "no-face" for row in rows)
    return {**done, "faces": len(faces), "missed": missed}


def _run(command: Sequence[str], folder: Path) -> dict[str, Any]:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    seconds = time.perf_counter() - start
    processor, peak = done.stderr.split()[-2:]
    return {
        "seconds": seconds,
        "out": done.stdout,
        "processor_seconds": float(processor),
        "peak_mb": int(peak) // 1024,
    }


def _counted(done: dict[str, Any], images: Path, missed: int) -> dict[str, Any]:
    count = len(list(images.iterdir()))
    return {
        "images": count,
        "seconds": round(done["seconds"], 2),
        "images_a_second": round(count / done["seconds"], 2),
        "no_face_found": missed,
        "peak_mb": done["peak_mb"],
    }


if __name__ == "__main__":
    main()
