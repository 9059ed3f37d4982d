"""Which calibration holds a rate: shipped for everybody, for the worst group, or the site's own."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.errors.recognition import NoCalibration, OutsideCalibration
from facecli.recognition.engines import calibration, engine
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching.rate_scale import RateScale, calibration_of
from facecli.recognition.matching.site_calibration import SiteCalibration, SitePoint

SPEC = engine.spec("sface")
SHIPPED = calibration_of(SPEC)
WITHOUT = replace(SPEC, card=object(), calibration_text=None)  # type: ignore[arg-type]
RATES = [10.0**-step for step in (5.5, 5, 4.5, 4, 3.5, 3, 2.5, 2, 1.5, 1)]


def site(
    rates: list[float], shift: float, *, tail_below: float = 0.0, middle: float = 0.0
) -> SiteCalibration:
    """A site whose thresholds are those for everybody, less `shift`."""
    points = []
    for rate in rates:
        everybody = SHIPPED.threshold(min(max(rate, SHIPPED.smallest), SHIPPED.largest))
        looser = everybody - shift + (middle if rate < tail_below else 0.0)
        points.append(
            SitePoint(rate, everybody - shift, 0.0, 1.0, rate < tail_below, middle=looser)
        )
    return SiteCalibration("2026-11-29T00:00:00Z", 300, 300, 300, 44850, 0, tuple(points))


def scale(
    found: SiteCalibration | None = None, *, worst_group: bool = True, spec: EngineSpec = SPEC
) -> RateScale:
    return RateScale(spec, worst_group=worst_group, site=found)


def test_without_a_site_the_purpose_chooses_for_whom_a_rate_holds() -> None:
    for rate in (1e-4, 1e-3, 1e-2):
        overall, worst = scale(worst_group=False).held(rate), scale().held(rate)
        assert (overall.distance, overall.by) == (SHIPPED.threshold(rate), "shipped overall")
        assert worst.by == "shipped worst group"
        assert worst.distance == SHIPPED.in_worst_group(rate).distance < overall.distance


@pytest.mark.parametrize("worst_group", [True, False])
@pytest.mark.parametrize("shift", [0.005, 0.03, 0.2])
def test_what_a_site_measured_decides_looser_or_stricter(worst_group: bool, shift: float) -> None:
    found = scale(site([1e-3, 1e-2, 5e-2], shift), worst_group=worst_group).held(1e-3)
    assert found.distance == pytest.approx(SHIPPED.threshold(1e-3) - shift)
    assert found.by == "site (44850 pairs, 2026-11-29)"


@pytest.mark.parametrize("shift", [0.005, 0.03, 0.2])
def test_a_doubtful_site_decides_only_where_it_is_stricter(shift: float) -> None:
    own = site([1e-3, 1e-2, 5e-2], shift)
    for rate in RATES[:-1]:
        distances = [scale(one).held(rate).distance for one in (None, own)]
        assert scale(replace(own, doubtful=True)).held(rate).distance == min(distances)


def test_a_site_is_never_looser_than_for_everybody() -> None:
    found = scale(site([1e-5, 1e-3, 1e-2, 5e-2], -0.1))
    for rate in (1e-5, 1e-3, 1e-2):
        assert found.held(rate).distance == SHIPPED.threshold(rate)


def test_a_shipped_threshold_stays_within_what_a_site_s_tail_leaves_open() -> None:
    rate = 1e-4
    worst = SHIPPED.threshold(rate) - SHIPPED.in_worst_group(rate).distance  # how much stricter
    tail = {"tail_below": 1e-3}
    within = scale(site([1e-5, 1e-4, 1e-3], worst + 0.02, middle=0.04, **tail)).held(rate)
    assert (within.by, within.distance) == ("shipped worst group", scale().held(rate).distance)
    looser = scale(site([1e-5, 1e-4, 1e-3], worst - 0.02, middle=0.01, **tail)).held(rate)
    assert looser.distance == pytest.approx(scale().held(rate).distance + 0.02)
    stricter = scale(site([1e-5, 1e-4, 1e-3], worst + 0.06, middle=0.04, **tail)).held(rate)
    assert stricter.distance == pytest.approx(scale().held(rate).distance - 0.02)
    assert looser.by == stricter.by == "site (44850 pairs, 2026-11-29)"


def test_below_a_stricter_site_its_shift_is_kept_and_above_it_stays() -> None:
    found = scale(site([1e-3, 1e-2], 0.2), worst_group=False)
    assert found.held(1e-4).distance == pytest.approx(SHIPPED.threshold(1e-4) - 0.2)
    looser = scale(site([1e-3, 1e-2], 0.001))
    assert looser.held(1e-4) == scale().held(1e-4)
    assert looser.held(0.0101).distance >= looser.held(1e-2).distance


@settings(max_examples=150, deadline=None)
@given(
    ends=st.tuples(st.integers(0, 9), st.integers(1, 9)), shift=st.floats(-0.1, 0.3),
    tail=st.sampled_from([0.0, 1e-4, 1e-2]), middle=st.floats(0, 0.1), worst=st.booleans(),
    one=st.floats(-5.5, -1), other=st.floats(-5.5, -1),
)  # fmt: skip
def test_a_lower_rate_never_has_a_longer_distance(
    ends: tuple[int, int], shift: float, tail: float, middle: float, worst: bool, one: float,
    other: float,
) -> None:  # fmt: skip
    rates = RATES[ends[0] : ends[0] + ends[1] + 1]
    found = scale(site(rates, shift, tail_below=tail, middle=middle), worst_group=worst)
    low, high = sorted((10**one, 10**other))
    if tail and middle and rates[0] < tail < rates[-1]:
        return  # such a table is not measured: its middle would fall at the end of the tail
    assert found.held(low).distance <= found.held(high).distance + 1e-12
    assert found.held(high).distance <= SHIPPED.threshold(high) + 1e-12


def test_the_rate_of_a_distance_is_the_one_that_has_it() -> None:
    for found in (scale(), scale(site([1e-4, 1e-3, 1e-2], 0.04)), scale(worst_group=False)):
        for rate in (5e-5, 1e-3, 8e-3):
            assert found.rate_of(found.held(rate).distance) == pytest.approx(rate, rel=0.02)
        assert found.rate_of(0.1) == found.smallest
        assert found.rate_of(2.0) == found.largest
    above = scale(site([1e-3, 1e-2], 0.01))  # the site's threshold stays, and so its rate
    assert above.rate_of(above.held(0.02).distance) == pytest.approx(0.01)


def test_a_rate_that_no_calibration_supports_is_refused() -> None:
    with pytest.raises(OutsideCalibration) as caught:
        scale().held(1e-9)
    assert "18,810,981 impostor comparisons" in caught.value.hint
    wider = scale(site([1e-7, 1e-6, 1e-5], 0.01))
    assert wider.smallest == 1e-7
    assert wider.held(1e-7).distance <= SHIPPED.points[0].distance


def test_an_engine_without_a_calibration_has_what_its_site_measured() -> None:
    with pytest.raises(NoCalibration):
        scale(spec=WITHOUT)
    own = scale(site([1e-3, 1e-2], 0.0), spec=WITHOUT)
    assert own.held(1e-3).distance == SHIPPED.threshold(1e-3)
    assert own.shipped_distance(1e-3) is None
    with pytest.raises(OutsideCalibration):
        own.held(1e-4)


def test_a_calibration_of_one_s_own_is_named_so(tmp_path: Path) -> None:
    own = SPEC.calibrated(calibration.dump(replace(SHIPPED, groups=())))
    assert scale(spec=own).held(1e-3).by == "own overall"
    assert math.isclose(scale(spec=own).held(1e-3).distance, SHIPPED.threshold(1e-3))
