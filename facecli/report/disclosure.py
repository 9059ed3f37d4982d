"""Everything held on one subject, as a zip file for the subject (right of access and to a copy).

    subject.json              the data, as SUBJECT_SCHEMA describes them
    schema.json               SUBJECT_SCHEMA
    photos/photo-0001.jpg     kept photos as they are stored, oldest first
    letter.html, letter.txt   the same for reading, in the language asked for
    consents/<record id>.json the receipt of each consent (ISO/IEC TS 27560)
    evidence/<record id>      the signed form, byte for byte, if it is kept

Templates are included as numbers, because they are data on the person. Log entries leave out their
actors, who are other people. The same data make the same file, byte for byte.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from facecli.audit import sealing, stored_entries
from facecli.audit.entries import Act
from facecli.consent import (
    consents,
    dates,
    holds,
    interactions,
    lapses,
    purpose_revisions,
    purposes,
    subjects,
)
from facecli.consent.consents import Consent
from facecli.consent.purpose_terms import joined
from facecli.consent.receipts import receipt
from facecli.consent.register import document as register
from facecli.consent.register import elsewhere, requests
from facecli.consent.subjects import Subject
from facecli.papers import access, as_html, as_text
from facecli.papers.access import AccessFacts
from facecli.papers.languages import Language
from facecli.printable import in_figures
from facecli.store import shards, templates
from facecli.store.database import Database
from facecli.store.packed import id_text

SCHEMA = "facecli.subject-export/1"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's first moment: files carry no time of their own
MODE = 0o600 << 16

_TEXT = {"type": "string"}
_TEXT_OR_NOTHING = {"type": ["string", "null"]}
_MOMENT = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
    "description": "a moment in UTC (RFC 3339)",
}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "a day"}
_MOMENT_OR_NOTHING = {"anyOf": [{"type": "null"}, _MOMENT]}
_DAY_OR_NOTHING = {"anyOf": [{"type": "null"}, _DAY]}
_PURPOSE = {"type": "string", "description": "the code of the purpose"}
_SOURCE = {"type": ["string", "null"], "description": "where the photo comes from, as stated"}


def _record(description: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


SUBJECT_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Everything held on one person",
    **_record(
        "One person and all data held on them",
        schema={"const": SCHEMA},
        exported_at=_MOMENT,
        subject=_record(
            "The person",
            ref={"type": "string", "description": "the operator's own id of the person"},
            name=_TEXT_OR_NOTHING,
            state={"enum": ["active", "restricted", "alternative-only"]},
            minor={"type": "boolean"},
            guardian=_TEXT_OR_NOTHING,
            minor_until=_MOMENT_OR_NOTHING,
            created_at=_MOMENT,
            last_interaction=_DAY,
            subject_id={"type": "string", "description": "the person's id in the log"},
        ),
        hold={
            "anyOf": [
                {"type": "null"},
                _record(
                    "A legal hold: the data are kept and not used",
                    reason=_TEXT,
                    until=_MOMENT,
                    set_at=_MOMENT,
                ),
            ]
        },
        interactions=_list(
            _record(
                "The last day on which the person had to do with it", purpose=_PURPOSE, day=_DAY
            )
        ),
        lapses=_list(
            _record(
                "Data for the purpose from before a moment, which no later consent revives",
                purpose=_PURPOSE,
                before=_MOMENT,
                due_at=_MOMENT,
                reason=_TEXT,
            )
        ),
        consents=_list(
            _record(
                "A consent; `receipt` names the file with all its fields",
                record_id=_TEXT,
                purpose=_PURPOSE,
                version={"type": "integer"},
                given_at=_MOMENT,
                expires_at=_MOMENT,
                withdrawn_at=_MOMENT_OR_NOTHING,
                guardian=_TEXT_OR_NOTHING,
                notice_shown=_TEXT_OR_NOTHING,
                notice_lang=_TEXT_OR_NOTHING,
                evidence_sha256=_TEXT_OR_NOTHING,
                shared_form=_TEXT_OR_NOTHING,
                receipt=_TEXT,
                evidence=_TEXT_OR_NOTHING,
            )
        ),
        templates=_list(
            _record(
                "A face as numbers, for comparisons",
                template_id=_TEXT,
                purpose=_PURPOSE,
                engine={"type": "string", "description": "the engine that made it"},
                created_at=_MOMENT,
                quality={"type": ["integer", "null"], "minimum": 0, "maximum": 100},
                capture_sha256={"type": "string", "description": "SHA-256 of its image file"},
                other_face={
                    "type": ["string", "null"],
                    "description": "why it was accepted although it looks like another face",
                },
                photo=_TEXT_OR_NOTHING,
                source=_SOURCE,
                vector=_list(
                    {"type": "number", "description": "a component; last, its norm, if stored"}
                ),
            )
        ),
        photos=_list(
            _record(
                "A kept photo",
                file=_TEXT,
                purpose=_PURPOSE,
                captured_at=_MOMENT,
                source=_SOURCE,
            )
        ),
        matches=_list(
            _record(
                "A match or a verification of the person",
                at=_MOMENT,
                purpose=_PURPOSE,
                kind={"enum": ["identification", "verification"]},
                distance={
                    "type": "number",
                    "description": "distance of the faces; lower is closer",
                },
                threshold={"type": "number", "description": "the largest distance that counts"},
            )
        ),
        elsewhere=_list(
            _record(
                "Data on the person that others hold, until its deletion is confirmed",
                item_id=_TEXT,
                what={"enum": list(elsewhere.KINDS)},
                where={"type": "string", "description": "who holds it"},
                since=_DAY_OR_NOTHING,
                recorded_on=_DAY,
                confirmed_at=_MOMENT_OR_NOTHING,
                evidence_sha256=_TEXT_OR_NOTHING,
                state={"enum": ["open", "confirmed"]},
            )
        ),
        disclosures=_list(
            _record(
                "A disclosure of the person's data, or a breach of the whole database",
                disclosure_id=_TEXT,
                recipient=_TEXT,
                what=_TEXT,
                basis=_TEXT,
                day=_DAY,
                whole_database={"type": "boolean"},
            )
        ),
        requests=_list(
            _record(
                "A request or complaint of the person",
                request_id=_TEXT,
                kind={"enum": list(requests.KINDS)},
                received_on=_DAY,
                due_at=_MOMENT,
                answered_at=_MOMENT_OR_NOTHING,
                answer=_TEXT_OR_NOTHING,
                refused={"type": ["string", "null"], "description": "the reason of a refusal"},
                state={"enum": ["open", "overdue", "answered", "refused"]},
            )
        ),
        alternative_offers=_list(
            _record(
                "An offer of the way without the face; `choice` is the first one",
                purpose={"type": ["string", "null"], "description": "its code; null is any"},
                offered_on=_DAY,
                choice={"enum": ["face", "alternative", None]},
                changed={"type": "boolean"},
            )
        ),
        log=_list(
            _record(
                "An act on the person's data, from the log",
                seq={"type": "integer"},
                at=_MOMENT,
                action=_TEXT,
                outcome=_TEXT,
                purpose=_TEXT_OR_NOTHING,
                details={"type": "object"},
            )
        ),
    ),
}


def write(act: Act, ref: str, stream: IO[bytes], language: Language) -> Subject:
    """Write the zip file of one person, and log that it was made.

    Args:
        language: the language of the letter in it.

    Raises:
        Unknown: there is no such subject.
    """
    subject = subjects.find(act.db, ref)
    photos = {
        sample_id: f"photos/photo-{number:04}.jpg"
        for number, sample_id in enumerate(_sample_ids(act.db, subject), 1)
    }
    given = consents.of_subject(act.db, subject.subject_id)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        document = _document(act, subject, given, photos)
        _add(archive, "subject.json", _json(document))
        _add(archive, "schema.json", _json(SUBJECT_SCHEMA))
        for consent in given:
            _add_consent(archive, act.db, consent)
        pictures = {
            name: templates.photo(act.db, sample_id) or b"" for sample_id, name in photos.items()
        }
        for name, content in pictures.items():
            _add(archive, name, content)
        answer = access.letter(_facts(act.db, document, given, pictures, language), language)
        _add(archive, "letter.html", as_html.html(answer).encode())
        _add(archive, "letter.txt", as_text.text(answer).encode())
    held = ("consents", "templates", "photos")  # a number of matches would tell of visits
    details = {name: len(document[name]) for name in held}
    act.record("subject.export", subject_id=subject.pseudonym, details=details)
    return subject


def _facts(
    db: Database,
    document: dict[str, Any],
    given: list[Consent],
    photos: dict[str, bytes],
    language: Language,
) -> AccessFacts:
    """Return the facts of the letter.

    Controller and rights are those of the purposes to which the person consented, or else of the
    latest purpose.
    """
    known = purposes.list_all(db)
    latest = max(known, key=lambda one: one.valid_from, default=None)
    consented = {one.purpose for one in given}
    concerned = [one for one in known if one.code in consented]
    if not concerned and latest is not None:
        concerned = [latest]
    agreed = {
        one.record_id: purposes.standing_terms(db, one.version_id, one.notice_lang) for one in given
    }
    read = {one.code: one.terms.in_language(language.tag) for one in known}
    stated = [read[one.code] for one in concerned]
    return AccessFacts(
        controller=joined(one.controller_name for one in stated),
        contact=joined(one.controller_contact for one in stated),
        authority=joined(one.authority for one in stated) or None,
        document=document,
        titles={code: terms.title for code, terms in read.items()},
        versions={one.code: one.version for one in known},
        terms=agreed,
        rights=list(dict.fromkeys(one.rights for one in stated)),
        untranslated=access.untranslated(
            [one.terms for one in concerned], agreed.values(), language
        ),
        photos=photos,
        zone=dates.zone_of(db),
        trust_key=str(sealing.trust_key(db)),
    )


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, MODE  # Unix: for the owner alone
    archive.writestr(info, content)


def _json(document: Any) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _add_consent(archive: zipfile.ZipFile, db: Database, consent: Consent) -> None:
    text = receipt(consent, purposes.standing_terms(db, consent.version_id, consent.notice_lang))
    _add(archive, f"consents/{consent.record_id}.json", _json(text))
    if consent.evidence_kept:
        _add(archive, f"evidence/{consent.record_id}", consents.evidence_of(db, consent))


def _document(
    act: Act, subject: Subject, given: list[Consent], photos: dict[int, str]
) -> dict[str, Any]:
    db, codes = act.db, purpose_revisions.codes(act.db)
    return {
        "schema": SCHEMA,
        "exported_at": act.now,
        "subject": subject.record(),
        "hold": holds.of(db, subject),
        "interactions": [
            {"purpose": code, "day": day}
            for code, day in interactions.of_subject(db, subject.subject_id)
        ],
        "lapses": lapses.of_subject(db, subject.subject_id),
        "consents": [_consent(consent) for consent in given],
        "templates": list(_templates(db, subject, codes, photos)),
        "photos": [
            {"file": photos[row["id"]], "purpose": codes[row["purpose_id"]],
             "captured_at": row["captured_at"], "source": row["source"]}
            for row in templates.photos_of_subject(db, subject.subject_id)
        ],
        "matches": [
            {"at": row["at"], "purpose": codes[row["purpose_id"]], "kind": row["kind"],
             "distance": in_figures(row["distance"]), "threshold": in_figures(row["threshold"])}
            for row in templates.matches_of_subject(db, subject.subject_id)
        ],
        **register.of_subject(db, subject, act.now),
        "log": list(_log(db, subject)),
    }  # fmt: skip


def _sample_ids(db: Database, subject: Subject) -> list[int]:
    return [row["id"] for row in templates.photos_of_subject(db, subject.subject_id)]


def _consent(consent: Consent) -> dict[str, Any]:
    names = (
        "record_id", "purpose", "version", "given_at", "expires_at", "withdrawn_at", "guardian",
        "notice_shown", "notice_lang", "evidence_sha256", "shared_form",
    )  # fmt: skip
    return {
        **{name: getattr(consent, name) for name in names},
        "receipt": f"consents/{consent.record_id}.json",
        "evidence": f"evidence/{consent.record_id}" if consent.evidence_kept else None,
    }


def _templates(
    db: Database, subject: Subject, codes: dict[int, str], photos: dict[int, str]
) -> Iterator[dict[str, Any]]:
    for row in templates.rows_of_subject(db, subject.subject_id):
        place = shards.TemplatePlace(row["shard_id"], row["slot"])
        content = shards.read_own(db, place, subject.subject_id)
        yield {
            "template_id": id_text(row["template_id"]),
            "purpose": codes[row["purpose_id"]],
            "engine": row["engine_id"],
            "created_at": row["created_at"],
            "quality": row["quality"],
            "capture_sha256": row["capture_sha256"].hex(),
            "other_face": row["other_face"],
            "photo": photos.get(row["sample_id"]),
            "source": row["source"],
            "vector": _numbers(content, row["dimension"]),
        }


def _numbers(template: bytes, dimension: int) -> list[float]:
    """Return the numbers of a stored template: its components and, if it has one, its norm."""
    wide = len(template) >= 4 * dimension
    norm = len(template) - dimension * (4 if wide else 1)
    return list(struct.unpack(f"<{dimension}{'f' if wide else 'b'}{norm}b", template))


def _log(db: Database, subject: Subject) -> Iterator[dict[str, Any]]:
    events = [row["event_id"] for row in templates.matches_of_subject(db, subject.subject_id)]
    for entry in stored_entries.of_subject(db, subject.pseudonym, events):
        names = ("seq", "at", "action", "outcome", "purpose", "details")
        yield {name: entry[name] for name in names}
