"""Options that name a source of frames, for every command that reads one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeAlias

import click

from facecli.capture import sources
from facecli.capture.sources import Source
from facecli.cli.options import FILE

_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")
ROTATIONS: dict[str, sources.Rotation] = {"0": 0, "90": 90, "180": 180, "270": 270}


class Size(click.ParamType[tuple[int, int]]):
    """`640x480`: width and height in pixels."""

    name = "size"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return (width, height). Any other text is a usage error."""
        match = _SIZE.fullmatch(str(value))
        if match is None:
            self.fail(f"{value!r} is not a size such as 640x480.", param, ctx)
        return int(match[1]), int(match[2])


@dataclass(frozen=True)
class Adjustments:
    """The settings of a camera, as options state them."""

    size: tuple[int, int] | None
    mjpeg: bool
    exposure: int | None
    rotate: sources.Rotation
    camera_ca: Path | None

    def applied_to(self, source: Source) -> Source:
        """Return the source with these settings. Raises a usage error if they are not for it."""
        if source.kind != "device" and (self.size or self.mjpeg or self.exposure is not None):
            raise click.UsageError(
                "--size, --mjpeg and --exposure are for a camera of this machine; a network "
                "camera has settings of its own"
            )
        if self.camera_ca is not None and not source.secure:
            raise click.UsageError("--camera-ca is for a camera at https:// or rtsps://")
        return replace(
            source,
            size=self.size,
            mjpeg=self.mjpeg,
            exposure=self.exposure,
            rotate=self.rotate,
            ca=_certificates(self.camera_ca),
        )

    def refuse_without_source(self) -> None:
        """Raise a usage error if there is a setting, because no source is named."""
        for field in fields(self):
            if getattr(self, field.name):
                option = "--" + field.name.replace("_", "-")
                raise click.UsageError(
                    f"{option} is for a camera or a video; name it with --device, --url or --video"
                )


SourceChoice: TypeAlias = Callable[[bool], Source | None]
"""Returns the source of the options, and otherwise, if it is called with True, the one of the
environment. None: there is none. Raises a usage error for settings that are not for it."""


def camera_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the settings of a camera: `--camera-ca`, `--size`, `--mjpeg`, `--exposure`,
    `--rotate`.

    The command gets `adjustments`.
    """

    def wrapped(
        *args: Any,
        size: tuple[int, int] | None,
        mjpeg: bool,
        exposure: int | None,
        rotate: str,
        camera_ca: Path | None,
        **kwargs: Any,
    ) -> Any:
        adjustments = Adjustments(size, mjpeg, exposure, ROTATIONS[rotate], camera_ca)
        return command(*args, adjustments=adjustments, **kwargs)

    update_wrapper(wrapped, command)
    options = (
        click.option("--rotate", type=click.Choice(list(ROTATIONS)), default="0",
                     help="Turn the frames clockwise by this many degrees."),
        click.option("--exposure", type=click.IntRange(1, 100_000), metavar="N",
                     help="Fixed exposure in the driver's units, usually 100 microseconds."),
        click.option("--mjpeg", is_flag=True,
                     help="Request compressed frames: more a second over USB at large sizes."),
        click.option("--camera-ca", type=FILE, metavar="FILE",
                     help="Certificates, of which one must vouch for an https or rtsps camera."),
        click.option("--size", type=Size(), metavar="WxH",
                     help="Frame size to request from the camera, as in 640x480."),
    )  # fmt: skip
    for option in options:
        wrapped = option(wrapped)
    return wrapped


def _certificates(path: Path | None) -> str | None:
    """Return the certificates of a file, before anybody is asked for anything."""
    if path is None:
        return None
    from facecli.capture.tls import read_certificates

    return read_certificates(path)


def sources_of_frames(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--video`, `--url`, `--url-file` and `--device`, and the settings of a camera.

    The command gets `choose_source`, a `SourceChoice`. Two sources are a usage error.
    """

    def wrapped(
        *args: Any,
        device: str | None,
        url: str | None,
        url_file: Path | None,
        video: Path | None,
        adjustments: Adjustments,
        **kwargs: Any,
    ) -> Any:
        def choose(environment: bool) -> Source | None:
            source = _named(device, url, url_file, video)
            if source is None and environment:
                source = from_environment()
            if source is None:
                adjustments.refuse_without_source()
                return None
            return adjustments.applied_to(source)

        return command(*args, choose_source=choose, **kwargs)

    update_wrapper(wrapped, command)
    options = (
        click.option("--device", metavar="N",
                     help="Number or path of a camera of this machine."),
        click.option("--url-file", type=FILE, metavar="FILE",
                     help="File whose first line is the URL, for a URL with a password."),
        click.option("--url", metavar="URL",
                     help="URL of a network camera: rtsp, rtsps, http or https."),
        click.option("--video", type=FILE, metavar="FILE", help="Video file."),
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
    """Return the camera that the environment names, for a command without a source option."""
    return sources.url_from(None, None, os.environ)
