"""A report as one HTML page that needs nothing else, and reads with scripts off.

Jinja2 escapes every value. The only script sorts tables; the page's policy names it by its hash, so
that no other one runs.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from facecli.consent.dates import is_date
from facecli.papers.as_html import environment
from facecli.papers.directions import plain
from facecli.papers.languages import Language
from facecli.printable import printable
from facecli.report import drawing
from facecli.report.document import Bars, Curves, Document, Kind, Table, Value
from facecli.report.values import missing, shown

MOST_ROWS = 10_000
"""Rows of the longest table that a page shows; JSON has the rows of longer ones."""
LONG = 20  # characters of a cell that stays on one line
UNBROKEN = 11  # letters of a word that is not divided on paper
NUMBERS = {"number", "rate", "seen", "distance"}


def html(report: Document) -> str:
    """Return the report as an HTML document. Hidden characters are escaped."""
    language, zone = report.language, report.zone

    def value(one: Value, kind: Kind) -> str:
        return shown(one, kind, language, zone)

    made = environment("facecli.report")
    made.filters |= {
        "text": plain,
        "shown": value,
        "lines": _lines,
        "missing": lambda fact: missing(fact, language),
        "aligned": _aligned,
        "svg": lambda plot, name: _svg(plot, name, language),
        "alternative": lambda plot: _alternative(plot, language),
        "left_out": lambda table: _left_out(table, language),
        "rows": lambda table: _rows(table, language, zone),
    }
    script = _part("tables.js")
    return made.get_template("report.html").render(
        report=report,
        words=_words(language),
        most_rows=MOST_ROWS,
        style=Markup(_part("report.css")),  # noqa: S704, our own file
        script=Markup(script),  # noqa: S704, our own file
        script_hash=f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
    )


@cache
def _part(name: str) -> str:
    return (files("facecli.report") / "templates" / name).read_text(encoding="utf-8")


def _words(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "as_of": say("As of"),
        "contents": say("Contents"),
        "none": say("none"),
        "no_plot": say(
            "This plot needs the Python package matplotlib. The table has the same numbers."
        ),
    }


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())


def _aligned(kind: Kind) -> str:
    return "number" if kind in NUMBERS else "text"


def _svg(plot: Bars | Curves, name: str, language: Language) -> Markup | None:
    """Return the plot as SVG, or None without matplotlib."""
    if not drawing.can_draw():
        return None
    picture = drawing.svg(plot, name, escape(_alternative(plot, language)))
    return Markup(picture)  # noqa: S704, made by matplotlib


def _alternative(plot: Bars | Curves, language: Language) -> str:
    return language.say("Plot: {caption}. The table has its numbers.", caption=plot.caption)


def _left_out(table: Table, language: Language) -> str:
    return language.say(
        "{caption}: {count} rows, too many for a page. The report with --format json has them.",
        caption=plain(table.caption),
        count=language.number(len(table.rows)),
    )


def _rows(table: Table, language: Language, zone: str) -> Markup:
    """Return the rows of a table. Text stands in `<bdi>`, so that it does not turn the line."""
    kinds = [column.kind for column in table.columns]
    lines = []
    for row in table.rows:
        cells = [_cell(one, kind, language, zone) for one, kind in zip(row, kinds, strict=True)]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return Markup("\n".join(lines))  # noqa: S704, each cell is escaped


def _cell(value: Value, kind: Kind, language: Language, zone: str) -> str:
    text: Any = shown(value, kind, language, zone)
    if kind in NUMBERS:
        return f'<td class="number">{text}</td>'
    content = (
        f"<bdi>{escape(text)}</bdi>" if kind == "text" and not text.isascii() else escape(text)
    )
    name = _class_of(text, kind)
    return f'<td class="{name}">{content}</td>' if name else f"<td>{content}</td>"


def _class_of(text: str, kind: Kind) -> str:
    """Return the class of a cell, which decides where its lines break."""
    if kind in ("moment", "end") or is_date(text):
        return "date"
    if len(text) > LONG:
        return "long"
    return "word" if any(len(word) > UNBROKEN for word in text.split()) else ""
