"""A search of the frames of a source: its rows, its summary, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from facecli.capture.frames import FrameLimits
from facecli.capture.sources import Source
from facecli.cli.match.matcher import MatchOptions
from facecli.cli.match.video import VideoOptions, match_video
from facecli.cli.session import Settings
from facecli.errors.base import Exit
from facecli.errors.capture import NotAVideo
from facecli.recognition.annotation.requests import AnnotationStyle
from facecli.recognition.matching.thresholds import Asked
from tests import clips
from tests.conftest import SAMPLE_DATA, Facecli

CLIP = SAMPLE_DATA / "video/passage.mp4"
STYLE = AnnotationStyle(names=False, blur=True)


def options(video: Path, output: Path | None = None, **changes: Any) -> VideoOptions:
    source = Source("video", str(video))
    given: dict[str, Any] = {"every": None, "max_seconds": None, "annotate": None, **changes}
    return VideoOptions(source, style=STYLE, form="jsonl", output=output, **given)


def search(facecli: Facecli, video: Path, **changes: Any) -> tuple[Exit, list[dict[str, Any]]]:
    """Search a video; return how it ended, and its rows."""
    output = facecli.folder / "rows.jsonl"
    settings = Settings(facecli.db, {"key_file": str(facecli.key)}, no_input=True)
    matching = MatchOptions("gate", Asked(), 1)
    code = match_video(settings, matching, options(video, output, **changes))
    return code, [json.loads(line) for line in output.read_text().splitlines()]


@pytest.mark.parametrize("seconds", [None, 0.5, 1e6])
def test_a_lost_camera_is_waited_for_no_longer_than_the_search_lasts(seconds: float | None) -> None:
    usual = FrameLimits().patience
    limits = options(CLIP, max_seconds=seconds).limits
    assert limits.patience == (0.5 if seconds == 0.5 else usual)
    assert (limits.open, limits.read) == (FrameLimits().open, FrameLimits().read)


def test_each_track_is_a_row_and_the_summary_counts_them(
    enrolled: Facecli, capsys: pytest.CaptureFixture[str]
) -> None:
    code, rows = search(enrolled, CLIP, every=3)
    assert code == Exit.OK
    matched = [row for row in rows if row["decision"] == "match"]
    printed = capsys.readouterr().err
    assert matched
    assert (
        f"30 frames analysed, {len(rows)} faces followed: {len(matched)} matched, "
        f"{len(rows) - len(matched)} unknown and forgotten."
    ) in printed
    assert "The camera was lost" not in printed


def test_a_video_that_breaks_off_keeps_its_rows_and_ends_with_3(
    enrolled: Facecli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = clips.container(tmp_path / "clip.mp4", clips.frames(CLIP)[6:66])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, rows = search(enrolled, path)
    assert (code, rows[0]["ref"]) == (Exit.PARTIAL, "A-1002")
    printed = capsys.readouterr().err
    assert f"{path} ends after" in printed
    assert "frames analysed" in printed


def test_without_a_single_frame_there_is_no_search(enrolled: Facecli, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(CLIP.read_bytes()[:5000])
    with pytest.raises(NotAVideo):
        search(enrolled, path)


def test_pictures_that_cannot_be_written_are_exit_74_and_leave_the_rows(
    enrolled: Facecli, tmp_path: Path
) -> None:
    pictures = tmp_path / "pictures"
    code, rows = search(enrolled, CLIP, every=3, annotate=pictures)
    assert code == Exit.OK
    names = sorted(path.name for path in pictures.iterdir())
    assert names
    for path in pictures.iterdir():
        path.unlink()
    for name in names:
        (pictures / name).mkdir()  # a folder in the place of each picture
    again, same = search(enrolled, CLIP, every=3, annotate=pictures)
    assert again == Exit.OUTPUT
    assert [row["decision"] for row in same] == [row["decision"] for row in rows]
