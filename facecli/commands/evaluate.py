"""`facecli evaluate`: accuracy on labelled images. It needs no database and no key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facecli.cli import session
from facecli.cli.analysers import Analysing, analysers, is_given
from facecli.cli.files import atomic_file
from facecli.cli.options import FILE, NAME_OR_FILE, OUTPUT, pass_settings, reports, views
from facecli.cli.output import progress, reporting
from facecli.cli.param_types import Number
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings
from facecli.consent.purpose_terms import CALIBRATIONS, WORST_GROUP
from facecli.errors.base import Exit
from facecli.errors.command_line import BadInput
from facecli.errors.recognition import NoCalibration
from facecli.recognition.engines import calibration, engine, model_card
from facecli.recognition.engines.calibration import Calibration
from facecli.recognition.engines.engine import EngineSpec, ModelCard
from facecli.recognition.matching.rate_scale import calibration_of
from facecli.recognition.pad.cues import PadChecks

if TYPE_CHECKING:
    from facecli.recognition.evaluation.acquisition import Acquired
    from facecli.recognition.evaluation.measurement import Acquire, EvaluationRequest
    from facecli.recognition.evaluation.results import Findings
    from facecli.recognition.evaluation.sets import LabelledImage

EVALUATION = RecordKind(
    "evaluate",
    (
        "part", "cohort", "measure", "at", "threshold", "value", "low", "high", "errors", "of",
        "interval", "note",
    ),
    dispensable=("interval", "note", "threshold", "errors", "of"),
)  # fmt: skip
STATED = (1e-2, 1e-3, 1e-4)
FOLDER = click.Path(file_okay=False, path_type=Path)


class Share(Number):
    """A share between 0 and 1, written as `5%` or `0.05`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the share."""
        text = str(value)
        if text.endswith("%"):
            whole = Number(0, 100, min_open=True, max_open=True)
            return whole.convert(text.removesuffix("%"), param, ctx) / 100
        return super().convert(value, param, ctx)


class GallerySize(Number):
    """A number of references, such as `1e6`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the whole number."""
        return round(super().convert(value, param, ctx))


@click.command(
    epilog="Exit codes: 0 measured; 1 the images, the recordings or the lists are not usable; 2 "
    "usage; 21 no such engine; 74 the result, the plot or the calibration could not be written. "
    "Images that give no template are counted (FTA); the command does not fail because of them."
)
@click.option("--pairs", type=FILE, metavar="FILE",
              help="Pairs to compare, in the format of LFW's pairs.txt.")  # fmt: skip
@click.option("--images", type=FOLDER, metavar="DIR", help="A folder with one subfolder per "
              "person. Without --pairs, all its images are compared.")  # fmt: skip
@click.option("--gallery", type=FOLDER, metavar="DIR",
              help="The same, for the enrolled people (1:N).")  # fmt: skip
@click.option("--probes", type=FOLDER, metavar="DIR", help="The same, for the probes. People not "
              "in the gallery are non-mated.")  # fmt: skip
@click.option("--attacks", type=FOLDER, metavar="DIR", help="Recordings of presentation attacks, "
              "with one subfolder per species.")  # fmt: skip
@click.option("--bona-fide", type=FOLDER, metavar="DIR",
              help="Recordings of people before the camera.")  # fmt: skip
@click.option("--liveness", is_flag=True, help="Measure the challenge of `enroll camera "
              "--liveness` on these recordings.")  # fmt: skip
@click.option("--pad-model", type=FILE, metavar="FILE.onnx",
              help="Measure this network on these recordings.")  # fmt: skip
@click.option("--engine", "engine_name", type=NAME_OR_FILE, default=engine.DEFAULT,
              show_default=True, metavar="NAME|FILE.toml", shell_complete=lambda *_: engine.names(),
              help="The engine, or a model card.")  # fmt: skip
@views(engine.MOST_VIEWS)
@click.option("--calibration", "calibration_file", type=FILE, metavar="FILE",
              help="Take thresholds from this calibration, not the engine's own.")  # fmt: skip
@click.option("--face", type=click.Choice(["centre", "largest"]), default="centre",
              show_default=True, help="The face of an image that is the person's.")  # fmt: skip
@click.option("--rank", "ranks", type=click.IntRange(1), multiple=True, default=(1,),
              show_default=True, metavar="R", help="R of FNIR(N, R, T).")  # fmt: skip
@click.option("--gallery-size", "sizes", type=GallerySize(2, 10**10, unit="references"),
              multiple=True, metavar="N", help="Also extrapolate FPIR and FNIR to a gallery of N "
              "references, such as 1e6.")  # fmt: skip
@click.option("--cohorts", type=FILE, metavar="FILE.csv",
              help="The cohort of each person: columns person (or name) and cohort.")  # fmt: skip
@click.option("--cohort-column", default="cohort", show_default=True, metavar="NAME",
              help="The column of the cohort.")  # fmt: skip
@click.option("--stated-fmr", "stated", type=Number(0, 1, min_open=True, max_open=True),
              multiple=True, default=STATED, show_default=True, metavar="RATE",
              help="A rate that purposes state, to measure cohorts at its threshold.")  # fmt: skip
@click.option("--hold", type=click.Choice(CALIBRATIONS), default=WORST_GROUP, show_default=True,
              help="`calibration` of those purposes.")  # fmt: skip
@click.option("--discard-worst", type=Share(0, 1, min_open=True, max_open=True), metavar="SHARE",
              help="Also measure FNMR without the worst images by quality, such as "
              "5%.")  # fmt: skip
@click.option("--plot", type=OUTPUT, metavar="FILE", help="Draw a DET plot, .png or .svg.")
@click.option("--plot-cohorts", type=OUTPUT, metavar="FILE",
              help="Draw the rates of cohorts against the stated rates, .png or .svg.")  # fmt: skip
@click.option("--save-calibration", type=OUTPUT, metavar="FILE",
              help="Write the thresholds of all pairs, for init --calibration.")  # fmt: skip
@click.option("--save-card", type=OUTPUT, metavar="FILE.toml", help="Estimate the constants of a "
              "model card, write the card with them, and measure with them.")  # fmt: skip
@click.option("--data-set", metavar="TEXT", help="Name of the images in the calibration.  "
              "[default: the folder's name]")  # fmt: skip
@analysers
@reports
@pass_settings
def command(
    settings: Settings,
    /,
    engine_name: str,
    views: int | None,
    calibration_file: Path | None,
    plot: Path | None,
    plot_cohorts: Path | None,
    save_calibration: Path | None,
    save_card: Path | None,
    data_set: str | None,
    analysing: Analysing,
    form: str,
    output: Path | None,
    attacks: Path | None,
    bona_fide: Path | None,
    liveness: bool,
    pad_model: Path | None,
    **asked: Any,
) -> int:
    """Measure accuracy on labelled images. Nothing is enrolled or logged.

    With --images, report FMR and FNMR at the calibration's thresholds, and the true-match rate
    at the false-match rates that the images support. With --pairs, also report those pairs and
    the accuracy over their folds. With --gallery and --probes, report FPIR and FNIR(N, R, T).
    Every rate has a 95 % interval and names its method. With --cohorts, also report the rates of
    each cohort at the thresholds in use, and the pair of cohorts with most false matches. A saved
    calibration then has the thresholds of each cohort of 12 people or more.

    With --save-card, choose the constants of a model card's handicaps by cross-validation over
    people. See facecli-engines(5).

    With --gallery-size, report the threshold that a larger gallery needs, and what it misses.

    With --attacks and --bona-fide, report APCER of each species and BPCER.

    \b
    Example:
      facecli evaluate --images people/ --plot det.png
    """
    presented = _presented(attacks, bona_fide, PadChecks(liveness, pad_model))
    if presented is None:
        _check_usage(asked, save_calibration, plot_cohorts)
        if save_card is not None:
            _check_card(asked, engine_name)
    spec = model_card.choose(
        engine_name, calibration_file, views, lambda error: settings.note(error.message)
    )
    if presented is not None:
        found = _judge(settings, presented, spec, PadChecks(liveness, pad_model), analysing)
        _report(settings, found, spec, form, output)
        return Exit.OK
    card = None if save_card is None else _plain_card(spec)
    pictures = {one: _picture_format(one) for one in (plot, plot_cohorts) if one is not None}
    from facecli.recognition.evaluation.measurement import EvaluationRequest

    request = EvaluationRequest(**asked)
    if card is None:
        findings, measured = _measure(settings, request, spec, analysing)
    else:
        card, findings, measured = _with_constants(settings, request, card, analysing)
        spec = card.spec(None)
    _report(settings, findings, spec, form, output)
    if save_calibration is not None:  # first: with fewer comparisons a plot may be refused
        _save_calibration(save_calibration, request, measured, spec, data_set)
    if card is not None and save_card is not None:
        _save_card(save_card, card, save_calibration)
    if plot is not None:
        _draw(findings, plot, pictures[plot])
    if plot_cohorts is not None:
        _draw_cohorts(findings, plot_cohorts, pictures[plot_cohorts])
    return Exit.OK


ALONE = {
    "images", "pairs", "gallery", "probes", "cohorts", "cohort_column", "stated", "hold",
    "discard_worst", "ranks", "sizes", "face", "plot", "plot_cohorts", "save_calibration",
    "save_card", "data_set", "cluster",
}  # fmt: skip
"""Options that have no meaning for recordings."""


def _presented(
    attacks: Path | None, bona_fide: Path | None, checks: PadChecks
) -> tuple[Path, Path] | None:
    """Return the folders of recordings, or None where images are to be measured."""
    if attacks is None and bona_fide is None:
        if checks != PadChecks():
            raise click.UsageError("--liveness and --pad-model need --attacks and --bona-fide")
        return None
    if attacks is None or bona_fide is None:
        raise click.UsageError("--attacks and --bona-fide need each other")
    if checks == PadChecks():
        raise click.UsageError("--attacks needs --liveness, --pad-model or both")
    for parameter in click.get_current_context().command.params:
        if parameter.name in ALONE and is_given(parameter.name):
            raise click.UsageError(f"{parameter.opts[0]} does not go with --attacks")
    return attacks, bona_fide


def _judge(
    settings: Settings,
    folders: tuple[Path, Path],
    spec: EngineSpec,
    checks: PadChecks,
    analysing: Analysing,
) -> Findings:
    """Judge all recordings, with a progress bar."""
    from facecli.cli.camera import recordings
    from facecli.recognition.evaluation import presentations
    from facecli.recognition.evaluation.results import Findings

    listed = presentations.recordings(*folders)
    judged = recordings.judge(listed, spec, checks, analysing.workers)
    with progress(judged, len(listed), "recording", settings.quiet) as shown:
        found = list(shown)
    rates = presentations.rates([one for one, _ in found], list(recordings.named(checks)))
    return Findings(list(rates), notes=[message for _, message in found if message is not None])


def _check_usage(
    asked: dict[str, Any], save_calibration: Path | None, plot_cohorts: Path | None
) -> None:
    identifying = asked["gallery"] is not None or asked["probes"] is not None
    if identifying == (asked["images"] is not None):
        raise click.UsageError("give --images DIR, or --gallery DIR and --probes DIR")
    if identifying and (asked["gallery"] is None or asked["probes"] is None):
        raise click.UsageError("--gallery and --probes need each other")
    if identifying and (asked["pairs"] or asked["discard_worst"] or save_calibration):
        raise click.UsageError("--pairs, --discard-worst and --save-calibration need --images")
    if identifying and asked["sizes"]:
        raise click.UsageError("--gallery-size needs --images")
    if plot_cohorts is not None and (identifying or asked["cohorts"] is None):
        raise click.UsageError("--plot-cohorts needs --images and --cohorts")


def _check_card(asked: dict[str, Any], engine_name: str) -> None:
    if not engine_name.endswith(model_card.SUFFIX):
        raise click.UsageError("--save-card needs --engine FILE.toml")
    if asked["images"] is None or asked["pairs"] is not None:
        raise click.UsageError("--save-card needs --images, and takes no --pairs")
    for name in ("cluster", "calibration_file"):
        if is_given(name):
            option = name.removesuffix("_file")
            raise click.UsageError(f"--{option} does not go with --save-card")


def _plain_card(spec: EngineSpec) -> ModelCard:
    """Return the card of an engine, if constants can be estimated for it."""
    where = f"The model card of {spec.name}"
    if spec.card is None or spec.card.handicap is not None:
        raise BadInput(what=where, why="it states constants already; remove its `[handicap]`")
    if spec.card.metric != "cosine":
        raise BadInput(what=where, why="constants need the metric `cosine`")
    return spec.card


def _picture_format(plot: Path) -> str:
    """Return the format of the plot. Checked before an hour is spent on measuring."""
    from facecli.recognition.evaluation import plots

    return plots.check(plot)


def _measure(
    settings: Settings, request: EvaluationRequest, spec: EngineSpec, analysing: Analysing
) -> tuple[Findings, Acquired]:
    """Measure in a pool of workers, with a progress bar for each set of images."""
    from facecli.recognition.evaluation import measurement

    found = _calibration_of(settings, spec)
    with _acquiring(settings, request, spec, analysing) as acquire:
        return measurement.measure(request, spec, found, acquire)


def _with_constants(
    settings: Settings, request: EvaluationRequest, card: ModelCard, analysing: Analysing
) -> tuple[ModelCard, Findings, Acquired]:
    """Estimate the constants of a card, and measure the engine that they make."""
    from facecli.recognition.evaluation import handicaps, measurement

    plain = handicaps.unscaled(card).spec(None)
    with _acquiring(settings, request, plain, analysing) as acquire:
        return measurement.with_constants(request, card, acquire)


@contextmanager
def _acquiring(
    settings: Settings, request: EvaluationRequest, spec: EngineSpec, analysing: Analysing
) -> Iterator[Acquire]:
    """Open a pool of workers, and yield the function that analyses images in it."""
    from facecli.recognition.evaluation import acquisition

    with analysing.pool(spec) as pool:

        def acquire(images: list[LabelledImage]) -> Acquired:
            answers = pool.map(acquisition.requests(images))
            with progress(answers, len(images), "image", settings.quiet) as shown:
                return acquisition.acquire(images, shown, spec, request.face)

        yield acquire


def _calibration_of(settings: Settings, spec: EngineSpec) -> Calibration | None:
    """Return the engine's calibration. Note why there is none; `evaluate` can make one."""
    try:
        return calibration_of(spec)
    except (NoCalibration, BadInput) as error:
        settings.note(error.message)
        return None


