"""Write the man pages, completions, RESULTS.md and the README's tables: `make docs`.

python -m tools.docs.generate [FOLDER]     the project's folder; default: the current one
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from facecli.errors.base import Exit
from tools.docs import completions, man_pages, markdown_pages
from tools.docs.command_tree import Node, tree

GENERATED = ("man", "completions")
BENCHMARKS = Path("tests/benchmarks")
TABLE = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def documents(folder: Path) -> dict[Path, str]:
    """Return the text of every generated document, by its path in the project's folder."""
    root = tree()
    readme = (folder / "README.md").read_text(encoding="utf-8")
    results = json.loads((folder / BENCHMARKS / "results.json").read_text(encoding="utf-8"))
    notes = (folder / BENCHMARKS / "notes.md").read_text(encoding="utf-8")
    found = {
        folder / "README.md": with_tables(readme, root),
        folder / BENCHMARKS / "RESULTS.md": _report(results, notes),
    }
    for name, text in {**man_pages.pages(root), **markdown_pages.pages(folder)}.items():
        found[folder / "man" / name] = text
    for shell, script in completions.SCRIPTS.items():
        found[folder / "completions" / f"facecli.{shell}"] = script(root, False)
        found[folder / "completions" / f"facecli-dynamic.{shell}"] = script(root, True)
    return found


def leftover(folder: Path, wanted: Iterable[Path]) -> list[Path]:
    """Return the files in the generated folders that nothing writes any more."""
    there = {path for name in GENERATED for path in (folder / name).glob("facecli*")}
    return sorted(there - set(wanted))


def with_tables(readme: str, root: Node) -> str:
    """Return the README with each table between `<!-- table: NAME -->` and its end replaced."""

    def fill(found: re.Match[str]) -> str:
        return f"{found[1]}\n{_TABLES[found[2]](root)}\n{found[3]}"

    return TABLE.sub(fill, readme)


def _report(results: Mapping[str, Any], notes: str) -> str:
    """Return RESULTS.md: the last figures of every benchmark, with the notes on each.

    notes: `## NAME` sections in Markdown, with an introduction before the first.
    """
    head, *sections = re.split(r"^## ", notes, flags=re.MULTILINE)
    texts = {name: text.strip() for name, _, text in (one.partition("\n") for one in sections)}
    parts = [f"# Results of the last `make bench`\n\n{head.strip()}\n"]
    for name in sorted(results.keys() | texts.keys()):
        parts.append(f"## {name}\n")
        parts += [f"{texts[name]}\n"] if name in texts else []
        if name in results:
            machine = results[name]["machine"]
            parts.append(", ".join(f"{part} {value}" for part, value in machine.items()) + "\n")
            parts.append(_figures(results[name]))
            if "table" in results[name]:
                table = results[name]["table"]
                parts.append(_table(tuple(table["head"]), map(tuple, table["rows"])))
    return "\n".join(parts)


def _figures(found: Mapping[str, Any]) -> str:
    """Return the figures of one benchmark, each with its bound of the same run."""
    rows = (
        (
            one["what"],
            one["measured"],
            one["against"],
            one["ratio"],
            one["aim"] if one["reached"] else f"{one['aim']}: **not reached**",
        )
        for one in found["figures"]
    )
    return _table(("what", "measured", "against, in the same run", "ratio", "aim"), rows)


def _commands(root: Node) -> str:
    rows = ((_code(node.path[0]), node.summary) for node in root.children)
    return _table(("command", "does"), rows)


def _exit_codes(_: Node) -> str:
    return _table(("code", "meaning"), ((str(int(code)), code.meaning) for code in Exit))


_TABLES: dict[str, Callable[[Node], str]] = {
    "commands": _commands,
    "exit-codes": _exit_codes,
}


def _code(text: str) -> str:
    return f"`{text}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"{' | '.join(one.replace('|', chr(92) + '|') for one in line)}\n"
                   for line in lines)  # fmt: skip


def main(folder: Path) -> None:
    """Write every document, and delete generated ones that have no source any more."""
    wanted = documents(folder)
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in leftover(folder, wanted):
        path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
