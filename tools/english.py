"""Plain English, as far as a machine can check it: python -m tools.english [PATH-PREFIX].

It reads the help of the real commands, the classes of errors, the syntax trees and comments of
sources, and the pages in Markdown. Each finding names a file, a line, the words and the remedy.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from facecli.cli.main import COMMANDS, cli
from tools.docs.generate import TABLE
from tools.docs.man_pages import error_classes

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = ("facecli", "tools", "sample_data")
PAGES = ("*.md", "man/source/*.md", "sample_data/*.md", "tests/benchmarks/notes.md")
LONGEST = 25
"""Words of a sentence in help and errors. Sentences of 20 are better; lists need more."""

WORDS = {
    r"whom": "write who, or a noun",
    r"so-manieth": "write every N-th",
    r"(?:it|that|which) is none|are none any more": "write what it is not",
    r"be it|be they": "write even, or drop it",
    r"rest(?:ed|s|ing)? on (?:it|the|a|what|their|these|consents?)": "name the data",
    r"amiss": "write wrong, or name it",
    r"only [^.;:(]{1,40} alone": "write only",
    r"so (?:many|much|few) (?!as\b|that\b)\w+": "write N, or the number",
}
"""Words that have a plainer one, anywhere; regular expressions between word boundaries."""

SPOKEN = {
    r"(?:say|says|said|saying)": "write report, print, record, state or confirm",
    r"(?:tell|tells|told|telling)(?! (?:\w+ )?apart)": "write report, print or ask",
    r"held no more|no more (?:is|are)|any more": "write no longer",
    r"anew": "write again",
    r"passed over": "write skipped",
    r"put back": "write replaced, or restored",
}
"""Words that help and errors avoid too."""

OPENING = re.compile(
    r"(What|How|Whether|Who|Whose|Whom|Where|When|Which|Why|Until when|From when|Is|Are|Was|Were|"
    r"Does|Did|Has|Have|Can|May|Should|That which)\b"
)
INVERTED = re.compile(
    r"(?:^|[.:] )(Of (?:a|an|the|each|every|what)\b[^.,]{1,60}?(?:,| only| is| are))"
)
PLURALS = (
    "backups|bystanders|bytes|candidates|captures|certificates|checkpoints|consents|days|entries|"
    "erasures|errors|exports|faces|files|folders|frames|hours|images|keys|lines|matches|minutes|"
    "pages|people|persons|photos|pictures|probes|processes|purposes|records|references|rows|"
    "seconds|slots|subjects|templates|tracks|versions|views|warnings|years"
)
COUNT_IN_TEMPLATE = re.compile(rf"\{{([a-z]\w*)(?::[^}}]*)?\}} (?:\w+ )?({PLURALS})\b")
NO_COUNTS = {"kind", "name", "rate", "verb", "what"}
AFTER_COUNT = re.compile(rf" ({PLURALS})\b")
ONE_OF_MANY = re.compile(rf"(?<![\d.,-])1 ({PLURALS})\b")


@dataclass(frozen=True, order=True)
class Finding:
    """Words at a place that could be plainer."""

    path: str
    line: int
    words: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.words!r}: {self.remedy}"


def findings() -> list[Finding]:
    """Return every finding of the project, by file and line."""
    found: set[Finding] = set()
    found.update(of_help())
    found.update(of_errors())
    for folder in SOURCES:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            if path != Path(__file__):
                found.update(of_source(_relative(path), path.read_text(encoding="utf-8")))
    for pattern in PAGES:
        for path in sorted(PROJECT.glob(pattern)):
            found.update(of_page(_relative(path), path.read_text(encoding="utf-8")))
    return sorted(found)


def of_text(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield offset, words and remedy for words that have a plainer one."""
    yield from _matches(WORDS, text)
    for found in ONE_OF_MANY.finditer(text):
        yield found.start(), found[0], "make the numbers agree"


