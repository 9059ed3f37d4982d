"""The facts of two letters, with values that try to break a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from facecli.consent.asking_again import AskAgain
from facecli.consent.consents import Consent
from facecli.consent.purpose_terms import Purpose, Terms, compare
from facecli.consent.subjects import Subject
from facecli.papers.ask_again import Circumstances
from facecli.papers.certificate import ErasureFacts
from facecli.papers.receipt import ReceiptFacts
from facecli.papers.refusal import RefusalFacts
from tests.consent.conftest import TERMS

KEY = (
    "facecli.log/0123456789abcdef0123456789abcdef+6bf300ea+"
    "/2ZhY2VjbGkubG9nLzIRyQCKNNTChtOUBmlkEcWBQvEFv+F2ajKXOKemCAoaNw=="
)
CONSENT = Consent(
    consent_id=1, record_id="0ad10982-db30-487f-9994-de19eb826e0d", ref="A-1001",
    pseudonym="s-1", purpose="gate", version=2, version_id=2, given_at="2026-11-28T16:30:00Z",
    expires_at="2027-11-28T16:00:00Z", withdrawn_at=None, recorded_at="2026-11-28T16:30:00Z",
    guardian=None, notice_sha256=TERMS.notice_sha256, evidence_sha256=None, evidence_kept=False,
    notice_shown=None, notice_lang=None, shared_form=None,
)  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% for %}",
    "\x1b[2J\u202e\u2066evil",
    "יעקב כהן",
    "张伟",
    "{controller}",
    "x" * 10_000,
]


def receipt_facts(name: str | None = "Li Wei", **changes: Any) -> ReceiptFacts:
    """The facts of a receipt; `changes` are of the consent."""
    return ReceiptFacts(
        consent=replace(CONSENT, **changes), terms=TERMS, name=name, entries=[6], trust_key=KEY,
        zone="Asia/Shanghai", at="2026-11-28T16:30:00Z",
    )  # fmt: skip


def erasure_facts(**changes: Any) -> ErasureFacts:
    """The facts of an erasure."""
    facts = ErasureFacts(
        controller="Park", contact="privacy@park.example", purposes=["Entry"], person="Li Wei",
        pseudonym="s-0f3a", erased={"template": 3, "photo": 0, "subject": 1},
        reasons=["withdrawn"], whole=True, seq=12, at="2026-11-28T16:30:00Z",
        zone="Asia/Shanghai", trust_key=KEY,
    )  # fmt: skip
    return replace(facts, **changes)


CIRCUMSTANCES = Circumstances(at="2026-11-28T17:30:00Z", zone="Asia/Shanghai", trust_key=KEY)


def asked_again(
    name: str | None = "Li Wei", ref: str = "A-1", before: Terms = TERMS, **terms: Any
) -> AskAgain:
    """A person who agreed to the terms before, and the terms of a second version."""
    after = replace(TERMS, **terms)
    purpose = Purpose(
        purpose_id=1, version_id=2, code="gate", version=2, revision=0, retired_at=None,
        version_since="2026-11-28T16:30:00Z", valid_from="2026-11-28T16:30:00Z", terms=after,
    )  # fmt: skip
    changes, _ = compare(before, after)
    return AskAgain(
        subject=Subject(
            subject_id=1, pseudonym="s-1", ref=ref, name=name, state="active", minor=False,
            guardian=None, created_at="2026-11-28T16:30:00Z", last_interaction="2026-11-28",
        ), purpose=purpose, agreed=1, before=before, changes=changes,
        due_at="2026-12-28T16:00:00Z", last_day="2026-12-28", notice_lang="en",
    )  # fmt: skip


def refusal_facts(**changes: Any) -> RefusalFacts:
    """The facts of a refusal."""
    facts = RefusalFacts(
        controller="Park", contact="privacy@park.example", person="Li Wei", purpose="Entry",
        alternative="a card", rights=["Ask at the desk."], authority="CAC",
        at="2026-11-28T16:30:00Z", zone="Asia/Shanghai", trust_key=KEY,
    )  # fmt: skip
    return replace(facts, **changes)
