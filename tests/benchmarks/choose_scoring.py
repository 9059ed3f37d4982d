"""Choose how an engine's templates are scored: crowds, norm and 8 bits, by cross-validation.

    python -m tests.benchmarks.choose_scoring ENGINE FOLDER...
    python -m tests.benchmarks.choose_scoring ENGINE FOLDER... --save FILE --crowds N
    python -m tests.benchmarks.choose_scoring ENGINE FOLDER... --measure FOLDER

Each folder has one subfolder of images per person. The people are split in two halves, several
times. Crowds are made of one half, and true-match rates are measured on the other. `--save` writes
the crowds of everybody to FILE, for facecli/models/. `--measure` measures the scoring in use on the
people of another folder, with crowds of those of the first ones. Choose the flat part of the
tables, not the largest figure: the rates at FMR 1e-5 rest on few comparisons.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facecli.errors.capture import CaptureFailed
from facecli.recognition.analysis import quality
from facecli.recognition.analysis.image import AnalysisRequest
from facecli.recognition.analysis.warm_up import warm_up
from facecli.recognition.engines import engine, scoring
from facecli.recognition.engines.engine import DetectedFace, EngineSpec, QualityScale
from facecli.recognition.engines.scoring import NetworkOutput, Scoring, vectors_of
from facecli.recognition.evaluation import sets
from facecli.recognition.evaluation.acquisition import Acquired
from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.discarding import discarding
from facecli.recognition.evaluation.distances import Templates
from facecli.recognition.evaluation.sets import LabelledImage
from facecli.workers.answers import Failure
from facecli.workers.local import Pool

if TYPE_CHECKING:
    import numpy.typing as npt

    Reals = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]

SEED = 19795
"""Seed of every draw; the number of the ISO/IEC standard on evaluation."""
REPEATS = 3
"""Splits of the people in two halves; each half is measured once."""
MOST_IMAGES = 6
"""Images of one person that are compared, so that a few celebrities do not rule the rates."""
RATES = (1e-3, 1e-4, 1e-5)
DRAWS = 4
"""Draws of some images of each person, for `held_out`."""
DISCARDED = 0.05
"""Share of the images with the lowest quality that `held_out` leaves out."""
MEASURES = ("TMR", "FNMR of all", "FNMR of kept")
SHOWN = (*(f"FMR {rate:g}" for rate in RATES), "overall FMR 0.0001")
KEPT = 0.01
"""Share of impostor scores that are kept: the highest, far more than RATES need."""
ROUNDS = 25
"""Rounds of k-means."""
DIGITS = 4
"""Decimals of a crowd's components in the file."""
CROWDS = (1, 16, 64)
WEIGHTS = (0.15, 0.2, 0.25, 0.35)
NORM_WEIGHTS = (0.0075, 0.01)
NORM_RANGES = ((9.0, 15.0), (10.0, 14.0))
STEPS = (0.4, 0.45, 0.5)
"""Largest component of an 8-bit template; the step is a 127th of it."""


@dataclass(frozen=True, eq=False)
class Faces:
    """The network's output for some images. codes: (n,) the person of each, as a number."""

    output: NetworkOutput
    codes: Numbers

    def among(self, rows: Numbers) -> Faces:
        """Return these faces only."""
        output = NetworkOutput(self.output.vectors[rows], self.output.norms[rows])
        return Faces(output, self.codes[rows])


def load_output_worker(name: str) -> Callable[[AnalysisRequest], tuple[bytes, float]]:
    """Load an engine, and return the function that gives a vector and a norm for an image."""
    loaded = engine.load(name)
    warm_up(loaded)  # a sealed worker imports nothing later

    def task(request: AnalysisRequest) -> tuple[bytes, float]:
        rgb = request.read(loaded.spec.decode_at_least).rgb
        height, width = rgb.shape[:2]
        found = loaded.detect(rgb)
        if not found:
            raise CaptureFailed(path=request.path, why="no face was found")
        nearest = min(
            found,
            key=lambda face: (
                (face.box[0] + face.box[2] - width) ** 2 + (face.box[1] + face.box[3] - height) ** 2
            ),
        )
        output = loaded.templates(rgb, [nearest])
        return output.vectors[0].astype("<f4").tobytes(), float(output.norms[0])

    return task


def read(name: str, images: Sequence[LabelledImage]) -> Faces:
    """Return the network's output for the face nearest the centre of each image."""
    people, vectors, norms = [], [], []
    requests = [AnalysisRequest(str(image.path), "probe") for image in images]
    with Pool[AnalysisRequest, tuple[bytes, float]](partial(load_output_worker, name)) as pool:
        for image, (_, answer) in zip(images, pool.map(requests), strict=True):
            if isinstance(answer, Failure):
                sys.stderr.write(f"{image.path}: {answer.code}\n")
                continue
            people.append(image.person)
            vectors.append(answer[0])
            norms.append(answer[1])
    rows = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), -1)
    output = NetworkOutput(rows, np.array(norms, np.float32))
    return Faces(output, np.unique(people, return_inverse=True)[1])


