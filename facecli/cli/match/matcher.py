"""The search that `match` makes, over image files and over frames."""

from __future__ import annotations

from dataclasses import dataclass

from facecli.cli.session import Session, Settings
from facecli.consent import authority, gate
from facecli.consent.purpose_terms import Purpose
from facecli.printable import counted
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching.identification import Matcher
from facecli.recognition.matching.search import Query
from facecli.recognition.matching.thresholds import SEARCH_FPIR, Asked, refuse_looser_fpir


@dataclass(frozen=True)
class MatchOptions:
    """The options of every search. purpose: its code. top_k: candidates per face, at most."""

    purpose: str
    asked: Asked
    top_k: int
    case: str | None = None

    def permitted(self, opened: Session) -> tuple[Purpose, Query]:
        """Return the purpose and the query, before any image is opened.

        Raises:
            Unknown: there is no such purpose.
            PurposeClosed: no face may be matched for it.
            NoConsent: not on this authority, see `authority.require`.
            BadText: the case is none.
        """
        opened.settle()
        purpose = gate.open_purpose(opened.db, self.purpose)
        case = authority.case_of(opened.db, self.case)
        authority.require(purpose, opened.actor, case)
        return purpose, Query(engine_of(opened.db), self.asked, self.top_k, case)


def open_matcher(opened: Session, purpose: Purpose, query: Query) -> Matcher:
    """Read the gallery, and print how it is searched.

    Raises:
        RateLooser: a stated FPIR allows a looser rate than the purpose's.
        NoConsent, and see `thresholds.for_search`.
    """
    matcher = Matcher(opened.db, purpose, query, opened.act, lambda: opened.now)
    refuse_looser_fpir(purpose, query.asked, matcher.search.references)
    _print_search(opened.settings, matcher)
    return matcher


def ambiguous_note(faces: str) -> str:
    """Return the note on faces that may be either of two subjects. faces: their number in words."""
    return (
        f"{faces} ambiguous: two subjects are too near to be told apart, and no match is recorded. "
        "Compare with each of them by `facecli verify`, or by eye."
    )


def _print_search(settings: Settings, matcher: Matcher) -> None:
    """Print how faces are compared; warn where a default rate cannot be held."""
    query, search = matcher.query, matcher.search
    references = counted(search.references, "reference")
    settings.detail(
        f"Engine {query.spec.engine_id}, {references}; "
        f"a distance up to {search.threshold:.4f} is a match."
    )
    if query.asked == Asked() and search.limit.fpir is not None and search.limit.fpir > SEARCH_FPIR:
        settings.note(
            f"With {references}, a search for a person who is not enrolled returns a candidate "
            f"with a probability of about {search.limit.fpir:.2g}, not {SEARCH_FPIR:g}: the "
            "calibration supports no lower rate. Give --threshold, or measure more images with "
            "`facecli evaluate --save-calibration`."
        )
