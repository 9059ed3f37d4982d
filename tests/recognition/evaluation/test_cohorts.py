"""Cohorts of people in a CSV file."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.evaluation import cohorts


def cohort_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cohorts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_cohorts_come_from_the_column_asked_for(tmp_path: Path) -> None:
    path = cohort_file(
        tmp_path, "name,age,sex\nAnn Lee,young,f\n\nBob,old,m\nCem,,m\nDee,old,f\nBob,old,m\n"
    )
    found = cohorts.read(path, "age")
    assert found == {"Ann Lee": "young", "Bob": "old", "Dee": "old"}
    among = cohorts.among(found, ["Ann_Lee", "Bob", "Bob", "Eve"], "age", path)
    assert among.members == {"old": ("Bob",), "young": ("Ann_Lee",)}
    assert [note.split(": ", 1)[1] for note in among.notes] == [
        "no images of 1 person.",
        "no cohort for 1 person in the images.",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("person,group\nAnn,a\n", "no column `cohort`"),
        ("who,cohort\nAnn,a\n", "no column `person` or `name`"),
        ("person,cohort\nAnn,a\nAnn,b\n", "line 3.*second cohort"),
        ("person,cohort\nAnn\n", "line 2.*1 cells"),
        ("person,cohort\n,a\n", "line 2.*names no person"),
        ('person,cohort\n"Ann,a\n', "line"),
        ("", "no column"),
    ],
)
def test_a_bad_cohort_file_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        cohorts.read(cohort_file(tmp_path, text), "cohort")


def test_cohorts_of_nobody_in_the_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="none of its people"):
        cohorts.among({"Ann": "a"}, ["Bob"], "cohort", tmp_path / "cohorts.csv")