# -- crowds ----------------------------------------------------------------------------------


def crowds_of(faces: Faces, count: int) -> Reals:
    """Return (count, dimension) float64 of unit length: the centres of groups of people.

    Each person counts once, with the mean of their templates. Groups are found by k-means.
    """
    people, codes = np.unique(faces.codes, return_inverse=True)
    means = np.zeros((len(people), faces.output.vectors.shape[1]))
    np.add.at(means, codes, faces.output.vectors.astype(np.float64))
    means /= np.bincount(codes)[:, None]
    means = _unit(means) if count > 1 else means
    centres = means[np.random.default_rng(SEED).choice(len(means), count, replace=False)]
    for _ in range(ROUNDS):
        group = np.argmax(means @ centres.T - (centres**2).sum(axis=1) / 2, axis=1)
        for at in np.unique(group):
            centres[at] = means[group == at].mean(axis=0)
    return _unit(centres)


def _unit(rows: Reals) -> Reals:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def smallest_group(faces: Faces, crowds: Reals) -> int:
    """Return the number of people in the smallest crowd: a crowd of one would be a person."""
    people, codes = np.unique(faces.codes, return_inverse=True)
    means = np.zeros((len(people), crowds.shape[1]))
    np.add.at(means, codes, faces.output.vectors.astype(np.float64))
    return int(np.bincount(np.argmax(_unit(means) @ crowds.T, axis=1), minlength=len(crowds)).min())


# -- rates -----------------------------------------------------------------------------------


def true_match_rates(faces: Faces, handicaps: Reals, step: float | None = None) -> list[float]:
    """Return the true-match rate, 0..1, at each of RATES, over all pairs of these faces."""
    vectors = faces.output.vectors.astype(np.float64)
    if step is not None:
        vectors = np.rint(vectors / step).clip(-127, 127) * step
    genuine, highest, impostors = [], [], 0
    for start in range(0, len(vectors), 1024):
        rows = slice(start, start + 1024)
        scores = vectors[rows] @ vectors[start:].T
        scores -= handicaps[rows, None] + handicaps[None, start:]
        later = np.triu(np.ones(scores.shape, bool), 1)
        same = faces.codes[rows, None] == faces.codes[None, start:]
        genuine.append(scores[later & same])
        others = scores[later & ~same]
        impostors += len(others)
        keep = min(int(KEPT * len(others)) + 100, len(others))
        highest.append(np.partition(others, len(others) - keep)[len(others) - keep :])
    falling = np.sort(np.concatenate(highest))[::-1]
    own = np.concatenate(genuine)
    limits = [falling[max(int(rate * impostors), 1) - 1] for rate in RATES]
    return [float((own > limit).mean()) for limit in limits]


def halves(faces: Faces) -> Iterator[tuple[Faces, Faces]]:
    """Yield the people to learn from and the others to measure on."""
    draw = np.random.default_rng(SEED)
    for _ in range(REPEATS):
        half = draw.integers(0, 2, int(faces.codes.max()) + 1)
        for side in (0, 1):
            learn = np.flatnonzero(half[faces.codes] != side)
            measure = np.flatnonzero(half[faces.codes] == side)
            yield faces.among(learn), faces.among(_few(measure, faces.codes[measure], draw))


def _few(
    rows: Numbers, codes: Numbers, draw: np.random.Generator, most: int = MOST_IMAGES
) -> Numbers:
    """Return at most so many of these rows a person."""
    mixed = draw.permutation(len(rows))
    rank: dict[int, int] = defaultdict(int)
    kept = []
    for at in mixed:
        rank[codes[at]] += 1
        if rank[codes[at]] <= most:
            kept.append(rows[at])
    return np.sort(np.array(kept))


def cross_validated(faces: Faces) -> dict[str, list[float]]:
    """Return the mean true-match rates, 0..1, of each choice, on people not learnt from."""
    found: dict[str, list[list[float]]] = defaultdict(list)
    for learn, measure in halves(faces):
        for name, handicaps, step in _choices(learn, measure):
            found[name].append(true_match_rates(measure, handicaps, step))
    return {name: np.mean(rates, axis=0).tolist() for name, rates in found.items()}


def _choices(learn: Faces, measure: Faces) -> Iterator[tuple[str, Reals, float | None]]:
    """Yield a name, the handicaps (n,) and the 8-bit step of each choice to measure."""
    vectors, norms = measure.output.vectors.astype(np.float64), measure.output.norms
    none = np.zeros(len(vectors))
    yield "plain", none, None
    for largest in STEPS:
        yield f"plain, 8 bits to {largest}", none, largest / 127
    of_norm = [
        (f"norm {weight} in {low:g}..{high:g}", weight * norms.clip(low, high).astype(np.float64))
        for weight in NORM_WEIGHTS
        for low, high in NORM_RANGES
    ]
    for name, handicaps in of_norm:
        yield name, handicaps, None
    for count in CROWDS:
        nearest = (vectors @ crowds_of(learn, count).T).max(axis=1)
        for weight in WEIGHTS:
            name = f"crowds {count} x {weight}"
            yield name, weight * nearest, None
            for other, handicaps in of_norm:
                yield f"{name}, {other}", weight * nearest + handicaps, None


