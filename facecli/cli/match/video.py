"""Run `match` over the frames of a source: `--video`, `--url`, `--device`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from facecli.capture.frames import FrameLimits, open_frames
from facecli.capture.sources import Source
from facecli.cli.annotation import VideoAnnotation, annotating
from facecli.cli.match.matcher import MatchOptions, ambiguous_note, open_matcher
from facecli.cli.output import Reporter, reporting
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings, session
from facecli.errors.base import Exit
from facecli.errors.capture import NotAVideo, StreamLost
from facecli.errors.recognition import NoCalibration
from facecli.printable import counted
from facecli.recognition.annotation.requests import AnnotationStyle
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.matching.match_rows import MatchRow
from facecli.recognition.matching.thresholds import for_one_sitting
from facecli.recognition.video.watch import FramePace, TrackCounts, VideoMatcher

TRACKS = RecordKind(
    "match",
    (
        "path", "track", "first_seconds", "last_seconds", "frame", "face", "box", "quality",
        "decision", "rank", "ref", "name", "distance", "threshold", "reason", "engine",
        "calibration",
    ),
    (
        "track", "first_seconds", "last_seconds", "quality", "decision", "rank", "ref", "name",
        "distance", "reason",
    ),
    dispensable=("quality", "rank", "last_seconds", "reason", "name"),
)  # fmt: skip

OpenReport: TypeAlias = Callable[[], AbstractContextManager[Reporter]]


@dataclass(frozen=True)
class VideoOptions:
    """The source, the frames of it that are analysed, and what is written.

    every: analyse each N-th frame; None: see `FramePace`. max_seconds: stop then; None: at the
    end. annotate: a folder for pictures, or an MP4 file.
    """

    source: Source
    every: int | None
    max_seconds: float | None
    annotate: Path | None
    style: AnnotationStyle
    form: str
    output: Path | None

    @property
    def limits(self) -> FrameLimits:
        """FrameLimits that wait for a lost camera no longer than `max_seconds`."""
        patience = FrameLimits().patience
        return FrameLimits(patience=min(patience, self.max_seconds or patience))


def match_video(settings: Settings, options: MatchOptions, video: VideoOptions) -> Exit:
    """Follow the faces of a source, and print a row for each track that ends, and a summary."""
    with session(settings, "match", search=options.purpose) as opened:
        matcher = open_matcher(opened, *options.permitted(opened))
        open_report = partial(reporting, TRACKS, video.form, video.output)
        with annotating(video.annotate, video.style, video.source, settings) as annotation:
            code = _match(settings, matcher, video, annotation, open_report)
            annotation.finish()
    return Exit.OUTPUT if annotation.failed else code


def _match(
    settings: Settings,
    matcher: Matcher,
    video: VideoOptions,
    annotation: VideoAnnotation,
    open_report: OpenReport,
) -> Exit:
    def report_rows(rows: list[MatchRow]) -> None:
        annotation.take_rows(rows)
        for row in rows:
            report.add(row)

    video_matcher = VideoMatcher(
        matcher,
        video.source.path,
        _same_person(matcher),
        report_rows,
        annotation.on_frame,
        annotation.on_track,
    )
    with video_matcher.worker() as worker:
        if video.source.live:
            worker.wait()  # the time of a camera runs from its opening on
        with (
            open_frames(video.source, every=video.every, limits=video.limits) as frames,
            open_report() as report,
        ):
            annotation.check_pace(frames.rate, video.every)
            matcher.record_start(video.source.kind)
            pace = FramePace(video.every, video.max_seconds)
            try:
                video_matcher.match(worker, frames, pace, live=frames.live)
            except (StreamLost, NotAVideo) as error:
                if video_matcher.counts.frames == 0:
                    raise
                settings.note(str(error))
                return Exit.PARTIAL
            finally:
                _print_counts(settings, video_matcher.counts, frames.interruptions)
    return Exit.OK


def _same_person(matcher: Matcher) -> float:
    """Return the distance up to which two frames show the same person, to follow faces by."""
    try:
        return for_one_sitting(matcher.query.spec)
    except NoCalibration:
        return matcher.search.threshold


def _print_counts(settings: Settings, counts: TrackCounts, interruptions: int) -> None:
    lost = ""
    if interruptions:
        lost = f" The camera was lost and came back {counted(interruptions, 'time')}."
    settings.note(
        f"{counted(counts.frames, 'frame')} analysed, {counted(counts.tracks, 'face')} followed: "
        f"{counts.matched:,} matched, {counts.unknown:,} unknown and forgotten.{lost}"
    )
    if counts.ambiguous:
        settings.note(ambiguous_note(f"{counts.ambiguous:,} of them"))
    if counts.turned:
        [(angle, _)] = counts.turned.most_common(1)
        settings.note(
            f"{counted(counts.turned.total(), 'face')} not upright, and hardly comparable. Turn "
            f"the frames clockwise by {angle} degrees with --rotate."
        )
    if counts.sideways_by:
        settings.note(
            "No face is upright in these frames, and some show one when they are turned. Turn them "
            f"clockwise by {counts.sideways_by} degrees with --rotate."
        )
    if counts.dark * 2 > counts.frames:
        settings.note(
            f"{counted(counts.dark, 'frame')} of {counts.frames:,} too dark to show a face "
            "(`too-dark`). Check the lens and the light."
        )
