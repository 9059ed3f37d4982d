"""The memory that matching takes does not grow with the video. See also `bench_long_video`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import longvideo
from tests.conftest import Facecli

MINUTES, RATE = 6, 1  # of the clip, and its frames a second
BOUND = 8  # MiB, of some 350 that the models and libraries take


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    return longvideo.make(path, 60 * MINUTES, RATE)


def test_after_six_minutes_no_more_memory_is_taken_than_after_one(
    enrolled: Facecli, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(enrolled.folder)
    arguments = [
        "match",
        "--video",
        video,
        "--purpose",
        "gate",
        "--format",
        "jsonl",
        "--annotate",
        "o",
    ]
    command = [sys.executable, "-m", "facecli", "-q", *enrolled.globals, *map(str, arguments)]
    early, late = longvideo.watched(command, 60)
    assert early.seconds < 90
    assert late.seconds > 60 * MINUTES - 15
    assert late.tracks > 4 * early.tracks
    assert len(late.others) == 3  # who reads, who follows, who draws
    assert late.own - early.own < BOUND
    assert sum(late.others) - sum(early.others) < BOUND
