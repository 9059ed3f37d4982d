"""The options of every search, and the lines printed before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facecli.cli.match.matcher import MatchOptions, open_matcher
from facecli.cli.session import Session, Settings
from facecli.errors.base import Unknown
from facecli.errors.consent import NoConsent
from facecli.recognition.matching.gallery import Gallery
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.matching.thresholds import Asked
from tests.conftest import Facecli
from tests.prepared import opened


def _matcher(found: Session, asked: Asked, *, verbose: bool = False) -> Matcher:
    loud = replace(found, settings=Settings(found.settings.db, verbose=verbose))
    return open_matcher(loud, *MatchOptions("gate", asked, 3).permitted(loud))


def test_the_query_is_what_was_asked_for(enrolled: Facecli) -> None:
    asked = Asked(threshold=0.4)
    with opened(enrolled) as found:
        purpose, query = MatchOptions("gate", asked, 3).permitted(found)
        assert (purpose.code, query.asked, query.top_k) == ("gate", asked, 3)
        assert _matcher(found, asked).search.threshold == 0.4


def test_an_unknown_and_a_retired_purpose_are_refused(enrolled: Facecli) -> None:
    assert enrolled("purpose", "retire", "gate", "--yes").code == 0
    with opened(enrolled) as found:
        with pytest.raises(Unknown, match="spa"):
            MatchOptions("spa", Asked(), 1).permitted(found)
        with pytest.raises(NoConsent, match="was retired"):
            MatchOptions("gate", Asked(), 1).permitted(found)


def test_the_search_is_described_only_when_asked(
    enrolled: Facecli, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(enrolled) as found:
        capsys.readouterr()
        _matcher(found, Asked(threshold=0.4))
        assert capsys.readouterr().err == ""
        _matcher(found, Asked(threshold=0.4), verbose=True)
    printed = capsys.readouterr().err
    assert "3 references; a distance up to 0.4000 is a match." in printed


@pytest.mark.parametrize(
    ("asked", "warns"), [(Asked(), True), (Asked(threshold=0.3), False), (Asked(fmr=1e-3), False)]
)
def test_a_default_rate_that_cannot_be_held_is_noted(
    enrolled: Facecli,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    asked: Asked,
    warns: bool,
) -> None:
    monkeypatch.setattr(Gallery, "templates", 1_000_000)
    with opened(enrolled) as found:
        capsys.readouterr()
        _matcher(found, asked)
    printed = capsys.readouterr().err
    assert ("With 1,000,000 references, a search for a person who is not" in printed) is warns
