"""A search of image files: what is counted, what is refused, and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from facecli.capture.folders import ImageFiles
from facecli.cli.analysers import Analysing
from facecli.cli.match.images import ImageOptions, match_images
from facecli.cli.match.matcher import MatchOptions
from facecli.cli.session import Settings
from facecli.errors.base import Exit
from facecli.errors.command_line import BadInput
from facecli.recognition.annotation.requests import AnnotationStyle
from facecli.recognition.matching.thresholds import Asked
from tests.commands.stand_ins import Keeper
from tests.conftest import SAMPLE_DATA, Facecli

pytestmark = pytest.mark.usefixtures("kept_workers")

PROBES = SAMPLE_DATA / "probes"
ONE, TWO = PROBES / "gate-1.jpg", PROBES / "gate-2.jpg"


def search(
    facecli: Facecli, files: list[Path], *, top_k: int = 1, passed_over: int = 0, **options: Any
) -> tuple[Exit, list[str]]:
    """Search some files; return how it ended, and the REFs of the rows."""
    output = facecli.folder / "rows.jsonl"
    given: dict[str, Any] = {"annotate": None, "resume": None, "analysing": Analysing(), **options}
    style = AnnotationStyle(names=False, blur=True)
    images = ImageOptions(
        ImageFiles(files, passed_over), style=style, form="jsonl", output=output, **given
    )
    settings = Settings(facecli.db, {"key_file": str(facecli.key)}, no_input=True)
    code = match_images(settings, MatchOptions("gate", Asked(), top_k), images)
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    return code, [row.get("ref") for row in rows]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    (tmp_path / "bad.jpg").write_bytes(b"")
    return tmp_path / "bad.jpg"


def test_every_image_is_searched_and_counted(
    enrolled: Facecli, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search(enrolled, [ONE, TWO], passed_over=1) == (Exit.OK, ["A-1001", "A-1002"])
    lines = capsys.readouterr().err.splitlines()
    assert lines[-2:] == [
        "2 images searched, 0 could not be read.",
        "1 file in folders skipped: not an image.",
    ]


def test_an_image_that_cannot_be_read_costs_itself_and_is_named(
    enrolled: Facecli, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search(enrolled, [bad, TWO]) == (Exit.PARTIAL, [None, "A-1002"])
    printed = capsys.readouterr().err
    assert str(bad) in printed
    assert "1 image searched, 1 could not be read." in printed


def test_a_resumed_search_leaves_out_what_is_done(
    enrolled: Facecli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = tmp_path / "done"
    assert search(enrolled, [ONE], resume=done) == (Exit.OK, ["A-1001"])
    assert search(enrolled, [ONE, TWO], resume=done) == (Exit.OK, ["A-1002"])
    assert "1 image skipped: done by an earlier run." in capsys.readouterr().err


def test_a_file_of_another_search_is_refused_before_any_image(
    enrolled: Facecli, tmp_path: Path, kept_workers: Keeper
) -> None:
    done = tmp_path / "done"
    search(enrolled, [ONE], resume=done)
    kept_workers.tasks.clear()
    with pytest.raises(BadInput, match="another search"):
        search(enrolled, [ONE], resume=done, top_k=2)
    assert kept_workers.tasks == []


def test_a_folder_for_pictures_that_holds_an_image_is_refused(
    enrolled: Facecli, tmp_path: Path, kept_workers: Keeper
) -> None:
    image = tmp_path / "s.jpg"
    shutil.copy(ONE, image)
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(BadInput, match="could be overwritten"):
        search(enrolled, [TWO, image], annotate=tmp_path / "link")
    assert kept_workers.tasks == []
    assert image.read_bytes() == ONE.read_bytes()


def test_pictures_are_written_of_what_was_searched(
    enrolled: Facecli, tmp_path: Path, bad: Path
) -> None:
    code, _ = search(enrolled, [ONE, bad], annotate=tmp_path / "pictures")
    assert code == Exit.PARTIAL
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["gate-1.jpg"]


def test_a_picture_that_cannot_be_written_is_worse_than_an_unread_image(
    enrolled: Facecli, tmp_path: Path, bad: Path
) -> None:
    (tmp_path / "pictures" / "gate-1.jpg").mkdir(parents=True)  # a folder in its place
    code, refs = search(enrolled, [ONE, bad], annotate=tmp_path / "pictures")
    assert (code, refs) == (Exit.OUTPUT, ["A-1001", None])
