"""Reading purpose files: TOML, kept under version control, with notices beside them.

Every field is required, and an unknown field is an error. Errors name the field and the reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from facecli import toml_text
from facecli.consent import purpose_file_texts
from facecli.consent.dates import FIRST, check_zone, is_date
from facecli.consent.notices import TAG, Notice, folded, plain
from facecli.consent.purpose_revisions import LENGTHS
from facecli.consent.purpose_terms import CALIBRATIONS, FACE, METHODS, WORST_GROUP, Terms
from facecli.consent.purpose_texts import OF_CONTROLLER
from facecli.consent.text import is_empty_word
from facecli.errors.command_line import BadInput
from facecli.times import is_length, is_longer, is_nothing

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LARGEST_FILE = 1024 * 1024
LARGEST_CAP = 1_000_000
LOGIN = re.compile(r"[^\s:/,]{1,64}")
LARGEST_UID = 2**32 - 2
MOST_OPERATORS = 1000
LONGEST = "10y"
"""The longest of all lengths: a longer consent has no end that anybody foresees, and nothing
outlives it."""
LARGEST_RATE = 0.1
"""The highest rate for which a calibration has a threshold."""
OPTIONAL_LENGTHS = {"ask_again_within", "answer_within"}
OPTIONAL_CONTROLLER = {"address", "officer"}
STATED = {"recipients", "transfers", "security"}
OPTIONAL = {
    *OPTIONAL_LENGTHS, *STATED, "calibration", "case_required", "in_force_since", "max_templates",
    "language", "notice_correction", "operators", "processing_locations", "review_by", "texts",
}  # fmt: skip
CONTROLLER = {*OF_CONTROLLER, "timezone", "texts"}
MUST_SAY_SOMETHING = {
    "scope", "necessity", "legal_basis", "alternative", "impact_assessment", "rights",
}  # fmt: skip

WHY_NEEDED = {
    "title": "people must know the purpose",
    "method": "a consent covers one method",
    "scope": "a consent covers one scope",
    "data": "people must know which data is kept",
    "necessity": "people must know why their face is necessary",
    "impact": "people must know the effect on them",
    "legal_basis": "processing needs a legal basis",
    "alternative": "nobody may be forced to use their face",
    "impact_assessment": "an assessment must come before processing",
    "rights": "people must know how to use their rights",
    "notice": "people consent to a notice that they were shown",
    "max_consent": "a consent must have an end",
    "retain_template": "retention must be stated",
    "retain_photo": "retention must be stated",
    "retain_match": "retention must be stated",
    "inactive_after": "retention must be stated",
    "threshold_fmr": "the accepted false-match rate must be stated",
}


def parse_file(path: Path) -> dict[str, Terms]:
    """Read a purpose file and the notices that it names (relative to it).

    Returns:
        The terms of each purpose by its code.

    Raises:
        BadInput: the file or a field is missing, unknown or out of range; it names the field.
    """
    document = _read_toml(path)
    _refuse_unknown(document, {"controller", "purpose"}, str(path))
    controller = _table(document, "controller", str(path))
    _refuse_unknown(controller, CONTROLLER, f"{path}: [controller]")
    purposes = _table(document, "purpose", str(path))
    if not purposes:
        raise BadInput(what=str(path), why="it has no [purpose.CODE] table")
    return {
        code: _terms(code, _table(purposes, code, f"{path}: [purpose]"), controller, path)
        for code in purposes
    }


def notices_of(path: Path) -> list[Path]:
    """Return the files of the notices that a usable purpose file names."""
    found: list[Path] = []
    for table in _read_toml(path)["purpose"].values():
        named = table["notice"]
        names = named.values() if isinstance(named, dict) else [named]
        found += [path.parent / name for name in names]
    return found


def timezone_of(path: Path) -> str | None:
    """Return the controller's time zone that a purpose file states, or None.

    Raises:
        BadInput: there is no such zone.
    """
    controller = _table(_read_toml(path), "controller", str(path))
    if "timezone" not in controller:
        return None
    where = f"{path}: [controller]"
    return check_zone(_text(controller, "timezone", where), f"{where}: the field `timezone`")


def _read_toml(path: Path) -> dict[str, Any]:
    content = _read(path, str(path))
    try:
        return toml_text.parse(content)
    except ValueError as error:
        raise BadInput(what=str(path), why=str(error)) from None


def _read_text(path: Path, what: str) -> str:
    try:
        return _read(path, what).decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(what=what, why="it is not UTF-8 text") from None


def _read(path: Path, what: str) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # reading a pipe would wait
            raise BadInput(what=what, why="it is not a regular file")
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=what, why=why) from None
    if len(content) > LARGEST_FILE:
        raise BadInput(what=what, why="it is larger than 1 MiB")
    return content


def _table(parent: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    table = parent.get(name)
    if not isinstance(table, dict):
        raise BadInput(what=where, why=f"the table [{name}] is missing")
    return table


def _refuse_unknown(table: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise BadInput(what=where, why=f"the field `{unknown[0]}` is not known")


def _terms(code: str, table: dict[str, Any], controller: dict[str, Any], path: Path) -> Terms:
    where, at_top = f"{path}: purpose `{code}`", f"{path}: [controller]"
    if not CODE.fullmatch(code):
        raise BadInput(what=where, why="a code has small letters, digits, - and _ only, 63 at most")
    _refuse_unknown(table, set(WHY_NEEDED) | OPTIONAL, where)
    principal, *further = _notices(table, where, path.parent)
    language = purpose_file_texts.language(table, where)
    texts = set(WHY_NEEDED) - {"notice", "data", "threshold_fmr", "method", *LENGTHS}
    return Terms(
        controller_name=_text(controller, "name", at_top),
        controller_contact=_text(controller, "contact", at_top),
        notice=principal.text,
        notice_sha256=principal.sha256,
        notice_lang=principal.language,
        further_notices=tuple(sorted(further, key=lambda notice: str(notice.language))),
        data=_list(table, "data", where),
        threshold_fmr=_rate(table, "threshold_fmr", where),
        method=_method(table, where),
        max_templates=_cap(table, "max_templates", where),
        calibration=_calibration(table, where),
        review_by=_day(table, "review_by", where),
        case_required=_yes_or_no(table, "case_required", where),
        operators=_operators(table, "operators", where),
        in_force_since=_day(table, "in_force_since", where),
        language=language,
        notice_correction=_optional_text(table, "notice_correction", where, "what was corrected"),
        jurisdiction=_optional_text(controller, "jurisdiction", at_top, "which law applies"),
        authority=_optional_text(controller, "authority", at_top, "where people may complain"),
        processing_locations=_optional_list(table, "processing_locations", where),
        **_each(texts, _text, table, where),
        **_statements(table, controller, where, path),
        **_each(LENGTHS, _length, table, where),
        **_each(OPTIONAL_LENGTHS & set(table), _length, table, where),
        texts=purpose_file_texts.texts(
            table, controller, language or principal.language, where, at_top
        ),
    )


def _each(
    names: Iterable[str],
    read: Callable[[Mapping[str, Any], str, str], Any],
    table: Mapping[str, Any],
    where: str,
) -> dict[str, Any]:
    return {name: read(table, name, where) for name in names}


def _notices(table: Mapping[str, Any], where: str, folder: Path) -> list[Notice]:
    """Read the notice that the field names, or one for each language, in the file's order."""
    named = _field(table, "notice", where)
    if not isinstance(named, dict) or not named:
        return [Notice(None, _notice(table, "notice", where, folder))]
    found: dict[str, Notice] = {}
    for language in named:
        if not TAG.fullmatch(language) or folded(language) in found:
            why = f"`notice.{language}` is no language tag such as `en`, or is there twice"
            raise BadInput(what=where, why=why)
        text = _notice(named, language, where, folder)
        if text in [other.text for other in found.values()]:
            why = f"the notice in `{language}` is the same text as another; leave one out"
            raise BadInput(what=where, why=why)
        found[folded(language)] = Notice(language, text)
    return list(found.values())


