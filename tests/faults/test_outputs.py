"""Outputs of commands that log an act: 74 before the act, which is not done; 75 after it.

The table has each command that writes a file besides its entry in the log. Before: the folder of
the file is not there. After: the file cannot get its name (EIO by strace), the last step of all.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from facecli.store import holdings
from tests.conftest import SAMPLE_DATA, Facecli, made
from tests.faults import tracing
from tests.prepared import opened

PROBE = SAMPLE_DATA / "probes" / "gate-2.jpg"
TURN = SAMPLE_DATA / "video" / "turn.mp4"
ENROL = ["B-1", PROBE, "--purpose", "gate", "--expires", "1y", "--notice-shown"]
COMMANDS: dict[str, list[Any]] = {
    "subject export": ["subject", "export", "A-1001", "--output"],
    "subject answer": ["subject", "answer", "{request}", "--answer", "no", "--refused", "a case",
                       "--letter"],
    "consent receipt": ["consent", "receipt", "A-1001", "--purpose", "gate", "--output"],
    "receipt as record": ["consent", "receipt", "A-1001", "--purpose", "gate", "--format", "json",
                          "--output"],
    "enroll file": ["enroll", "file", *ENROL, "--allow-duplicate", "--output"],
    "enroll camera": ["enroll", "camera", "B-1", "--video", TURN, "--purpose", "gate", "--expires",
                      "1y", "--notice-shown", "--output"],
    "enroll batch": ["enroll", "batch", SAMPLE_DATA / "manifest.csv", "--notice-shown", "--output"],
    "verify": ["verify", "A-1001", PROBE, "--purpose", "gate", "--output"],
    "faces remove": ["faces", "remove", "A-1001", "{template}", "--yes", "--output"],
    "revoke": ["revoke", "A-1001", "--yes", "--output"],
    "revoke, certificate": ["revoke", "A-1001", "--yes", "--certificate"],
    "revoke, letter": ["revoke", "A-1001", "--yes", "--letter"],
    "purge": ["purge", "--output"],
    "purpose apply": ["purpose", "apply", "{purposes}", "--output"],
    "log checkpoint": ["log", "checkpoint", "--output"],
    "log link": ["log", "checkpoint", "--since", "{seal}", "--output"],
    "log certificate": ["log", "certificate", "{erasure}", "--output"],
    "report": ["report", "--output"],
    "report filing": ["report", "filing", "--output"],
    "backup verify, recorded": ["backup", "verify", "{copy}", "--record", "--output"],
    "backup erase": ["backup", "erase", "{copy}", "--output"],
}  # fmt: skip
REPEATED: dict[str, list[Any]] = {
    "match": ["match", PROBE, "--purpose", "gate", "--output"],
    "log export": ["log", "export", "--output"],
    "backup verify": ["backup", "verify", "{copy}", "--output"],
    "enroll file, letter": ["enroll", "file", "B-1", PROBE, "--purpose", "gate", "--letter"],
}
"""Commands to run again: a search, a refusal and a look change nothing; a failed export is
logged."""
LOGGED_FIRST = {"log export": 2, "enroll batch": 1, "enroll file, letter": 1}
"""Entries of before the output is opened: a failed export, the start of a batch, a refusal."""
UNLOGGED = {"backup verify"}


@pytest.fixture(scope="session")
def _acted_once(tmp_path_factory: pytest.TempPathFactory, _enrolled_once: Path) -> Path:
    """The sample people, a backup, an erasure since, a request and a checkpoint."""
    folder = tmp_path_factory.mktemp("acted")
    shutil.copytree(_enrolled_once, folder, dirs_exist_ok=True)
    return made(
        folder,
        ["backup", "create", f"{folder}/copy.db"],
        ["log", "checkpoint", "--output", f"{folder}/seal"],
        ["revoke", "A-1003", "--yes"],
        ["subject", "request", "A-1001", "--kind", "access"],
    )


@pytest.fixture
def acted(facecli: Facecli, _acted_once: Path) -> Facecli:
    shutil.copytree(_acted_once, facecli.folder, dirs_exist_ok=True)
    return facecli


def filled(facecli: Facecli, command: list[Any], changed_purposes: Path) -> list[str]:
    """The arguments of a command, with the names that the database gave."""
    with opened(facecli) as found:
        names = {
            "request": found.db.value("SELECT request_id FROM subject_request"),
            "erasure": found.db.value("SELECT seq FROM erasure"),
            "template": next(iter(holdings.template_ids(found.db, [1]).values())),
        }
    folder = facecli.folder
    names |= {"copy": folder / "copy.db", "seal": folder / "seal", "purposes": changed_purposes}
    return [str(one).format_map(names) for one in command]


def entries(facecli: Facecli) -> int:
    with opened(facecli) as found:
        return int(found.db.value("SELECT count(*) FROM audit_entry"))


@pytest.mark.parametrize("name", COMMANDS | REPEATED)
@tracing.needs_strace
def test_no_command_acts_before_it_may_write_or_says_that_nothing_changed_after_its_act(
    acted: Facecli, purposes_file: Any, tmp_path: Path, name: Any
) -> None:
    purposes = purposes_file(contact='"another@example.com"')
    arguments = filled(acted, (COMMANDS | REPEATED)[name], purposes)
    before = entries(acted)
    done = acted.bare(*acted.globals, *arguments, tmp_path / "none" / "file.json")
    assert (done.code, entries(acted) - before) == (74, LOGGED_FIRST.get(name, 0)), done.err
    before = entries(acted)
    target = tmp_path / "file.json"
    target.write_text("of before")
    command = [*acted.globals, *arguments, str(target)]
    failed = tracing.fail_calls(command, "rename", "error=EIO")
    assert failed.returncode == (74 if name in REPEATED else 75), failed.stderr
    assert (entries(acted) > before) == (name not in UNLOGGED)
    assert target.read_text() == "of before"
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".tmp")]
