"""`make install` and `make uninstall`: the real targets, in a folder of their own.

All but the dependencies, which are those that the tests run with: installing them again would take
longer than all of this.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import stat
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import PROJECT

pytestmark = pytest.mark.usefixtures("unmeasured")

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
}


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MAKEFLAGS": "", **environment},
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a packager gets: PREFIX=/opt/facecli below DESTDIR. Shared: look, and change nothing."""
    folder = tmp_path_factory.mktemp("stage")
    done = make("install", "PREFIX=/opt/it", f"DESTDIR={folder}", "DEPENDENCIES=")
    assert done.returncode == 0, done.stderr
    folder.with_suffix(".stderr").write_text(done.stderr)
    return folder


@pytest.fixture
def program(root: Path, tmp_path: Path) -> Path:
    """The launcher as it is, but for DESTDIR, and with the dependencies of these tests."""
    copy = tmp_path / "installed"
    shutil.copytree(root / "opt/it", copy, symlinks=True)
    (packages,) = copy.glob("lib/facecli/1/lib/python3*/site-packages")
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    launcher = copy / "bin/facecli"
    launcher.write_text(launcher.read_text().replace("/opt/it", str(copy)))
    return launcher


def test_everything_is_where_shells_and_man_look_for_it(root: Path) -> None:
    share = root / "opt/it/share"
    for page in (PROJECT / "man").glob("*.[157]"):
        installed = share / f"man/man{page.suffix[1:]}" / page.name
        assert installed.read_bytes() == page.read_bytes()
    for name, shell in (
        ("bash-completion/completions/facecli", "bash"),
        ("zsh/site-functions/_facecli", "zsh"),
        ("fish/vendor_completions.d/facecli.fish", "fish"),
    ):
        script = PROJECT / f"completions/facecli.{shell}"
        assert (share / name).read_bytes() == script.read_bytes()
    examples = {path.name for path in (share / "doc/facecli/examples").iterdir()}
    assert examples == {path.name for path in (PROJECT / "man/examples").iterdir()}


