from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests import clips
from tests.commands.stand_ins import Keeper
from tests.conftest import SAMPLE_DATA, Clock, Facecli, Run
from tests.prepared import count, opened

pytestmark = pytest.mark.usefixtures("kept_workers")

PROBES = SAMPLE_DATA / "probes"
FIELDS = [
    "schema", "ref", "path", "decision", "distance", "threshold", "quality", "bystanders", "engine",
    "calibration",
]  # fmt: skip


def verify(facecli: Facecli, ref: str, image: object, *options: object) -> Run:
    return facecli("verify", ref, image, "--purpose", "gate", "--format", "json", *options)


def test_the_same_person_is_exit_0(enrolled: Facecli) -> None:
    run = verify(enrolled, "A-1002", PROBES / "gate-2.jpg")
    record = run.json()
    assert run.code == 0
    assert list(record) == FIELDS
    assert (record["ref"], record["decision"]) == ("A-1002", "match")
    assert 0 <= record["distance"] <= record["threshold"]
    assert count(enrolled, "match_event") == [1]


def test_a_face_that_is_not_upright_is_compared_upright_and_noted(
    enrolled: Facecli, tmp_path: Path
) -> None:
    with Image.open(PROBES / "gate-2.jpg") as photo:
        photo.transpose(Image.Transpose.ROTATE_180).save(tmp_path / "turned.png")
    run = verify(enrolled, "A-1002", tmp_path / "turned.png")
    assert run.code == 0
    assert run.err == "The face is not upright in the image, and was compared upright.\n"


@pytest.mark.parametrize("probe", ["stranger.jpg", "gate-3.jpg"])
def test_another_person_is_exit_4_and_leaves_no_trace(enrolled: Facecli, probe: str) -> None:
    run = verify(enrolled, "A-1002", PROBES / probe)
    assert (run.code, run.json()["decision"]) == (4, "no-match")
    assert run.json()["distance"] > run.json()["threshold"]
    assert count(enrolled, "match_event") == [0]
    [entry] = enrolled("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["details"]["same"]) == ("verify", False)
    assert "A-1002" not in json.dumps(entry)


def test_the_largest_face_counts_and_bystanders_are_counted(enrolled: Facecli) -> None:
    record = verify(enrolled, "A-1001", PROBES / "group.jpg").json()
    assert record["bystanders"] == 3


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_the_other_formats_carry_the_same_record(enrolled: Facecli, form: str) -> None:
    out = verify(enrolled, "A-1002", PROBES / "gate-2.jpg", "--format", form).out
    if form == "jsonl":
        assert list(json.loads(out)) == FIELDS
    elif form == "csv":
        [row] = csv.DictReader(io.StringIO(out))
        assert list(row) == FIELDS[1:]
    else:
        assert [line.split()[0] for line in out.splitlines()] == FIELDS[1:]


def test_the_threshold_may_be_stated_and_so_may_the_rate(enrolled: Facecli) -> None:
    probe = PROBES / "gate-2.jpg"
    assert verify(enrolled, "A-1002", probe, "--threshold", "0.05").code == 4
    strict = verify(enrolled, "A-1002", probe, "--fmr", "1e-5").json()
    usual = verify(enrolled, "A-1002", probe).json()
    assert strict["threshold"] < usual["threshold"]
    for figure in (strict["threshold"], usual["threshold"], usual["distance"]):
        assert figure == float(f"{figure:.7g}")  # as few digits as it was measured with


@pytest.mark.rule("rate-is-a-ceiling")
@pytest.mark.parametrize("options", [("--threshold", "1000"), ("--fmr", "0.1"), ("--fmr", "0.002")])
def test_a_rate_that_was_agreed_to_is_a_ceiling(
    enrolled: Facecli, options: tuple[str, ...], kept_workers: Keeper
) -> None:
    run = verify(enrolled, "A-1002", PROBES / "stranger.jpg", *options)
    assert run.code == 22
    assert "is looser than the false-match rate 0.001 that the purpose gate states" in run.err
    assert kept_workers.tasks == []  # no image was looked at
    [entry] = enrolled("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["outcome"]) == ("verify", "refused")
    assert entry["details"]["reason"] == "rate-looser"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--threshold", "1", "--fmr", "1e-3"), "not both"),
        (("--threshold", "nan"), "not a number"),
        (("--threshold", "-1"), "not in the range"),
        (("--fmr", "0"), "not in the range"),
        (("--fmr", "nan"), "not a number"),
        (("--fmr", "1e-12"), "was not measured"),
    ],
)
def test_what_cannot_be_a_threshold_is_a_usage_error(
    enrolled: Facecli, options: tuple[str, ...], why: str, kept_workers: Keeper
) -> None:
    run = verify(enrolled, "A-1002", PROBES / "gate-2.jpg", *options)
    assert run.code == 2
    assert why in run.err
    assert kept_workers.tasks == []


