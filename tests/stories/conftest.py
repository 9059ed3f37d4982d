"""What the stories share: a controller with a purpose of its own, and pools that are kept warm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import _keeper, kept_workers
from tests.conftest import Clock, Facecli, Run

__all__ = ["_keeper", "kept_workers"]

TERMS = {
    "title": "A purpose of a story",
    "method": "face",
    "scope": "Those who chose it",
    "data": ["face template"],
    "necessity": "A number alone does not show who comes",
    "impact": "A template is held, encrypted; a wrong answer means that staff look",
    "legal_basis": "consent",
    "alternative": "a card, at the same place and price",
    "impact_assessment": "PIA-2026-11",
    "rights": "Ask at the desk: to see, correct, withdraw or erase",
    "notice": "notice.md",
    "max_consent": "2y",
    "retain_template": "1y",
    "retain_photo": "0d",
    "retain_match": "30d",
    "inactive_after": "180d",
    "threshold_fmr": 1e-3,
}
Applies = Callable[..., Run]


@pytest.fixture
def applies(ready: Facecli, tmp_path: Path, clock: Clock, kept_workers: Any) -> Applies:
    """Applies a purpose file with one purpose, the terms above with some of them changed."""

    def apply(code: str, **changes: Any) -> Run:
        clock.advance(seconds=1)
        folder = tmp_path / "controller"
        folder.mkdir(exist_ok=True)
        (folder / "notice.md").write_text("We compare your face, if you agree.\n")
        lines = [f"{name} = {_toml(value)}" for name, value in {**TERMS, **changes}.items()]
        text = '[controller]\nname = "A controller"\ncontact = "desk@story.example"\n'
        file = folder / f"{code}.toml"
        file.write_text(f"{text}[purpose.{code}]\n" + "\n".join(lines) + "\n")
        return ready("purpose", "apply", file, "--format", "json")

    return apply


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.fixture
def face(sample_data: Path) -> Callable[[int], Path]:
    """The photo with which the sample's person 1, 2 or 3 is enrolled."""
    return lambda number: sample_data / "enrol" / f"A-100{number}.jpg"


@pytest.fixture
def probe(sample_data: Path) -> Callable[[int], Path]:
    """Another photo of the same person."""
    return lambda number: sample_data / "probes" / f"gate-{number}.jpg"


@pytest.fixture
def enrol(ready: Facecli, face: Callable[[int], Path]) -> Callable[..., Run]:
    """Enrols a person under a REF, who has agreed at the desk to be used for a purpose."""

    def enrol(ref: str, number: int, code: str, *options: object) -> Run:
        agreed = ("--expires", "1y", "--notice-shown")
        return ready("enroll", "file", ref, face(number), "--purpose", code, *agreed, *options)

    return enrol


def entries(facecli: Facecli, action: str) -> list[dict[str, Any]]:
    """The log's entries of one action, oldest first."""
    found = facecli("log", "show", "-n", 200, "--format", "json").json()
    return [entry for entry in found if entry["action"] == action]


def due(facecli: Facecli) -> set[tuple[str | None, str, str]]:
    """REF, thing and reason of everything that is due now."""
    rows = facecli("purge", "--dry-run", "--format", "json").json()
    return {(row.get("ref"), row["what"], row["reason"]) for row in rows if "what" in row}


def matches(facecli: Facecli, code: str, *paths: object) -> list[str]:
    """The REFs that a search names."""
    rows = facecli("match", *paths, "--purpose", code, "--format", "json").json()
    return [row["ref"] for row in rows if row.get("decision") == "match"]
