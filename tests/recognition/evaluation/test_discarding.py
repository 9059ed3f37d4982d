from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from facecli.recognition.analysis.image import AnalysisRequest, analyse
from facecli.recognition.engines import engine
from facecli.recognition.evaluation import acquisition
from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.discarding import discarding, worst_left_out
from facecli.recognition.evaluation.sets import LabelledImage
from facecli.recognition.matching.rate_scale import calibration_of
from tests.recognition.synthetic import acquired, by, people_and_templates


def test_discarding_the_worst_shows_what_it_does() -> None:
    labels, templates = people_and_templates(80, 4, noise=0.3)
    random = np.random.default_rng(1)
    bad = np.arange(320) % 20 == 0
    templates[bad] += random.normal(scale=2.0, size=(16, templates.shape[1]))
    qualities = [10 if one else 80 for one in bad]
    study = AllPairs(acquired(labels, templates, qualities=qualities))
    results = list(discarding(study, 0.05))
    change = by(results, "FNMR change", "overall FMR 0.01")
    assert change.value < 0
    assert change.high < 0
    assert change.note == "lower; 16 images discarded"
    blind = AllPairs(acquired(labels, templates, qualities=random.integers(0, 101, 320).tolist()))
    change = by(list(discarding(blind, 0.05)), "FNMR change", "overall FMR 0.01")
    assert change.low < 0 < change.high
    assert change.note == "unclear; 16 images discarded"


def test_what_could_not_be_assessed_counts_as_the_worst() -> None:
    assert worst_left_out([50, None, 10, 90], 0.5).tolist() == [True, False, False, True]
    assert worst_left_out([50, None, 10, 90], 0.1).tolist() == [True] * 4


SAMPLE_DATA = Path(__file__).parents[3] / "sample_data"
PICTURES = [
    (person, SAMPLE_DATA / name)
    for person in (1, 2, 3)
    for name in (f"enrol/A-100{person}.jpg", f"probes/gate-{person}.jpg")
]
CAPTURES = 8
"""Captures of each picture, from good to bad."""


def captures(path: Path) -> list[bytes]:
    """Return PNG files of one picture: smaller, more blurred and noisier from one to the next."""
    random = np.random.default_rng(19795)
    with Image.open(path) as image:
        whole = image.convert("RGB")
    made = []
    for worse in np.linspace(0, 1, CAPTURES):
        height = round(420 * (1 - worse) + 110 * worse)
        small = whole.resize((height * whole.width // whole.height, height))
        soft = np.asarray(small.filter(ImageFilter.GaussianBlur(1.5 * float(worse))), float)
        noisy = soft + random.normal(scale=25 * worse, size=soft.shape)
        stream = io.BytesIO()
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(stream, "PNG")
        made.append(stream.getvalue())
    return made


def test_captures_of_low_quality_are_missed_more_often() -> None:
    loaded = engine.load(engine.DEFAULT)
    asked = [
        (LabelledImage(str(person), path), AnalysisRequest(f"{at}", "probe", content=content))
        for person, path in PICTURES
        for at, content in enumerate(captures(path))
    ]
    answers = [(request, analyse(loaded, request)) for _, request in asked]
    study = AllPairs(acquisition.acquire([one for one, _ in asked], answers, loaded.spec))
    threshold = calibration_of(loaded.spec).threshold(1e-4)

    def missed(qualities: list[int | None]) -> float:
        wrong, of = study.misses(threshold, worst_left_out(qualities, 0.25))
        return float(wrong.sum() / of.sum())

    qualities = list(study.acquired.qualities)
    wrong, of = study.misses(threshold)
    assert len(qualities) > 40
    assert missed(qualities) < 0.25 * wrong.sum() / of.sum()
    random = np.random.default_rng(1)
    by_chance = [missed(random.permutation(qualities).tolist()) for _ in range(300)]
    assert missed(qualities) < 0.5 * min(by_chance)
