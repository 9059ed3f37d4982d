"""Duplicates: a face that is enrolled under another REF for the same purpose.

A duplicate is what `match` would find: the same score, and the same threshold. The threshold stays
as it was when the command began. A batch is decided by the size that the gallery has when its last
row comes. So the result does not depend on the order of rows, and `match` finds afterwards the
subject for which a row was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from facecli.audit.entries import Act
from facecli.consent import authority, gate, purposes, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.errors.consent import CaseRequired, NoConsent, OtherOperator
from facecli.errors.recognition import OutsideCalibration
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.gallery import Gallery
from facecli.recognition.matching.rate_scale import RateScale
from facecli.recognition.matching.site_calibration import SiteCalibration
from facecli.recognition.matching.thresholds import Asked, for_search
from facecli.store.database import Database


class Other(NamedTuple):
    """Another subject within the distance. rank: the place that `match` gives them, from 1."""

    subject_id: int
    rank: int


def limit(
    spec: EngineSpec, purpose: Purpose, references: int, site: SiteCalibration | None = None
) -> float:
    """Return the largest distance at which two REFs are one person: as in `match`.

    Where the purpose asks for a rate so low that `match` needs --threshold, the lowest measured.

    Args:
        references: templates in the gallery.
        site: the calibration of the gallery itself, if there is one.

    Raises:
        NoCalibration
    """
    try:
        return for_search(spec, purpose, Asked(), references, site).distance
    except OutsideCalibration:
        scale = RateScale.of(spec, purpose, site)
        return scale.held(scale.smallest).distance


def other_subject(gallery: Gallery, template: bytes, distance: float, subject: int) -> Other | None:
    """Return the nearest subject within a distance who is not `subject`, or None."""
    found = enumerate(gallery.search(template, distance, top_k=2), 1)
    others = (Other(one.subject_id, rank) for rank, one in found if one.subject_id != subject)
    return next(others, None)


def name_of(act: Act, purpose: Purpose, subject_id: int) -> str | None:
    """Return the REF of a subject, or None for whoever may not search for the purpose.

    Enrolment must not tell them more than `match` would.
    """
    try:
        authority.require(purpose, act.actor, None)
    except (OtherOperator, CaseRequired):
        return None
    return subjects.find_by_id(act.db, subject_id).ref


def sizes(db: Database, spec: EngineSpec, now: str, coming: int = 1) -> Mapping[str, int]:
    """Return the templates of each purpose's gallery when the last of some captures comes.

    Args:
        coming: captures that will be enrolled.
    """
    found = {}
    for purpose in purposes.list_all(db):
        try:
            permitted = gate.permitted(db, purpose, spec.engine_id, now)
        except NoConsent:
            continue
        found[purpose.code] = len(permitted) + max(coming - 1, 0)
    return found