def _report(
    settings: Settings, findings: Findings, spec: EngineSpec, form: str, output: Path | None
) -> None:
    with reporting(EVALUATION, form, output) as report:
        for result in findings.results:
            report.add(result.record())
        report.summary("evaluate-summary", {"engine": spec.engine_id, "notes": findings.notes})
    for note in findings.notes:
        settings.note(note)


def _save_calibration(
    target: Path,
    request: EvaluationRequest,
    acquired: Acquired,
    spec: EngineSpec,
    data_set: str | None,
) -> None:
    from facecli.recognition.evaluation import studies

    name = data_set or (request.images or Path()).absolute().name
    today = session.clock().date().isoformat()
    groups = request.options().cohorts
    made = studies.calibration_of(acquired, spec, name, request.face, today, groups)
    with atomic_file(target, interrupted=False) as stream:
        stream.write(calibration.dump(made).encode())


def _save_card(target: Path, card: ModelCard, calibration_file: Path | None) -> None:
    text = model_card.text_of(card, target.parent, calibration_file)
    with atomic_file(target, interrupted=False) as stream:
        stream.write(text.encode())


def _draw(findings: Findings, plot: Path, form: str) -> None:
    from facecli.recognition.evaluation import plots

    if findings.plot is not None:
        content = plots.draw(findings.plot, form)
        with atomic_file(plot, interrupted=False) as stream:
            stream.write(content)


def _draw_cohorts(findings: Findings, plot: Path, form: str) -> None:
    from facecli.recognition.evaluation import cohort_plot

    title = "" if findings.plot is None else findings.plot.title
    content = cohort_plot.draw(findings.held, title, form)
    with atomic_file(plot, interrupted=False) as stream:
        stream.write(content)
