"""The README: its length and links, and its commands, typed as printed into a real bash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import typed
from tests.conftest import PROJECT

pytestmark = pytest.mark.usefixtures("unmeasured")

MOST_WORDS = 2500
TYPED = ("A tour in two minutes", "When things go wrong")
SERVICE = "In service in fifteen minutes"
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_a_newcomer_reads_it_in_one_sitting() -> None:
    assert len(README.split()) <= MOST_WORDS  # as `wc -w` counts


def test_the_table_of_contents_leads_to_every_section() -> None:
    titles = re.findall(r"^## (.+)$", README, re.MULTILINE)
    anchors = [re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-") for title in titles]
    contents = README.partition("\n## ")[0]
    assert re.findall(r"^- \[(.+?)\]\(#(.+?)\)", contents, re.MULTILINE) == list(
        zip(titles, anchors, strict=True)
    )


def test_every_file_and_page_that_it_points_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (PROJECT / target).exists(), target
    pages = re.findall(r"man (\d) (facecli-[a-z]+)", README)
    pages += [(number, name) for name, number in re.findall(r"(facecli[a-z-]*)\((\d)\)", README)]
    for number, name in pages:
        assert (PROJECT / f"man/{name}.{number}").exists(), name


def test_it_says_that_it_is_no_legal_advice() -> None:
    assert "These are product requirements, not legal advice." in README


def test_every_console_block_is_one_that_these_tests_type() -> None:
    typed_here = [kind for title in TYPED for kind, _ in typed.BLOCK.findall(section(title))]
    assert typed_here.count("console") == README.count("```console\n") == len(typed_here)


def test_the_tour_and_the_recipes_after_it_do_what_they_show(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "sample_data", tmp_path / "sample_data")
    steps = [step for title in TYPED for step in typed.steps(section(title))]
    typed.check(steps, tmp_path)


# -- in service ---------------------------------------------------------------------------

# Lines that change the machine itself: what they do has tests of its own.
OF_THE_MACHINE = ("sudo make install", "sudo install ", "sudo systemd-sysusers", "sudo cp ",
                  "sudo systemctl enable ")  # fmt: skip


def as_typed_here(line: str, folder: Path) -> str:
    """A line of that section for this machine: another folder, and root in place of two users."""
    service = (PROJECT / "man/examples/facecli-export.service").read_text(encoding="utf-8")
    export = service.split("ExecStart=")[1].split("\nLoad")[0].replace("\\\n", " ")
    export = export.replace("%%", "%").replace("$$", "$")
    for shown, here in (
        ("sudo systemctl start facecli-export.service", export),
        ("sudo -u facecli bash", "true"),
        ("exit", "true"),
        ("sudo facecli init --system", f"facecli --db {folder}/var/lib/facecli/facecli.db init "
         f"--system --user nobody --key-file {folder}/etc/facecli/facecli.key > trust.key"),
        ("trust-key KEY", f'trust-key "$(tail -1 {folder}/trust.key)"'),
        ("sudo ", ""),
        ("sh -c '", "sh -ec '"),
        (" /root/", f" {folder}"),
        ("facecli doctor", "facecli doctor > doctor.txt || [ $? = 3 ]"),
        ("/usr/local/share/doc/facecli/sample_data", str(PROJECT / "sample_data")),
        ("/usr/local/share/doc/facecli/examples", str(folder)),
    ):  # fmt: skip
        line = line.replace(shown, here)
    for place in ("/var/lib/facecli", "/etc/facecli"):
        line = line.replace(f"{folder}{place}", place).replace(place, f"{folder}{place}")
    return line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make files another user's")
def test_the_commands_of_the_service_section_work_in_the_order_in_which_they_stand(
    tmp_path: Path,
) -> None:
    blocks = [block for kind, block in typed.BLOCK.findall(section(SERVICE)) if kind == "sh"]
    lines = [line for line in "".join(blocks).splitlines() if not line.startswith(OF_THE_MACHINE)]
    assert len(lines) >= 12
    script = "\n".join(as_typed_here(line, tmp_path) for line in lines)
    (tmp_path / "var/lib/facecli/exports").mkdir(parents=True)
    os.chown(tmp_path / "var/lib/facecli", 65534, 65534)  # as systemd would
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    named = tmp_path / "config.toml"  # as `init --system` writes one, for this machine's folders
    named.write_text(
        f'db = "{tmp_path}/var/lib/facecli/facecli.db"\n'
        f'key_file = "{tmp_path}/etc/facecli/facecli.key"\n'
    )
    named.chmod(0o644)
    settings = {
        "CREDENTIALS_DIRECTORY": f"{tmp_path}/etc/facecli",
        "FACECLI_CONFIG": str(named),
    }
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": path, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (script, done.stdout, done.stderr)
    assert "enrolled" in done.stdout
    assert "The export is whole" in done.stdout
    assert "error" not in (tmp_path / "doctor.txt").read_text()


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("A  …  enrolled", "A      94   enrolled", True),
        ("A  …  enrolled", "A      94   refused", False),
        ("4", "4", True),
        ("4", "14", False),
        ("Created …/facecli.db with the engine …", "Created /x/facecli.db with the engine y", True),
    ],
)
def test_the_comparison_tells_lines_apart(pattern: str, line: str, expected: bool) -> None:
    assert typed.shows(pattern, line) is expected


@pytest.mark.parametrize(
    ("shown", "output", "expected"),
    [
        (["…"], [], True),
        (["…", "last"], ["a", "b", "last"], True),
        (["first", "…"], ["first"], True),
        (["first", "…"], ["other"], False),
        (["…", "last"], ["last", "more"], False),
        ([], ["more"], False),
    ],
)
def test_a_line_of_an_ellipsis_stands_for_any_lines(
    shown: list[str], output: list[str], expected: bool
) -> None:
    assert typed.prints(shown, output) is expected
