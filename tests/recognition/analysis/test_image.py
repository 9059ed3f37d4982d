from __future__ import annotations

import hashlib
import io
import math
import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pytest
from PIL import Image

from facecli.errors.capture import CaptureFailed
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis import rotation
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.engines import engine, scoring
from facecli.recognition.engines.scoring import NetworkOutput
from facecli.workers.answers import Failure
from facecli.workers.local import Pool
from tests.conftest import SAMPLE_DATA
from tests.recognition.conftest import PHOTOS

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import DetectedFace, Engine, Rgb

SENATOR = str(PHOTOS / "senator.jpg")
Photo = Callable[[str], "Rgb"]


@pytest.fixture
def group(tmp_path: Path, photo: Photo) -> Callable[[int], str]:
    """Writes a picture of the senator with the premier beside him at 1/n of her size."""

    def write(shrink: int) -> str:
        senator, premier = photo("senator"), photo("premier")[::shrink, ::shrink]
        picture = np.full((600, 1000, 3), 90, np.uint8)
        picture[:, : senator.shape[1]] = senator
        picture[: premier.shape[0], -premier.shape[1] :] = premier
        path = tmp_path / f"group{shrink}.png"
        Image.fromarray(picture).save(path)
        return str(path)

    return write


@pytest.fixture
def blank(tmp_path: Path) -> str:
    path = tmp_path / "blank.png"
    Image.new("RGB", (200, 200), (90, 120, 150)).save(path)
    return str(path)


def test_an_enrolment_gives_one_template_and_no_photo_unless_asked(reference: Engine) -> None:
    seen = image_analysis.analyse(reference, AnalysisRequest(SENATOR, "enrol"))
    assert seen.path == SENATOR
    assert seen.sha256 == hashlib.sha256(Path(SENATOR).read_bytes()).hexdigest()
    assert (seen.height, seen.bystanders, seen.photo, seen.reason) == (600, 0, None, None)
    [face] = seen.faces
    template = np.frombuffer(face.template or b"", "<f4")
    assert template.shape == (128,)
    assert np.isfinite(template).all()


def test_results_travel_between_processes(reference: Engine) -> None:
    seen = image_analysis.analyse(reference, AnalysisRequest(SENATOR, "enrol"))
    assert pickle.loads(pickle.dumps(seen)) == seen


def test_a_small_bystander_is_counted_and_never_templated(
    reference: Engine, group: Callable[[int], str]
) -> None:
    seen = image_analysis.analyse(reference, AnalysisRequest(group(3), "enrol"))
    assert (len(seen.faces), seen.bystanders, seen.reason) == (1, 1, None)
    assert seen.faces[0].template is not None


def test_two_faces_of_like_size_are_refused_without_a_template(
    reference: Engine, group: Callable[[int], str]
) -> None:
    seen = image_analysis.analyse(reference, AnalysisRequest(group(1), "enrol", keep_photo=True))
    assert (seen.reason, seen.bystanders, seen.photo) == ("several-faces", 1, None)
    assert [face.template for face in seen.faces] == [None]


def test_no_face_is_a_reason_when_enrolling_and_an_empty_result_when_probing(
    reference: Engine, blank: str
) -> None:
    enrolled = image_analysis.analyse(reference, AnalysisRequest(blank, "enrol", keep_photo=True))
    assert (enrolled.faces, enrolled.reason, enrolled.photo) == ((), "no-face", None)
    probed = image_analysis.analyse(reference, AnalysisRequest(blank, "probe"))
    assert (probed.faces, probed.reason, probed.bystanders) == ((), None, 0)


def test_every_face_of_a_probe_is_templated_the_largest_first(
    reference: Engine, group: Callable[[int], str]
) -> None:
    seen = image_analysis.analyse(reference, AnalysisRequest(group(3), "probe", keep_photo=True))
    assert len(seen.faces) == 2
    assert all(face.template is not None for face in seen.faces)
    left, right = (face.box for face in seen.faces)
    assert left[2] - left[0] > right[2] - right[0]
    assert left[0] < right[0]
    assert seen.photo is None
    alone = image_analysis.analyse(reference, AnalysisRequest(SENATOR, "probe"))
    one, two = (np.frombuffer(x.faces[0].template or b"", "<f4") for x in (seen, alone))
    assert np.linalg.norm(one - two) < 0.2


