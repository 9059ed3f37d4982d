"""From labelled images to templates. An image without a template counts as failure to acquire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from facecli.recognition.analysis.image import AnalysisRequest, FaceAnalysis, ImageAnalysis
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.scoring import unpacked
from facecli.recognition.evaluation.distances import Templates
from facecli.recognition.evaluation.intervals import wilson
from facecli.recognition.evaluation.results import Result, measured
from facecli.recognition.evaluation.sets import LabelledImage
from facecli.workers.answers import Failure

WhichFace = Literal["centre", "largest"]
"""The face of an image that is the person's."""


@dataclass(frozen=True, eq=False)
class Acquired:
    """The templates of a set of images, one an image.

    templates: n of them, in the order of `images`. qualities: unified, 0..100, higher
    is better, or None. digests: SHA-256 of each file in `images`, hexadecimal. failures: the images
    without a template, with a reason code.
    """

    images: tuple[LabelledImage, ...]
    templates: Templates
    qualities: tuple[int | None, ...]
    digests: tuple[str, ...]
    failures: tuple[tuple[LabelledImage, str], ...]

    @property
    def people(self) -> list[str]:
        """The person of each template."""
        return [image.person for image in self.images]

    def everybody(self) -> list[str]:
        """Return the person of each image; those of failures come last."""
        return self.people + [image.person for image, _ in self.failures]


def requests(images: Sequence[LabelledImage]) -> list[AnalysisRequest]:
    """Return the analysis requests for the images, in their order."""
    return [AnalysisRequest(str(image.path), "probe") for image in images]


def acquire(
    images: Sequence[LabelledImage],
    answers: Iterable[tuple[AnalysisRequest, ImageAnalysis | Failure]],
    spec: EngineSpec,
    which: WhichFace = "centre",
) -> Acquired:
    """Return a template of the person in each image.

    Args:
        answers: to the `requests`, in their order.
        spec: the engine that made the templates.
        which: the face nearest the image's centre, for data sets with one person an image (LFW
            centres its images on them), or the largest face, which `verify` uses.
    """
    taken, failures = [], []
    for image, (_, seen) in zip(images, answers, strict=True):
        if not isinstance(seen, ImageAnalysis):
            failures.append((image, seen.code))
        elif not seen.faces:
            failures.append((image, "no-face"))
        else:
            taken.append((image, _face(seen, which), seen.sha256))
    packed = b"".join(face.template or b"" for _, face, _ in taken)
    return Acquired(
        tuple(image for image, _, _ in taken),
        Templates(spec.scoring, unpacked(spec.scoring, spec.dimension, packed)),
        tuple(face.quality for _, face, _ in taken),
        tuple(digest for _, _, digest in taken),
        tuple(failures),
    )


def _face(seen: ImageAnalysis, which: WhichFace) -> FaceAnalysis:
    def from_centre(face: FaceAnalysis) -> float:
        left, top, right, bottom = face.box
        across, down = (left + right - seen.width) / 2, (top + bottom - seen.height) / 2
        return across * across + down * down

    return seen.faces[0] if which == "largest" else min(seen.faces, key=from_centre)


def failure_rate(acquired: Acquired, part: str) -> Result:
    """Return the failure-to-acquire rate (ISO/IEC 19795-1): the share without a template."""
    failed = len(acquired.failures)
    count = failed + len(acquired.images)
    reasons = Counter(reason for _, reason in acquired.failures)
    note = ", ".join(f"{reason} {times}" for reason, times in sorted(reasons.items()))
    return measured(
        part,
        "FTA",
        failed / count,
        wilson(failed, count, "Wilson over images"),
        errors=failed,
        of=count,
        note=note or None,
    )
