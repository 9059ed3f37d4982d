"""The sample data can be shared, and is what its records say."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from facecli.consent.purpose_files import parse_file
from facecli.recognition.engines import engine, scoring
from facecli.times import is_length
from sample_data import make_passage, make_turn
from tests import clips
from tests.conftest import SAMPLE_DATA

PHOTOGRAPHS = sorted(SAMPLE_DATA.glob("*/*.jpg"))
UNTOUCHED = SAMPLE_DATA / "enrol/A-1003.jpg"


def manifest() -> list[dict[str, str]]:
    with (SAMPLE_DATA / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda path: path.name)
def test_every_photograph_is_credited_and_small(photograph: Path) -> None:
    credits = (SAMPLE_DATA / "CREDITS.md").read_text(encoding="utf-8")
    assert f"| `{photograph.relative_to(SAMPLE_DATA)}` |" in credits
    assert photograph.stat().st_size < 300_000
    with Image.open(photograph) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert bool(image.getexif()) == (photograph == UNTOUCHED)


def test_the_group_picture_is_the_one_that_the_script_makes() -> None:
    made = runpy.run_path(str(SAMPLE_DATA / "make_group.py"))["compose"]()
    with Image.open(SAMPLE_DATA / "probes/group.jpg") as shipped:
        difference = np.abs(np.asarray(made, np.int16) - np.asarray(shipped, np.int16))
    assert difference.mean() < 3  # JPEG's loss at quality 90


def test_the_clip_is_credited_and_the_one_that_the_script_makes() -> None:
    clip = SAMPLE_DATA / "video/turn.mp4"
    assert "| `video/turn.mp4` |" in (SAMPLE_DATA / "CREDITS.md").read_text(encoding="utf-8")
    assert clip.stat().st_size < 450_000
    head = make_turn.head_of(SAMPLE_DATA / "probes/stranger.jpg")
    made = make_turn.frames(head, make_turn.yaws(make_turn.TURNS))
    for at, (one, shipped) in enumerate(zip(made, clips.turn(), strict=False)):
        if at % 20 == 0:
            assert np.abs(one.astype(np.int16) - shipped).mean() < 3


def test_the_passage_is_credited_and_the_one_that_the_script_makes() -> None:
    clip = SAMPLE_DATA / "video/passage.mp4"
    assert "| `video/passage.mp4` |" in (SAMPLE_DATA / "CREDITS.md").read_text(encoding="utf-8")
    assert clip.stat().st_size < 450_000
    portraits = make_passage.portraits()
    capture = cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG)
    for number in range(make_passage.RATE * make_passage.SECONDS):
        done, shipped = capture.read()
        assert done
        if number % 30 == 20:
            made = make_passage.frame(portraits, number)
            assert np.abs(made.astype(np.int16) - shipped).mean() < 4


def test_the_manifest_names_files_and_purposes_that_are_there() -> None:
    purposes = parse_file(SAMPLE_DATA / "purposes.toml")
    rows = manifest()
    assert len({row["ref"] for row in rows}) >= 3
    for row in rows:
        assert row["purpose"] in purposes
        assert (SAMPLE_DATA / row["image"]).is_file()
        assert "SPECIMEN" in (SAMPLE_DATA / row["evidence"]).read_text(encoding="utf-8")


def test_the_manifest_does_not_go_stale() -> None:
    assert all(row["given"] == "" and is_length(row["expires"]) for row in manifest())


def test_a_notice_says_what_the_law_wants_said() -> None:
    for terms in parse_file(SAMPLE_DATA / "purposes.toml").values():
        assert terms.controller_name in terms.notice
        assert terms.controller_contact in terms.notice
        assert terms.impact_assessment in terms.notice
        for heading in (
            "Who is responsible",
            "What for",
            "How.",
            "Which data",
            "Why your face",
            "What it means for you",
            "How long",
            "If you would rather not",
            "Your rights",
        ):
            assert f"**{heading}" in terms.notice


@pytest.mark.rule("notice-fields")
def test_a_notice_states_the_numbers_of_a_template_as_the_default_engine_stores_it() -> None:
    spec = engine.spec(engine.DEFAULT)
    numbers = scoring.size(spec.scoring, spec.dimension)
    for terms in parse_file(SAMPLE_DATA / "purposes.toml").values():
        for notice in terms.notices:
            assert f" {numbers} " in notice.text, notice.language
