"""Errors of engines, enrolment and comparison."""

from __future__ import annotations

from typing import ClassVar

from facecli.errors.base import Exit, FacecliError
from facecli.extras import install_command


class EnrolmentRefused(FacecliError):
    """{path} was not enrolled: {words}."""

    code = "refused"
    WORDS: ClassVar[dict[str, str]] = {
        "no-face": "no face was found",
        "several-faces": "it shows several faces; one photo is for one face",
        "face-too-small": "the face is too small; move closer or use a larger picture",
        "blurred": "the face is blurred",
        "too-dark": "the face is too dark",
        "too-bright": "the face is too bright",
        "turned-away": "the face is turned away",
        "duplicate-identity": (
            "this face is enrolled under another REF; if they are two people, use --allow-duplicate"
        ),
        "already-enrolled": "this capture is enrolled already",
        "identity-changed": (
            "another person came before the camera; one capture is for one person, so begin again"
        ),
    }

    def __init__(self, **details: object) -> None:
        reason = str(details.get("reason"))
        super().__init__(**{"words": self.WORDS.get(reason, reason), **details})

    @property
    def why(self) -> str:
        """What stands against this capture, in words."""
        return str(self.details["words"])


class NoGoodFrame(EnrolmentRefused):
    """{path} showed no face good enough to enrol in {frames} frames: {counts}."""

    remedy = "Follow what is asked before the camera, or allow more time with --max-seconds."

    @property
    def why(self) -> str:
        """What stands against this capture, in words."""
        return (
            f"no face was good enough in {self.details['frames']} frames: {self.details['counts']}"
        )


class PresentationRefused(EnrolmentRefused):
    """{path} was not enrolled: {words}."""

    remedy = "Begin again, with the person themself before a camera."
    WORDS: ClassVar[dict[str, str]] = {
        "recording": "--liveness asks a person to react, and a recording cannot",
        "wrong-turn": "the head turned to another side than was asked, or without being asked",
        "turn-too-late": "the head did not turn within the time for it",
        "turn-jumped": (
            "the head had turned from one frame to the next, as swapped pictures do; it is to be "
            "turned slowly"
        ),
        "flat-face": "the face turned as a flat picture does",
        "face-lost": "the face was lost, or not alone, while the head was to be turned",
        "challenge-unfinished": "the time of --max-seconds was over before every turn was seen",
        "screen-seen": "the pattern of a screen was seen in the face",
        "frozen-frames": "the camera gave the same frame for seconds",
        "looped-frames": "the camera gave the same frames again",
        "too-few-frames": "too few frames were good enough for the network of --pad-model",
        "presentation-attack": "the network of --pad-model took it for a picture of a face",
    }


class NotCompared(FacecliError):
    """{path} was not compared: {why}."""

    code = "refused"
    remedy = "Begin again, with the person themself before a camera, doing what is asked."


class PadModelFailed(FacecliError):
    """{path} cannot be used as --pad-model: {why}."""

    code = "no-pad-model"
    remedy = "It is to be an ONNX file with MiniFASNet's interface; the README describes it."


class ModelFailed(FacecliError):
    """The engine {engine} cannot be loaded: {why}."""

    code = "no-engine"
    remedy = "Reinstall facecli with what that engine needs; the README names it."


class UnknownEngine(FacecliError):
    """There is no engine {name}."""

    exit_code = Exit.UNKNOWN
    code = "unknown-engine"
    remedy = "The engines are: {known}."


class EngineChanged(FacecliError):
    """The templates were made by {stored}, and this facecli has {present}."""

    code = "engine-changed"
    remedy = "They cannot be compared: use the facecli that made them, or run `facecli reenroll`."


class OutsideCalibration(FacecliError):
    """A false-match rate of {fmr:g} was not measured for the engine {engine}."""

    exit_code = Exit.USAGE
    code = "outside-calibration"
    remedy = (
        "Its calibration supports {smallest:g} to {largest:g} ({comparisons:,} impostor "
        "comparisons, rule of 30); choose a rate in that range or give a threshold."
    )


class FpirNotSupported(FacecliError):
    """An FPIR of {fpir:g} at {references:,} references needs a false-match rate of {fmr:.2g}, \
which was not measured for the engine {engine}."""

    exit_code = Exit.USAGE
    code = "fpir-not-supported"
    remedy = (
        "Its calibration supports {smallest:g} and more: ask for --fpir {least:.2g} or more, give "
        "--threshold, or measure more images with `facecli evaluate --save-calibration`."
    )


class NoNormalisation(FacecliError):
    """The calibration of the engine {engine} has no thresholds for normalised distances."""

    exit_code = Exit.USAGE
    code = "no-normalisation"
    remedy = (
        "Leave out --normalise, or measure them with `facecli evaluate --save-calibration` on the "
        "images of {people:,} people or more."
    )


class NoCalibration(FacecliError):
    """The engine {engine} has no calibration: no threshold is known for any false-match rate."""

    exit_code = Exit.USAGE
    code = "no-calibration"
    remedy = (
        "Give --threshold (`enroll`: --allow-duplicate), or measure it with `facecli evaluate "
        "--save-calibration` and name that file in the model card, before `init`."
    )


class MissingExtra(FacecliError):
    """{what} needs the package {package}, which is not installed."""

    code = "missing-extra"
    remedy = "Run `{command}`."

    def __init__(self, **details: object) -> None:
        super().__init__(**{"command": install_command(str(details.get("extra"))), **details})
