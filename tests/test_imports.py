"""What a command loads: nothing that sees pixels, unless it looks at an image.

A command that runs from cron every night, `--help` and Tab must not wait for numpy, OpenCV,
dlib or ONNX Runtime. Every case runs in a process of its own, which says at its end what it
has loaded. Where there are many, they are copies of one process that has loaded what all load.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from facecli.cli.session import Settings, session
from facecli.consent import purposes, subjects
from facecli.consent.register import elsewhere, requests
from facecli.store import templates
from facecli.store.shards import NewSlot
from tests.conftest import PROJECT
from tools.docs.command_tree import tree

IMAGE_PACKAGES = {
    "PIL",
    "cv2",
    "dlib",
    "face_recognition",
    "matplotlib",
    "numpy",
    "onnx",
    "onnxruntime",
}
DATABASE_PACKAGES = {"cryptography", "sqlcipher3"}
# Each takes milliseconds to import, and a run that finds nothing to do needs none of them.
SPARED = {
    "random",
    "secrets",
    "shutil",
    "subprocess",
    "tqdm",
    "facecli.audit.log_verification",
    "facecli.audit.proofs",
    "facecli.audit.query",
    "facecli.audit.walk",
    "facecli.cli.config_settings",
    "facecli.cli.hooks",
    "facecli.cli.tables",
    "facecli.commands.log_cosign",
    "facecli.commands.log_verify",
    "facecli.consent.consents",
    "facecli.consent.purposes",
    "facecli.errors.recognition",
    "facecli.store.templates",
    "facecli.workers.confinement.profiles",
}
FIRST_PARTY = {"facecli.store", "facecli.keys", "facecli.recognition", "facecli.commands"}

pytestmark = pytest.mark.usefixtures("unmeasured")

# Runs facecli without a configuration, and writes the exit code and all loaded modules to a file.
REPORT = """
import sys
from facecli.cli import config
from facecli.cli.main import main
config._places = tuple
report = sys.argv.pop(1)
code = main(sys.argv[1:])
with open(report, "w") as stream:
    print(code, *sys.modules, file=stream)
"""
# Does the same for each list of arguments that it reads, in a copy of itself.
REPORTS = """
import importlib, json, os, sys
from facecli.cli import config
from facecli.cli.main import main
config._places = tuple
for name in sys.argv[1:]:
    importlib.import_module(name)
report = os.dup(1)
sys.stdout.flush()
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
for line in sys.stdin:
    child = os.fork()
    if not child:
        code = main(json.loads(line))
        os.write(report, (json.dumps([code, *sys.modules]) + "\\n").encode())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""
