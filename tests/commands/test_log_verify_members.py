"""Certificates and receipts, changed member by member: refused with ground, never a traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import independent_verifier
from tests.audit import example_log

FILES = example_log.files()
KEY = FILES["trust.key"].decode()
REMOVED: Any = object()
DEEP: Any = json.loads("[" * 400 + "]" * 400)
VALUES: tuple[Any, ...] = (REMOVED, None, True, 7, "x", [], DEEP)
# Members that no proof covers: they may say anything of their type.
NOT_COVERED = {("schema_version",), ("pii_principal_id",), ("evidence", "sha256")}


def _members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every member and item, and that of one more in each object and list."""
    if isinstance(value, dict | list):
        yield (*path, "more" if isinstance(value, dict) else len(value))
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, name)
            yield from _members(item, (*path, name))


def _changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    place = changed
    for name in path[:-1]:
        place = place[name]
    if isinstance(place, list) and path[-1] == len(place):
        place.append(None)
    if value is REMOVED:
        place.pop(path[-1], None) if isinstance(place, dict) else place.pop(path[-1])
    else:
        place[path[-1]] = value
    return changed


@pytest.mark.parametrize("kind", ["certificate", "receipt"])
def test_every_member_removed_added_or_of_another_type(facecli: Any, kind: str) -> None:
    document = json.loads(FILES[f"{kind}.json"])
    path, codes = facecli.folder / kind, set()
    for where in list(_members(document)):
        for value in VALUES:
            changed = _changed(document, where, value)
            data = json.dumps(changed).encode()
            path.write_bytes(data)
            done = facecli.bare("log", "verify", f"--{kind}", path, "--trust-key", KEY)
            case = (where, value if value is not DEEP else "deep", done)
            assert "Traceback" not in done.err, case
            assert "internal error" not in done.err, case
            other = independent_verifier.verify([], KEY, [], [data])
            assert done.code in (0, 1, 30), case
            assert (done.code == 0) == (other == 0), case
            if changed != document and done.code == 0:
                assert kind == "receipt", case
                assert where in NOT_COVERED or where[-1] in ("more", "schema_version"), case
            if where == ("schema",):
                assert done.code == 1, case
            codes.add(done.code)
    assert codes == {0, 1, 30}
