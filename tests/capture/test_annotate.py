"""Pictures with what was decided drawn on them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facecli.capture.annotate import _label, _showable, annotate
from facecli.capture.marks import Mark

GREEN, ORANGE = (0, 158, 115), (213, 94, 0)


def gray(width: int, height: int, value: int = 128) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def changed(before: np.ndarray, after: np.ndarray) -> tuple[int, int, int, int]:
    """The box (left, top, right, bottom) in which two pictures differ."""
    rows, columns = np.nonzero((before != after).any(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def has_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((picture == colour).all(axis=2).any())


def test_the_picture_given_is_not_changed() -> None:
    picture = gray(300, 200)
    result = annotate(picture, [Mark((50, 60, 120, 150), "A-1", blur=True)])
    assert (picture == 128).all()
    assert result.shape == picture.shape
    assert result.dtype == np.uint8


def test_no_marks_change_nothing() -> None:
    assert (annotate(gray(30, 20), []) == 128).all()


def test_match_and_no_match_differ_in_colour() -> None:
    box = (50, 60, 120, 150)
    assert has_colour(annotate(gray(300, 200), [Mark(box, "", kind="match")]), GREEN)
    assert has_colour(annotate(gray(300, 200), [Mark(box, "", kind="no-match")]), ORANGE)


@pytest.mark.parametrize("value", [0, 24, 128, 158, 255])
def test_a_box_shows_on_any_ground(value: int) -> None:
    result = annotate(gray(300, 200, value), [Mark((50, 60, 120, 150), "", kind="match")])
    edge = result[100, 40:60].astype(int)
    assert np.abs(np.diff(edge, axis=0)).max() >= 100


def test_the_box_is_where_the_face_is() -> None:
    before = gray(1000, 800)
    box = changed(before, annotate(before, [Mark((300, 200, 500, 450), "")]))
    assert np.abs(np.subtract(box, (300, 200, 500, 450))).max() <= 3


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 30), (250, 250), (4000, 3000), (200, 4000)])
@pytest.mark.parametrize("where", ["middle", "top-left", "bottom-right", "all", "beyond"])
def test_captions_stay_inside_at_every_size(size: tuple[int, int], where: str) -> None:
    width, height = size
    box = {
        "middle": (width // 3, height // 3, width // 2 + 1, height // 2 + 1),
        "top-left": (0, 0, width // 5 + 1, height // 5 + 1),
        "bottom-right": (width - width // 5 - 1, height - height // 5 - 1, width, height),
        "all": (0, 0, width, height),
        "beyond": (-width, -height, 2 * width, 2 * height),
    }[where]
    result = annotate(gray(width, height), [Mark(box, "M-0042 0.312", kind="match")])
    assert result.shape == (height, width, 3)
    if min(size) >= 250:
        light = (result > 230).all(axis=2)
        assert light.sum() > 60  # the letters are there


def test_letters_grow_with_the_picture() -> None:
    def letters(width: int, height: int) -> int:
        box = (width // 3, height // 3, width // 2, height // 2)
        result = annotate(gray(width, height), [Mark(box, "M-0042")])
        rows = np.nonzero(np.any((result > 230).all(axis=2), axis=1))[0]
        return int(rows.max() - rows.min())

    small, large = letters(400, 300), letters(4000, 3000)
    assert small >= 8
    assert large >= 5 * small


def test_a_long_caption_is_shortened_and_a_longer_one_no_wider() -> None:
    assert _label("x" * 400, 20, 300, GREEN, 2).shape[1] <= 300
    long = annotate(gray(300, 300), [Mark((100, 100, 200, 200), "name " * 4000)])
    assert long.shape == (300, 300, 3)


def test_captions_of_neighbours_do_not_cover_each_other() -> None:
    before = gray(1200, 600)
    left = Mark((300, 200, 420, 340), "M-0001 Wang Xiaoming", kind="match")
    right = Mark((440, 200, 560, 340), "M-0002 Li Hua", kind="no-match")
    both = annotate(before, [left, right])
    light = int((both > 230).all(axis=2).sum())
    alone = [int((annotate(before, [mark]) > 230).all(axis=2).sum()) for mark in (left, right)]
    assert light == pytest.approx(sum(alone), rel=0.02)


def test_boxes_outside_the_picture_or_empty_are_passed_over() -> None:
    before = gray(100, 80)
    marks = [
        Mark((200, 200, 300, 300), "x", blur=True),
        Mark((50, 50, 50, 70), "x", blur=True),
        Mark((70, 60, 20, 10), "x"),
    ]
    assert (annotate(before, marks) == before).all()


# -- captions -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["王小明", "Łukasz Żółć", "Жукова", "さくら", "한국", "Ñandú é"])
def test_names_of_many_scripts_are_drawn_as_they_are(text: str) -> None:
    assert _showable(text) == text
    blank = _label("", 20, 900, GREEN, 2)
    assert _label(text, 20, 900, GREEN, 2).shape[1] > blank.shape[1] + 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a\\u000ab"),
        ("\u202egnp", "\\u202egnp"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\udc80", "\\udc80"),
        ("\U0010ffff", "\\U0010ffff"),
        ("😀", "\\U0001f600"),
        ("who?", "who?"),
        ("e\u0301", "é"),
    ],
)
def test_what_cannot_be_seen_or_drawn_is_escaped(text: str, shown: str) -> None:
    assert _showable(text) == shown
    annotate(gray(300, 200), [Mark((100, 100, 150, 150), text)])


def test_letters_stand_out_from_their_ground() -> None:
    label = _label("M-0042", 24, 900, GREEN, 2)
    assert label.max() == 255
    assert (label[:, -3:] == label[0, -1]).all()
    assert label[0, -1].max() < 40


# -- bystanders ---------------------------------------------------------------------------


@pytest.mark.parametrize("side", [3, 12, 40, 200, 900])
def test_a_blurred_face_leaves_no_detail(side: int) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (1000, 1000, 3), np.uint8)
    box = (50, 50, 50 + side, 50 + side)
    result = annotate(noise, [Mark(box, "", blur=True)])
    inner = result[50 + side // 4 : 50 + side - side // 4, 50 + side // 4 : 50 + side - side // 4]
    fine = cv2.absdiff(inner, cv2.blur(inner, (3, 3))) if inner.size else inner
    assert fine.max(initial=0) <= max(3, 160 // side)


def test_what_is_left_of_a_blurred_face_depends_on_sixteen_averages_alone() -> None:
    rng = np.random.default_rng(5)
    one = rng.integers(0, 256, (500, 500, 3), np.uint8)
    other = one.copy()
    for top in range(20, 484, 116):  # the cells of the box below, its margin included
        for left in range(20, 484, 116):
            cell = other[top : top + 116, left : left + 116].reshape(-1, 3)
            other[top : top + 116, left : left + 116] = rng.permutation(cell).reshape(116, 116, 3)
    mark = Mark((86, 86, 418, 418), "", blur=True)
    inside = np.s_[20:484, 20:484]
    assert (one[inside] != other[inside]).mean() > 0.9
    assert (annotate(one, [mark])[inside] == annotate(other, [mark])[inside]).all()


def test_the_surroundings_of_a_blurred_face_stay_sharp() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (400, 400, 3), np.uint8)
    left, top, right, bottom = changed(
        noise, annotate(noise, [Mark((100, 100, 200, 200), "", blur=True)])
    )
    assert 70 <= left <= 82
    assert 218 <= right <= 230
    assert 70 <= top <= 82
    assert 218 <= bottom <= 230


def test_a_face_that_is_not_to_be_blurred_stays_sharp() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (400, 400, 3), np.uint8)
    result = annotate(noise, [Mark((100, 100, 200, 200), "", kind="match")])
    assert (result[110:190, 110:190] == noise[110:190, 110:190]).all()
