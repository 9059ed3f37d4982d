"""The record of processing activities (GDPR 30(1)), from the purposes as they stand.

An item of the article that nobody stated is named as missing, with its letter.
"""

from __future__ import annotations

from facecli.consent import dates, purposes
from facecli.consent.purpose_terms import Purpose
from facecli.papers.languages import Language
from facecli.report import standing
from facecli.report.document import Document, Fact, Section
from facecli.report.policy import controllers, other_data
from facecli.report.security import measures
from facecli.store import holdings, time_reached
from facecli.store.database import Database

SCHEMA = "processing-record"
ARTICLE = "GDPR 30(1)"


def document(db: Database, language: Language, now: str) -> Document:
    """Return the record: the controller, a section for each purpose, and the security measures."""
    say = language.say
    now = time_reached.later(db, now)
    used = standing.in_language(db, language)
    counts = holdings.counts_by_purpose(db)
    consented = purposes.people_in_force(db, now)
    return Document(
        schema=SCHEMA,
        language=language,
        title=say("Record of processing activities"),
        at=now,
        zone=dates.zone_of(db),
        opening=(say("This record follows article 30(1) of the GDPR. It is no legal advice."),),
        facts=(*controllers(used, language), *_responsible(used, language)),
        sections=(
            *(
                _of_purpose(
                    one,
                    language,
                    consented.get(one.purpose_id, 0),
                    counts[one.purpose_id]["template"],
                )
                for one in used
            ),
            Section("other_data", say("Other data"), sentences=(other_data(language),)),
            Section(
                "security",
                say("Security measures"),
                sentences=measures(language),
                facts=tuple(
                    Fact(one.code, one.terms.title, one.terms.security)
                    for one in used
                    if one.terms.security is not None
                ),
            ),
        ),
    )


def _responsible(used: list[Purpose], language: Language) -> tuple[Fact, ...]:
    say, law = language.say, f"{ARTICLE}(a)"
    addresses = dict.fromkeys(one.terms.controller_address for one in used)
    officers = dict.fromkeys(one.terms.controller_officer for one in used)
    laws = dict.fromkeys(one.terms.jurisdiction for one in used)
    authorities = dict.fromkeys(one.terms.authority for one in used)
    return (
        Fact("address", say("Address"), _joined(addresses), needed=law),
        Fact("officer", say("Data protection officer"), _joined(officers), needed=law),
        Fact("jurisdiction", say("Law that applies"), _joined(laws)),
        Fact("authority", say("Supervisory authority"), _joined(authorities)),
    )


def _joined(values: dict[str | None, None]) -> str | None:
    return "; ".join(value for value in values if value is not None) or None


def _of_purpose(purpose: Purpose, language: Language, people: int, templates: int) -> Section:
    say, terms = language.say, purpose.terms
    return Section(
        f"purpose-{purpose.code}",
        terms.title,
        facts=(
            Fact("purpose", say("Purpose, and why it is necessary"),
                 f"{terms.title}: {terms.necessity}", needed=f"{ARTICLE}(b)"),
            Fact("legal_basis", say("Legal basis"), terms.legal_basis),
            Fact("method", say("Method"), terms.method),
            Fact("people", say("Categories of people"), terms.scope, needed=f"{ARTICLE}(c)"),
            Fact("data", say("Categories of data"), ", ".join(terms.data),
                 needed=f"{ARTICLE}(c)"),
            Fact("recipients", say("Recipients"), terms.recipients, needed=f"{ARTICLE}(d)"),
            Fact("transfers", say("Transfers to other countries"), terms.transfers,
                 needed=f"{ARTICLE}(e)"),
            Fact("processing_locations", say("Where data is processed"),
                 ", ".join(terms.processing_locations) or None),
            Fact("retain_template", say("Longest retention of templates"), terms.retain_template,
                 "length", needed=f"{ARTICLE}(f)"),
            Fact("retain_photo", say("Longest retention of photos"), terms.retain_photo, "length",
                 needed=f"{ARTICLE}(f)"),
            Fact("retain_match", say("Longest retention of matches"), terms.retain_match, "length",
                 needed=f"{ARTICLE}(f)"),
            Fact("inactive_after", say("Erased after this time without an interaction"),
                 terms.inactive_after, "length", needed=f"{ARTICLE}(f)"),
            Fact("impact_assessment", say("Impact assessment"), terms.impact_assessment),
            Fact("subjects", say("Subjects who agree"), people, "number"),
            Fact("templates", say("Templates"), templates, "number"),
        ),
    )  # fmt: skip
