"""From labelled images to templates. What gives none is a counted outcome: failure to acquire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from facecli.recognition.analysis.image import AnalysisRequest, FaceAnalysis, ImageAnalysis
from facecli.recognition.evaluation.intervals import wilson
from facecli.recognition.evaluation.results import Result, measured
from facecli.recognition.evaluation.sets import LabelledImage
from facecli.workers.local import Failure

if TYPE_CHECKING:
    import numpy.typing as npt

WhichFace = Literal["centre", "largest"]


@dataclass(frozen=True, eq=False)
class Acquired:
    """What came of a set of images, one template an image.

    templates: (n, dimension) float32, of `images` in their order; qualities: the unified quality
    of each, 0..100, or None. failures: the images that gave none, with a reason code. digests:
    the SHA-256 of each file in `images`.
    """

    images: tuple[LabelledImage, ...]
    templates: npt.NDArray[np.float32]
    qualities: tuple[int | None, ...]
    digests: tuple[str, ...]
    failures: tuple[tuple[LabelledImage, str], ...]

    @property
    def people(self) -> list[str]:
        """Whom each template is of."""
        return [image.person for image in self.images]

    def everybody(self) -> list[str]:
        """Whom the images show, those that failed at the end."""
        return self.people + [image.person for image, _ in self.failures]


def requests(images: Sequence[LabelledImage]) -> list[AnalysisRequest]:
    """What workers are asked for, in the images' order."""
    return [AnalysisRequest(str(image.path), "probe") for image in images]


def acquire(
    images: Sequence[LabelledImage],
    answers: Iterable[tuple[AnalysisRequest, ImageAnalysis | Failure]],
    dimension: int,
    which: WhichFace = "centre",
) -> Acquired:
    """A template of the person in each image.

    answers: to the `requests`, in their order. which: of several faces the one nearest the
    image's centre, as in data sets of one person an image (LFW's are centred on them), or the
    largest, as `verify` takes it.
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
        np.frombuffer(packed, "<f4").reshape(len(taken), dimension),
        tuple(face.quality.unified for _, face, _ in taken),
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
    """The failure-to-acquire rate (ISO/IEC 19795-1): images that gave no template, of all."""
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
