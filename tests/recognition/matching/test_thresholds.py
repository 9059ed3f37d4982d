"""Thresholds: from a stated rate, never looser than the purpose, within the calibration."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from facecli.cli.session import Session
from facecli.consent import purpose_terms, purposes
from facecli.errors.consent import RateLooser
from facecli.errors.recognition import FpirNotSupported, OutsideCalibration
from facecli.printable import in_figures
from facecli.recognition.engines.calibration import fmr_for_search
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.rate_scale import RateScale, calibration_of
from facecli.recognition.matching.site_calibration import SiteCalibration, SitePoint
from facecli.recognition.matching.thresholds import (
    SEARCH_FPIR,
    Asked,
    Limit,
    for_search,
    for_verification,
    refuse_looser_fpir,
)


def plain(spec: EngineSpec, purpose: purpose_terms.Purpose, **asked: float) -> float:
    """The largest distance that verifies."""
    return for_verification(spec, purpose, Asked(**asked)).distance


def test_a_threshold_comes_from_the_purpose_s_rate_unless_stated(session: Session) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    usual = plain(spec, purpose)
    assert plain(spec, purpose, fmr=purpose.terms.threshold_fmr) == usual
    assert plain(spec, purpose, fmr=purpose.terms.threshold_fmr / 10) < usual
    assert plain(spec, purpose, threshold=0.25) == 0.25


def test_a_search_holds_a_stated_fpir_at_the_gallery_s_size(session: Session) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    scale = RateScale.of(spec, purpose, None)
    for references in (200, 1000, 1500):
        limit = for_search(spec, purpose, Asked(), references)
        assert limit.distance == scale.held(fmr_for_search(SEARCH_FPIR, references)).distance
        assert limit.by == "shipped worst group"
        assert limit.fpir == pytest.approx(SEARCH_FPIR, rel=1e-6)
    wider = for_search(spec, purpose, Asked(fpir=0.05), 1000)
    assert wider.distance == scale.held(fmr_for_search(0.05, 1000)).distance


@pytest.mark.rule("rate-is-a-ceiling")
def test_a_search_is_never_looser_than_the_purpose(session: Session) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    own = plain(spec, purpose)
    assert for_search(spec, purpose, Asked(), 3).distance == own
    assert for_search(spec, purpose, Asked(fpir=0.9), 3).distance == own
    assert for_search(spec, purpose, Asked(threshold=own), 1000).fmr == pytest.approx(1e-3)


@pytest.mark.rule("rate-is-a-ceiling")
@pytest.mark.parametrize(
    ("fpir", "references", "refused"),
    [
        (None, 1, False),
        (0.001, 0, False),
        (0.001, 1, False),  # the purpose's own rate
        (0.00101, 1, True),
        (0.01, 9, True),
        (0.01, 11, False),
        (0.5, 600, True),
        (0.5, 700, False),
    ],
)
def test_a_stated_fpir_allows_no_looser_rate_at_the_gallery_s_size(
    session: Session, fpir: float | None, references: int, refused: bool
) -> None:
    purpose = purposes.find(session.db, "gate")
    looser = pytest.raises(RateLooser, match=f"An FPIR of {fpir} among {references} reference")
    with looser if refused else nullcontext():
        refuse_looser_fpir(purpose, Asked(fpir=fpir), references)


@pytest.mark.rule("rate-is-a-ceiling")
@pytest.mark.parametrize("fpir", [None, 0.01, 0.9])
@pytest.mark.parametrize("agreed", [1e-5, 1e-3])
def test_no_request_is_looser_than_the_rate_that_was_agreed_to(
    session: Session, agreed: float, fpir: float | None
) -> None:
    """Whatever is asked for: it is refused, or no looser than the purpose's own distance."""
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    purpose = replace(purpose, terms=replace(purpose.terms, threshold_fmr=agreed))
    ceiling = plain(spec, purpose)
    assert ceiling < calibration_of(spec).threshold(agreed)
    for asked, allowed in (
        (Asked(fmr=agreed), True),
        (Asked(fmr=agreed * 1.01), False),
        (Asked(fmr=0.9), False),
        (Asked(threshold=ceiling), True),
        (Asked(threshold=ceiling + 1e-9), True),  # which is rounded, and counts as the ceiling
        (Asked(threshold=ceiling + 1e-6), False),
        (Asked(threshold=1000), False),
        (Asked(fpir=fpir), True),
    ):
        for limit in (for_search, lambda a, b, c, _: for_verification(a, b, c)):
            if not allowed:
                with pytest.raises(RateLooser):
                    limit(spec, purpose, asked, 100)
            elif asked.fpir is None or limit is for_search:
                found = limit(spec, purpose, asked, 100)
                assert found.distance <= ceiling
                assert found.fmr is not None
                assert found.fmr <= agreed * (1 + 1e-9)


