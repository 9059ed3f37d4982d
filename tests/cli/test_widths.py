"""Every command fits terminals of 40, 80 and 200 columns: help, tables, refusals, questions."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pytest
import wcwidth

from facecli.cli.lines import fitted
from facecli.cli.main import COMMANDS
from tests.conftest import SAMPLE_DATA, Facecli
from tests.terminal import on_terminal, typed
from tools.docs.command_tree import tree

ID = "0f9d3f3e-5a0c-4c9b-8f57-3c1d5c1f7a11"
FORM = SAMPLE_DATA / "consents/A-1001.txt"
FACE = SAMPLE_DATA / "enrol/A-1001.jpg"
PROBE = SAMPLE_DATA / "probes/gate-1.jpg"
GATE = ["--purpose", "gate"]
CALLS: dict[str, list[list[object]]] = {
    "init": [[]],
    "purpose apply": [[SAMPLE_DATA / "purposes.toml"], ["none.toml"]],
    "purpose list": [[], ["--wide", "--bad"]],
    "purpose show": [["gate"], ["none"]],
    "purpose notice": [["gate"], ["gate", "--lang", "zh"], ["gate", "--lang", "fr"]],
    "purpose ask-again": [["gate"], ["none"]],
    "purpose retire": [["gate"], ["none"]],
    "subject add": [["A-1005", "--name", "Wolfeschlegelsteinhausenbergerdorff"], ["A-1001"]],
    "subject list": [[], ["--expiring", "30x"]],
    "subject show": [["A-1001"], ["a1001"]],
    "subject correct": [["A-1001", "--name", "Jo Doe"], ["A-1001"]],
    "subject complete": [["A-1001", *GATE], ["A-9", *GATE]],
    "subject hold": [["A-1002", "--reason", "case 7", "--until", "2099-01-01"], ["A-1002"]],
    "subject release": [["A-1002"], ["A-1002"]],
    "subject export": [["A-1001", "--output", "/no/such/folder/copy.zip"], ["A-1001"]],
    "subject elsewhere add": [["A-1001", "--what", "fingerprint", "--where", "vendor"], []],
    "subject elsewhere list": [[], ["A-9"]],
    "subject elsewhere confirm": [[ID, "--evidence", FORM], []],
    "subject disclosed": [["A-1001", "--to", "court", "--what", "face", "--basis", "order"], []],
    "subject request": [["A-1001", "--kind", "access"], ["A-1001", "--kind", "none"]],
    "subject requests": [[]],
    "subject answer": [[ID, "--answer", "yes"], []],
    "consent record": [["A-1001", *GATE], ["A-1001", *GATE, "--expires", "1y"]],
    "consent list": [[], ["--expiring", "3000d"]],
    "consent show": [["A-1001"], ["A-9"]],
    "consent receipt": [["A-1001"], ["A-1001", "--lang", "zh"], ["A-9"]],
    "enroll file": [["A-1001", FACE, *GATE, "--evidence", FORM, "--expires", "1y"],
                    ["A-1005", FACE, *GATE], ["A-1001", FACE]],
    "enroll batch": [[SAMPLE_DATA / "manifest.csv", "--notice-shown"], ["none.csv"]],
    "enroll camera": [["A-1001", *GATE, "--device", "0"], ["A-1001", *GATE]],
    "faces list": [["A-1001"], ["A-9"]],
    "faces remove": [["A-1001", ID], ["A-1001", "7"]],
    "camera list": [[]],
    "camera test": [["/no/such/device"]],
    "match": [[PROBE, *GATE], [PROBE, *GATE, "--fmr", "0.5"], [PROBE, "--purpose", "none"],
              ["/no/such/folder", *GATE]],
    "verify": [["A-1001", PROBE, *GATE], ["A-9", PROBE, *GATE]],
    "calibrate": [["--dry-run"]],
    "revoke": [["A-1001", "A-1002"], ["A-1003"], ["A-9"]],
    "purge": [[], ["--as-of", "2099-01-01"], ["--dry-run", "--as-of", "2099-01-01"]],
    "reenroll": [[], ["--engine", "none"]],
    "evaluate": [[], ["--pairs", "none.txt", "--images", "none"]],
    "cluster worker": [[]],
    "log show": [[], ["--since", "never"]],
    "log export": [["--output", "/no/such/folder/log.jsonl"], ["--after", "-1"]],
    "log verify": [[], [FORM, "--trust-key", "wrong"], ["--against", FORM]],
    "log checkpoint": [["--output", "/no/such/folder/seal"]],
    "log certificate": [[ID], ["1"]],
    "log cosign": [[FORM, "--key", FORM, "--state", "/no/such/folder"]],
    "key list": [[]],
    "key add": [["--label", "first", "--new-key-file", "/no/such/folder/key"], []],
    "key remove": [["first"], ["none"]],
    "key rotate": [["--bad"]],
    "backup create": [["/no/such/folder/copy.db"], []],
    "backup verify": [["/no/such/copy.db"], [FORM]],
    "backup list": [["/no/such/folder"], []],
    "backup erase": [["/no/such/copy.db"]],
    "backup restore": [["/no/such/copy.db"]],
    "report": [["--output", "/no/such/folder/custody.html"], ["--format", "pdf"]],
    "report policy": [["--output", "/no/such/folder/policy.html"]],
    "report processing": [["--format", "pdf"]],
    "report filing": [["--merge", FORM], ["--ref-key", "/no/such/key"]],
    "status": [[]],
    "doctor": [["--quick"], ["--budget", "1x"]],
    "config show": [[], ["--bad"]],
    "completion": [["tcsh"]],
    "help": [["nothing"], ["log"]],
}  # fmt: skip


def every_page() -> list[list[object]]:
    """The words of every help text, of groups too."""
    aliases = [(name,) for name in COMMANDS]
    return [[*words, "--help"] for words in sorted({*aliases, *(n.path for n in tree().walk())})]


def too_wide(text: str, columns: int) -> list[str]:
    """The lines that are wider than the terminal and could have been broken."""
    lines = text.replace("[y/N]: ", "[y/N]: \n").split("\n")  # the answer is not echoed
    return [line for line in lines if wcwidth.wcswidth(line) > columns and breaks(line, columns)]


def breaks(line: str, columns: int) -> bool:
    """Is there a place to break it? A command to copy out of a letter has none."""
    if line.startswith("    facecli log verify "):
        return False
    return "\n" in fitted(line.removesuffix(" \\"), columns)


def test_every_command_is_called_here() -> None:
    assert {" ".join(node.path) for node in tree().leaves()} <= {*CALLS}


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_of_any_command_is_wider_than_the_terminal(
    enrolled: Facecli, columns: int, tmp_path: Path
) -> None:
    options = [word for word in enrolled.globals if word != "--no-input"]
    calls: list[list[object]] = [
        *every_page(),
        *([*options, *name.split(" "), *words] for name, tried in CALLS.items() for words in tried),
        ["--db", tmp_path / "none.db", "status"],
        ["--db", enrolled.db, "--key-file", tmp_path / "none.key", "status"],
        ["--db", FORM, "--key-file", enrolled.key, "doctor"],
        ["nothing"],
    ]
    found = typed(calls, columns, answers="n\n" * 20)
    texts = [(call, text) for call, (_, text) in zip(calls, found, strict=True)]
    assert [wide for _, text in texts for wide in too_wide(text, columns)] == []
    assert [call for call, text in texts if not text.strip() or "Traceback" in text] == []


@pytest.mark.parametrize("shell", ["bash", "dash", "fish", "zsh"])
def test_a_shell_that_was_made_narrow_or_wide_has_lines_of_its_width(
    enrolled: Facecli, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    facecli = shlex.join([sys.executable, "-m", "facecli"])
    options = shlex.join(enrolled.globals)
    widths = (40, 80, 200)
    script = "; ".join(
        f"stty cols {columns}; {facecli} purge --help; {facecli} {options} log show; "
        f"{facecli} {options} revoke A-9; echo ---"
        for columns in widths
    )
    shown = on_terminal([shell, "-i", "-c", script], 100, env={"COLUMNS": "999"})
    for columns, text in zip(widths, shown.split("---\n"), strict=False):
        assert too_wide(text, columns) == []
        assert max(map(wcwidth.wcswidth, text.splitlines())) > min(columns, 90) * 3 // 4
        assert "There is no subject A-9." in " ".join(text.split())
