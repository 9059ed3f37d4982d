"""`facecli evaluate`: accuracy on labelled images; needs no database and no key."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facecli.cli import session as sessions
from facecli.cli.files import atomic_file
from facecli.cli.options import FILE, pass_settings, reports, views, workers
from facecli.cli.output import progress, reporting
from facecli.cli.param_types import Number
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings
from facecli.errors.base import Exit
from facecli.errors.command_line import BadInput
from facecli.errors.recognition import NoCalibration
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.engines import calibration, engine, model_card
from facecli.recognition.engines.calibration import Calibration
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.evaluation import cohorts as cohort_files
from facecli.recognition.evaluation import sets
from facecli.recognition.matching.thresholds import calibration_of
from facecli.workers.local import Pool

if TYPE_CHECKING:
    from facecli.recognition.evaluation.acquisition import Acquired, WhichFace
    from facecli.recognition.evaluation.results import Findings
    from facecli.recognition.evaluation.sets import LabelledImage
    from facecli.recognition.evaluation.studies import Options

EVALUATION = RecordKind(
    "evaluate",
    (
        "part", "cohort", "measure", "at", "threshold", "value", "low", "high", "errors", "of",
        "interval", "note",
    ),
    dispensable=("interval", "note", "threshold", "errors", "of"),
)  # fmt: skip
FOLDER = click.Path(file_okay=False, path_type=Path)


class Share(Number):
    """A share between 0 and 1, as `5%` or `0.05`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The share."""
        text = str(value)
        if text.endswith("%"):
            whole = Number(0, 100, min_open=True, max_open=True)
            return whole.convert(text.removesuffix("%"), param, ctx) / 100
        return super().convert(value, param, ctx)


@click.command(
    epilog="Exit codes: 0 measured; 1 the images, the pairs or the cohorts are not usable; 2 "
    "usage; 21 no such engine; 74 the result, the plot or the calibration could not be written. "
    "Images that give no template are counted (FTA), and are no failure of the command."
)
@click.option("--pairs", type=FILE, metavar="FILE", help="Pairs as in LFW's pairs.txt.")
@click.option("--images", type=FOLDER, metavar="DIR", help="A folder of a folder for each person; "
              "without --pairs, all of them are compared.")  # fmt: skip
@click.option("--gallery", type=FOLDER, metavar="DIR", help="The same, of those enrolled (1:N).")
@click.option("--probes", type=FOLDER, metavar="DIR", help="The same, of probes; who is not in "
              "the gallery is non-mated.")  # fmt: skip
@click.option("--engine", "engine_name", default=engine.DEFAULT, show_default=True,
              metavar="NAME|FILE.toml", shell_complete=lambda *_: engine.names(),
              help="The engine, or a model card.")  # fmt: skip
@views(engine.MOST_VIEWS)
@click.option("--calibration", "calibration_file", type=FILE, metavar="FILE",
              help="Take thresholds from this calibration, not the engine's own.")  # fmt: skip
@click.option("--face", type=click.Choice(["centre", "largest"]), default="centre",
              show_default=True, help="Which face of an image is the person's.")  # fmt: skip
@click.option("--rank", "ranks", type=click.IntRange(1), multiple=True, default=(1,),
              show_default=True, metavar="R", help="R of FNIR(N, R, T).")  # fmt: skip
@click.option("--cohorts", type=FILE, metavar="FILE.csv",
              help="Who belongs where: columns person (or name) and cohorts.")  # fmt: skip
@click.option("--cohort-column", default="cohort", show_default=True, metavar="NAME",
              help="The column that cohorts are taken from.")  # fmt: skip
@click.option("--discard-worst", type=Share(0, 1, min_open=True, max_open=True), metavar="SHARE",
              help="Also FNMR without the worst images by quality, such as 5%.")  # fmt: skip
@click.option("--normalise", is_flag=True,
              help="Also normalised distances (with --gallery: only them).")  # fmt: skip
@click.option("--plot", type=FILE, metavar="FILE", help="Draw a DET plot, .png or .svg.")
@click.option("--save-calibration", type=FILE, metavar="FILE",
              help="Write the thresholds of all pairs, for init --calibration.")  # fmt: skip
@click.option("--data-set", metavar="TEXT", help="What the calibration calls the images.  "
              "[default: the folder's name]")  # fmt: skip
@workers
@reports
@pass_settings
def command(
    settings: Settings,
    /,
    engine_name: str,
    views: int | None,
    calibration_file: Path | None,
    plot: Path | None,
    save_calibration: Path | None,
    workers: int,
    form: str,
    output: Path | None,
    **asked: Any,
) -> int:
    """Measure accuracy on labelled images. Nothing is enrolled or logged.

    With --images, FMR and FNMR at the calibration's thresholds and the true-match rate where the
    images themselves show a false-match rate; with --pairs, also those pairs and the accuracy
    over their folds. With --gallery and --probes, FPIR and FNIR(N, R, T). Every rate comes with
    a 95 % interval and its method. A calibration that is saved has thresholds of distances as they
    are and, from 514 people up, of normalised ones.

    \b
    Example:
      facecli evaluate --images people/ --plot det.png
    """
    _check_usage(asked, save_calibration)
    spec = model_card.choose(
        engine_name, calibration_file, views, lambda error: settings.note(error.message)
    )
    picture = _picture_format(plot)
    findings, measured = _measure(settings, spec, workers, asked)
    with reporting(EVALUATION, form, output) as report:
        for result in findings.results:
            report.add(result.record())
        report.summary("evaluate-summary", {"engine": spec.engine_id, "notes": findings.notes})
    for note in findings.notes:
        settings.note(note)
    if save_calibration is not None:  # first: of fewer comparisons a plot may refuse to be drawn
        text = _calibration(measured, spec, asked)
        with atomic_file(save_calibration, interrupted=False) as stream:
            stream.write(text.encode())
    if plot is not None:
        _draw(findings, plot, picture)
    return Exit.OK


def _check_usage(asked: dict[str, Any], save_calibration: Path | None) -> None:
    identifying = asked["gallery"] is not None or asked["probes"] is not None
    if identifying == (asked["images"] is not None):
        raise click.UsageError("give --images DIR, or --gallery DIR and --probes DIR")
    if identifying and (asked["gallery"] is None or asked["probes"] is None):
        raise click.UsageError("--gallery and --probes need each other")
    if identifying and (asked["pairs"] or asked["discard_worst"] or save_calibration):
        raise click.UsageError("--pairs, --discard-worst and --save-calibration need --images")


def _picture_format(plot: Path | None) -> str:
    """What the plot is to be, found out before an hour is spent on measuring."""
    if plot is None:
        return ""
    from facecli.recognition.evaluation import plots

    return plots.check(plot)


def _measure(
    settings: Settings, spec: EngineSpec, workers: int, asked: dict[str, Any]
) -> tuple[Findings, Acquired]:
    """Analyse the images and study them; what was found, and the images it rests on."""
    pairs = folders = None
    if asked["images"] is not None:
        pairs, images = sets.images_to_compare(asked["pairs"], asked["images"])
        folders = [images]
    else:
        folders = [sets.labelled_folder(asked[name]) for name in ("gallery", "probes")]
    if asked["normalise"]:
        sets.check_people(folders[0], calibration.COHORT + 2)
    found = _calibration_of(settings, spec)
    options = _options(asked)
    from facecli.recognition.evaluation import studies

    setup = partial(image_analysis.setup, spec.loadable)
    with Pool[AnalysisRequest, ImageAnalysis](setup, workers=workers) as pool:
        acquired = [_acquire(settings, images, pool, spec, asked["face"]) for images in folders]
    if asked["images"] is not None:
        return studies.verification_study(acquired[0], pairs, spec, found, options), acquired[0]
    gallery, probes = acquired
    return studies.identification_study(gallery, probes, spec, found, options), gallery


def _options(asked: dict[str, Any]) -> Options:
    file, column = asked["cohorts"], asked["cohort_column"]
    cohort_of = cohort_files.read(file, column) if file is not None else None
    from facecli.recognition.evaluation.studies import Options

    return Options(
        cohort_of,
        column,
        file or Path(),
        asked["discard_worst"],
        asked["ranks"],
        asked["normalise"],
    )


def _acquire(
    settings: Settings,
    images: list[LabelledImage],
    pool: Pool[AnalysisRequest, ImageAnalysis],
    spec: EngineSpec,
    which: WhichFace,
) -> Acquired:
    from facecli.recognition.evaluation import acquisition

    answers = pool.map(acquisition.requests(images))
    with progress(answers, len(images), "image", settings.quiet) as shown:
        return acquisition.acquire(images, shown, spec.dimension, which)


def _calibration_of(settings: Settings, spec: EngineSpec) -> Calibration | None:
    try:
        return calibration_of(spec)
    except (NoCalibration, BadInput) as error:  # where there is none that fits, one can be made
        settings.note(error.message)
        return None


def _calibration(acquired: Acquired, spec: EngineSpec, asked: dict[str, Any]) -> str:
    from facecli.recognition.evaluation import studies

    data_set = asked["data_set"] or asked["images"].absolute().name
    today = sessions.clock().date().isoformat()
    found = studies.calibration_of(acquired, spec, data_set, asked["face"], today)
    return calibration.dump(found)


def _draw(findings: Findings, plot: Path, form: str) -> None:
    from facecli.recognition.evaluation import plots

    if findings.plot is not None:
        content = plots.draw(findings.plot, form)
        with atomic_file(plot, interrupted=False) as stream:
            stream.write(content)