def test_nobody_and_nothing_known_is_exit_21(
    enrolled: Facecli, tmp_path: Path, kept_workers: Keeper
) -> None:
    image = tmp_path / "no.jpg"
    assert verify(enrolled, "B-1", image).code == 21
    assert enrolled("verify", "A-1001", image, "--purpose", "spa").code == 21
    enrolled("subject", "add", "B-1")
    enrolled("consent", "record", "B-1", "--purpose", "gate", "--expires", "1y")
    run = verify(enrolled, "B-1", image)
    assert run.code == 21
    assert "B-1 has no template for purpose gate." in run.err
    assert "facecli enroll" in run.err
    assert kept_workers.tasks == []


def test_without_a_consent_in_force_the_image_is_not_opened(
    enrolled: Facecli, tmp_path: Path, purposes_file: Callable[..., Path], clock: Clock,
    kept_workers: Keeper,
) -> None:  # fmt: skip
    image = tmp_path / "no.jpg"
    assert enrolled("verify", "A-1001", image, "--purpose", "attendance").code == 20
    with opened(enrolled) as found:
        for ref, state in (("A-1001", "restricted"), ("A-1002", "alternative-only")):
            found.db.execute("UPDATE subject SET state = ? WHERE ref = ?", (state, ref))
    for ref in ("A-1001", "A-1002"):
        run = verify(enrolled, ref, image)
        assert (run.code, run.out) == (20, "")
    clock.advance(days=366)
    assert verify(enrolled, "A-1003", image).code == 20
    clock.advance(days=-366)
    enrolled("purpose", "apply", purposes_file(scope='"Everywhere"'))
    assert verify(enrolled, "A-1003", image).code == 20
    [entry] = enrolled("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["outcome"]) == ("verify", "refused")
    assert entry["details"] == {"reason": "not-permitted"}
    assert (entry["subject_id"], entry["purpose"]) == (None, "gate")
    assert kept_workers.tasks == []


def test_a_retired_purpose_verifies_nobody(
    enrolled: Facecli, tmp_path: Path, kept_workers: Keeper
) -> None:
    assert enrolled("purpose", "retire", "gate", "--yes").code == 0
    run = verify(enrolled, "A-1001", tmp_path / "no.jpg")
    assert (run.code, run.out) == (20, "")
    assert "the purpose was retired at" in run.err
    assert kept_workers.tasks == []


@pytest.mark.parametrize("what", ["text", "nothing", "no face"])
def test_an_image_that_is_of_no_use_is_exit_1_and_one_sentence(
    enrolled: Facecli, tmp_path: Path, what: str
) -> None:
    image = tmp_path / "probe.png"
    if what == "text":
        image.write_text("no picture")
    elif what == "no face":
        from PIL import Image

        Image.new("RGB", (200, 200), (90, 120, 150)).save(image)
    run = verify(enrolled, "A-1001", image)
    assert (run.code, run.out) == (1, "")
    assert len(run.err.splitlines()) == 1
    assert run.err.count(str(image)) == 1
    assert count(enrolled, "match_event") == [0]


def test_templates_of_another_engine_are_not_compared(enrolled: Facecli) -> None:
    with opened(enrolled) as found:
        found.db.execute("UPDATE template_shard SET engine_id = 'another-0123456789ab'")
    assert verify(enrolled, "A-1002", PROBES / "gate-2.jpg").code == 21


def test_a_database_of_another_engine_is_said_so(enrolled: Facecli, tmp_path: Path) -> None:
    with opened(enrolled) as found:
        found.db.execute("UPDATE meta SET value = 'reference-0' WHERE name = 'engine_id'")
    for command in (("verify", "A-1002", tmp_path), ("match", tmp_path)):
        run = enrolled(*command[:-1], PROBES / "gate-2.jpg", "--purpose", "gate")
        assert run.code == 1
        assert "The templates were made by the engine reference-0" in run.err


# -- before a camera ----------------------------------------------------------------------


def before(facecli: Facecli, ref: str, video: object, *options: object) -> Run:
    return facecli("verify", ref, "--purpose", "gate", "--video", video, "--format", "json",
                   *options)  # fmt: skip


@pytest.fixture
def sitting(ready: Facecli) -> Facecli:
    """The person of the sample clip, enrolled from a photograph."""
    form = ("--expires", "1y", "--format", "json")
    ready("enroll", "file", "A-7", PROBES / "stranger.jpg", "--purpose", "gate", *form)
    return ready


def test_who_is_before_a_camera_is_compared_by_the_best_frame(sitting: Facecli) -> None:
    run = before(sitting, "A-7", clips.TURN)
    record = run.json()
    assert (run.code, record["decision"]) == (0, "match")
    assert list(record) == FIELDS
    assert record["path"] == str(clips.TURN)
    [event] = [json.loads(line) for line in run.err.splitlines()]
    assert (event["schema"], event["instruction"]) == ("facecli.guidance/1", "good")
    [entry] = sitting("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["details"]["source"], entry["details"]["same"]) == ("video", True)
    assert count(sitting, "match_event", "template") == [1, 1]


def test_somebody_else_before_the_camera_is_exit_4(sitting: Facecli, tmp_path: Path) -> None:
    clip = clips.clip(tmp_path / "c.mp4", clips.portrait("enrol/A-1002.jpg", 30))
    run = before(sitting, "A-7", clip)
    assert (run.code, run.json()["decision"]) == (4, "no-match")
    assert count(sitting, "match_event") == [0]


def test_without_a_good_frame_nothing_is_compared_and_that_is_logged(
    sitting: Facecli, tmp_path: Path
) -> None:
    clip = clips.clip(tmp_path / "c.mp4", map(clips.dark, clips.turn()[:6]))
    run = before(sitting, "A-7", clip)
    assert run.code == 1
    assert "was not compared: no face was good enough in 6 frames: too-dark 6." in run.err
    [entry] = sitting("log", "show", "-n", "1", "--format", "json").json()
    assert (entry["action"], entry["outcome"]) == ("verify", "refused")
    assert (entry["details"]["reason"], entry["details"]["source"]) == ("too-dark", "video")
    assert entry["subject_id"] is None


def test_a_recording_cannot_show_that_it_is_a_person(sitting: Facecli) -> None:
    run = before(sitting, "A-7", clips.TURN, "--liveness")
    assert run.code == 1
    assert "was not compared: --liveness needs a person who reacts; a recording cannot" in run.err
    [entry] = sitting("log", "show", "-n", "1", "--format", "json").json()
    assert entry["details"]["reason"] == "recording"


def test_without_consent_the_camera_is_not_opened(ready: Facecli, tmp_path: Path) -> None:
    ready("subject", "add", "A-9")
    run = before(ready, "A-9", tmp_path / "missing.mp4")
    assert run.code == 20
    assert "missing.mp4" not in run.err


def test_one_probe_is_named(sitting: Facecli) -> None:
    both = verify(sitting, "A-7", PROBES / "stranger.jpg", "--video", clips.TURN)
    assert both.code == 2
    assert "not both" in both.err
    for option in (("--liveness",), ("--preview",), ("--pad-model", PROBES / "stranger.jpg")):
        checked = verify(sitting, "A-7", PROBES / "stranger.jpg", *option)
        assert checked.code == 2
        assert f"{option[0]}: for a camera, not for an IMAGE" in checked.err
    none = sitting("verify", "A-7", "--purpose", "gate")
    assert none.code == 2
    assert "name an IMAGE" in none.err
