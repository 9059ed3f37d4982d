from __future__ import annotations

import numpy as np

from facecli.recognition.evaluation.all_pairs import AllPairs
from facecli.recognition.evaluation.discarding import discarding, worst_left_out
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
