"""The terms of a purpose: what a purpose file states, compared field by field and put into words.

A change is minor if it only restricts the controller (shorter retention, a stricter false-match
rate, less data), or changes nothing for the person (a contact, a date of review). Every other
change makes a new version.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from facecli.consent import notices
from facecli.consent.notices import Notice
from facecli.consent.purpose_revisions import ANSWER_WITHIN, LENGTHS
from facecli.consent.purpose_texts import Texts, by_field
from facecli.consent.text import is_empty_word
from facecli.printable import counted
from facecli.times import is_longer

ASK_AGAIN_WITHIN = "30d"  # where a file does not state it
METHODS = ("face", "fingerprint", "iris", "palm", "voice", "card", "pin", "staff")
FACE = "face"  # the one method that facecli compares
WORST_GROUP, OVERALL = CALIBRATIONS = ("worst-group", "overall")
"""A shipped threshold holds the rate in each measured group, or for all people together."""
RATE_OVERALL = "the rate holds for all people together, and not in every group of them"
MINOR = {
    "authority", "controller_address", "controller_contact", "controller_officer",
    "impact_assessment", "in_force_since", "language", "notice_correction", "notice_lang",
    "review_by", "security",
}  # fmt: skip
"""Fields that change nothing for the person."""
GIVEN_AWAY = {"recipients", "transfers"}
NOTICES = {"notice_sha256", "further_notices"}
PLACES = {"jurisdiction", "processing_locations"}
"""Fields on where data is processed: stating the first limits the controller, and is minor."""
LISTS = ("data", "operators", "processing_locations")
LOST_SINCE_RESTORE = "its terms were lost in a restore; apply its file again"


@dataclass(frozen=True)
class Terms:
    """The terms of one version of a purpose: everything that a purpose file states.

    max_templates: of one subject; 0 is no cap. calibration: one of CALIBRATIONS. review_by: a day.
    notice_correction: what was corrected in the notices, where their last change was only that.
    notice: the principal notice, in `notice_lang`, where the file states that; `further_notices`
    are by language. operators: the user ids and logins that may search; empty: all. jurisdiction,
    authority, processing_locations: the law, the supervisory authority and the places, where the
    file states them. language: of the texts here, where it is not that of the principal notice.
    texts: some of them in further languages.
    """

    controller_name: str
    controller_contact: str
    title: str
    method: str
    scope: str
    data: tuple[str, ...]
    necessity: str
    impact: str
    legal_basis: str
    alternative: str
    impact_assessment: str
    rights: str
    notice: str
    notice_sha256: str
    max_consent: str
    retain_template: str
    retain_photo: str
    retain_match: str
    inactive_after: str
    threshold_fmr: float
    ask_again_within: str = ASK_AGAIN_WITHIN
    max_templates: int = 0
    calibration: str = WORST_GROUP
    review_by: str | None = None
    notice_correction: str | None = None
    in_force_since: str | None = None  # a day; says how far back forms of the first version reach
    notice_lang: str | None = None
    further_notices: tuple[Notice, ...] = ()
    case_required: bool = False
    operators: tuple[int | str, ...] = ()
    answer_within: str | None = None  # ANSWER_WITHIN, where a file does not state it
    controller_address: str | None = None
    controller_officer: str | None = None  # the data protection officer and their contact
    recipients: str | None = None
    transfers: str | None = None  # to other countries, with the safeguards
    security: str | None = None  # measures beside those of facecli
    jurisdiction: str | None = None
    authority: str | None = None
    processing_locations: tuple[str, ...] = ()
    language: str | None = None
    texts: tuple[Texts, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of all terms that state something, in hex. The log identifies terms by it."""
        nothing = (None, 0, (), WORST_GROUP)
        terms = {name: value for name, value in asdict(self).items() if value not in nothing}
        stated = json.dumps(terms, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(stated.encode()).hexdigest()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The notice in each of its languages, the principal one first."""
        return (Notice(self.notice_lang, self.notice), *self.further_notices)

    @property
    def own_language(self) -> str | None:
        """The language of the texts in the fields; None where the file states none."""
        return self.language or self.notice_lang

    def in_language(self, tag: str) -> Terms:
        """Return the terms for a reader of a language: a text in it stands where there is one."""
        return replace(self, texts=(), **self.texts_in(tag))

    def texts_in(self, tag: str) -> dict[str, Any]:
        """Return the texts in a further language, by field; none if it is the fields' own."""
        own = Texts(self.own_language or "", {})
        found = notices.matching((own, *self.texts), tag)
        return {} if found is None else dict(found.values)

    def room_for_templates(self, held: int) -> int:
        """Return how many more templates a subject may have who has `held` of them."""
        return max(self.max_templates - held, 0) if self.max_templates else sys.maxsize


@dataclass(frozen=True)
class Purpose:
    """A purpose as it stands now."""

    purpose_id: int
    version_id: int
    code: str
    version: int
    revision: int
    version_since: str
    valid_from: str  # of this revision
    retired_at: str | None
    terms: Terms

    @property
    def is_lost(self) -> bool:
        """True if the terms were lost in a restore. No other notice is empty."""
        return not self.terms.notice

    def notice_in(self, language: str | None) -> Notice:
        """Return the notice in a language; without one, the principal notice.

        Raises:
            BadInput: there is none in this language.
        """
        return notices.in_language(self.terms.notices, language, f"the purpose {self.code}")

    @property
    def compares_faces(self) -> bool:
        """True if the stated method is the face: only then may faces be enrolled or matched."""
        return self.terms.method == FACE


def joined(texts: Iterable[str | None]) -> str:
    """Return what terms state in one field, without repetitions: there may be several controllers.

    Terms that state nothing are left out.
    """
    return "; ".join(dict.fromkeys(filter(None, texts)))


def compare(before: Terms, after: Terms) -> tuple[tuple[tuple[str, Any, Any], ...], bool]:
    """Return the fields that differ, as (name, before, after), and True if that is a new version.

    The notices count by their texts. A change of them is minor if every text is still there that
    people may have been shown, or if a new `notice_correction` says so. The same counts for each
    text in a further language; its name is that of the field and the language, such as `scope.zh`.
    """
    olds, news = _compared(before), _compared(after)
    changed = tuple(
        (name, olds.get(name), news.get(name))
        for name in {**olds, **news}
        if olds.get(name) != news.get(name)
    )
    corrected = after.notice_correction not in (None, before.notice_correction)
    spoken = corrected or _notice_digests(before) <= _notice_digests(after)
    texts = {(_field(name), text) for name, text in by_field(after.texts).items()}
    return changed, not all(
        (name in NOTICES and spoken)
        or ("." in name and (corrected or old is None or (_field(name), old) in texts))
        or _is_minor(_field(name), old, new)
        for name, old, new in changed
    )


def _compared(terms: Terms) -> dict[str, Any]:
    """Return the fields and the further texts by name; hashes stand for the notices."""
    further = {str(notice.language): _plain_digest(notice) for notice in terms.further_notices}
    values = {field.name: getattr(terms, field.name) for field in fields(Terms)}
    del values["notice"], values["texts"]
    values |= {"notice_sha256": _principal_digest(terms), "further_notices": further}
    return {**values, **by_field(terms.texts)}


def _field(name: str) -> str:
    return name.partition(".")[0]


def _notice_digests(terms: Terms) -> set[str]:
    return {_principal_digest(terms), *map(_plain_digest, terms.further_notices)}


def _principal_digest(terms: Terms) -> str:
    if notices.plain(terms.notice) == terms.notice:
        return terms.notice_sha256
    return _plain_digest(terms.notices[0])


def _plain_digest(notice: Notice) -> str:
    """Return the digest of a notice without its line ends, which a stored one may still have."""
    return replace(notice, text=notices.plain(notice.text)).sha256


def _is_minor(name: str, old: Any, new: Any) -> bool:
    """Return True if the change of one field takes nothing from the person."""
    if name == "answer_within":
        return not is_longer(new or ANSWER_WITHIN, old or ANSWER_WITHIN)
    if name in LENGTHS or name == "ask_again_within":
        return not is_longer(new, old)
    if name in PLACES and not old:
        return True
    if name in {"data", "processing_locations"}:
        return bool(new) and set(new) <= set(old)
    if name == "threshold_fmr":
        return bool(new < old)
    if name in GIVEN_AWAY:
        return new is not None and is_empty_word(new)
    if name == "max_templates":
        return bool(0 < new and (old == 0 or new < old))
    if name == "calibration":
        return bool(new == WORST_GROUP)
    if name in {"case_required", "operators"}:
        return bool(new)
    return name in MINOR


def processing_in_words(terms: Terms) -> dict[str, str]:
    """Return the terms of the processing by their labels, for notice and receipt."""
    lines = {
        "Controller": f"{terms.controller_name}, {terms.controller_contact}",
        "Address": terms.controller_address,
        "Protection officer": terms.controller_officer,
        "Method": terms.method,
        "Scope": terms.scope,
        "Data": ", ".join(terms.data),
        "Necessity": terms.necessity,
        "Impact": terms.impact,
        "Legal basis": terms.legal_basis,
        "Alternative": terms.alternative,
        "Recipients": terms.recipients,
        "Transfers": terms.transfers,
        "Security": terms.security,
        "Your rights": terms.rights,
        "Processed in": ", ".join(terms.processing_locations) or None,
        "Jurisdiction": terms.jurisdiction,
        "Authority": terms.authority,
    }
    return {name: text for name, text in lines.items() if text is not None}


def retention_in_words(terms: Terms) -> dict[str, str]:
    """Return the retention terms and the impact assessment by their labels."""
    cap = terms.max_templates
    lines = {
        "Templates": f"at most {cap} of a subject" if cap else None,
        "False matches": RATE_OVERALL if terms.calibration == OVERALL else None,
        "Template kept": terms.retain_template,
        "Photo kept": terms.retain_photo,
        "Matches kept": terms.retain_match,
        "Inactive after": terms.inactive_after,
        "Asked again within": f"{terms.ask_again_within} of a new version",
        "Requests answered": f"within {terms.answer_within or ANSWER_WITHIN}",
        "Assessment": terms.impact_assessment,
        "Reviewed by": terms.review_by,
        "Notice corrected": terms.notice_correction,
    }
    return {name: text for name, text in lines.items() if text is not None}


def searches_in_words(terms: Terms) -> str | None:
    """Return the terms under which faces are searched; None where the file states none.

    Operators are counted: their names are nobody's business who consents.
    """
    count = len(terms.operators)
    stated = (
        "each with a case" if terms.case_required else "",
        f"only by {counted(count, 'named user')}" if count else "",
    )
    return ", ".join(filter(None, stated)) or None


def statement(purpose: Purpose) -> dict[str, str]:
    """Return the fields that a person is shown before consenting, by their labels."""
    terms = purpose.terms
    lines = {
        "Purpose": f"{terms.title} ({purpose.code}, version {purpose.version})",
        **processing_in_words(terms),
        "Consent lasts": f"at most {terms.max_consent}",
        **retention_in_words(terms),
        "Notice SHA-256": terms.notice_sha256,
    }
    if (searches := searches_in_words(terms)) is not None:
        lines["Searches"] = searches
    if terms.notice_lang is not None:
        lines["Notice languages"] = ", ".join(str(one.language) for one in terms.notices)
    if terms.texts:
        lines["Further texts in"] = ", ".join(one.language for one in terms.texts)
    if terms.in_force_since and purpose.version == 1:
        lines["Forms count since"] = terms.in_force_since
    if purpose.retired_at is not None:
        lines["Retired"] = purpose.retired_at
    if purpose.is_lost:
        lines["Closed"] = LOST_SINCE_RESTORE
    return lines