def _notice(table: Mapping[str, Any], name: str, where: str, folder: Path) -> str:
    path = folder / _text(table, name, where)
    text = plain(_read_text(path, f"{where}: the notice {path}"))
    if not text.strip():
        raise BadInput(what=f"{where}: the notice {path}", why="it is empty")
    return text


def _field(table: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in table:
        reason = WHY_NEEDED.get(name, "people must know who is responsible")
        raise BadInput(what=where, why=f"the field `{name}` is missing: {reason}")
    return table[name]


def _text(table: Mapping[str, Any], name: str, where: str) -> str:
    value = _field(table, name, where)
    if not isinstance(value, str) or not value.strip():
        reason = WHY_NEEDED.get(name, "people must know who is responsible")
        raise BadInput(what=where, why=f"the field `{name}` must be text: {reason}")
    if name in MUST_SAY_SOMETHING and is_empty_word(value):
        why = f"the field `{name}` is {value!r}, which names nothing: {WHY_NEEDED[name]}"
        raise BadInput(what=where, why=why)
    if name == "alternative" and value.strip().casefold() == FACE:
        raise BadInput(what=where, why=f"the field `alternative` is the face: {WHY_NEEDED[name]}")
    return value


def _optional_text(table: Mapping[str, Any], name: str, where: str, what: str) -> str | None:
    if name not in table:
        return None
    value = table[name]
    if not isinstance(value, str) or is_empty_word(value):
        raise BadInput(what=where, why=f"the field `{name}` must say {what}")
    return value


def _optional_list(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    return _list(table, name, where) if name in table else ()


def _statements(
    table: Mapping[str, Any], controller: Mapping[str, Any], where: str, path: Path
) -> dict[str, Any]:
    """Return what a record of processing needs, of the purpose and of the controller."""
    of_controller = {
        f"controller_{name}": _statement(controller, name, f"{path}: [controller]")
        for name in OPTIONAL_CONTROLLER
    }
    return {**of_controller, **{name: _statement(table, name, where) for name in STATED}}


def _statement(table: Mapping[str, Any], name: str, where: str) -> str | None:
    """Return text that a record of processing needs. `none` states something here."""
    if name not in table:
        return None
    value = table[name]
    if not isinstance(value, str) or not value.strip():
        raise BadInput(what=where, why=f"the field `{name}` must be text")
    return value


def _method(table: Mapping[str, Any], where: str) -> str:
    value = _text(table, "method", where)
    if value not in METHODS:
        known = f"{', '.join(METHODS[:-1])} or {METHODS[-1]}"
        raise BadInput(what=where, why=f"the field `method` must be {known}, not {value!r}")
    return value


def _calibration(table: Mapping[str, Any], where: str) -> str:
    value = table.get("calibration", WORST_GROUP)
    if value not in CALIBRATIONS:
        known = " or ".join(map(repr, CALIBRATIONS))
        raise BadInput(what=where, why=f"the field `calibration` must be {known}, not {value!r}")
    return str(value)


def _cap(table: Mapping[str, Any], name: str, where: str) -> int:
    value = table.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_CAP:
        why = f"the field `{name}` must be a whole number from 0 (no cap) to {LARGEST_CAP}"
        raise BadInput(what=where, why=why)
    return value


def _yes_or_no(table: Mapping[str, Any], name: str, where: str) -> bool:
    value = table.get(name, False)
    if not isinstance(value, bool):
        raise BadInput(what=where, why=f"the field `{name}` must be true or false")
    return value


def _operators(table: Mapping[str, Any], name: str, where: str) -> tuple[int | str, ...]:
    """Return user ids and login names, each once."""
    value = table.get(name, [])
    if not isinstance(value, list) or len(value) > MOST_OPERATORS or not all(map(_is_user, value)):
        why = (
            f"the field `{name}` must be a list of user ids and login names, such as "
            f'`["li", 1002]`, {MOST_OPERATORS} at most'
        )
        raise BadInput(what=where, why=why)
    return tuple(dict.fromkeys(value))


def _is_user(value: object) -> bool:
    if isinstance(value, str):
        return bool(LOGIN.fullmatch(value)) and value.isprintable() and not value.isdecimal()
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_UID


def _day(table: Mapping[str, Any], name: str, where: str) -> str | None:
    """Return a day as text; TOML may state it as text or as a date."""
    if name not in table:
        return None
    value = str(table[name])
    if not DAY.fullmatch(value) or not is_date(value) or value < FIRST:
        why = f"the field `{name}` must be a date such as `2027-03-01`, and not before {FIRST}"
        raise BadInput(what=where, why=why)
    return value


def _list(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = _field(table, name, where)
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(item, str) and item.strip() for item in value)
    ):
        raise BadInput(what=where, why=f"the field `{name}` must be a list of text")
    return tuple(value)


def _length(table: Mapping[str, Any], name: str, where: str) -> str:
    value = _field(table, name, where)
    if not isinstance(value, str) or not is_length(value):
        why = f"the field `{name}` must be a length such as `180d` or `2y`"
        raise BadInput(what=where, why=why)
    if name == "max_consent" and is_nothing(value):
        raise BadInput(what=where, why="the field `max_consent` must be longer than nothing")
    if is_longer(value, LONGEST):
        reason = WHY_NEEDED.get(name, "people must know when something happens")
        why = f"the field `{name}` is longer than {LONGEST}: {reason}"
        raise BadInput(what=where, why=why)
    return value.strip()


def _rate(table: Mapping[str, Any], name: str, where: str) -> float:
    value = _field(table, name, where)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 < value <= LARGEST_RATE:
        why = f"the field `{name}` must be a number above 0 and up to {LARGEST_RATE:g}"
        raise BadInput(what=where, why=f"{why}: no calibration holds a higher rate")
    return float(value)