def test_a_python_that_other_users_cannot_reach_is_noted(root: Path) -> None:
    python = subprocess.run(
        ["python3", "-c", "import sys; print(sys.executable)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    folders = Path(python.stdout.strip()).resolve().parents
    closed = [str(one) for one in folders if not one.stat().st_mode & stat.S_IXOTH]
    said = root.with_suffix(".stderr").read_text()
    assert (f": {' '.join(closed)} is closed to them" in said) == bool(closed)


def test_everybody_may_read_and_only_the_owner_write(root: Path) -> None:
    for path in (root / "opt/it").rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode
            assert mode & 0o022 == 0, path
            assert mode & (0o555 if stat.S_ISDIR(mode) else 0o444), path


def test_nothing_that_is_installed_names_the_folder_it_was_staged_in(root: Path) -> None:
    for path in (root / "opt/it").rglob("*"):
        if path.is_file() and path.suffix not in (".onnx", ".exe") and "/pip" not in str(path):
            if path.name in ("pyvenv.cfg", "direct_url.json"):
                continue
            assert str(root).encode() not in path.read_bytes(), path


def test_the_examples_name_the_program_that_was_installed(root: Path) -> None:
    examples = root / "opt/it/share/doc/facecli/examples"
    for job in ("purge", "export"):
        service = (examples / f"facecli-{job}.service").read_text()
        assert re.search(r"^ExecStart=.*/opt/it/bin/facecli ", service, re.MULTILINE)
        assert "/usr/bin/env facecli" not in service
        assert "\nPATH=/opt/it/bin:" in (examples / f"facecli-{job}.cron").read_text()


def test_the_program_works_from_anywhere_and_hears_no_python_variables(
    program: Path, tmp_path: Path
) -> None:
    (tmp_path / "facecli.py").write_text("raise SystemExit('the wrong one')")
    variables = {**ENVIRONMENT, "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *map(str, arguments)],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("--version").stdout.startswith("facecli ")
    where = ["--no-input", "--db", tmp_path / "f.db", "--key-file", tmp_path / "f.key"]
    sample = PROJECT / "sample_data"
    for command in (
        ["init"],
        ["purpose", "apply", sample / "purposes.toml"],
        ["enroll", "batch", sample / "manifest.csv"],
        ["verify", "A-1001", sample / "probes/gate-1.jpg", "--purpose", "gate"],
    ):
        done = run(*where, *command)
        assert done.returncode == 0, done.stderr
    assert run("verify").returncode == 2


def environments(prefix: Path) -> set[str]:
    """The numbers of the environments that are there."""
    return {path.name for path in (prefix / "lib/facecli").iterdir() if path.name.isdigit()}


def test_an_upgrade_is_one_rename_and_can_be_taken_back(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "opt", tmp_path / "opt", symlinks=True)
    prefix, where = tmp_path / "opt/it", ("PREFIX=/opt/it", f"DESTDIR={tmp_path}")
    first = (prefix / "bin/facecli").read_text()
    (prefix / "lib/facecli/1/extras").write_text("yes\n")

    assert make("install", *where, "DEPENDENCIES=").returncode == 0
    assert (prefix / "bin/facecli").read_text() == first.replace("/1/", "/2/")
    assert (prefix / "lib/facecli/2/extras").read_text() == "yes\n"
    assert environments(prefix) == {"1", "2"}

    assert make("install-back", *where).returncode == 0
    assert (prefix / "bin/facecli").read_text() == first
    assert make("install-back", *where).returncode == 0
    assert (prefix / "bin/facecli").read_text() == first.replace("/1/", "/2/")


def test_an_index_that_cannot_be_reached_leaves_the_old_program_working(program: Path) -> None:
    prefix = program.parents[1]
    unreachable = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # the port of `discard`, where nobody listens
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
    }
    before = program.read_text()
    failed = make("install", f"PREFIX={prefix}", **unreachable)
    assert failed.returncode != 0
    assert program.read_text() == before
    sentence = "facecli was not installed. The facecli that was there is unchanged."
    assert sentence in failed.stderr.splitlines()
    assert environments(prefix) == {"1"}
    shown = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    assert shown.stdout.startswith("facecli ")


@pytest.mark.parametrize(
    ("before", "given", "lock", "kept"),
    [
        ("", [], "runtime", False),
        ("", ["EXTRAS=yes"], "extras", True),  # after an installation without them
        ("yes\n", [], "extras", True),
        ("yes\n", ["EXTRAS="], "runtime", False),
    ],
)
def test_extras_are_added_kept_and_left_out(
    root: Path, tmp_path: Path, before: str, given: list[str], lock: str, kept: bool
) -> None:
    shutil.copytree(root / "opt", tmp_path / "opt", symlinks=True)
    prefix, where = tmp_path / "opt/it", ("PREFIX=/opt/it", f"DESTDIR={tmp_path}")
    if before:
        (prefix / "lib/facecli/1/extras").write_text(before)
    planned = make("-n", "install-environment", "NEXT=2", *where, *given)
    assert f"--require-hashes -r locks/{lock}.lock" in planned.stdout
    assert ("'/extras'" in planned.stdout or "/2/extras" in planned.stdout) == kept


def test_the_lock_of_extras_has_what_they_ask_for() -> None:
    declared = configparser.ConfigParser()
    declared.read(PROJECT / "setup.cfg")
    pinned = set(re.findall(r"^([\w-]+)==", (PROJECT / "locks/extras.lock").read_text(), re.M))
    for extra in ("plot", "heif", "cluster"):
        asked = re.findall(r"^([\w-]+)>=", declared["options.extras_require"][extra], re.M)
        assert asked
        assert set(asked) <= pinned


def test_there_is_nothing_to_go_back_to_after_a_first_installation(root: Path) -> None:
    done = make("install-back", "PREFIX=/opt/it", f"DESTDIR={root}")
    assert done.returncode != 0
    assert "There is no earlier facecli below /opt/it to go back to" in done.stderr


def test_uninstall_takes_away_all_that_install_put_there(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "opt", tmp_path / "opt", symlinks=True)
    (tmp_path / "opt/it/bin/other").touch()
    assert make("uninstall", "PREFIX=/opt/it", f"DESTDIR={tmp_path}").returncode == 0
    left = [path for path in (tmp_path / "opt").rglob("*") if not path.is_dir()]
    assert left == [tmp_path / "opt/it/bin/other"]


@pytest.mark.parametrize(
    ("prefix", "sentence"),
    [
        (
            "/proc/facecli",
            "/proc/facecli cannot be written: run make install as root, or choose another folder "
            "with PREFIX=. Nothing was installed.",
        ),
        (
            "here",
            "PREFIX=here does not begin with /: give the whole path. Nothing was installed.",
        ),
    ],
)
def test_a_prefix_that_cannot_be_used_is_one_clear_sentence(prefix: str, sentence: str) -> None:
    done = make("install", f"PREFIX={prefix}")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert said == [sentence]
    assert not (PROJECT / "here").exists()


def test_the_locks_agree_with_each_other() -> None:
    def pinned(name: str) -> set[str]:
        return set(re.findall(r"^([\w-]+==\S+)", (PROJECT / name).read_text(), re.MULTILINE))

    assert pinned("locks/runtime.lock") <= pinned("locks/extras.lock")
    assert pinned("locks/extras.lock") <= pinned("requirements.lock")
