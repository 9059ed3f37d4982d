from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facecli.consent import gate
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.gallery import Gallery
from facecli.store import shards
from tests import forensics
from tests.commands import stand_ins
from tests.commands.stand_ins import Keeper
from tests.conftest import SAMPLE_DATA, Clock, Facecli, Run
from tests.prepared import count, opened

pytestmark = pytest.mark.usefixtures("kept_workers")

PROBES = SAMPLE_DATA / "probes"
FIELDS = {
    "schema", "path", "face", "box", "quality", "decision", "rank", "ref", "name", "distance",
    "threshold", "reason", "engine", "calibration",
}  # fmt: skip


def match(facecli: Facecli, *arguments: object, purpose: str = "gate") -> Run:
    return facecli("match", *arguments, "--purpose", purpose, "--format", "json")


def engine_name(facecli: Facecli) -> str:
    with opened(facecli) as found:
        return engine_of(found.db).name


def refs(run: Run) -> list[tuple[str, str | None]]:
    return [(Path(row["path"]).name, row.get("ref")) for row in run.json()]


def test_every_face_of_a_folder_is_searched(enrolled: Facecli) -> None:
    run = match(enrolled, PROBES)
    assert run.code == 0
    assert all(set(row) == FIELDS for row in run.json())
    found = refs(run)
    assert found[:3] == [
        ("gate-1.jpg", "A-1001"),
        ("gate-2.jpg", "A-1002"),
        ("gate-3.jpg", "A-1003"),
    ]
    assert sorted(found[3:7], key=str) == [
        ("group.jpg", "A-1001"), ("group.jpg", "A-1002"), ("group.jpg", "A-1003"),
        ("group.jpg", None),
    ]  # fmt: skip
    assert found[7:] == [("stranger.jpg", None)]
    for row in run.json():
        matched = row["decision"] == "match"
        assert (row["rank"], row["reason"]) == ((1, None) if matched else (None, "no-candidate"))
        assert (row["name"] is None) == (row["distance"] is None) == (not matched)
        left, top, right, bottom = row["box"]
        assert 0 <= left < right
        assert 0 <= top < bottom
    assert run.err == "5 images searched, 0 could not be read.\n"


def test_table_lines_and_cells_tell_the_same(enrolled: Facecli) -> None:
    probe = PROBES / "gate-2.jpg"
    lines = enrolled("match", probe, "--purpose", "gate", "--format", "jsonl").out.splitlines()
    [cells] = csv.DictReader(
        io.StringIO(enrolled("match", probe, "--purpose", "gate", "--format", "csv").out)
    )
    head, row = enrolled("match", probe, "--purpose", "gate", "--wide").out.splitlines()
    [record] = map(json.loads, lines)
    assert set(record) == FIELDS
    assert set(cells) == FIELDS - {"schema"} | {"error", "rotation"}
    assert (cells["ref"], cells["error"]) == ("A-1002", "")
    assert json.loads(cells["box"]) == record["box"]
    assert head.split() == [
        "PATH", "FACE", "QUALITY", "DECISION", "RANK", "REF", "NAME", "DISTANCE", "REASON",
        "BOX", "THRESHOLD", "ENGINE", "ERROR", "ROTATION", "CALIBRATION",
    ]  # fmt: skip
    assert "A-1002" in row.split()