# Commands that look at images or compare templates. Every other one is tried below.
WITH_IMAGES = {
    "facecli calibrate",
    "facecli camera test",
    "facecli cluster worker",
    "facecli enroll batch",
    "facecli enroll camera",
    "facecli enroll file",
    "facecli evaluate",
    "facecli match",
    "facecli verify",
}
# In this order, against one database: each ends with exit code 0.
COMMANDS = [
    ["init"],
    ["help", "log", "verify"],
    ["purpose", "apply", "{sample}/purposes.toml"],
    ["purpose", "apply", "{sample}/purposes.toml", "--dry-run"],
    ["report", "--format", "json", "--output", "{folder}/custody.json"],
    ["report", "policy", "--format", "html"],
    ["report", "processing"],
    ["report", "filing", "--with-refs"],
    ["purpose", "list"],
    ["purpose", "show", "gate"],
    ["purpose", "notice", "gate", "--lang", "zh"],
    ["subject", "add", "A-1", "--name", "Jo Doe"],
    ["subject", "list", "--format", "csv"],
    ["subject", "show", "A-1", "--format", "json"],
    ["subject", "correct", "A-1", "--name", "Jo Roe"],
    ["subject", "elsewhere", "add", "A-1", "--what", "photo", "--where", "A vendor"],
    ["subject", "elsewhere", "list"],
    ["subject", "elsewhere", "confirm", "{item}", "--evidence", "{sample}/purposes.toml"],
    ["subject", "disclosed", "A-1", "--to", "A court", "--what", "a photo", "--basis", "an order"],
    ["subject", "request", "A-1", "--kind", "access"],
    ["subject", "requests"],
    ["subject", "answer", "{request}", "--answer", "handed over"],
    ["purpose", "ask-again", "gate"],
    ["consent", "record", "A-1", "--purpose", "gate", "--expires", "1y", "--notice-shown"],
    ["consent", "list"],
    ["consent", "show", "A-1"],
    ["consent", "receipt", "A-1", "--format", "json"],
    ["faces", "list", "A-1"],
    ["faces", "remove", "A-1", "{face}", "--yes"],
    ["purpose", "retire", "attendance", "--yes"],
    ["subject", "hold", "A-1", "--reason", "suit", "--until", "{far}"],
    ["subject", "release", "A-1"],
    ["subject", "export", "A-1", "--output", "{folder}/A-1.zip"],
    ["key", "list"],
    ["key", "add", "--label", "second", "--new-key-file", "{folder}/second.key"],
    ["key", "remove", "second"],
    ["backup", "create", "{folder}/backup.db"],
    ["backup", "verify", "{folder}/backup.db"],
    ["backup", "list", "{folder}"],
    ["backup", "erase", "{folder}"],
    ["backup", "restore", "{folder}/backup.db"],
    ["key", "rotate"],
    ["reenroll", "--engine", "dlib", "--dry-run"],
    ["purge", "--dry-run"],
    ["purge"],
    ["subject", "complete", "A-1", "--purpose", "gate"],
    ["revoke", "A-1", "--yes"],
    ["log", "show"],
    ["log", "checkpoint"],
    ["log", "export", "--output", "{folder}/log.jsonl"],
    ["log", "verify"],
    ["log", "cosign", "--key", "{folder}/witness.key", "--vkey"],
    ["log", "certificate", "{erasure}", "--output", "{folder}/certificate"],
    ["status"],
    ["doctor", "--quick"],
    ["camera", "list"],
    ["config", "show"],
    ["completion", "bash"],
]


def loaded(folder: Path, *arguments: str) -> tuple[int, set[str]]:
    """Run facecli in a new process: its exit code and the names of all modules it loaded."""
    report = folder / "report"
    report.unlink(missing_ok=True)
    _python(REPORT, str(report), *arguments)
    code, *modules = report.read_text().split()
    return int(code), set(modules)


Loaded = Callable[[list[str]], tuple[int, set[str]]]


@contextmanager
def copies(*before: str) -> Iterator[Loaded]:
    """Yield what `loaded` does, by copies of a process that has loaded these modules before."""
    with subprocess.Popen(
        [sys.executable, "-c", REPORTS, *before],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    ) as process:  # fmt: skip
        asked, answers = process.stdin, process.stdout
        assert asked is not None
        assert answers is not None

        def loaded(arguments: list[str]) -> tuple[int, set[str]]:
            print(json.dumps(arguments), file=asked, flush=True)
            code, *modules = json.loads(answers.readline())
            return code, set(modules)

        yield loaded
    assert process.returncode == 0


def _python(program: str, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        timeout=300,
        check=True,
    )


@pytest.mark.parametrize("argument", ["--help", "--version", "-h"])
def test_help_and_version_load_neither_database_nor_keys(tmp_path: Path, argument: str) -> None:
    code, modules = loaded(tmp_path, argument)
    assert code == 0
    assert modules & (IMAGE_PACKAGES | DATABASE_PACKAGES | FIRST_PARTY | {"ctypes"}) == set()


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["--no-such-option"], ["-q", "-v"], []], ids=str
)
def test_a_usage_error_loads_neither_database_nor_keys(
    tmp_path: Path, arguments: list[str]
) -> None:
    code, modules = loaded(tmp_path, *arguments)
    assert code == 2
    assert modules & (IMAGE_PACKAGES | DATABASE_PACKAGES | FIRST_PARTY | {"ctypes"}) == set()


