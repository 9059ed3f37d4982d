"""Errors of engines, enrolment and comparison."""

from __future__ import annotations

from typing import ClassVar

from facecli.errors.base import Exit, FacecliError
from facecli.errors.command_line import BadInput
from facecli.extras import install_command
from facecli.printable import counted


class CalibrationRefused(BadInput):
    """{what} is not usable: {why}."""

    code = "calibration-refused"
    remedy = (
        "Nothing was changed. Measure a new one with `facecli evaluate --images DIR "
        "--save-calibration FILE`."
    )


class EnrolmentRefused(FacecliError):
    """{path} was not enrolled: {words}."""

    code = "refused"
    WORDS: ClassVar[dict[str, str]] = {
        "no-face": "no face was found",
        "several-faces": "it shows several faces; use a photo of one face",
        "face-too-small": "the face is too small; move closer or use a larger picture",
        "blurred": "the face is blurred",
        "too-dark": "the face is too dark",
        "too-bright": "the face is too bright",
        "turned-away": "the face is turned away",
        "rotated": "the face is not upright",
        "not-a-face": "its face is covered, or no face; use a clear photo",
        "too-many-templates": (
            "the purpose allows no further template of this subject (`max_templates`); erase one "
            "first with `facecli faces remove`"
        ),
        "already-enrolled": "this capture is enrolled already",
        "web-collected": (
            "it comes from the web; enrol only a photo that the person gave or was asked for"
        ),
        "identity-changed": (
            "another person came in front of the camera; start again with one person"
        ),
    }

    def __init__(self, **details: object) -> None:
        reason = str(details.get("reason"))
        super().__init__(**{"words": self.WORDS.get(reason, reason), **details})

    @property
    def why(self) -> str:
        """The reason for the refusal, in words."""
        return str(self.details["words"])


class NotUpright(EnrolmentRefused):
    """{path} was not enrolled: {words}."""

    remedy = "Turn the picture clockwise until the face is upright, by about {rotation} degrees."

    def __init__(self, **details: object) -> None:
        super().__init__(**{"reason": "rotated", "words": self.WORDS["rotated"], **details})


class OtherFace(EnrolmentRefused):
    """{path} was not enrolled: it does not show the face that is enrolled as {ref}."""

    code = "other-face"
    remedy = (
        "Check whose picture it is. If an earlier one is wrong, see `facecli faces list {ref}`. If "
        "it does show {ref}, state why it looks different with --allow-other-face (in a manifest: "
        "the cell `allow_other_face`)."
    )

    def __init__(self, **details: object) -> None:
        super().__init__(**{"reason": self.code, "words": "it shows another face", **details})


class DuplicateIdentity(EnrolmentRefused):
    """{path} was not enrolled: `{search}` finds its face under {whose}."""

    code = "duplicate-identity"
    remedy = (
        "For the same person, enrol it under that REF, or revoke that one first. For two people, "
        "such as twins, give --allow-duplicate (in a manifest: the cell `allow_duplicate`)."
    )

    def __init__(self, **details: object) -> None:
        other = details.get("other")
        whose = "another REF" if other is None else f"the REF {other}"
        # Where the subject's own templates are nearer, `match` alone prints only them.
        search = "match" if details.get("rank", 1) == 1 else f"match --top-k {details['rank']}"
        words = "its face is enrolled under another REF"
        made_up = {"reason": self.code, "words": words, "whose": whose, "search": search}
        super().__init__(**{**made_up, **details})


class NoGoodFrame(EnrolmentRefused):
    """{path} showed no face good enough to enrol in {frames:n frame}: {counts}."""

    remedy = (
        "Follow the instructions in front of the camera, or allow more time with --max-seconds."
    )

    @property
    def why(self) -> str:
        """The reason for the refusal, in words."""
        return (
            f"no face was good enough in {counted(int(str(self.details['frames'])), 'frame')}: "
            f"{self.details['counts']}"
        )


