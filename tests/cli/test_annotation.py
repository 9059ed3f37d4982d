"""`--annotate`: targets that fit the source, pictures that fail alone, and the pace of a film."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from facecli.capture import sources
from facecli.capture.marks import Mark
from facecli.cli.annotation import (
    PictureWriter,
    annotating,
    check_target,
    make_picture_folder,
)
from facecli.cli.session import Settings
from facecli.errors.command_line import BadInput, OutputFailed
from facecli.recognition.annotation.picture_worker import PictureRequest
from facecli.recognition.annotation.requests import AnnotationStyle
from tests import clips
from tests.conftest import SAMPLE_DATA

PORTRAIT = str(SAMPLE_DATA / "probes/stranger.jpg")
STYLE = AnnotationStyle(names=False, blur=True)
VIDEO = sources.video(clips.TURN)
CAMERA = sources.device("0")


@pytest.mark.parametrize(
    ("name", "source", "why"),
    [
        ("taken.txt", VIDEO, "it is a file; name a folder"),
        ("film.mkv", VIDEO, "name it .mp4"),
        ("film.mp4", None, "not for image files"),
        ("film.mp4", CAMERA, "not for a camera"),
    ],
)
def test_a_target_that_does_not_fit_is_a_usage_error(
    tmp_path: Path, name: str, source: sources.Source | None, why: str
) -> None:
    (tmp_path / "taken.txt").touch()
    with pytest.raises(click.UsageError, match=why):
        check_target(tmp_path / name, source)


@pytest.mark.parametrize(
    ("name", "source"), [("new", None), ("folder.mp4", CAMERA), ("film.mp4", VIDEO)]
)
def test_folders_fit_every_source_and_films_a_video(
    tmp_path: Path, name: str, source: sources.Source | None
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    check_target(tmp_path / name, source)
    check_target(None, source)


def test_a_folder_is_made_for_its_owner_and_must_take_files(tmp_path: Path) -> None:
    make_picture_folder(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    with pytest.raises(OutputFailed):
        make_picture_folder(Path(PORTRAIT))


def test_a_picture_that_fails_costs_no_other(tmp_path: Path) -> None:
    notes: list[str] = []
    mark = Mark((10, 10, 60, 60), "", blur=True)
    with PictureWriter(notes.append) as writer:
        writer.write("bad.jpg", PictureRequest(b"no image", tmp_path / "bad.jpg", ()))
        writer.write("lost.jpg", PictureRequest(PORTRAIT, tmp_path / "none/lost.jpg", (mark,)))
        writer.write("good.jpg", PictureRequest(PORTRAIT, tmp_path / "good.jpg", (mark,)))
    assert writer.failed == 2
    assert [note.split(": not annotated: ")[0] for note in notes] == ["bad.jpg", "lost.jpg"]
    assert notes[0].count("bad.jpg") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["good.jpg"]


def test_without_a_target_nothing_is_asked_of_the_worker() -> None:
    with annotating(None, STYLE, VIDEO, Settings(Path("x"))) as annotation:
        assert (annotation.on_frame, annotation.on_track, annotation.failed) == (None, None, 0)
        annotation.check_pace(15, 1000)
        annotation.finish()


def test_a_film_needs_enough_frames_to_blur_who_comes_and_goes(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with annotating(film, STYLE, VIDEO, Settings(Path("x"), quiet=True)) as annotation:
        annotation.check_pace(15, 6)
        annotation.check_pace(15, None)
        with pytest.raises(click.UsageError, match="at 15 frames per second give 6 or less"):
            annotation.check_pace(15, 7)


def test_a_film_never_replaces_its_video(tmp_path: Path) -> None:
    copy = tmp_path / "turn.mp4"
    copy.write_bytes(Path(clips.TURN).read_bytes())
    opened = annotating(copy, STYLE, sources.video(copy), Settings(Path("x"), quiet=True))
    with pytest.raises(BadInput, match="would be overwritten"), opened:
        pass
    assert copy.read_bytes() == Path(clips.TURN).read_bytes()
