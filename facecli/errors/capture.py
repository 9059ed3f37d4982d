"""Errors of images, videos, cameras and windows."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError


class CaptureFailed(FacecliError):
    """{path}: {why}."""

    code = "unreadable-image"


class NotAVideo(CaptureFailed):
    """{path} cannot be read as a video: {why}."""

    code = "unreadable-video"
    remedy = "Videos are MP4, Matroska, WebM, AVI, MOV, MPEG or Ogg files."


class BrokenOff(NotAVideo):
    """{path} breaks off after {frames} frames: the file is shorter than it says itself."""

    code = "video-cut-off"
    remedy = "Copy the file again, and see that it is whole."


class VideoChanged(FacecliError):
    """{path} has changed since it was searched: it is not what it was, and is not shown."""

    exit_code = Exit.OUTPUT
    code = "video-changed"
    remedy = "What was reported is true of what it was; run the command again for a new film."


class NoCamera(FacecliError):
    """The camera {path} gives no pictures: {why}."""

    code = "no-camera"
    remedy = "See that it is on and free, and try it with `facecli camera test`."


class StreamLost(NoCamera):
    """The camera {path} was lost and did not come back within {seconds} seconds: {why}."""

    code = "stream-lost"
    remedy = "What was reported as done is done; try it with `facecli camera test`."


class NoDisplay(FacecliError):
    """No window can be shown: {why}."""

    code = "no-display"
    remedy = "Run it on a desktop, or over `ssh -X`; without --preview no display is needed."