def test_an_empty_folder_is_an_empty_result(enrolled: Facecli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    run = match(enrolled, tmp_path / "empty")
    assert (run.code, run.out) == (0, "[]\n")


def test_folders_within_are_searched_when_asked(enrolled: Facecli, tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    shutil.copy(PROBES / "gate-2.jpg", tmp_path / "in" / "deep")
    assert match(enrolled, tmp_path / "in").json() == []
    assert refs(match(enrolled, tmp_path / "in", "--recursive")) == [("gate-2.jpg", "A-1002")]


def test_candidates_are_ranked_up_to_top_k(enrolled: Facecli) -> None:
    twin = ("enroll", "file", "T-1", SAMPLE_DATA / "enrol" / "A-1002.jpg", "--allow-duplicate")
    consenting = ("--purpose", "gate", "--expires", "1y")
    assert enrolled(*twin, *consenting).code == 0
    rows = match(enrolled, PROBES / "gate-2.jpg", "--top-k", "2").json()
    assert [row["rank"] for row in rows] == [1, 2]
    assert {row["ref"] for row in rows} == {"A-1002", "T-1"}
    assert rows[0]["distance"] <= rows[1]["distance"]


def test_two_subjects_who_cannot_be_told_apart_are_no_match(enrolled: Facecli) -> None:
    twin = ("enroll", "file", "T-1", SAMPLE_DATA / "enrol" / "A-1002.jpg", "--allow-duplicate")
    assert enrolled(*twin, "--purpose", "gate", "--expires", "1y").code == 0
    run = match(enrolled, PROBES / "gate-2.jpg", PROBES / "gate-1.jpg")
    assert run.code == 0
    found = {(row["ref"], row["decision"]) for row in run.json()}
    assert found == {("A-1002", "ambiguous"), ("T-1", "ambiguous"), ("A-1001", "match")}
    assert "1 face ambiguous" in run.err
    assert "facecli verify" in run.err
    assert count(enrolled, "match_event") == [1]  # of A-1001
    verified = enrolled("verify", "T-1", PROBES / "gate-2.jpg", "--purpose", "gate")
    assert verified.code == 0  # 1:1


def test_a_threshold_or_rate_takes_the_place_of_the_purpose_s(enrolled: Facecli) -> None:
    probe = PROBES / "gate-2.jpg"
    [row] = match(enrolled, probe, "--threshold", "0.01").json()
    assert (row["decision"], row["threshold"]) == ("no-match", 0.01)
    [strict] = match(enrolled, probe, "--fmr", "1e-5").json()
    [usual] = match(enrolled, probe).json()
    assert strict["threshold"] < usual["threshold"]


@pytest.mark.rule("rate-is-a-ceiling")
@pytest.mark.parametrize("options", [("--threshold", "1000"), ("--fmr", "0.9")])
def test_a_rate_that_was_agreed_to_is_a_ceiling(
    enrolled: Facecli, options: tuple[str, ...], kept_workers: Keeper
) -> None:
    run = match(enrolled, PROBES, *options)
    assert (run.code, run.out) == (22, "")
    assert "is looser than the false-match rate 0.001 that the purpose gate states" in run.err
    assert kept_workers.tasks == []


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--threshold", "1", "--fmr", "1e-3"), "not both"),
        (("--fpir", "0.1", "--fmr", "1e-3"), "give --fmr or --fpir, not both"),
        (("--fpir", "0"), "not in the range"),
        (("--fpir", "1e-9"), "Use --fpir"),
        (("--threshold", "nan"), "not a number"),
        (("--fpir", "nan"), "not a number"),
        (("--fmr", "1e-12"), "was not measured for the engine"),
        (("--top-k", "0"), "not in the range"),
        (("--workers", "0"), "not in the range"),
    ],
)
def test_usage_errors_start_no_search(
    enrolled: Facecli, kept_workers: Keeper, options: tuple[str, ...], why: str
) -> None:
    run = match(enrolled, PROBES, *options)
    assert (run.code, run.out) == (2, "")
    assert why in run.err
    assert kept_workers.tasks == []


