"""Check what a worker answers about an image before the parent uses it.

A worker may have been taken over by the file that it decoded. Types and ranges of numbers are
checked by `workers.wire`; here are the checks of single values. The answers themselves compare
theirs with each other, with the request and with the engine. A false template of the right length
cannot be found out.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from facecli.recognition.engines import engine as engines
from facecli.recognition.engines import scoring

if TYPE_CHECKING:
    from facecli.recognition.engines.engine import EngineSpec, FaceBox

ROUNDING = 8
"""Pixels by which a box may exceed the image: a JPEG decoded at 1/8 rounds its sides up."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,40}")


def spec_of(engine: str | EngineSpec) -> EngineSpec:
    """Return the specification of an engine, given as a worker's setup has it."""
    return engines.spec(engine) if isinstance(engine, str) else engine


def is_template(template: bytes, spec: EngineSpec) -> bool:
    """Return True for the stored form of a template of this engine.

    Its components are finite float32, or whole numbers of 8 bits without the least one; not all
    of them are 0. It has the length that `scoring.fits` asks for: one that has not would make the
    whole gallery unreadable.
    """
    if len(template) != scoring.size(spec.scoring, spec.dimension) or not any(template):
        return False
    if spec.scoring.step is not None and b"\x80" in template:
        return False
    forms = scoring.unpacked(spec.scoring, spec.dimension, template)
    return scoring.fits(spec.scoring, forms)


def is_within(box: FaceBox, width: int, height: int) -> bool:
    """Return True if a box lies within an image of that size in pixels."""
    left, top, right, bottom = box
    return (
        -ROUNDING <= left <= right <= width + ROUNDING
        and -ROUNDING <= top <= bottom <= height + ROUNDING
    )


def is_sha256(text: str) -> bool:
    """Return True for a SHA-256 digest in hexadecimal."""
    return _SHA256.fullmatch(text) is not None


def is_digest_of(text: str, content: bytes) -> bool:
    """Return True for the SHA-256 digest of this content in hexadecimal."""
    return text == hashlib.sha256(content).hexdigest()


def is_code(text: str) -> bool:
    """Return True for a reason code, such as `no-face`."""
    return _CODE.fullmatch(text) is not None
