"""Labelled images as files: folders of people, and LFW's list of pairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.evaluation import sets

GOOD = ["2\t1", "Ann\t1\t2", "Ann\t1\tBob\t1", "Bob\t1\t2", "Ann\t2\tBob\t2"]


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two images each of Ann and of Bob; what they show does not matter here."""
    folder = tmp_path / "images"
    for name, suffix in (("Ann", "jpg"), ("Bob", "png")):
        (folder / name).mkdir(parents=True)
        for number in (1, 2):
            (folder / name / f"{name}_{number:04d}.{suffix}").touch()
    return folder


def write(tmp_path: Path, lines: list[str]) -> Path:
    path = tmp_path / "pairs.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("separator", ["\t", " "])
def test_lfw_pairs_are_read_fold_by_fold(tmp_path: Path, images: Path, separator: str) -> None:
    found = sets.read_pairs(write(tmp_path, [x.replace("\t", separator) for x in GOOD]), images)
    assert found.folds == 2
    assert [(pair.fold, pair.same) for pair in found.pairs] == [
        (0, True), (0, False), (1, True), (1, False),
    ]  # fmt: skip
    last = found.pairs[-1]
    assert (last.first.path.name, last.second.path.name) == ("Ann_0002.jpg", "Bob_0002.png")
    assert len(found.images()) == 4


def test_a_list_without_folds_is_one_fold(tmp_path: Path, images: Path) -> None:
    found = sets.read_pairs(write(tmp_path, ["1", *GOOD[1:3]]), images)
    assert found.folds == 1


@pytest.mark.parametrize(
    ("line", "text", "says"),
    [
        (1, "many", "line 1"),
        (1, "2 1 1", "line 1"),
        (1, "0 1", "line 1"),
        (1, "3 1", "promises 6 pairs and 4 follow"),
        (2, "Ann\t1", "line 2.*name n1 n2"),
        (2, "Ann\t1\tBob\t2", "line 2.*name n1 n2"),
        (2, "Ann\t1\t1", "line 2.*itself"),
        (2, "Ann\t0\t1", "line 2"),
        (2, "Ann\tone\t2", "line 2"),
        (3, "Ann\t1\t2", "line 3.*name1 n1 name2 n2"),
        (3, "Ann\t1\tAnn\t2", "line 3.*two people"),
        (5, "Ann\t1\tBob\t9", "line 5.*Bob_0009"),
        (5, "../Ann\t1\tBob\t1", "line 5"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, images: Path, line: int, text: str, says: str) -> None:
    lines = list(GOOD)
    lines[line - 1] = text
    with pytest.raises(BadInput, match=says):
        sets.read_pairs(write(tmp_path, lines), images)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe1", b"\n"])
def test_a_list_that_is_no_text_is_refused(tmp_path: Path, images: Path, content: bytes) -> None:
    path = tmp_path / "pairs.txt"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        sets.read_pairs(path, images)


def test_a_missing_list_is_refused(tmp_path: Path, images: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        sets.read_pairs(tmp_path / "none", images)


def test_a_folder_holds_a_folder_for_each_person(images: Path) -> None:
    (images / ".hidden").mkdir()
    (images / "Ann" / ".thumbs").touch()
    (images / "README").touch()
    found = sets.labelled_folder(images, least_people=2)
    assert [(image.person, image.path.name) for image in found] == [
        ("Ann", "Ann_0001.jpg"),
        ("Ann", "Ann_0002.jpg"),
        ("Bob", "Bob_0001.png"),
        ("Bob", "Bob_0002.png"),
    ]


def test_folders_that_give_no_comparison_are_refused(tmp_path: Path, images: Path) -> None:
    with pytest.raises(BadInput, match="holds no folders"):
        sets.labelled_folder(images / "Ann")
    with pytest.raises(BadInput, match="no such file"):
        sets.labelled_folder(tmp_path / "none")
    (images / "Cem").mkdir()
    with pytest.raises(BadInput, match=r"Cem.*holds no images"):
        sets.labelled_folder(images)
    one = tmp_path / "one"
    (one / "Ann").mkdir(parents=True)
    (one / "Ann" / "1.jpg").touch()
    with pytest.raises(BadInput, match="of 1 person"):
        sets.labelled_folder(one, least_people=2)
