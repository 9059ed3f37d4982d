from __future__ import annotations

from dataclasses import replace

from facecli.consent import purposes
from facecli.recognition.engines import engine
from facecli.recognition.matching.threshold_costs import costs_of, rate_words
from tests.conftest import Facecli
from tests.prepared import opened
from tests.recognition.matching.test_rate_scale import WITHOUT, site

SPEC = engine.spec("sface")


def test_holding_a_rate_in_the_worst_group_costs_more_and_a_site_less(ready: Facecli) -> None:
    with opened(ready) as session:
        terms = purposes.find(session.db, "gate").terms
        usual = costs_of(SPEC, terms, None)
        assert usual is not None
        assert rate_words(session.db, "gate", terms) == f"{usual.words}."
        assert rate_words(session.db, "new", replace(terms, method="card")) is None
    (overall, at_most), (worst, more) = usual.options
    assert (overall.by, worst.by) == ("shipped overall", "shipped worst group")
    assert usual.in_use == worst
    assert at_most < 0.01 < more < 0.05
    measured = costs_of(SPEC, terms, site([1e-3, 1e-2], 0.01))
    assert measured is not None
    assert len(measured.options) == 3
    assert measured.in_use.by.startswith("site (")
    assert at_most < measured.options[2][1] < more
    assert "site (44850 pairs, 2026-11-29) 0.9% (in use)" in measured.words


def test_where_nothing_was_measured_there_are_no_costs(ready: Facecli) -> None:
    with opened(ready) as session:
        terms = purposes.find(session.db, "gate").terms
    assert costs_of(WITHOUT, terms, None) is None
    assert costs_of(SPEC, replace(terms, threshold_fmr=1e-9), None) is None


def test_a_rate_that_nothing_holds_is_named_when_it_is_stated(ready: Facecli) -> None:
    with opened(ready) as session:
        terms = replace(purposes.find(session.db, "gate").terms, threshold_fmr=1e-9)
        words = rate_words(session.db, "gate", terms)
    assert words is not None
    assert "A false-match rate of 1e-09 was not measured for the engine sface" in words
    assert "Choose a rate in that range" in words
