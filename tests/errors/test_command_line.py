"""The sentences of refusals: "WHAT is not usable: WHY.", with one thing and a clause."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.conftest import PROJECT

PLURAL = re.compile(r"(?!.*\bof\b)The [a-z ]*[^s\W]s( |$)")
NO_CLAUSE = re.compile("(not|too|write|name|give|choose) ")


def _refusals() -> Iterator[tuple[str, str, str]]:
    """Yield the place, `what` and `why` of each refusal, as far as they are literals."""
    for path in sorted((PROJECT / "facecli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("BadInput", "BadText"):
                stated = {one.arg: ast.unparse(one.value).lstrip("f\"'") for one in node.keywords}
                place = f"{path.relative_to(PROJECT)}:{node.lineno}"
                yield place, stated.get("what", ""), stated.get("why", "")


def test_a_refusal_is_a_sentence() -> None:
    found = list(_refusals())
    assert len(found) > 100
    assert [one for one in found if PLURAL.match(one[1])] == []
    assert [one for one in found if NO_CLAUSE.match(one[2])] == []
