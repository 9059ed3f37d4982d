"""The constants of a model card's handicaps: what they change, and which of them are refused."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.engines import card_handicap, model_card, scoring
from facecli.recognition.engines.card_handicap import CardHandicap
from facecli.recognition.engines.scoring import LARGEST, NetworkOutput
from tests.tiny_network import DIMENSION, write_card

CROWD = tuple(float(number) for number in range(1, DIMENSION + 1))
WHOLE = CardHandicap(CROWD, 0.2, 0.3, 0.01, 9.0, 12.25, 15.0)


@pytest.fixture
def card(tmp_path: Path) -> Callable[..., Path]:
    """Writes the tiny model and its card, with the constants in these lines."""

    def write(*lines: str, **changes: Any) -> Path:
        path = write_card(tmp_path, **changes)
        text = path.read_text(encoding="utf-8")
        path.write_text("\n".join([text, "[handicap]", *lines, ""]), encoding="utf-8")
        return path

    return write


def lines_of(**changes: str | None) -> list[str]:
    """The lines of WHOLE with some constants replaced; None leaves one out."""
    table = dict(
        line.split(" = ") for line in card_handicap.text_of(WHOLE).splitlines() if " = " in line
    )
    table.update(changes)
    return [f"{name} = {value}" for name, value in table.items() if value is not None]


def test_what_is_written_reads_back() -> None:
    for made in (WHOLE, CardHandicap(CROWD, 0.2, 0.3), CardHandicap((), 0, 0, 0.01, 9, 12, 15)):
        table = tomllib.loads(card_handicap.text_of(made))["handicap"]
        assert card_handicap.read(table, DIMENSION, "The card") == made


def test_a_card_has_the_scoring_that_its_constants_state(card: Callable[..., Path]) -> None:
    spec = model_card.from_file(card(*lines_of()))
    vectors = np.eye(DIMENSION, dtype=np.float32)
    output = NetworkOutput(vectors, np.linspace(8, 16, DIMENSION, dtype=np.float32))
    unit = np.array(CROWD) / np.linalg.norm(CROWD)
    expected = 0.2 * (unit - 0.3) + 0.01 * (output.norms.clip(9, 15) - 12.25)
    assert scoring.handicaps(spec.scoring, output) == pytest.approx(expected, abs=1e-6)
    codes = scoring.stored(spec.scoring, output).codes.astype(float)
    assert codes * (spec.scoring.handicap_step or 0) == pytest.approx(
        expected, abs=(spec.scoring.handicap_step or 0) / 2 + 1e-6
    )
    assert scoring.size(spec.scoring, DIMENSION) == 4 * DIMENSION + 1


def test_no_handicap_is_clipped() -> None:
    made = WHOLE.scoring
    unit = np.array([CROWD, CROWD]) / np.linalg.norm(CROWD) * [[1], [-1]]
    output = NetworkOutput(unit.astype(np.float32), np.array([99, 0], np.float32))
    codes = scoring.handicaps(made, output) / (made.handicap_step or 1)
    assert abs(codes).max() <= LARGEST + 0.4  # rounded to LARGEST


@pytest.mark.parametrize(
    "change",
    [
        {"crowd": str(list(CROWD[::-1]))}, {"crowd_weight": "0.25"}, {"crowd_usual": "0.31"},
        {"norm_weight": "0.02"}, {"norm_low": "8"}, {"norm_middle": "12"}, {"norm_high": "16"},
        dict.fromkeys(card_handicap.CROWD), dict.fromkeys(card_handicap.NORM),
    ],
)  # fmt: skip
def test_each_constant_is_part_of_the_engine_id(
    card: Callable[..., Path], change: dict[str, str | None]
) -> None:
    before = model_card.from_file(card(*lines_of())).engine_id
    assert model_card.from_file(card(*lines_of(**change))).engine_id != before


def test_a_card_with_constants_comes_back_from_the_database(card: Callable[..., Path]) -> None:
    spec = model_card.from_file(card(*lines_of()))
    assert spec.card is not None
    again = model_card.parse(model_card.dump(spec.card))
    assert again == spec.card
    assert again.spec(None).engine_id == spec.engine_id
    crowds = again.spec(None).scoring.crowds
    assert crowds is not None
    assert scoring.vectors_of(crowds).shape == (1, DIMENSION)


BAD = ["nan", "-nan", "inf", "-0.1", "'0.2'", "true", "[]", "1e9", "0"]


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("name", ["crowd_weight", "norm_weight"])
def test_a_weight_that_is_none_is_named(card: Callable[..., Path], name: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"`{name}` of `\\[handicap\\]` must be a number") as caught:
        model_card.from_file(card(*lines_of(**{name: value})))
    assert caught.value.message.count(". ") == 0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("crowd_usual", "nan", "`crowd_usual` of .* from -1 to 1"),
        ("crowd_usual", "1.5", "`crowd_usual` of .* from -1 to 1"),
        ("crowd_usual", "'0.3'", "`crowd_usual` of .* must be a number"),
        ("norm_low", "-1", "`norm_low` of .* must be a number from 0"),
        ("norm_low", "16", "`norm_high` of .* must rise"),
        ("norm_middle", "inf", "`norm_middle` of .* must be a number"),
        ("norm_high", "9", "`norm_high` of .* must rise"),
        ("crowd", "[1, 2]", f"`crowd` of .* must be {DIMENSION} numbers"),
        ("crowd", f"[nan{', 1' * (DIMENSION - 1)}]", "`crowd` of .* must be"),
        ("crowd", f"['1'{', 1' * (DIMENSION - 1)}]", "`crowd` of .* must be"),
        ("crowd", f"[0{', 0' * (DIMENSION - 1)}]", "not all 0"),
        ("crowd", "'mean.json'", "`crowd` of .* must be"),
        ("w", "0.2", "`w` of .* is not known"),
        *((name, None, f"`{name}` of .* is missing") for name in
          (*card_handicap.CROWD, *card_handicap.NORM)),
    ],
)  # fmt: skip
def test_a_bad_constant_is_named(
    card: Callable[..., Path], name: str, value: str | None, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        model_card.from_file(card(*lines_of(**{name: value})))


def test_constants_need_a_table_and_templates_of_unit_length(
    card: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="`\\[handicap\\]` is empty"):
        model_card.from_file(card())
    with pytest.raises(BadInput, match="needs the metric `cosine`"):
        model_card.from_file(card(*lines_of(), metric="euclidean"))
    number = write_card(tmp_path, handicap=0.2)
    with pytest.raises(BadInput, match="must be a table"):
        model_card.from_file(number)
