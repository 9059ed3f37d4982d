"""`facecli evaluate` on the sample portraits: it needs no database, no key, and hides nothing."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from facecli.recognition.engines import calibration, engine, model_card
from tests import clips
from tests.conftest import SAMPLE_DATA, Facecli, Run
from tests.tiny_network import write_card

PEOPLE = {"Macron": ("A-1001", "gate-1"), "Ardern": ("A-1002", "gate-2"),
          "Obama": ("A-1003", "gate-3")}  # fmt: skip


pytestmark = pytest.mark.usefixtures("kept_workers")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two portraits of each of three people, named as LFW names them."""
    folder = tmp_path / "images"
    for person, (enrolled, probe) in PEOPLE.items():
        (folder / person).mkdir(parents=True)
        for number, path in ((1, f"enrol/{enrolled}.jpg"), (2, f"probes/{probe}.jpg")):
            shutil.copy(SAMPLE_DATA / path, folder / person / f"{person}_{number:04}.jpg")
    return folder


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.txt"
    path.write_text(
        "2\t1\nMacron\t1\t2\nMacron\t1\tObama\t1\nObama\t1\t2\nArdern\t2\tObama\t2\n",
        encoding="utf-8",
    )
    return path


def run(facecli: Facecli, *options: object) -> Run:
    return facecli.bare("evaluate", "--format", "json", *options)


def results(done: Run) -> list[dict[str, Any]]:
    assert done.code == 0, done.err
    return [one for one in done.json() if one["schema"] == "facecli.evaluate/1"]


def one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    [found] = [row for row in rows if wanted.items() <= row.items()]
    return found


def test_pairs_and_all_pairs_are_measured_without_a_database(
    facecli: Facecli, images: Path, pairs: Path
) -> None:
    rows = results(run(facecli, "--pairs", pairs, "--images", images))
    assert one(rows, measure="FTA")["value"] == 0
    accuracy = one(rows, measure="accuracy")
    assert (accuracy["value"], accuracy["of"], accuracy["at"]) == (1, 4, "2 folds")
    fnmr = one(rows, part="pairs", measure="FNMR", at="calibrated FMR 0.001")
    assert (fnmr["errors"], fnmr["of"]) == (0, 2)
    assert fnmr["interval"] == "Wilson over pairs"
    fmr = one(rows, part="all pairs", measure="FMR", at="calibrated FMR 0.001")
    # The pairs name five images: two genuine comparisons of the ten.
    assert (fmr["errors"], fmr["of"]) == (0, 8)
    assert "not supported" in one(rows, measure="TMR", at="FMR 0.01")["note"]
    assert not facecli.db.exists()


def test_what_gives_no_template_is_counted_everywhere(
    facecli: Facecli, images: Path, pairs: Path
) -> None:
    (images / "Macron" / "Macron_0002.jpg").write_bytes(b"no picture")
    rows = results(run(facecli, "--pairs", pairs, "--images", images))
    acquired = one(rows, measure="FTA")
    assert (acquired["errors"], acquired["of"]) == (1, 5)
    assert acquired["note"] == "unreadable-image 1"
    at = "calibrated FMR 0.001"
    assert one(rows, part="pairs", measure="FNMR", at=at)["of"] == 1
    generalised = one(rows, part="pairs", measure="generalised FNMR", at=at)
    assert (generalised["errors"], generalised["of"]) == (1, 2)
    assert one(rows, measure="accuracy")["errors"] == 1


def test_probes_are_searched_in_a_gallery(facecli: Facecli, images: Path, tmp_path: Path) -> None:
    gallery, probes = tmp_path / "gallery", tmp_path / "probes"
    for person in PEOPLE:
        for number, folder in ((1, gallery), (2, probes)):
            if (person, number) != ("Obama", 1):
                (folder / person).mkdir(parents=True)
                shutil.copy(images / person / f"{person}_{number:04}.jpg", folder / person)
    rows = results(run(facecli, "--gallery", gallery, "--probes", probes, "--rank", 1, "--rank", 2))
    fpir = one(rows, measure="FPIR", at="calibrated FPIR 0.01, N=2")
    assert (fpir["errors"], fpir["of"]) == (0, 1)
    fnir = one(rows, measure="FNIR", at="calibrated FPIR 0.01, N=2, R=1")
    assert (fnir["errors"], fnir["of"]) == (0, 2)
    assert one(rows, measure="FNIR", at="no threshold, N=2, R=2")["value"] == 0


