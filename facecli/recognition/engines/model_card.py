"""Model cards: a user's own aligned-face network as an engine, described by a TOML file.

    name = "my-face"                  # small letters, digits and -
    model = "my-face.onnx"            # relative to the card; one input, one output
    sha256 = "…"                      # of the model file; checked at every start
    input_size = 112                  # pixels along each side of the square it takes
    layout = "NCHW"                   # or NHWC
    colour = "RGB"                    # or BGR
    mean = [127.5, 127.5, 127.5]      # in the network's order of colours; or one number for all
    scale = 0.0078125                 # the network sees (pixel - mean) * scale
    dimension = 512                   # numbers of a template
    metric = "cosine"                 # scale templates to unit length; or euclidean: unchanged
    licence = "MIT"                   # the licence under which you use the model
    calibration = "my-face.calibration.json"   # from `evaluate --save-calibration`; optional

    [handicap]                        # optional, from `evaluate --save-card`; see `card_handicap`

YuNet finds faces and landmarks. They are aligned to ArcFace's five points, scaled to the input.
Importing this module imports no numerical package.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from facecli import toml_text
from facecli.consent.text import check_note
from facecli.errors.command_line import BadInput
from facecli.recognition.engines import calibration, card_handicap, engine
from facecli.recognition.engines.card_handicap import CardHandicap, is_number
from facecli.recognition.engines.engine import EngineSpec, ModelCard

SUFFIX = ".toml"
LARGEST_CARD = 2**18
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
DIGEST = re.compile(r"[0-9a-f]{64}")
REQUIRED = (
    "name", "model", "sha256", "input_size", "layout", "colour", "mean", "scale", "dimension",
    "metric", "licence",
)  # fmt: skip


def choose(
    name: str,
    calibration: Path | None = None,
    views: int | None = None,
    unusable: Callable[[BadInput], None] | None = None,
) -> EngineSpec:
    """Return the engine of that name or, if the name ends in `.toml`, of that card.

    Args:
        calibration: a file from `evaluate --save-calibration`, instead of the engine's own.
        views: number of views in a template, if the engine offers a choice.
        unusable: receives the error if the calibration that a card names is missing or belongs to
            another engine; the engine then has no calibration. Without it, the error is raised.

    Raises:
        UnknownEngine: there is no such engine.
        BadInput: the card or the calibration is not usable, or the engine does not offer that
            number of views.
        ModelFailed: the card's model is missing or not the file that the card names.
    """
    if name.endswith(SUFFIX) and views is not None:
        raise BadInput(what=f"--views {views}", why="a model card has no choice of views")
    spec = from_file(Path(name), unusable) if name.endswith(SUFFIX) else engine.spec(name, views)
    return spec if calibration is None else spec.calibrated(_calibration(calibration, spec))


def from_file(path: Path, unusable: Callable[[BadInput], None] | None = None) -> EngineSpec:
    """Return the engine of a card, its model verified. `unusable` and errors as in `choose`."""
    table = _read(path)
    where = f"The model card {path}"
    unknown = sorted(set(table) - {*REQUIRED, "calibration", "handicap"})
    if unknown:
        raise BadInput(what=where, why=f"the field `{unknown[0]}` is not known")
    card = _card(table, path.absolute().parent, where)
    card.content()
    spec = card.spec(None)
    if "calibration" not in table:
        return spec
    file = path.absolute().parent / _text(table, "calibration", where)
    try:
        return spec.calibrated(_calibration(file, spec))
    except BadInput as error:
        if unusable is None:
            raise
        unusable(error)
        return spec


def dump(card: ModelCard) -> str:
    """Return the card as JSON, to store in the database."""
    return json.dumps(asdict(card), sort_keys=True)


def text_of(card: ModelCard, folder: Path, calibration: Path | None = None) -> str:
    """Return the card as TOML text that `from_file` reads.

    Args:
        folder: of the card's file; the model is named by its path from there.
        calibration: the file that the card names.
    """
    fields = {name: getattr(card, name) for name in REQUIRED}
    fields["model"] = os.path.relpath(card.model, folder.absolute())
    if calibration is not None:
        fields["calibration"] = os.path.relpath(calibration.absolute(), folder.absolute())
    lines = [f"{name} = {json.dumps(fields[name], ensure_ascii=False)}" for name in fields]
    table = "" if card.handicap is None else "\n" + card_handicap.text_of(card.handicap)
    return "\n".join(lines) + "\n" + table


def parse(text: str) -> ModelCard:
    """Return the card that `dump` wrote."""
    record = json.loads(text)
    handicap = record.get("handicap")
    if handicap is not None:
        handicap = CardHandicap(**{**handicap, "crowd": tuple(handicap["crowd"])})
    return ModelCard(**{**record, "mean": tuple(record["mean"]), "handicap": handicap})


def _calibration(path: Path, spec: EngineSpec) -> str:
    return calibration.dump(calibration.load(path, spec.engine_id))


def _read(path: Path) -> dict[str, Any]:
    where = f"The model card {path}"
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_CARD + 1)
        if len(content) > LARGEST_CARD:
            raise BadInput(what=where, why="it is larger than 256 KiB")
        return toml_text.parse(content)
    except OSError as error:
        raise BadInput(what=where, why=(error.strerror or "it cannot be read").lower()) from None
    except ValueError as error:
        raise BadInput(what=where, why=str(error)) from None


def _card(table: Mapping[str, Any], folder: Path, where: str) -> ModelCard:
    name = _text(table, "name", where)
    if not NAME.fullmatch(name) or name in engine.names():
        why = "`name` must have 1 to 32 small letters, digits and -, and no shipped engine's name"
        raise BadInput(what=where, why=why)
    digest = _text(table, "sha256", where).lower()
    if not DIGEST.fullmatch(digest):
        raise BadInput(what=where, why="`sha256` must be 64 hexadecimal digits")
    dimension = _whole(table, "dimension", where, 2, 8192)
    metric = _one_of(table, "metric", where, "cosine", "euclidean")
    return ModelCard(
        name=name,
        model=str(folder / _text(table, "model", where)),
        sha256=digest,
        input_size=_whole(table, "input_size", where, 16, 1024),
        layout=_one_of(table, "layout", where, "NCHW", "NHWC"),
        colour=_one_of(table, "colour", where, "RGB", "BGR"),
        mean=_mean(_field(table, "mean", where), where),
        scale=_scale(_field(table, "scale", where), where),
        dimension=dimension,
        metric=metric,
        licence=check_note(_text(table, "licence", where), "The field `licence`"),
        handicap=_handicap(table, metric, dimension, where),
    )


def _handicap(
    table: Mapping[str, Any], metric: str, dimension: int, where: str
) -> CardHandicap | None:
    if "handicap" not in table:
        return None
    if metric != "cosine":
        raise BadInput(what=where, why="`[handicap]` needs the metric `cosine`")
    return card_handicap.read(table["handicap"], dimension, where)


def _field(table: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in table:
        raise BadInput(what=where, why=f"the field `{name}` is missing")
    return table[name]


def _text(table: Mapping[str, Any], name: str, where: str) -> str:
    value = _field(table, name, where)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise BadInput(what=where, why=f"the field `{name}` must be text")
    return value


def _one_of(table: Mapping[str, Any], name: str, where: str, *values: str) -> str:
    value = _field(table, name, where)
    if value not in values:
        raise BadInput(what=where, why=f"the field `{name}` must be {' or '.join(values)}")
    return str(value)


def _whole(table: Mapping[str, Any], name: str, where: str, low: int, high: int) -> int:
    value = _field(table, name, where)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        why = f"the field `{name}` must be a whole number from {low} to {high}"
        raise BadInput(what=where, why=why)
    return value


def _mean(value: Any, where: str) -> tuple[float, float, float]:
    values = value if isinstance(value, list) else [value] * 3
    if len(values) != 3 or not all(map(is_number, values)):
        raise BadInput(what=where, why="the field `mean` must be a number or three")
    return float(values[0]), float(values[1]), float(values[2])


def _scale(value: Any, where: str) -> float:
    if not is_number(value) or not value:
        raise BadInput(what=where, why="the field `scale` must be a number other than 0")
    return float(value)