# -- people who were not used ----------------------------------------------------------------


def held_out(
    learn: Faces, measure: Faces, spec: EngineSpec, most: int = MOST_IMAGES
) -> dict[str, list[float]]:
    """Return figures of the scoring in use, 0..1, one for each draw of the people to measure.

    Args:
        learn: the people that the crowds are made of. Nobody of `measure` is among them.
        most: images of one person that are compared.
    """
    plain = Scoring(step=spec.scoring.step)
    found: dict[str, list[float]] = defaultdict(list)
    draw = np.random.default_rng(SEED)
    for _ in range(DRAWS):
        some = measure.among(_few(np.arange(len(measure.codes)), measure.codes, draw, most))
        for name, how in (("plain", plain), ("in use", with_crowds_of(learn, spec.scoring))):
            study = AllPairs(_acquired(some, how, spec.quality))
            results = [*map(study.true_matches, RATES), *discarding(study, DISCARDED)]
            for one in results:
                if one.value is not None and one.measure in MEASURES and one.at in SHOWN:
                    found[f"{name}, {one.measure} at {one.at}"].append(one.value)
    return found


def with_crowds_of(learn: Faces, how: Scoring) -> Scoring:
    """Return the same scoring with crowds of these people, as many as it has."""
    if how.crowds is None:
        return how
    crowds = crowds_of(learn, len(vectors_of(how.crowds)))
    stated = tuple(tuple(map(float, crowd)) for crowd in crowds)
    return replace(how, crowds=replace(how.crowds, file="", sha256="", stated=stated))


def _acquired(faces: Faces, how: Scoring, scale: QualityScale | None) -> Acquired:
    """Return these faces as if they had been analysed. Only the norm tells their quality."""
    images = tuple(LabelledImage(str(code), Path()) for code in faces.codes)
    face = DetectedFace((0, 0, 1, 1), None, np.empty((0, 2), np.float32))
    norms = faces.output.norms.tolist()
    qualities = tuple(quality.unified(scale, face, norm) for norm in norms)
    templates = Templates(how, scoring.stored(how, faces.output))
    return Acquired(images, templates, qualities, ("",) * len(images), ())


# -- the command -----------------------------------------------------------------------------


def content_of(crowds: Reals, origin: dict[str, object]) -> bytes:
    """Return the content of a file for facecli/models/."""
    rows = ",\n".join(json.dumps([round(value, DIGITS) for value in row]) for row in crowds)
    head = json.dumps({"schema": "facecli.crowds/1", "origin": origin}, indent=2)[:-2]
    return f'{head},\n  "crowds": [\n{rows}\n]\n}}\n'.encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, or write the crowds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=engine.names())
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--save", type=Path, help="write the crowds here, and measure nothing")
    parser.add_argument("--measure", type=Path, help="measure the scoring in use on these people")
    parser.add_argument("--most", type=int, default=MOST_IMAGES, help="images of one of them")
    parser.add_argument("--crowds", type=int, default=1)
    parser.add_argument("--data-set", default="", help="the name of the images in the file")
    given = parser.parse_args(arguments)
    images = [image for folder in given.folder for image in sets.labelled_folder(folder)]
    faces = read(given.engine, images)
    if given.measure is not None:
        others = read(given.engine, sets.labelled_folder(given.measure))
        spec = engine.spec(given.engine)
        for name, drawn in held_out(faces, others, spec, given.most).items():
            low, mean, high = min(drawn), float(np.mean(drawn)), max(drawn)
            print(name.ljust(48), f"{100 * mean:7.2f} ({100 * low:.2f} to {100 * high:.2f})")
        return
    if given.save is None:
        for name, rates in cross_validated(faces).items():
            print(name.ljust(48), *(f"{100 * rate:7.2f}" for rate in rates))
        return
    crowds = crowds_of(faces, given.crowds)
    origin = {
        "network": engine.spec(given.engine).network,
        "data_set": given.data_set,
        "images": len(faces.codes),
        "people": len(np.unique(faces.codes)),
        "smallest_crowd": smallest_group(faces, crowds),
        "holds": "means of the templates of many people, scaled to unit length; nobody's face",
        "method": "k-means of one mean template a person, tests/benchmarks/choose_scoring.py",
    }
    content = content_of(crowds, origin)
    given.save.write_bytes(content)
    usual = (faces.output.vectors @ crowds.T).max(axis=1).mean()
    print(f"SHA-256 {hashlib.sha256(content).hexdigest()}, usual {usual:.4f}")


if __name__ == "__main__":
    main()
