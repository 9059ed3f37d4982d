"""`facecli match --video`, `--url`, `--device`: who passes before a camera; see `match`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from facecli.capture.frames import Limits, open_frames
from facecli.capture.sources import Source
from facecli.cli.annotation import Annotation, annotating
from facecli.cli.output import Reporter, reporting
from facecli.cli.records import RecordKind
from facecli.cli.session import Session
from facecli.errors.base import Exit
from facecli.errors.capture import NotAVideo, StreamLost
from facecli.errors.recognition import NoCalibration
from facecli.recognition.annotation.requests import Style
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.matching.thresholds import for_one_sitting
from facecli.recognition.video.watch import Pace, Watcher

TRACKS = RecordKind(
    "match",
    (
        "path", "track", "first_seconds", "last_seconds", "frame", "face", "box", "quality",
        "decision", "rank", "ref", "name", "distance", "threshold", "reason", "engine",
    ),
    (
        "track", "first_seconds", "last_seconds", "quality", "decision", "rank", "ref", "name",
        "distance", "reason",
    ),
    dispensable=("quality", "rank", "last_seconds", "reason", "name"),
)  # fmt: skip


@dataclass(frozen=True)
class Video:
    """What is watched, which frames of it, and how it is shown."""

    source: Source
    every: int | None
    max_seconds: float | None
    annotate: Path | None
    style: Style

    @property
    def limits(self) -> Limits:
        """A camera that is lost is not waited for beyond the time that there is."""
        patience = Limits().patience
        return Limits(patience=min(patience, self.max_seconds or patience))


def run(opened: Session, matcher: Matcher, video: Video, form: str, output: Path | None) -> int:
    """Watch, report a row for each track as it ends, say what came of it, and show it."""
    with annotating(video.annotate, video.style, video.source, opened.settings) as annotation:
        code = _watch(opened, matcher, video, annotation, partial(reporting, TRACKS, form, output))
        annotation.finish()
    return Exit.OUTPUT if annotation.failed else code


def _watch(
    opened: Session,
    matcher: Matcher,
    video: Video,
    annotation: Annotation,
    reporter: Callable[[], AbstractContextManager[Reporter]],
) -> Exit:
    def tell(rows: list[dict[str, object]]) -> None:
        annotation.decided(rows)
        for row in rows:
            report.add(row)

    path, same = video.source.path, _same(matcher)
    watcher = Watcher(matcher, path, same, tell, annotation.seen, annotation.shown)
    with watcher.observer() as worker:
        if video.source.live:  # whose time runs from its opening on
            worker.wait()
        with (
            open_frames(video.source, every=video.every, limits=video.limits) as frames,
            reporter() as report,
        ):
            annotation.check_pace(frames.rate, video.every)
            matcher.begin_watching(video.source.kind)
            pace = Pace(video.every, video.max_seconds)
            try:
                watcher.watch(worker, frames, pace, live=frames.live)
            except (StreamLost, NotAVideo) as error:
                if watcher.counts.frames == 0:
                    raise
                opened.settings.note(str(error))
                return Exit.PARTIAL
            finally:
                _say(opened, watcher, frames.interruptions)
    return Exit.OK


def _same(matcher: Matcher) -> float:
    """Within what distance two frames show one person, to follow faces by."""
    try:
        return for_one_sitting(matcher.search.spec)
    except NoCalibration:
        return matcher.check()[0].threshold


def _say(opened: Session, watcher: Watcher, interruptions: int) -> None:
    counts = watcher.counts
    lost = f" The camera was lost and came back {interruptions} times." if interruptions else ""
    opened.settings.note(
        f"{counts.frames} frames looked at, {counts.tracks} faces followed: {counts.matched} "
        f"matched, {counts.unknown} unknown and forgotten.{lost}"
    )


def refuse_image_options(**given: object) -> None:
    """Options that are for image files alone. Raises a usage error."""
    wrong = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if wrong:
        raise click.UsageError(f"{', '.join(wrong)}: for image files, not for frames")
