"""The man pages of section 1, from the tree of commands: facecli.1 and one for each command.

click-man 0.6 does not serve: it leaves out epilogs (our exit codes), copies click's `\\b` marks
into the page, cuts the summary in NAME, and makes no page for a lazy group such as ours.

The pages are in man(7), with one sentence a line, as `mandoc -T lint` wants them.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
import textwrap
from collections.abc import Iterable

from facecli import __version__, errors
from facecli.errors.base import Exit, FacecliError
from tools.docs.command_tree import Node
from tools.docs.facts import ENVIRONMENT, FILES, KEY_RULE, REVISED

WIDTH = 72
LONGEST = 80
UNBROKEN = "\N{NO-BREAK SPACE}"
ESCAPES = {"\\": "\\e", "-": "\\-", "~": "\\(ti", "^": "\\(ha", "`": "\\(ga", "…": "..."}
CODE = re.compile(r"`[^`]+`|\*[a-zA-Z][^*]*\*")
MARKED = re.compile(r"`([^`]+)`|(?<![\w-])(--?[a-z][a-z-]*)|\*([a-zA-Z][^*]*)\*")


FURTHER = [
    ("facecli-engines", "5"),
    ("facecli-log", "5"),
    ("facecli-purposes", "5"),
    ("facecli", "7"),
    ("facecli-accuracy", "7"),
    ("facecli-cameras", "7"),
    ("facecli-cluster", "7"),
    ("facecli-operations", "7"),
]
"""The pages of sections 5 and 7 (see `markdown_pages`)."""


def pages(root: Node) -> dict[str, str]:
    """Return every page by its file name."""
    found = {"facecli.1": _main_page(root)}
    for node in root.children:
        found[f"facecli-{node.path[0]}.1"] = _command_page(node, root)
    return found


def _main_page(root: Node) -> str:
    listed = [
        (f"\\fB{_escape('facecli-' + node.path[0])}\\fR(1)", node.summary) for node in root.children
    ]
    return page(
        "facecli",
        "face recognition that answers for itself",
        [
            ("SYNOPSIS", _synopsis(root)),
            ("DESCRIPTION", paragraphs(root.help.paragraphs)),
            ("OPTIONS", _options(root)),
            ("COMMANDS", _list(listed)),
            ("KEYS", paragraphs([KEY_RULE])),
            ("EXIT STATUS", _list((_bold(str(int(code))), code.meaning + ".") for code in Exit)),
            ("ENVIRONMENT", _list((_bold(name), text) for name, text in ENVIRONMENT)),
            ("FILES", _list((_italic(name), text) for name, text in FILES)),
            ("EXAMPLES", _examples(root)),
            ("DIAGNOSTICS", _diagnostics()),
            ("SEE ALSO", _see_also(node.path[0] for node in root.children)),
        ],
    )


def _command_page(node: Node, root: Node) -> str:
    sections = [
        ("SYNOPSIS", _lines(_synopsis(leaf) for leaf in node.leaves())),
        ("DESCRIPTION", paragraphs(node.help.paragraphs) + _alias(node)),
    ]
    if node.runs:
        sections += [("OPTIONS", _options(node)), ("EXIT STATUS", _exit_codes(node))]
        sections += [("EXAMPLES", _examples(node))]
    sections += [
        (leaf.words.upper(), _subcommand(leaf)) for leaf in node.leaves() if leaf is not node
    ]
    everywhere = (
        "The options before the command, the keys, all exit codes, the environment and the files "
        "are described in"
    )
    see = f"{_fill(everywhere)}\n.BR facecli (1).\n"
    others = [one.path[0] for one in root.children if one is not node]
    return page(
        f"facecli-{node.path[0]}",
        node.summary,
        [*sections, ("NOTES", see), ("SEE ALSO", _see_also(others, main=True))],
    )


def _subcommand(leaf: Node) -> str:
    """Return the section of a subcommand: text, options, exit codes, examples."""
    return (
        paragraphs(leaf.help.paragraphs)
        + _options(leaf)
        + _titled("Exit status", _exit_codes(leaf))
        + _titled("Examples", _examples(leaf))
    )


def _titled(title: str, body: str) -> str:
    return f".SS {title}\n{body}" if body else ""


def page(name: str, summary: str, sections: Iterable[tuple[str, str]], *, section: int = 1) -> str:
    """Return a page from sections whose bodies are roff already. Empty sections are left out."""
    source = "the commands themselves" if section == 1 else f"man/source/{name}.{section}.md"
    head = (
        f'.\\" Written by `make docs` from {source}; do not edit.\n'
        f".TH {_escape(name.upper())} {section} {REVISED}"
        f' "facecli {__version__}" "facecli manual"\n'
        ".ad l\n"  # justified, a narrow terminal has lines that cannot be adjusted
        f".SH NAME\n{_name(name, summary)}\n"
    )
    return head + "".join(f".SH {_escape(title)}\n{body}" for title, body in sections if body)


def _name(name: str, summary: str) -> str:
    """Return `facecli\\-log \\- what it is`, for apropos, without a group's list of commands."""
    text = f"{name} - {re.sub(r': [a-z-]+(, [a-z-]+)*[.]$|[.]$', '', summary)}"
    return "\n".join(_escape(line) for line in textwrap.wrap(text, WIDTH))


def _synopsis(node: Node) -> str:
    options = "" if node.path else r" [\fIoptions\fR] \fIcommand\fR ..."
    if node.path:
        usage = node.usage.removesuffix(" [COMMAND] [ARGS]...")  # each has a line of its own
        options = " " + _escape(usage.replace("[OPTIONS]", "[options]"))
    return f"\\fB{_escape(node.words)}\\fR{options}\n"


