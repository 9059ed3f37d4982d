"""A sealed worker analyses as an unsealed one does, with every engine."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.engines import engine as engines
from facecli.workers.confinement.bounds import IMAGES, Bounds
from facecli.workers.local import Pool

PHOTOS = Path(__file__).parents[1] / "photos"


@pytest.mark.parametrize("name", engines.names())
def test_sealing_changes_no_answer(name: str, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("Dear Sir")
    requests = [
        AnalysisRequest(str(PHOTOS / "senator.jpg"), "probe"),
        AnalysisRequest(str(PHOTOS / "premier.jpg"), "enrol", keep_photo=True),
        AnalysisRequest("from memory", "probe", content=(PHOTOS / "premier.jpg").read_bytes()),
        AnalysisRequest(str(tmp_path / "text.jpg"), "probe"),
        AnalysisRequest(str(tmp_path / "none.jpg"), "probe"),
        AnalysisRequest(str(tmp_path), "probe"),
    ]

    def answers(bounds: Bounds | None) -> list[object]:
        setup = partial(image_analysis.load_analysis_worker, name)
        with Pool(setup, bounds=bounds) as pool:
            return [answer for _, answer in pool.map(requests)]

    sealed = answers(IMAGES)
    assert sealed == answers(None)
    assert [type(answer) for answer in sealed[:3]] == [ImageAnalysis] * 3
