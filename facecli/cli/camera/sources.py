"""The options that name a source of frames, for every command that takes one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from facecli.capture import sources
from facecli.capture.sources import Source
from facecli.cli.options import FILE

_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")
ROTATIONS = {"0": 0, "90": 90, "180": 180, "270": 270}


class Size(click.ParamType[tuple[int, int]]):
    """`640x480`: width and height in pixels."""

    name = "size"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """(width, height). Fails, as a usage error, where it is none."""
        match = _SIZE.fullmatch(str(value))
        if match is None:
            self.fail(f"{value!r} is no size such as 640x480.", param, ctx)
        return int(match[1]), int(match[2])


def camera_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a camera is to be read: `--size`, `--mjpeg`, `--exposure`, `--rotate`.

    The command gets them as `adjust`, a function from a source to the same one read so.
    """

    def wrapped(
        *args: Any,
        size: tuple[int, int] | None,
        mjpeg: bool,
        exposure: int | None,
        rotate: str,
        **kwargs: Any,
    ) -> Any:
        def adjust(source: Source) -> Source:
            if source.kind != "device" and (size or mjpeg or exposure is not None):
                raise click.UsageError(
                    "--size, --mjpeg and --exposure are for a camera of this machine; one on the "
                    "network is set at the camera"
                )
            turned: Any = ROTATIONS[rotate]
            return replace(source, size=size, mjpeg=mjpeg, exposure=exposure, rotate=turned)

        return command(*args, adjust=adjust, **kwargs)

    update_wrapper(wrapped, command)
    options = (
        click.option("--rotate", type=click.Choice(list(ROTATIONS)), default="0",
                     help="Turn the frames clockwise by so many degrees."),
        click.option("--exposure", type=click.IntRange(1, 100_000), metavar="N",
                     help="Fixed exposure, in the driver's units, mostly 100 microseconds."),
        click.option("--mjpeg", is_flag=True,
                     help="Take compressed frames: more a second over USB at large sizes."),
        click.option("--size", type=Size(), metavar="WxH",
                     help="The size of frames to ask the camera for, as in 640x480."),
    )  # fmt: skip
    for option in options:
        wrapped = option(wrapped)
    return wrapped


def sources_of_frames(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--video`, `--url`, `--url-file` or `--device`, and how a camera is to be read.

    The command gets `source`: the one that was named, or None. Two of them are a usage error.
    """

    def wrapped(
        *args: Any,
        device: str | None,
        url: str | None,
        url_file: Path | None,
        video: Path | None,
        adjust: Callable[[Source], Source],
        **kwargs: Any,
    ) -> Any:
        source = _named(device, url, url_file, video)
        return command(*args, source=source and adjust(source), **kwargs)

    update_wrapper(wrapped, command)
    options = (
        click.option("--device", metavar="N",
                     help="A camera of this machine: its number or path."),
        click.option("--url-file", type=FILE, metavar="FILE",
                     help="A file whose first line is the URL; for one with a password."),
        click.option("--url", metavar="URL", help="A camera on the network: rtsp://… or http://…."),
        click.option("--video", type=FILE, metavar="FILE", help="A video file."),
    )  # fmt: skip
    wrapped = camera_settings(wrapped)
    for option in options:
        wrapped = option(wrapped)
    return wrapped


def _named(
    device: str | None, url: str | None, url_file: Path | None, video: Path | None
) -> Source | None:
    if sum(one is not None for one in (device, url, url_file, video)) > 1:
        raise click.UsageError("give one of --device, --url, --url-file and --video")
    if device is not None:
        return sources.device(device)
    if video is not None:
        return sources.video(video)
    if url is not None or url_file is not None:
        return sources.url_from(url, url_file, {})
    return None


def from_environment() -> Source | None:
    """The camera that the environment names, for a command that was given nothing else."""
    return sources.url_from(None, None, os.environ)
