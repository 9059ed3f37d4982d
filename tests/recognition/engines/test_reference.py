from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines import engine

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import DetectedFace, Engine, Rgb

PEOPLE = ("senator", "president", "premier")
Photo = Callable[[str], "Rgb"]

LOADING = """
import sys
from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines import engine
try:
    engine.load("reference")
except ModelFailed as error:
    print("FAILED", error, file=sys.stderr)
    raise SystemExit(9)
"""


def load_in_a_process(prelude: str = "") -> subprocess.CompletedProcess[str]:
    """Load the engine in a fresh interpreter, after some lines that spoil it."""
    code = [sys.executable, "-c", prelude + LOADING]
    return subprocess.run(code, capture_output=True, text=True, check=False)


def test_templates_are_those_of_the_package_itself(reference: Engine, photo: Photo) -> None:
    import face_recognition

    rgb = photo("senator")
    faces = reference.detect(rgb)
    assert len(faces) == 1
    [box] = face_recognition.face_locations(rgb)
    [encoding] = face_recognition.face_encodings(rgb)
    top, right, bottom, left = box
    assert faces[0].box == (left, top, right, bottom)
    template = reference.templates(rgb, faces).vectors
    assert template.shape == (1, 128)
    assert template.dtype == np.float32
    assert template[0] == pytest.approx(encoding, abs=1e-6)


@pytest.mark.parametrize("name", PEOPLE)
def test_landmarks_lie_in_the_face_the_subjects_right_first(
    name: str, main_face: dict[str, DetectedFace]
) -> None:
    face = main_face[name]
    left, top, right, bottom = face.box
    x, y = face.landmarks[:, 0], face.landmarks[:, 1]
    assert (x > left).all()
    assert (x < right).all()
    assert (y > top).all()
    assert (y < bottom).all()
    assert x[engine.RIGHT_EYE] < x[engine.NOSE_TIP] < x[engine.LEFT_EYE]
    assert x[engine.RIGHT_MOUTH] < x[engine.LEFT_MOUTH]
    assert y[engine.RIGHT_EYE] < y[engine.NOSE_TIP] < y[engine.RIGHT_MOUTH]


def test_the_same_person_is_closer_than_others(reference: Engine, photo: Photo) -> None:
    mirrored = np.ascontiguousarray(photo("senator")[:, ::-1])
    images = [photo("senator"), mirrored, photo("president"), photo("premier")]
    rows = [reference.templates(rgb, reference.detect(rgb)).vectors[0] for rgb in images]
    genuine, *impostors = (float(np.linalg.norm(rows[0] - row)) for row in rows[1:])
    assert genuine < 0.4 < min(impostors)


def test_an_image_without_a_face_gives_none(reference: Engine) -> None:
    rgb = np.full((120, 160, 3), 127, np.uint8)
    assert reference.detect(rgb) == []
    assert reference.templates(rgb, []).vectors.shape == (0, 128)


def test_faces_come_largest_first(reference: Engine, photo: Photo) -> None:
    small = photo("premier")[::2, ::2]
    wide = np.zeros((600, 1000, 3), np.uint8)
    wide[: small.shape[0], : small.shape[1]] = small
    big = photo("senator")[:, :500]
    wide[:, -big.shape[1] :] = big
    faces = reference.detect(wide)
    assert len(faces) == 2
    assert faces[0].area > faces[1].area


def test_a_large_image_is_shrunk_and_its_boxes_are_in_its_own_pixels(
    reference: Engine, photo: Photo, main_face: dict[str, DetectedFace]
) -> None:
    large = np.repeat(np.repeat(photo("president"), 4, axis=0), 4, axis=1)
    [face] = reference.detect(large)
    assert np.asarray(face.box) / 4 == pytest.approx(main_face["president"].box, abs=25)
    near = face.landmarks / 4 - main_face["president"].landmarks
    assert np.abs(near).max() < 10
    one = reference.templates(large, [face]).vectors[0]
    two = reference.templates(photo("president"), [main_face["president"]]).vectors[0]
    assert np.linalg.norm(one - two) < 0.3


def test_an_image_that_is_a_view_of_another_is_accepted(reference: Engine, photo: Photo) -> None:
    assert len(reference.detect(photo("premier")[:, ::-1])) == 1


def test_loading_prints_nothing() -> None:
    run = load_in_a_process()
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize("missing", ["face_recognition", "face_recognition_models", "dlib"])
def test_a_missing_package_is_an_error_with_its_remedy(missing: str) -> None:
    run = load_in_a_process(f"import sys; sys.modules[{missing!r}] = None\n")
    assert run.returncode == 9
    assert run.stdout == ""
    assert "pip install 'facecli[reference]'" in run.stderr


def test_the_packages_quit_does_not_become_success() -> None:
    run = load_in_a_process("import sys; sys.modules['pkg_resources'] = None\n")
    assert run.returncode == 9
    assert run.stdout == ""
    assert "setuptools" in run.stderr


def test_another_network_than_the_calibrated_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import face_recognition_models

    other = tmp_path / "other.dat"
    other.write_bytes(b"not the network")
    monkeypatch.setattr(
        face_recognition_models, "face_recognition_model_location", lambda: str(other)
    )
    with pytest.raises(ModelFailed, match=r"other\.dat"):
        engine.load("reference")