def test_faces_of_a_probe_beyond_the_limit_are_counted(
    reference: Engine, group: Callable[[int], str]
) -> None:
    seen = image_analysis.analyse(reference, AnalysisRequest(group(1), "probe", most_faces=1))
    assert (len(seen.faces), seen.bystanders) == (1, 1)


def test_a_kept_photo_shows_the_subject_and_no_bystander(
    reference: Engine, group: Callable[[int], str]
) -> None:
    path = group(3)
    seen = image_analysis.analyse(reference, AnalysisRequest(path, "enrol", keep_photo=True))
    with Image.open(io.BytesIO(seen.photo or b"")) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        kept = np.asarray(image.convert("RGB"))
    assert kept.shape[:2] == (seen.height, seen.width)
    [face] = reference.detect(kept)
    assert face.box == pytest.approx(seen.faces[0].box, abs=10)
    again = reference.templates(kept, [face]).vectors[0]
    assert np.linalg.norm(again - np.frombuffer(seen.faces[0].template or b"", "<f4")) < 0.2


def test_a_file_that_is_no_image_fails_alone(reference: Engine, tmp_path: Path) -> None:
    path = tmp_path / "text.jpg"
    path.write_text("no picture")
    with pytest.raises(CaptureFailed) as caught:
        image_analysis.analyse(reference, AnalysisRequest(str(path), "probe"))
    assert caught.value.reason == "unreadable-image"


class BrokenEngine:
    """A real engine whose network returns one number for everything."""

    def __init__(self, engine: Engine, value: float) -> None:
        self.spec, self.detect = engine.spec, engine.detect
        self._value = value

    def templates(self, rgb: Rgb, faces: list[DetectedFace]) -> NetworkOutput:
        raw = np.full((len(faces), self.spec.dimension), self._value, np.float32)
        return NetworkOutput.of_unit_length(raw)


@pytest.mark.parametrize("mode", ["enrol", "probe"])
def test_of_zeros_and_of_no_numbers_no_template_is_returned(
    mode: Literal["enrol", "probe"],
) -> None:
    sound = engine.load("sface")
    for value in (0.0, math.nan, math.inf, 1e30, 1e-30):
        broken = cast("Engine", BrokenEngine(sound, value))
        with np.errstate(all="ignore"), pytest.raises(CaptureFailed, match="no usable template"):
            image_analysis.analyse(broken, AnalysisRequest(SENATOR, mode))