def of_spoken(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the same for a text that facecli prints, with its sentence structure."""
    yield from of_text(text)
    yield from _matches(SPOKEN, text)
    for found in INVERTED.finditer(text):
        yield found.start(1), found[1], "begin with the subject"
    for sentence in re.split(r"(?<=[.;?!])\s+", text):
        length = len(re.findall(r"[\w'-]*[^\W_][\w'-]*", sentence))
        if length > LONGEST:
            start = " ".join(sentence.split()[:5])
            yield text.index(sentence), f"{start} …", f"split this sentence of {length} words"


def of_help() -> Iterator[Finding]:
    """Yield findings in the help of every command, group and option, and in the summaries."""
    path, first = _place(cli)
    lines = (PROJECT / path).read_text(encoding="utf-8").splitlines()
    for summary in COMMANDS.values():
        for _, words, remedy in of_spoken(summary):
            yield Finding(path, _line_of(words, lines, 1), words, remedy)
    for command, context in _commands(cli, cli.make_context("facecli", [], resilient_parsing=True)):
        path, first = _place(command)
        lines = (PROJECT / path).read_text(encoding="utf-8").splitlines()
        texts = [inspect.cleandoc(command.help or "").split("\b\n")[0], command.epilog or ""]
        options = (one for one in command.get_params(context) if isinstance(one, click.Option))
        texts += [option.help or "" for option in options]
        for text in texts:
            for _, words, remedy in of_spoken(" ".join(text.split())):
                yield Finding(path, _line_of(words, lines, first), words, remedy)


def of_errors() -> Iterator[Finding]:
    """Yield findings in the messages and remedies of every class of error."""
    for kind in error_classes():
        path = _relative(Path(inspect.getfile(kind)))
        block, first = inspect.getsourcelines(kind)
        inner = getattr(kind, "WORDS", {}) if "WORDS" in vars(kind) else {}
        for text in (kind.__doc__ or "", kind.remedy, *map(str, inner.values())):
            flat = " ".join(text.split())
            counts = COUNT_IN_TEMPLATE.finditer(flat)
            agreeing = [(0, one[0], "use facecli.printable.counted") for one in counts]
            for _, words, remedy in [*of_spoken(flat), *agreeing]:
                yield Finding(path, first + _line_of(words, block, 1) - 1, words, remedy)


def of_source(path: str, source: str) -> Iterator[Finding]:
    """Yield findings in the docstrings, comments, texts and counts of a source file."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _of_docstring(path, node)
        elif isinstance(node, ast.JoinedStr):
            yield from _of_counts(path, node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for _, words, remedy in of_text(node.value):
                yield Finding(path, node.lineno, words, remedy)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            for _, words, remedy in of_text(token.string):
                yield Finding(path, token.start[0], words, remedy)


def of_page(path: str, text: str) -> Iterator[Finding]:
    """Yield findings in a page of Markdown, without its generated tables and quoted examples."""
    blank = TABLE.sub(lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(blank.splitlines(), 1):
        for _, words, remedy in of_text(re.sub(r'"[^"]*"', '""', line)):
            yield Finding(path, number, words, remedy)


def _of_docstring(
    path: str, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[Finding]:
    text = ast.get_docstring(node)
    if text is None:
        return
    line = node.body[0].lineno
    title = " ".join(text.split("\n\n")[0].split())
    opening = OPENING.match(title)
    if opening is not None:
        yield Finding(path, line, opening[0], "begin with an imperative or a noun phrase")
    elif re.match(r"[^.:]*\?(\s|$)", title):
        yield Finding(path, line, " ".join(title.split()[:5]), "do not ask a question")


def _of_counts(path: str, node: ast.JoinedStr) -> Iterator[Finding]:
    """Yield counts that stand bare before a plural: `counted` makes the two agree."""
    for value, after in zip(node.values, node.values[1:], strict=False):
        if not (isinstance(value, ast.FormattedValue) and isinstance(after, ast.Constant)):
            continue
        plural = AFTER_COUNT.match(str(after.value))
        expression = ast.unparse(value.value)
        if plural and not expression.isupper() and expression not in NO_COUNTS:
            words = f"{{{expression}}} {plural[1]}"
            yield Finding(path, value.lineno, words, "use facecli.printable.counted")


def _matches(words: dict[str, str], text: str) -> Iterator[tuple[int, str, str]]:
    for pattern, remedy in words.items():
        for found in re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
            yield found.start(), found[0], remedy


def _commands(
    command: click.Command, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                inner = child.make_context(name, [], parent=context, resilient_parsing=True)
                yield from _commands(child, inner)


def _place(command: click.Command) -> tuple[str, int]:
    """Return the file of a command's function and its first line."""
    code = inspect.unwrap(command.callback).__code__ if command.callback else None
    if code is None:
        return "facecli/cli/main.py", 1
    return _relative(Path(code.co_filename)), code.co_firstlineno


def _line_of(words: str, lines: Iterable[str], first: int) -> int:
    """Return the line, from `first` on, that has the first two of the words; `first` if none."""
    start = " ".join(words.split()[:2]).removesuffix("…").strip()
    for number, line in enumerate(lines, 1):
        if number >= first and start in line:
            return number
    return first


def _relative(path: Path) -> str:
    return str(path.resolve().relative_to(PROJECT))


def main(prefix: str) -> int:
    """Print the findings below a path, and how many each folder has."""
    found = [one for one in findings() if one.path.startswith(prefix)]
    folders = Counter(str(Path(one.path).parent) for one in found)
    lines = [
        *map(str, found),
        "",
        *(f"{count:5} {name}" for name, count in sorted(folders.items())),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
