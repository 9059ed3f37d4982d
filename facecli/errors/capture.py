"""Errors of images, videos, cameras and windows."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError


class CaptureFailed(FacecliError):
    """{path}: {why}."""

    code = "unreadable-image"


class NotDecoded(CaptureFailed):
    """{path}: {why}."""

    decoded = False


class NotAVideo(CaptureFailed):
    """{path} cannot be read as a video: {why}."""

    code = "unreadable-video"
    remedy = "Videos are MP4, Matroska, WebM, AVI, MOV, MPEG or Ogg files."


class BrokenOff(NotAVideo):
    """{path} ends after {frames:n frame}: the file is shorter than it states."""

    code = "video-cut-off"
    remedy = "Copy the file again, completely."


class FilmDamaged(NotAVideo):
    """{path} is damaged: {frames:n frame} could be read, and others could not."""

    code = "video-damaged"
    remedy = "Copy the file again, or use another copy of it."


class VideoChanged(FacecliError):
    """{path} changed after it was searched, so no annotated video was written."""

    exit_code = Exit.OUTPUT
    code = "video-changed"
    remedy = (
        "The results are those of the earlier file; run the command again for an annotated video."
    )


class NoCamera(FacecliError):
    """The camera {path} delivers no pictures: {why}."""

    code = "no-camera"
    remedy = (
        "Check that it is a camera, that it is on and that no other program uses it, then run the "
        "command again; `facecli camera list` prints the cameras."
    )


class StreamLost(NoCamera):
    """The camera {path} was lost and did not come back within {seconds} s: {why}."""

    code = "stream-lost"
    remedy = "What was reported as done is done; check the camera with `facecli camera test`."


class NoDisplay(FacecliError):
    """No window can be shown: {why}."""

    code = "no-display"
    remedy = "Run it on a desktop or over `ssh -X`; without --preview it needs no display."
