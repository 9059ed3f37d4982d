"""The wheel and the source distribution, built by the backend itself: what is in them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import PROJECT

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "dist", "build", "*.egg-info", "demo-output")
BUILD = (
    "import sys; from setuptools import build_meta; getattr(build_meta, sys.argv[1])(sys.argv[2])"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both, built from a copy of the project."""
    folder = tmp_path_factory.mktemp("packages")
    shutil.copytree(PROJECT, folder / "project", ignore=LEFT_OUT)
    for what in ("build_sdist", "build_wheel"):
        subprocess.run(
            [sys.executable, "-c", BUILD, what, folder],
            cwd=folder / "project",
            check=True,
            capture_output=True,
        )
    return folder


def test_the_source_distribution_can_be_tested_tried_and_installed(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    here = {
        str(path.relative_to(PROJECT))
        for folder in ("tests", "man", "completions", "sample_data", "locks", "facecli")
        for path in (PROJECT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    here |= {"Makefile", "install.mk", "LICENSE", "README.md", "CHANGELOG.md", "requirements.lock"}
    assert here - names == set()


def test_the_wheel_holds_the_program_its_weights_and_their_licences_and_no_more(
    built: Path,
) -> None:
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
    shipped = {
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "facecli").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert shipped - names == set()
    assert {"facecli/models/LICENSE-sface.txt", "facecli/models/LICENSE-yunet.txt"} <= names
    assert all(name.startswith("facecli") for name in names)
    assert "License-Expression: MIT" in text
    assert "Requires-Dist: dlib-bin" in text