@pytest.fixture
def cohorts(tmp_path: Path) -> Path:
    path = tmp_path / "cohorts.csv"
    path.write_text("name,sex\nMacron,m\nObama,m\nArdern,f\nNobody,f\n", encoding="utf-8")
    return path


def test_cohorts_are_measured_at_the_overall_threshold(
    facecli: Facecli, images: Path, cohorts: Path
) -> None:
    done = run(facecli, "--images", images, "--cohorts", cohorts, "--cohort-column", "sex")
    rows = results(done)
    # Six images cannot show an FMR of 1e-2, and nothing is made up.
    overall = [row for row in rows if str(row["at"]).startswith("overall")]
    notes = {row["note"] for row in overall if row["part"] == "cohort sex"}
    assert notes == {"not supported: too few comparisons overall (rule of 30)"}
    assert "no images of 1 person." in done.err
    bad = run(facecli, "--images", images, "--cohorts", cohorts, "--cohort-column", "age")
    assert (bad.code, "`age`" in bad.err) == (1, True)


def test_cohorts_are_measured_at_the_thresholds_in_use(
    facecli: Facecli, images: Path, cohorts: Path, tmp_path: Path
) -> None:
    figure = tmp_path / "cohorts.png"
    options = ("--images", images, "--cohorts", cohorts, "--cohort-column", "sex",
               "--stated-fmr", "1e-3")  # fmt: skip
    rows = results(run(facecli, *options, "--plot-cohorts", figure))
    spec = engine.spec("sface")
    shipped = calibration.load(spec.calibration_file, spec.engine_id)
    found = one(rows, measure="FMR", at="stated FMR 0.001", cohort="m")
    assert found["threshold"] == pytest.approx(shipped.in_worst_group(1e-3).distance)
    assert (found["errors"], found["of"]) == (0, 4)
    assert one(rows, measure="FMR / stated FMR", cohort="m")["interval"] == "Wilson over 2 people"
    assert "fewer than two people" in one(rows, measure="FMR / stated FMR", cohort="f")["note"]
    assert one(rows, measure="FMR of the worst pair")["value"] is None
    with Image.open(figure) as picture:
        assert picture.format == "PNG"
    everybody = results(run(facecli, *options, "--hold", "overall"))
    found = one(everybody, measure="FMR", at="stated FMR 0.001", cohort="m")
    assert found["threshold"] == pytest.approx(shipped.threshold(1e-3))