class PresentationRefused(EnrolmentRefused):
    """{path} was not enrolled: {words}."""

    remedy = "Start again, with the person in front of the camera."
    WORDS: ClassVar[dict[str, str]] = {
        "recording": "--liveness needs a person who reacts; a recording cannot",
        "virtual-camera": (
            "--liveness needs a real camera; a program makes the pictures of this one"
        ),
        "wrong-turn": "the head turned to the wrong side, or at the wrong time",
        "turn-too-late": "the head did not turn in time",
        "turn-jumped": (
            "the head turned from one frame to the next, as swapped pictures do; turn it slowly"
        ),
        "flat-face": "the face turned as a flat picture does",
        "face-lost": "the face was lost, or another face appeared, during the turn",
        "challenge-unfinished": "the time of --max-seconds ended before all turns were seen",
        "screen-seen": "the pattern of a screen was seen in the face",
        "frozen-frames": "the camera repeated one frame for seconds",
        "looped-frames": "the camera repeated earlier frames",
        "too-few-frames": "too few frames were good enough for the network of --pad-model",
        "presentation-attack": "the network of --pad-model classified it as a picture of a face",
    }


class NotCompared(FacecliError):
    """{path} was not compared: {why}."""

    code = "refused"
    remedy = "Start again, with the person in front of the camera, following the instructions."


class PadModelFailed(FacecliError):
    """{path} cannot be used as --pad-model: {why}."""

    code = "no-pad-model"
    remedy = "Use an ONNX file with MiniFASNet's interface; see the README."


class ModelFailed(FacecliError):
    """The engine {engine} cannot be loaded: {why}."""

    code = "no-engine"
    remedy = "Install or correct what that engine needs; see facecli-engines(5)."


class UnknownEngine(FacecliError):
    """There is no engine {name}."""

    exit_code = Exit.UNKNOWN
    code = "unknown-engine"
    remedy = "The engines are: {known}."


class EngineChanged(FacecliError):
    """The templates were made by the engine {stored}, and this facecli has {present}."""

    code = "engine-changed"
    remedy = "Use the facecli that made them, or run `facecli reenroll`."


class OutsideCalibration(FacecliError):
    """A false-match rate of {fmr:g} was not measured for the engine {engine}."""

    exit_code = Exit.USAGE
    code = "outside-calibration"
    remedy = (
        "Its calibration supports {smallest:g} to {largest:g} ({comparisons:,} impostor "
        "comparisons, rule of 30). Choose a rate in that range, in the purpose file too, or "
        "measure more images with `facecli evaluate --save-calibration`."
    )


class FpirNotSupported(FacecliError):
    """An FPIR of {fpir:g} at {references:n reference} needs a false-match rate of {fmr:.2g}, \
which was not measured for the engine {engine}."""

    exit_code = Exit.USAGE
    code = "fpir-not-supported"
    remedy = (
        "Its calibration supports {smallest:g} and more. Use --fpir {least:.2g} or more, give "
        "--threshold, or measure more images with `facecli evaluate --save-calibration`."
    )


class NoCalibration(FacecliError):
    """The engine {engine} has no calibration, and so no threshold for a false-match rate."""

    exit_code = Exit.USAGE
    code = "no-calibration"
    remedy = (
        "Give --threshold (`enroll`: --allow-duplicate and --allow-other-face). Or enrol 50 "
        "subjects or more and run `facecli calibrate`. Or, before `init`, measure a calibration "
        "with `facecli evaluate --save-calibration` and name its file in the model card."
    )


class TooFewSubjects(FacecliError):
    """The gallery of {purpose} has {subjects:n subject} to compare, too few to measure a rate."""

    exit_code = Exit.SAFETY
    code = "too-few-subjects"
    remedy = (
        "Calibrate again with {least:n subject} or more. Until then the engine's calibration "
        "decides, if it has one: see `calibration` in facecli-purposes(5)."
    )


class GalleryOfCopies(FacecliError):
    """The gallery of {purpose} has {pairs:n pair} closer than different people are."""

    exit_code = Exit.SAFETY
    code = "gallery-of-copies"
    remedy = (
        "Nothing was changed. Look at these REFs: {refs}. Where two are one person, `revoke` one "
        "of them, or give both the same name with `subject correct`. Then calibrate again."
    )


class MissingExtra(FacecliError):
    """{what} needs the package {package}, which is not installed."""

    code = "missing-extra"
    remedy = "Run `{command}`."

    def __init__(self, **details: object) -> None:
        super().__init__(**{"command": install_command(str(details.get("extra"))), **details})


class TooLittleMemory(FacecliError):
    """A gallery of {templates:n template} needs {needed} MB of memory, and {free} MB are free."""

    code = "too-little-memory"
    remedy = "Nobody was compared; end other programs, or use a machine with more memory."
