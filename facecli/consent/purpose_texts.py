"""The texts of a purpose in further languages, beside those that its fields hold.

A term has one value. Its texts in further languages are translations for whoever reads a letter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Text = str | tuple[str, ...]

OF_CONTROLLER = ("name", "contact", "address", "officer", "jurisdiction", "authority")
"""Fields of the table [controller] that may have texts in further languages."""
OF_PURPOSE = (
    "title", "scope", "data", "necessity", "impact", "legal_basis", "alternative", "rights",
    "recipients", "transfers", "security", "processing_locations",
)  # fmt: skip
"""Fields of a purpose that may have texts in further languages."""


@dataclass(frozen=True)
class Texts:
    """The texts of some terms in one further language.

    language: its tag. values: by the name of the field in `purpose_terms.Terms`.
    """

    language: str
    values: Mapping[str, Text]


def to_json(texts: Sequence[Texts]) -> str:
    """Return the texts of one revision of a purpose as its row holds them."""
    return json.dumps({one.language: dict(one.values) for one in texts}, ensure_ascii=False)


def from_json(stored: str) -> tuple[Texts, ...]:
    """Return the texts of one revision of a purpose, in the order of the purpose file."""
    return tuple(
        Texts(language, {name: _value(value) for name, value in values.items()})
        for language, values in json.loads(stored).items()
    )


def by_field(texts: Sequence[Texts]) -> dict[str, Text]:
    """Return each text by its field and language, such as `scope.zh`."""
    return {f"{name}.{one.language}": text for one in texts for name, text in one.values.items()}


def _value(value: str | list[str]) -> Text:
    return value if isinstance(value, str) else tuple(value)