def test_where_a_stated_fpir_cannot_be_held_it_is_said(
    enrolled: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = PROBES / "gate-2.jpg"
    usual = match(enrolled, probe)
    assert usual.err == "1 image searched, 0 could not be read.\n"
    monkeypatch.setattr(Gallery, "templates", 1_000_000)
    run = match(enrolled, probe)
    assert (run.code, refs(run)) == (0, [("gate-2.jpg", "A-1002")])
    assert run.json()[0]["threshold"] < usual.json()[0]["threshold"]
    assert run.err.startswith(
        "With 1,000,000 references, a search for a person who is not enrolled returns"
    )
    assert "--threshold" in run.err


@pytest.mark.rule("rate-is-a-ceiling")
def test_an_fpir_that_allows_a_looser_rate_than_the_purpose_is_refused(
    enrolled: Facecli, kept_workers: Keeper
) -> None:
    looser = match(enrolled, PROBES / "gate-2.jpg", "--fpir", "0.5")
    assert (looser.code, looser.out, kept_workers.tasks) == (22, "", [])
    assert "An FPIR of 0.5 among" in looser.err
    assert "is looser than the false-match rate 0.001" in looser.err
    assert match(enrolled, PROBES / "gate-2.jpg", "--fpir", "0.001").code == 0


def test_refusals_open_no_image(
    enrolled: Facecli, tmp_path: Path, purposes_file: Callable[..., Path], kept_workers: Keeper
) -> None:
    assert match(enrolled, PROBES, purpose="spa").code == 21
    missing = match(enrolled, PROBES, tmp_path / "nowhere")
    assert (missing.code, missing.out) == (1, "")
    assert "there is nothing there" in missing.err
    enrolled("purpose", "apply", purposes_file(method='"fingerprint"'))
    assert match(enrolled, PROBES).code == 20
    enrolled("purpose", "retire", "gate", "--yes")
    retired = match(enrolled, PROBES)
    assert (retired.code, retired.out) == (20, "")
    assert "the purpose was retired at" in retired.err
    assert kept_workers.tasks == []


def test_a_bad_file_costs_itself_and_says_why(enrolled: Facecli, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(PROBES / "gate-2.jpg", folder / "a.jpg")
    (folder / "b.jpg").write_bytes(b"")
    (folder / "c.jpg").write_bytes((PROBES / "gate-2.jpg").read_bytes()[:50_000])
    Image.new("RGB", (99, 99)).save(folder / "d.png")
    run = match(enrolled, folder)
    assert run.code == 3
    good, empty, torn, blank = run.json()
    assert (good["ref"], blank["reason"]) == ("A-1002", "no-face")
    for row, why in ((empty, "the file is empty"), (torn, "damaged or incomplete")):
        assert set(row) == {"schema", "path", "error"}
        assert row["error"]["code"] == "unreadable-image"
        assert why in row["error"]["message"]
        assert row["error"]["message"] in run.err.splitlines()
    assert run.err.endswith("2 images searched, 2 could not be read.\n")


def test_what_is_no_image_in_a_folder_is_passed_over_and_counted(
    enrolled: Facecli, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(PROBES / "gate-2.jpg", folder / "no suffix")
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    run = match(enrolled, folder)
    assert (run.code, refs(run)) == (0, [("no suffix", "A-1002")])
    assert run.err.splitlines() == [
        "1 image searched, 0 could not be read.", "1 file in folders skipped: not an image.",
    ]  # fmt: skip
    named = match(enrolled, folder / "Thumbs.db")
    assert (named.code, "0 images searched, 1 could not be read.\n" in named.err) == (3, True)


def test_images_in_formats_that_are_not_read_are_rows_and_an_avif_is_searched(
    enrolled: Facecli, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with Image.open(PROBES / "gate-2.jpg") as photo:
        for suffix in ("avif", "gif", "tga"):
            photo.save(folder / f"photo.{suffix}")
        os.rename(folder / "photo.tga", folder / "photo")
    run = match(enrolled, folder)
    assert run.code == 3
    outcomes = {
        Path(row["path"]).name: row["ref"] if "ref" in row else row["error"] for row in run.json()
    }
    assert outcomes.pop("photo.avif") == "A-1002"
    assert {name: error["code"] for name, error in outcomes.items()} == {
        "photo.gif": "unsupported-image", "photo": "unsupported-image",
    }  # fmt: skip
    assert "it is in the format TGA" in outcomes["photo"]["message"]
    assert run.err.endswith("1 image searched, 2 could not be read.\n")


def test_a_folder_that_cannot_be_listed_is_a_row_and_the_rest_is_searched(
    enrolled: Facecli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = tmp_path / "in" / "shut"
    shut.mkdir(parents=True)
    shutil.copy(PROBES / "gate-2.jpg", tmp_path / "in" / "z.jpg")
    listed = os.scandir

    def refuse_one(folder: Path) -> object:
        if folder == shut:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refuse_one)  # root, who may run the tests, lists them all
    run = match(enrolled, tmp_path / "in", "--recursive")
    assert run.code == 3
    refused, found = run.json()
    assert refused == {
        "schema": "facecli.match/1",
        "path": str(shut),
        "error": {"code": "unreadable-folder", "message": f"{shut}: permission denied."},
    }
    assert found["ref"] == "A-1002"
    assert run.err.splitlines() == [
        f"{shut}: permission denied.",
        "1 image searched, 0 could not be read.",
        "1 folder could not be searched.",
    ]
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != shut)
    named = match(enrolled, shut, tmp_path / "in" / "z.jpg")  # on the command line, it is the same
    assert (named.code, named.json()) == (3, [refused, found])
    monkeypatch.undo()
    assert "1 subfolder not searched; add --recursive" in match(enrolled, tmp_path / "in").err


def test_a_face_that_is_not_upright_is_searched_upright_and_its_row_says_so(
    enrolled: Facecli, tmp_path: Path
) -> None:
    with Image.open(PROBES / "gate-2.jpg") as photo:
        photo.transpose(Image.Transpose.ROTATE_180).save(tmp_path / "turned.jpg", quality=95)
    run = match(enrolled, tmp_path / "turned.jpg", PROBES / "gate-2.jpg")
    assert run.code == 0
    turned, upright = run.json()
    assert (turned["ref"], turned["rotation"]) == ("A-1002", 180)
    assert upright["ref"] == "A-1002"
    assert "rotation" not in upright
    assert "1 face was not upright in the image, and was searched upright.\n" in run.err
    [as_it_is] = match(enrolled, "--no-rotate", tmp_path / "turned.jpg").json()
    assert as_it_is["decision"] == "no-match"


def test_no_rotate_is_for_image_files(enrolled: Facecli) -> None:
    assert match(enrolled, "--video", PROBES / "gate-2.jpg", "--no-rotate").code == 2


def test_records_for_programs_carry_the_whole_distance(enrolled: Facecli) -> None:
    probe = PROBES / "gate-2.jpg"
    [record] = match(enrolled, probe).json()
    [cells] = csv.DictReader(
        io.StringIO(enrolled("match", probe, "--purpose", "gate", "--format", "csv").out)
    )
    assert float(cells["distance"]) == record["distance"]
    assert float(cells["threshold"]) == record["threshold"]
    shown = enrolled("match", probe, "--purpose", "gate").out
    assert f"{record['distance']:.4g}" in shown
    assert str(record["distance"]) not in shown


def test_a_worker_that_is_killed_costs_its_image_alone(
    enrolled: Facecli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_analysis, "load_analysis_worker", stand_ins.deadly)
    for name in ("a.jpg", "deadly.jpg", "z.jpg"):
        shutil.copy(PROBES / "gate-2.jpg", tmp_path / name)
    run = match(enrolled, tmp_path / "a.jpg", tmp_path / "deadly.jpg", tmp_path / "z.jpg")
    assert run.code == 3
    before, deadly, after = run.json()
    assert before["ref"] == after["ref"] == "A-1002"
    assert deadly["error"]["code"] == "worker-crashed"
    assert "SIGABRT" in run.err


# -- whom it may find ---------------------------------------------------------------------


def test_a_purpose_finds_only_those_who_agreed_to_it(enrolled: Facecli) -> None:
    assert {ref for _, ref in refs(match(enrolled, PROBES, purpose="attendance"))} == {None}


@pytest.mark.rule("alternative-named")
@pytest.mark.rule("restricted-not-matched")
def test_restricted_and_alternative_only_subjects_are_never_found(enrolled: Facecli) -> None:
    with opened(enrolled) as found:
        for ref, state in (("A-1001", "restricted"), ("A-1002", "alternative-only")):
            found.db.execute("UPDATE subject SET state = ? WHERE ref = ?", (state, ref))
    assert {ref for _, ref in refs(match(enrolled, PROBES))} == {None, "A-1003"}


def test_consents_that_are_over_or_withdrawn_find_nobody(enrolled: Facecli, clock: Clock) -> None:
    with opened(enrolled) as found:
        found.db.execute(
            "UPDATE consent SET withdrawn_at = given_at WHERE subject_id ="
            " (SELECT id FROM subject WHERE ref = 'A-1003')"
        )
    probes = [PROBES / f"gate-{number}.jpg" for number in (2, 3)]
    assert [ref for _, ref in refs(match(enrolled, *probes))] == ["A-1002", None]
    clock.advance(days=366)
    assert [ref for _, ref in refs(match(enrolled, *probes))] == [None, None]


@pytest.mark.rule("agree-again")
def test_a_new_version_finds_nobody_until_they_agree_again(
    enrolled: Facecli, purposes_file: Callable[..., Path]
) -> None:
    changed = enrolled("purpose", "apply", purposes_file(scope='"Gate 3"'))
    assert changed.code == 0
    probe = PROBES / "gate-2.jpg"
    assert refs(match(enrolled, probe)) == [("gate-2.jpg", None)]
    enrolled("consent", "record", "A-1002", "--purpose", "gate", "--expires", "1y")
    assert refs(match(enrolled, PROBES / "gate-1.jpg", probe)) == [
        ("gate-1.jpg", None), ("gate-2.jpg", "A-1002")
    ]  # fmt: skip


def test_what_another_process_withdraws_meanwhile_is_not_reported(
    enrolled: Facecli, monkeypatch: pytest.MonkeyPatch, kept_workers: Keeper
) -> None:
    lend = kept_workers.__class__.__call__

    class Meanwhile:
        """Between the images' being analysed and their being reported, somebody withdraws."""

        def __getitem__(self, _: object) -> Meanwhile:
            return self

        def __call__(self, setup: Any, *, workers: Any = 1) -> Any:
            lent = lend(kept_workers, setup, workers=workers)
            real = lent.map

            def late(tasks: Any) -> Iterator[Any]:
                for answer in real(tasks):
                    with opened(enrolled) as other:
                        other.db.execute("UPDATE consent SET withdrawn_at = given_at")
                    yield answer

            lent.map = late
            return lent

    monkeypatch.setattr("facecli.cli.analysers.Pool", Meanwhile())
    assert refs(match(enrolled, PROBES / "gate-2.jpg")) == [("gate-2.jpg", None)]
    assert count(enrolled, "match_event") == [0]


def test_unknown_faces_leave_no_trace(enrolled: Facecli) -> None:
    before = count(enrolled, "template", "sample", "subject")
    probe = PROBES / "stranger.jpg"
    assert match(enrolled, probe).code == 0
    # What a worker makes of the stranger.
    work = image_analysis.load_analysis_worker(engine_name(enrolled))
    template = work(AnalysisRequest(str(probe), "probe")).faces[0].template
    with opened(enrolled) as found:
        own = shards.read_one(found.db, shards.TemplatePlace(1, 0))
    content = forensics.plaintext(enrolled.db, forensics.database_key(enrolled.db, enrolled.key))
    assert own in content  # so it would be found
    for part in (template[:64], template[64:128], template[-64:]):
        assert part not in content
    assert probe.name.encode() not in content
    assert count(enrolled, "template", "sample", "subject") == before
    assert count(enrolled, "match_event") == [0]


# -- how it goes about it -----------------------------------------------------------------


def test_the_gallery_is_read_once_for_all_files(
    enrolled: Facecli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = []
    real = gate.permitted
    monkeypatch.setattr(gate, "permitted", lambda *args: readings.append(1) or real(*args))
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(40):  # more than are committed together
        shutil.copy(PROBES / "gate-1.jpg", folder / f"{number:02}.jpg")
    assert [ref for _, ref in refs(match(enrolled, folder))] == ["A-1001"] * 40
    assert len(readings) == 1


def test_there_is_no_bar_unless_stderr_is_a_terminal(enrolled: Facecli) -> None:
    run = enrolled("match", PROBES / "gate-1.jpg", "--purpose", "gate", "--wide")
    assert run.err == "1 image searched, 0 could not be read.\n"
    assert enrolled("-q", "match", PROBES / "gate-1.jpg", "--purpose", "gate").err == ""


def test_the_result_goes_to_a_file_for_its_owner_alone(enrolled: Facecli, tmp_path: Path) -> None:
    output = tmp_path / "result.json"
    run = match(enrolled, PROBES / "gate-2.jpg", "--output", output)
    assert (run.code, run.out) == (0, "")
    assert output.stat().st_mode & 0o777 == 0o600
    assert json.loads(output.read_text())[0]["ref"] == "A-1002"


# -- annotated pictures -------------------------------------------------------------------


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def inner(image: np.ndarray, box: list[int]) -> np.ndarray:
    """The middle half of a box, where no frame or caption is drawn."""
    left, top, right, bottom = box
    wide, tall = (right - left) // 4, (bottom - top) // 4
    return image[top + tall : bottom - tall, left + wide : right - wide]


def test_faces_without_a_match_are_unrecognisable_in_pictures(
    enrolled: Facecli, tmp_path: Path
) -> None:
    run = match(
        enrolled, PROBES / "group.jpg", PROBES / "stranger.jpg", "--annotate", tmp_path / "o"
    )
    assert run.code == 0
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == ["group.jpg", "stranger.jpg"]
    assert (tmp_path / "o").stat().st_mode & 0o777 == 0o700
    change: dict[str, list[Any]] = {"match": [], "no-match": []}
    for row in run.json():
        name = Path(row["path"]).name
        before, after = pixels(PROBES / name), pixels(tmp_path / "o" / name)
        assert before.shape == after.shape
        change[row["decision"]].append(
            np.abs(inner(before, row["box"]) - inner(after, row["box"])).mean()
        )
    assert len(change["match"]) == 3
    assert max(change["match"]) < 5 < 15 < min(change["no-match"])


def test_faces_without_a_match_stay_when_asked(enrolled: Facecli, tmp_path: Path) -> None:
    probe = PROBES / "stranger.jpg"
    [row] = match(enrolled, probe, "--annotate", tmp_path / "o", "--no-blur").json()
    before, after = pixels(probe), pixels(tmp_path / "o" / "stranger.jpg")
    assert np.abs(inner(before, row["box"]) - inner(after, row["box"])).mean() < 5


def test_a_picture_with_faces_that_were_not_searched_is_not_shown(
    enrolled: Facecli, tmp_path: Path
) -> None:
    """Of 17 x 17 unmatched faces 256 are searched, so 33 could not be blurred."""
    with Image.open(PROBES / "stranger.jpg") as image:
        [row] = match(enrolled, PROBES / "stranger.jpg").json()
        left, top, right, bottom = row["box"]
        around = (right - left) // 2
        face = image.crop((left - around, top - around, right + around, bottom + around))
    crowd = Image.new("RGB", (17 * 48, 17 * 48))
    for place in range(17 * 17):
        crowd.paste(face.resize((48, 48)), (place % 17 * 48, place // 17 * 48))
    crowd.save(tmp_path / "crowd.png")
    run = match(enrolled, tmp_path / "crowd.png", "--annotate", tmp_path / "o")
    assert run.code == 3
    assert (
        "33 faces beyond the largest 256 were not searched, and the image is annotated only"
        in run.err
    )
    assert list((tmp_path / "o").iterdir()) == []
    run = match(enrolled, tmp_path / "crowd.png", "--annotate", tmp_path / "o", "--no-blur")
    assert run.code == 3
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["crowd.jpg"]


def test_pictures_of_one_name_do_not_replace_each_other(enrolled: Facecli, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy(PROBES / "gate-1.jpg", tmp_path / folder / ("长" * 80 + ".jpg"))
    run = match(enrolled, tmp_path / "a", tmp_path / "b", "--annotate", tmp_path / "o")
    assert run.code == 0
    assert len(list((tmp_path / "o").iterdir())) == 2


def test_pictures_never_replace_the_images_they_show(enrolled: Facecli, tmp_path: Path) -> None:
    shutil.copy(PROBES / "stranger.jpg", tmp_path / "s.jpg")
    before = (tmp_path / "s.jpg").read_bytes()
    (tmp_path / "link").symlink_to(tmp_path)
    run = match(enrolled, tmp_path / "s.jpg", "--annotate", tmp_path / "link")
    assert run.code == 1
    assert "could be overwritten" in run.err
    assert (tmp_path / "s.jpg").read_bytes() == before


def test_a_picture_that_cannot_be_written_is_exit_74(enrolled: Facecli, tmp_path: Path) -> None:
    (tmp_path / "o" / "gate-1.jpg").mkdir(parents=True)  # a folder is in its place
    run = match(enrolled, PROBES / "gate-1.jpg", "--annotate", tmp_path / "o")
    assert run.code == 74
    assert "not annotated" in run.err
    assert run.json()[0]["ref"] == "A-1001"