def test_the_help_of_a_command_loads_nothing_that_sees_pixels() -> None:
    paths = [node.path for node in tree().walk() if node.path]
    with copies() as loaded:
        found = [loaded([*path, "--help"]) for path in paths]
    seeing = [(code, modules & IMAGE_PACKAGES) for code, modules in found]
    assert list(zip(paths, seeing, strict=True)) == [(path, (0, set())) for path in paths]
    assert len(set(map(frozenset, (modules for _, modules in found)))) > 1  # their own came too


def erasure(folder: Path) -> int:
    """The number of the entry that `revoke` left, from the export made before."""
    lines = (folder / "log.jsonl").read_text().splitlines()
    return next(
        entry["seq"] for entry in map(json.loads, lines) if entry.get("action") == "revoke.erase"
    )


def face(db: str, key: str) -> str:
    """The id of a template that is stored for the only subject, without looking at an image."""
    with session(Settings(Path(db), {"key_file": key}, no_input=True), "test") as opened:
        subject, purpose = subjects.find(opened.db, "A-1"), purposes.find(opened.db, "gate")
        slot = NewSlot(
            subject.subject_id, purpose.purpose_id, "engine/1", 2, bytes([1] * 8), opened.now
        )
        with opened.db.transaction():
            return templates.add(opened.db, slot, templates.Capture(""))


def ids_in_the_register(db: str, key: str) -> dict[str, str]:
    """The latest item that is held elsewhere, and the latest request."""
    with session(Settings(Path(db), {"key_file": key}, no_input=True), "test") as opened:
        items, asked = elsewhere.list_all(opened.db), requests.list_all(opened.db)
    return {"item": items[-1].item_id if items else "",
            "request": asked[-1].request_id if asked else ""}  # fmt: skip


def arguments_of(command: list[str], folder: Path) -> list[str]:
    """The arguments of one of COMMANDS, with what those before it have left."""
    files = (f"{folder}/facecli.db", f"{folder}/key")
    values: dict[str, Any] = {
        "sample": PROJECT / "sample_data",
        "far": "9000-01-01",
        "folder": folder,
    }
    if command[:2] == ["log", "certificate"]:
        values["erasure"] = erasure(folder)
    if command[:2] == ["faces", "remove"]:
        values["face"] = face(*files)
    if command[:2] in (["subject", "answer"], ["subject", "elsewhere"]):
        values |= ids_in_the_register(*files)
    return [argument.format(**values) for argument in command]


def test_commands_without_images_load_nothing_that_sees_pixels(tmp_path: Path) -> None:
    start = ["--no-input", "--db", f"{tmp_path}/facecli.db", "--key-file", f"{tmp_path}/key"]
    found = {}
    with copies("facecli.cli.session", "facecli.audit.sealing") as loaded:
        for command in COMMANDS:
            code, modules = loaded([*start, *arguments_of(command, tmp_path)])
            found[" ".join(command)] = (code, modules & IMAGE_PACKAGES)
    assert found == dict.fromkeys(found, (0, set())) | {"doctor --quick": (3, set())}


def test_a_nightly_run_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    start = ["--no-input", "-q", "--db", f"{tmp_path}/facecli.db", "--key-file", f"{tmp_path}/key"]
    assert loaded(tmp_path, *start, "init")[0] == 0
    export = ["log", "export", "--cursor-file", f"{tmp_path}/at", "--output", f"{tmp_path}/out"]
    for command in (["purge"], export):
        code, modules = loaded(tmp_path, *start, *command)
        assert (code, modules & SPARED) == (0, set())


def test_every_command_without_images_is_tried_here() -> None:
    names = {node.words for node in tree().leaves()} - WITH_IMAGES
    tried = [" ".join(["facecli", *command, ""]) for command in COMMANDS]
    assert [name for name in names if not any(one.startswith(f"{name} ") for one in tried)] == []