def test_a_saved_calibration_needs_enough_comparisons(
    facecli: Facecli, images: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "c.json"
    done = run(facecli, "--images", images, "--save-calibration", saved)
    assert done.code == 1
    assert "too few comparisons" in done.err
    assert not saved.exists()


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """Parts of a portrait as images of 30 people, one of them with two images."""
    folder = tmp_path / "crowd"
    with Image.open(SAMPLE_DATA / "enrol/A-1001.jpg") as portrait:
        portrait.thumbnail((200, 200))
        for number in range(30):
            (folder / f"P{number}").mkdir(parents=True)
            part = portrait.crop((number, 0, portrait.width, portrait.height))
            part.save(folder / f"P{number}" / f"P{number}_0001.jpg")
    shutil.copy(folder / "P0/P0_0001.jpg", folder / "P0/P0_0002.jpg")
    return folder


def test_a_card_may_name_the_calibration_that_is_still_to_be_measured(
    facecli: Facecli, crowd: Path, tmp_path: Path
) -> None:
    named = tmp_path / "own.json"
    card = write_card(tmp_path, calibration=named.name)
    options = ("--images", crowd, "--engine", card, "--save-calibration", named)
    first = run(facecli, *options)
    assert (first.code, "own.json is not usable: no such file" in first.err) == (0, True)
    again = run(facecli, *options)
    assert (again.code, "not usable" in again.err) == (0, False)
    found = calibration.parse(named.read_text())
    named.write_text(calibration.dump(replace(found, engine_id="other-1")))
    stale = run(facecli, *options)
    assert (stale.code, "own.json is not usable: it is for other-" in stale.err) == (0, True)
    spec = model_card.from_file(card)
    assert calibration.load(named, spec.engine_id).origin.impostor_comparisons == 464


def test_a_gallery_that_these_images_cannot_show_is_said_so(facecli: Facecli, images: Path) -> None:
    rows = results(run(facecli, "--images", images, "--gallery-size", "1e6"))
    found = one(rows, part="growth")
    assert (found["at"], found["value"]) == ("FPIR 0.01, N=1000000", None)
    assert found["note"].startswith("not supported")
    assert found["note"].endswith("to measure it takes 77,266 people")


def test_a_plot_that_cannot_be_drawn_does_not_cost_the_calibration(
    facecli: Facecli, crowd: Path, tmp_path: Path
) -> None:
    saved, card = tmp_path / "c.json", write_card(tmp_path)
    options = ("--engine", card, "--save-calibration", saved, "--plot", tmp_path / "det.svg")
    done = run(facecli, "--images", crowd, *options)
    assert (done.code, "DET plot" in done.err) == (1, True)
    assert calibration.load(saved, model_card.from_file(card).engine_id).points


@pytest.mark.parametrize(
    ("metric", "table", "says"),
    [
        ("cosine", "", "they are of 30 people, and constants need 100"),
        ("euclidean", "", "constants need the metric `cosine`"),
        (
            "cosine",
            "[handicap]\nnorm_weight = 0.1\nnorm_low = 1\nnorm_middle = 2\nnorm_high = 3\n",
            "it states constants already",
        ),
    ],
)
def test_constants_that_cannot_be_estimated_are_refused_and_no_card_is_written(
    facecli: Facecli, crowd: Path, tmp_path: Path, metric: str, table: str, says: str
) -> None:
    card, new = write_card(tmp_path, metric=metric), tmp_path / "new.toml"
    card.write_text(card.read_text(encoding="utf-8") + table, encoding="utf-8")
    saved = tmp_path / "c.json"
    options = ("--engine", card, "--save-card", new, "--save-calibration", saved)
    done = run(facecli, "--images", crowd, *options)
    assert (done.code, says in done.err) == (1, True), done.err
    assert not new.exists()
    assert not saved.exists()


def test_a_card_with_constants_is_measured_as_it_is(
    facecli: Facecli, crowd: Path, tmp_path: Path
) -> None:
    card, saved = write_card(tmp_path), tmp_path / "c.json"
    options = ("--images", crowd, "--engine", card, "--save-calibration", saved)
    assert run(facecli, *options).code == 0
    plain = calibration.parse(saved.read_text(encoding="utf-8"))
    text = "[handicap]\nnorm_weight = 0.001\nnorm_low = 1\nnorm_middle = 1\nnorm_high = 90\n"
    card.write_text(card.read_text(encoding="utf-8") + text, encoding="utf-8")
    assert run(facecli, *options).code == 0
    found = calibration.load(saved, model_card.from_file(card).engine_id)
    assert found.engine_id != plain.engine_id
    assert found.points[0].distance > plain.points[0].distance


def test_a_plot_that_cannot_be_is_refused(facecli: Facecli, images: Path, tmp_path: Path) -> None:
    before = run(facecli, "--images", images, "--plot", tmp_path / "det.pdf")
    assert (before.code, before.out) == (1, "")
    done = run(facecli, "--images", images, "--plot", tmp_path / "det.png")
    assert done.code == 1
    assert "too few comparisons" in done.err


def test_every_format_says_the_same(facecli: Facecli, images: Path, tmp_path: Path) -> None:
    rows = results(run(facecli, "--images", images))
    as_csv = facecli.bare("evaluate", "--images", images, "--format", "csv").out
    table = list(csv.DictReader(io.StringIO(as_csv)))
    assert [row["measure"] for row in table] == [row["measure"] for row in rows]
    lines = facecli.bare("evaluate", "--images", images, "--format", "jsonl").out.splitlines()
    assert [json.loads(line).get("measure") for line in lines[:-1]] == [
        row["measure"] for row in rows
    ]
    assert json.loads(lines[-1])["engine"] == engine.spec("sface").engine_id
    output = tmp_path / "found.txt"
    done = facecli.bare("evaluate", "--images", images, "--output", output)
    assert (done.code, done.out) == (0, "")
    assert "MEASURE" in output.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--images", "x", "--gallery", "x", "--probes", "x"),
        ("--gallery", "x"),
        ("--probes", "x"),
        ("--pairs", "x"),
        ("--gallery", "x", "--probes", "x", "--pairs", "x"),
        ("--gallery", "x", "--probes", "x", "--discard-worst", "5%"),
        ("--images", "x", "--discard-worst", "0"),
        ("--images", "x", "--discard-worst", "100%"),
        ("--images", "x", "--discard-worst", "some"),
        ("--images", "x", "--discard-worst", "nan%"),
        ("--images", "x", "--rank", "0"),
        ("--images", "x", "--plot-cohorts", "x.png"),
        ("--gallery", "x", "--probes", "x", "--cohorts", "x", "--plot-cohorts", "x.png"),
        ("--images", "x", "--stated-fmr", "0"),
        ("--images", "x", "--gallery-size", "1"),
        ("--images", "x", "--gallery-size", "many"),
        ("--gallery", "x", "--probes", "x", "--gallery-size", "1e6"),
        ("--images", "x", "--save-card", "x.toml"),
        ("--images", "x", "--engine", "sface", "--save-card", "x.toml"),
        ("--gallery", "x", "--probes", "x", "--engine", "x.toml", "--save-card", "y.toml"),
        ("--images", "x", "--pairs", "x", "--engine", "x.toml", "--save-card", "y.toml"),
        (
            "--images",
            "x",
            "--cluster",
            "tls://127.0.0.1:1",
            "--engine",
            "x.toml",
            "--save-card",
            "y.toml",
        ),
        ("--attacks", "x", "--liveness"),
        ("--bona-fide", "x", "--liveness"),
        ("--attacks", "x", "--bona-fide", "x"),
        ("--images", "x", "--liveness"),
        ("--attacks", "x", "--bona-fide", "x", "--liveness", "--images", "x"),
        ("--attacks", "x", "--bona-fide", "x", "--liveness", "--plot", "x.png"),
        ("--attacks", "x", "--bona-fide", "x", "--liveness", "--cluster", "tcp://127.0.0.1:1"),
    ],
)
def test_options_that_make_no_sense_together(facecli: Facecli, options: tuple[str, ...]) -> None:
    assert run(facecli, *options).code == 2