def _lines(lines: Iterable[str]) -> str:
    return ".br\n".join(lines)


def paragraphs(texts: Iterable[str]) -> str:
    """Return filled paragraphs of texts."""
    return ".PP\n".join(f"{_fill(paragraph)}\n" for paragraph in texts)


def _alias(node: Node) -> str:
    names = " and ".join(_bold(f"facecli {alias}") for alias in node.aliases)
    return f".PP\n{names} is the same command.\n" if names else ""


def _options(node: Node) -> str:
    return _list((_bold(option.usage), option.help) for option in node.options)


def _exit_codes(node: Node) -> str:
    codes = sorted(node.help.exit_codes, key=lambda pair: int(re.split(r"\D", pair[0])[0]))
    return _list((_bold(code), text + ".") for code, text in codes)


def _examples(node: Node) -> str:
    if not node.help.examples:
        return ""
    return verbatim(node.help.examples)


def verbatim(lines: Iterable[str]) -> str:
    """Return lines that are shown as they stand, indented."""
    body = "\n".join(_escape(line) for line in lines)
    return f".nf\n.RS 4\n{body}\n.RE\n.fi\n"


def _list(items: Iterable[tuple[str, str]]) -> str:
    """Return tagged paragraphs. Tags are roff already, texts are not."""
    return "".join(f".TP\n{tag}\n{_fill(_sentence(text))}\n" for tag, text in items)


def tagged(items: Iterable[tuple[str, str]]) -> str:
    """Return a list of terms with their meanings, both given as text."""
    return _list((_bold(term), text) for term, text in items)


def bullets(items: Iterable[str]) -> str:
    """Return a list of texts without terms."""
    return "".join(f".IP \\(bu 2\n{_fill(text)}\n" for text in items)


def references(pages_named: Iterable[tuple[str, str]]) -> str:
    """Return references to pages by name and section."""
    lines = [f".BR {_escape(name)} ({section})" for name, section in pages_named]
    return " ,\n".join(lines) + "\n"


def _see_also(names: Iterable[str], *, main: bool = False) -> str:
    named = (["facecli"] if main else []) + sorted(f"facecli-{name}" for name in names)
    return references([(name, "1") for name in named] + FURTHER)


def _diagnostics() -> str:
    """Return every error with its message, remedy, reason code and exit code."""
    intro = paragraphs(
        [
            "An error is one line on stderr: what happened, and what to do next. Records and the "
            "log carry its reason code, which stands here with the exit code."
        ]
    )
    kinds = [kind for kind in error_classes() if (kind.__doc__ or "") != "{message}"]
    return intro + _list(
        (f"\\fB{_escape(kind.code)}\\fR (exit {int(kind.exit_code)})", _template(kind))
        for kind in sorted(kinds, key=lambda kind: (kind.exit_code, kind.code))
    )


def error_classes() -> list[type[FacecliError]]:
    """Return every class of error in `facecli.errors`, with the base class."""
    modules = (
        importlib.import_module(f"{errors.__name__}.{module.name}")
        for module in pkgutil.iter_modules(errors.__path__)
    )
    kinds = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, FacecliError)
    }
    return sorted(kinds, key=lambda kind: kind.__name__)


def _template(kind: type[FacecliError]) -> str:
    """Return the class's message and remedy, with placeholders in capitals."""
    text = f"{(kind.__doc__ or '').splitlines()[0]} {kind.remedy}"
    pieces = string.Formatter().parse(text)
    return "".join(
        literal + (name or "").upper() + (f" {form[2:]}s" if form and form.startswith("n ") else "")
        for literal, name, form, _ in pieces
    )


# -- roff ---------------------------------------------------------------------------------


def _escape(text: str) -> str:
    """Escape text so that roff prints it as it stands."""
    escaped = "".join(
        ESCAPES.get(char) or (char if char.isascii() else f"\\[u{ord(char):04X}]") for char in text
    )
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _bold(text: str) -> str:
    return f"\\fB{_escape(text)}\\fR"


def _italic(text: str) -> str:
    return f"\\fI{_escape(text)}\\fR"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fill(text: str) -> str:
    """Fill lines, each sentence on a line of its own, with marks as in `_marked`."""
    whole = CODE.sub(lambda found: found[0].replace(" ", UNBROKEN), " ".join(text.split()))
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z`\[])", whole)
    return "\n".join(_filled(sentence) for sentence in sentences)


def _filled(sentence: str) -> str:
    """Wrap one sentence into lines that stay short with marks and escapes."""
    lines: list[str] = []
    for width in (WIDTH, WIDTH * 3 // 4, WIDTH // 2):
        wrapped = textwrap.wrap(sentence, width, break_long_words=False, break_on_hyphens=False)
        lines = [_marked(line.replace(UNBROKEN, " ")) for line in wrapped]
        if all(len(line) <= LONGEST for line in lines):
            break
    return "\n".join(lines)


def _marked(line: str) -> str:
    """Escape one line, with options and `code` in bold and *words* in italics."""
    result, end = "", 0
    for found in MARKED.finditer(line):
        marked = _italic(found[3]) if found[3] else _bold(found[1] or found[2])
        result += _escape_inside(line[end : found.start()]) + marked
        end = found.end()
    result += _escape_inside(line[end:])
    return f"\\&{result}" if result.startswith((".", "'")) else result


def _escape_inside(text: str) -> str:
    return _escape(text).removeprefix("\\&")