def test_the_pool_analyses_and_one_bad_file_costs_itself(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(Path(SENATOR).read_bytes()[:300])
    requests = [
        AnalysisRequest(str(path), "probe") for path in (SENATOR, str(bad), PHOTOS / "premier.jpg")
    ]
    work = partial(image_analysis.load_analysis_worker, "reference")
    with Pool(work) as pool:
        results: list[Any] = [result for _, result in pool.map(requests)]
    assert [type(result) for result in results] == [ImageAnalysis, Failure, ImageAnalysis]
    assert isinstance(results[1], Failure)
    assert results[1].code == "unreadable-image"
    assert [len(results[at].faces) for at in (0, 2)] == [1, 1]


@pytest.mark.parametrize("name", ["sface", "dlib"])
def test_the_fast_engines_work_in_the_pool(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    requests = [AnalysisRequest(SENATOR, mode) for mode in ("enrol", "probe")]
    with Pool(partial(image_analysis.load_analysis_worker, name), workers=2) as pool:
        enrolled, probed = (result for _, result in pool.map(requests))
    assert isinstance(enrolled, ImageAnalysis)
    assert isinstance(probed, ImageAnalysis)
    assert enrolled.reason is None
    assert enrolled.faces == probed.faces
    assert len(list((tmp_path / "facecli").iterdir())) == (2 if name == "sface" else 3)


class Remembering:
    """A real engine that remembers how large the images were that it was given."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.spec = engine, engine.spec
        self.detected: list[int] = []
        self.templated: list[int] = []

    def detect(self, rgb: Rgb) -> list[DetectedFace]:
        self.detected.append(rgb.shape[1])
        return self.engine.detect(rgb)

    def templates(self, rgb: Rgb, faces: list[DetectedFace]) -> NetworkOutput:
        self.templated.append(rgb.shape[1])
        return self.engine.templates(rgb, faces)


@pytest.mark.parametrize(("size", "templated"), [(1400, 1100), (500, 2200), (260, 4400)])
def test_a_large_jpeg_is_reduced_as_far_as_its_smallest_face_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: Photo, size: int, templated: int
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = str(tmp_path / "large.jpg")
    picture = Image.new("RGB", (4400, 2400), (90, 120, 150))
    person = Image.fromarray(photo("premier"))
    picture.paste(person.resize((size, size * person.height // person.width)), (1200, 100))
    picture.save(path, quality=92)
    remembering = Remembering(engine.load("sface"))
    seen = image_analysis.analyse(cast("Engine", remembering), AnalysisRequest(path, "probe"))
    assert (remembering.detected, remembering.templated) == ([1100], [templated])
    assert (seen.width, seen.height) == (4400, 2400)
    [face] = seen.faces
    left, _, right, _ = face.box
    assert 1200 < left < right < 1200 + size
    assert 0.25 < (right - left) / size < 0.75
    whole = Remembering(engine.load("sface"))
    whole.spec = replace(whole.spec, decode_at_least=None)
    unreduced = image_analysis.analyse(cast("Engine", whole), AnalysisRequest(path, "probe")).faces[
        0
    ]
    assert whole.detected == [4400]
    how = remembering.spec.scoring
    assert scoring.distance_between(how, face.template or b"", unreduced.template or b"") < 0.5
    assert face.quality == pytest.approx(unreduced.quality, abs=4)


def test_a_photo_to_be_kept_is_decoded_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: Photo
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = str(tmp_path / "large.jpg")
    Image.fromarray(photo("premier")).resize((2500, 3268)).save(path, quality=92)
    seen = image_analysis.analyse(
        engine.load("sface"), AnalysisRequest(path, "enrol", keep_photo=True)
    )
    with Image.open(io.BytesIO(seen.photo or b"")) as image:
        assert image.size == (2500, 3268)


@pytest.fixture(scope="module")
def sface() -> Engine:
    return engine.load("sface")


@pytest.fixture
def turned(tmp_path: Path, photo: Photo) -> Callable[[int], str]:
    """Writes the senator's photo turned clockwise by an angle."""

    def write(angle: int) -> str:
        path = tmp_path / f"turned{angle}.png"
        Image.fromarray(np.rot90(photo("senator"), -angle // 90)).save(path)
        return str(path)

    return write


def distance(sface: Engine, one: ImageAnalysis, other: ImageAnalysis) -> float:
    first, second = one.faces[0].template, other.faces[0].template
    assert first is not None
    assert second is not None
    return scoring.distance_between(sface.spec.scoring, first, second)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_photo_is_not_enrolled_and_tells_the_angle(
    sface: Engine, turned: Callable[[int], str], angle: int
) -> None:
    seen = image_analysis.analyse(sface, AnalysisRequest(turned(angle), "enrol", keep_photo=True))
    assert seen.reason == "rotated"
    [face] = seen.faces
    assert (face.rotation, face.template, seen.photo) == (360 - angle, None, None)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_probe_is_compared_upright(
    sface: Engine, turned: Callable[[int], str], angle: int
) -> None:
    upright = image_analysis.analyse(sface, AnalysisRequest(SENATOR, "probe"))
    found = image_analysis.analyse(sface, AnalysisRequest(turned(angle), "probe"))
    assert (upright.faces[0].rotation, found.faces[0].rotation) == (0, 360 - angle)
    assert distance(sface, upright, found) < 0.4
    size = (upright.width, upright.height)
    back = rotation.turned_back(found.faces[0].box, angle, (found.width, found.height))
    assert (found.width, found.height) == (size if angle == 180 else size[::-1])
    assert np.abs(np.subtract(back, upright.faces[0].box)).max() < 20
    left = image_analysis.analyse(sface, AnalysisRequest(turned(angle), "probe", rotate=False))
    assert all(face.rotation == 0 for face in left.faces)


def test_one_turned_face_beside_upright_ones_is_compared_upright(
    sface: Engine, tmp_path: Path, photo: Photo
) -> None:
    senator, premier = photo("senator"), photo("premier")
    picture = np.full((600, 1000, 3), 90, np.uint8)
    picture[:, : senator.shape[1]] = senator
    upside_down = premier[::-2, ::-2]
    picture[: upside_down.shape[0], -upside_down.shape[1] :] = upside_down
    Image.fromarray(picture).save(tmp_path / "group.png")
    Image.fromarray(premier).save(tmp_path / "premier.png")
    request = AnalysisRequest(str(tmp_path / "group.png"), "probe")
    large, small = image_analysis.analyse(sface, request).faces
    assert (large.rotation, small.rotation) == (0, 180)
    alone = image_analysis.analyse(sface, AnalysisRequest(str(tmp_path / "premier.png"), "probe"))
    group = replace(alone, faces=(small,))
    assert distance(sface, alone, group) < 0.5


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_group_has_each_of_its_faces_once(
    sface: Engine, tmp_path: Path, angle: int
) -> None:
    with Image.open(SAMPLE_DATA / "probes" / "group.jpg") as image:
        upright = np.asarray(image.convert("RGB"))
    Image.fromarray(upright).save(tmp_path / "upright.png")
    Image.fromarray(np.rot90(upright, -angle // 90)).save(tmp_path / "turned.png")
    whole = image_analysis.analyse(sface, AnalysisRequest(str(tmp_path / "upright.png"), "probe"))
    found = image_analysis.analyse(sface, AnalysisRequest(str(tmp_path / "turned.png"), "probe"))
    size = (found.width, found.height)
    assert [rotation.turned_back(face.box, angle, size) for face in found.faces] == [
        face.box for face in whole.faces
    ]
    assert [face.template for face in found.faces] == [face.template for face in whole.faces]
    assert {face.rotation for face in found.faces} == {360 - angle}
    assert len(found.faces) == 4


def test_what_is_no_face_in_any_rotation_is_not_enrolled(sface: Engine, photo: Photo) -> None:
    senator = photo("senator")
    texture = np.random.default_rng(3).integers(40, 220, senator.shape, np.uint8)
    view = image_analysis.ImageWithFaces(sface, "p", texture, 1.0, sface.detect(senator)[:1])
    faces, reason = view.main_face()
    assert reason == "not-a-face"
    assert faces[0].template is None


def test_a_portable_request_has_the_bytes_and_not_the_name() -> None:
    request = AnalysisRequest(SENATOR, "enrol", keep_photo=True)
    sent = request.portable("image-1")
    assert sent == replace(request, path="image-1", content=Path(SENATOR).read_bytes())
    assert sent.size == Path(SENATOR).stat().st_size
    assert sent.file is None
    assert "senator" not in pickle.dumps(sent)[:100].decode("latin-1")
    assert sent.portable("image-2").content == sent.content


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo"])
def test_what_cannot_be_read_is_not_portable(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    with pytest.raises(CaptureFailed, match=kind):
        AnalysisRequest(str(path), "probe").portable("image-1")


def test_an_analysis_can_be_renamed() -> None:
    image = ImageAnalysis("image-1", "0" * 64, 1, 1, (), 0)
    assert image.renamed("Jo.jpg") == replace(image, path="Jo.jpg")