def test_recordings_of_attacks_and_of_people_are_measured(facecli: Facecli, tmp_path: Path) -> None:
    for name in ("attacks/print", "attacks/mask", "people"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("people", "attacks/print"):
        clips.clip(tmp_path / name / "1.mp4", clips.turn()[:20])
    (tmp_path / "attacks/mask/1.mp4").write_bytes(b"no video")
    options = ("--attacks", tmp_path / "attacks", "--bona-fide", tmp_path / "people")
    done = run(facecli, *options, "--liveness")
    rows = results(done)
    assert one(rows, measure="FTA")["errors"] == 1
    assert "1.mp4 cannot be read as a video" in done.err
    check = "turn-challenge/1"
    printed = one(rows, measure="APCER", at=check, cohort="print")
    assert (printed["value"], printed["of"]) == (0, 1)
    assert one(rows, measure="APCER", cohort="mask")["value"] is None
    # The head of the clip does not turn four times.
    living = one(rows, measure="BPCER", at=check)
    assert (living["value"], living["interval"]) == (1, "Wilson over recordings")
    assert not facecli.db.exists()
    (tmp_path / "attacks/empty").mkdir()
    empty = run(facecli, *options, "--liveness")
    assert (empty.code, "holds no recordings" in empty.err) == (1, True)


def test_images_that_are_not_there(facecli: Facecli, images: Path, pairs: Path) -> None:
    assert run(facecli, "--images", images / "none").code == 1
    shutil.rmtree(images / "Obama")
    done = run(facecli, "--pairs", pairs, "--images", images)
    assert done.code == 1
    assert "line 3" in done.err
    assert "Obama_0001.jpg" in done.err


def test_images_without_a_face_at_all(facecli: Facecli, images: Path) -> None:
    for path in images.glob("*/*.jpg"):
        path.write_bytes(b"no picture")
    done = run(facecli, "--images", images)
    assert done.code == 1
    assert "fewer than two" in done.err


def test_thresholds_may_come_from_another_calibration(
    facecli: Facecli, images: Path, tmp_path: Path
) -> None:
    spec = engine.spec("sface")
    shipped = calibration.load(spec.calibration_file, spec.engine_id)
    points = [
        replace(point, distance=1.082) if point.fmr == 1e-4 else point for point in shipped.points
    ]
    path = tmp_path / "c.json"
    path.write_text(calibration.dump(replace(shipped, points=tuple(points))), encoding="utf-8")
    rows = results(run(facecli, "--images", images, "--calibration", path))
    found = one(rows, measure="FMR", at="calibrated FMR 0.0001")
    assert found["threshold"] == pytest.approx(1.082, abs=1e-6)
    other = run(facecli, "--images", images, "--engine", "dlib", "--calibration", path)
    assert (other.code, "not dlib" in other.err) == (1, True)


def test_an_unknown_engine(facecli: Facecli, images: Path) -> None:
    assert run(facecli, "--images", images, "--engine", "oracle").code == 21
