"""A letter as one HTML page that needs nothing else: no script, no request, print on A4 and Letter.

Jinja2 escapes every value. Values stand in `<bdi>`, so that a right-to-left name does not turn the
line around it.
"""

from __future__ import annotations

import base64
import io
from functools import cache

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from facecli.papers import markdown
from facecli.papers.directions import parts, plain
from facecli.papers.letter import Letter
from facecli.printable import printable

MASK = 3
"""Of ISO/IEC 18004, table 10; every reader knows all eight."""


def html(letter: Letter) -> str:
    """Return the letter as an HTML document. Hidden characters are escaped."""
    code = "" if letter.check is None else Markup(_qr(letter.check.code))  # noqa: S704, our SVG
    return _template().render(letter=letter, code=code)


def environment(package: str) -> Environment:
    """Return an environment for the templates of a package: every value in them is escaped."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _template() -> Template:
    made = environment("facecli.papers")
    made.filters["shown"] = _shown
    made.filters["plain"] = plain
    made.filters["markdown"] = _markdown
    made.filters["jpeg"] = _jpeg
    return made.get_template("letter.html")


def _shown(text: str) -> Markup:
    """Return a text as markup in which isolated values keep their direction."""
    return Markup().join(
        Markup("<bdi>{}</bdi>").format(part) if alone else part for part, alone in parts(text)
    )


def _markdown(source: str) -> Markup:
    """Return CommonMark as markup; `markdown.html` shows HTML in it as text."""
    lines = "\n".join(printable(line) for line in source.splitlines())
    return Markup(markdown.html(lines))  # noqa: S704


def _jpeg(content: bytes) -> str:
    """Return a JPEG file as an address that holds it whole."""
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"


def _qr(content: str) -> str:
    """Return a QR code as SVG, of the size that its surroundings give it.

    The mask is fixed: trying all eight takes a fifth of the time that the page does.
    """
    out = io.BytesIO()
    segno.make(content, error="m", micro=False, mask=MASK).save(
        out, kind="svg", omitsize=True, xmldecl=False, svgns=True, border=4, light="#ffffff"
    )
    return out.getvalue().decode()