@pytest.mark.parametrize("agreed", [1e-3, 7e-4, 3e-4, 1.9e-4, 1.1e-4])
def test_the_ceiling_as_it_is_reported_is_the_ceiling(session: Session, agreed: float) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    purpose = replace(purpose, terms=replace(purpose.terms, threshold_fmr=agreed))
    ceiling = for_verification(spec, purpose, Asked())
    found = for_verification(spec, purpose, Asked(threshold=in_figures(ceiling.distance)))
    assert (found.distance, found.by) == (ceiling.distance, ceiling.by)
    assert found.fmr == pytest.approx(agreed, rel=1e-6)


@pytest.mark.rule("rate-is-a-ceiling")
def test_a_purpose_below_what_was_measured_is_not_searched(session: Session) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    purpose = replace(purpose, terms=replace(purpose.terms, threshold_fmr=1e-12))
    for asked in (Asked(), Asked(threshold=0.1)):  # whose rate nobody knows
        with pytest.raises(OutsideCalibration):
            for_search(spec, purpose, asked, 3)
        with pytest.raises(OutsideCalibration):
            for_verification(spec, purpose, asked)


def test_where_the_calibration_ends_its_floor_is_used_and_said(session: Session) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    floor = calibration_of(spec).smallest
    limit = for_search(spec, purpose, Asked(), 10**6)
    assert limit.distance == RateScale.of(spec, purpose, None).held(floor).distance
    assert limit.fpir == pytest.approx(1 - (1 - floor) ** 10**6)
    with pytest.raises(FpirNotSupported) as caught:
        for_search(spec, purpose, Asked(fpir=0.01), 10**4)
    least = float(caught.value.hint.split("--fpir ")[1].split(" ")[0])
    assert for_search(spec, purpose, Asked(fpir=least), 10**4).fpir == pytest.approx(least)
    assert for_search(spec, purpose, Asked(threshold=0.7), 10**6) == Limit(
        0.7, fmr=floor, by="shipped worst group"
    )


def searched(rates: dict[float, float]) -> SiteCalibration:
    """A site whose own subjects were searched among 1,000 references."""
    points = tuple(SitePoint(rate, distance, 0.0, 1.0, middle=distance) for rate, distance in
                   rates.items())  # fmt: skip
    low = tuple(SitePoint(rate, 1.0, 0.0, 1.0, middle=1.0) for rate in (1e-5, 1e-4))
    return SiteCalibration(
        "2026-11-29T00:00:00Z", 1001, 1001, 1000, 500_500, 0,
        (low[0], replace(low[1], distance=1.05, middle=1.05)), points,
    )  # fmt: skip


def test_a_search_holds_an_fpir_as_the_gallery_s_own_subjects_were_searched(
    session: Session,
) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    site = searched({0.005: 0.98, 0.01: 1.0, 0.05: 1.04})
    usual = for_search(spec, purpose, Asked(), 1000, site)
    assert usual.distance == pytest.approx(1.0)
    assert (usual.fpir, usual.by) == (SEARCH_FPIR, "site (500500 pairs, 2026-11-29)")
    more = for_search(spec, purpose, Asked(), 1500, site)
    assert more.distance < 1.0
    wider = for_search(spec, purpose, Asked(fpir=0.05), 1000, site)
    assert wider.distance == pytest.approx(1.04)


def test_where_too_few_were_found_a_search_holds_the_rate_of_one_comparison(
    session: Session,
) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    site = searched({0.02: 1.0, 0.05: 1.04})
    scale = RateScale.of(spec, purpose, site)
    found = for_search(spec, purpose, Asked(), 1000, site)
    assert found.distance == scale.held(fmr_for_search(SEARCH_FPIR, 1000)).distance


@pytest.mark.rule("rate-is-a-ceiling")
def test_no_search_is_looser_than_the_purpose_whatever_the_gallery_showed(
    session: Session,
) -> None:
    spec, purpose = engine_of(session.db), purposes.find(session.db, "gate")
    site = searched({0.005: 1.2, 0.01: 1.25, 0.05: 1.3})
    found = for_search(spec, purpose, Asked(), 1000, site)
    own = for_verification(spec, purpose, Asked(), site)
    assert (found.distance, found.fmr) == (own.distance, purpose.terms.threshold_fmr)
    assert found.fpir == SEARCH_FPIR
