from __future__ import annotations

from pathlib import Path

import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.evaluation.intervals import wilson
from facecli.recognition.evaluation.presentations import Judged, Recording, rates, recordings
from tests.recognition.synthetic import by


def folders(tmp_path: Path, *files: str) -> tuple[Path, Path]:
    for name in ("attacks", "people"):
        (tmp_path / name).mkdir()
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path / "attacks", tmp_path / "people"


def test_a_subfolder_is_a_species_and_the_living_lie_in_subfolders_or_not(tmp_path: Path) -> None:
    found = recordings(
        *folders(
            tmp_path, "attacks/print/b.mp4", "attacks/print/a.mp4", "attacks/screen/a.mp4",
            "attacks/.DS_Store", "people/1.mp4", "people/Jo/2.mp4", "people/Jo/.hidden",
        )
    )  # fmt: skip
    assert [(one.species, one.path.name) for one in found] == [
        ("print", "a.mp4"), ("print", "b.mp4"), ("screen", "a.mp4"), (None, "1.mp4"),
        (None, "2.mp4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (("people/1.mp4",), "one subfolder per species"),
        (("attacks/print/.hidden", "people/1.mp4"), "print is not usable: it holds"),
        (("attacks/loose.mp4", "people/1.mp4"), "subfolder of its species"),
        (("attacks/print/a.mp4",), "people is not usable: it holds"),
        (("attacks/print/deep/a.mp4", "people/1.mp4"), "too deep"),
    ],
)
def test_folders_that_cannot_be_measured_are_refused(
    tmp_path: Path, files: tuple[str, ...], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        recordings(*folders(tmp_path, *files))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        recordings(tmp_path / "none", tmp_path)


def judged(species: str | None, *refusals: str | None) -> list[Judged]:
    return [
        Judged(Recording(Path(f"{at}.mp4"), species), {"check": reason})
        for at, reason in enumerate(refusals)
    ]


def test_what_is_accepted_of_a_species_and_refused_of_the_living_are_errors() -> None:
    found = list(
        rates(
            [
                *judged("print", None, "flat-face", "flat-face", "turn-too-late"),
                *judged("screen", "screen-seen"),
                *judged(None, None, None, "turn-too-late"),
            ],
            ["check"],
        )
    )
    prints = by(found, "APCER", "check", "print")
    assert (prints.value, prints.errors, prints.of) == (0.25, 1, 4)
    assert prints.note == "flat-face 2, turn-too-late 1"
    expected = wilson(1, 4)
    assert (prints.low, prints.high) == (expected.low, expected.high)
    assert prints.interval == "Wilson over recordings"
    assert by(found, "APCER", "check", "screen").value == 0
    living = by(found, "BPCER", "check")
    assert (living.errors, living.of, living.note) == (1, 3, "turn-too-late 1")
    assert [one.measure for one in found] == ["FTA", "APCER", "APCER", "BPCER"]


def test_a_file_that_is_no_video_counts_in_no_rate() -> None:
    text = Judged(Recording(Path("x.txt"), "mask"), {}, "unreadable-video")
    found = list(rates([text, *judged("print", None), *judged(None, None)], ["check"]))
    unread = found[0]
    assert (unread.measure, unread.errors, unread.of) == ("FTA", 1, 3)
    assert unread.note == "unreadable-video 1"
    mask = by(found, "APCER", "check", "mask")
    assert (mask.value, mask.note) == (None, "not supported: no recording could be read")
    assert by(found, "APCER", "check", "print").value == 1
