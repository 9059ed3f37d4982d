from __future__ import annotations

import errno
import os
from pathlib import Path
from tempfile import gettempdir

import pytest

from facecli.capture.folders import ImageFiles, UnreadFolder, image_files
from facecli.errors.command_line import BadInput


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.jpg", "a.png", "deep/c.jpg", "deep/er/d.jpg", ".hidden.jpg", ".git/e.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def names(tree: Path, *paths: Path, recursive: bool = False) -> list[str]:
    return [str(path.relative_to(tree)) for path in image_files(paths, recursive=recursive).files]


def test_a_folder_is_its_files_by_name(tree: Path) -> None:
    assert names(tree, tree) == ["a.png", "b.jpg"]


def test_folders_within_folders_are_entered_when_asked(tree: Path) -> None:
    assert names(tree, tree, recursive=True) == ["a.png", "b.jpg", "deep/c.jpg", "deep/er/d.jpg"]


def test_named_files_come_as_named(tree: Path) -> None:
    paths = [tree / ".hidden.jpg", tree / "b.jpg", tree / "deep", tree / "b.jpg"]
    assert names(tree, *paths) == [".hidden.jpg", "b.jpg", "deep/c.jpg", "b.jpg"]


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    assert image_files([tmp_path], recursive=True) == ImageFiles()


def test_a_folder_that_contains_itself_is_walked_once(tree: Path) -> None:
    (tree / "deep" / "loop").symlink_to(tree)
    assert names(tree, tree, recursive=True) == ["a.png", "b.jpg", "deep/c.jpg", "deep/er/d.jpg"]


def test_linked_folders_are_followed_once_and_after_all_others(tree: Path, tmp_path: Path) -> None:
    other = tmp_path / ".other"
    (other / "in").mkdir(parents=True)
    for name in ("x.jpg", "in/y.jpg"):
        (other / name).touch()
    (other / "back").symlink_to(tree)
    for link in ("a-link", "deep/link", "z-link"):
        (tree / link).symlink_to(other)
    (tree / "deep" / "in-link").symlink_to(other / "in")
    found = names(tree, tree, recursive=True)
    assert found == [
        "a.png", "b.jpg", "deep/c.jpg", "deep/er/d.jpg", "a-link/in/y.jpg", "a-link/x.jpg",
    ]  # fmt: skip


def test_a_linked_folder_that_is_named_too_is_not_searched_twice(tree: Path) -> None:
    (tree / "deep" / "link").symlink_to(tree / ".git")
    found = names(tree, tree / "deep", tree / ".git", recursive=True)
    assert found == ["deep/c.jpg", "deep/er/d.jpg", ".git/e.jpg"]


def test_folders_that_were_not_asked_for_are_counted(tree: Path) -> None:
    (tree / "link").symlink_to(tree / ".git")
    assert image_files([tree], recursive=False).subfolders == 2
    assert image_files([tree], recursive=True).subfolders == 0


def test_folders_deeper_than_functions_may_call_are_searched(tmp_path: Path) -> None:
    folders = [tmp_path]
    for _ in range(1200):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    (folders[-1] / "deep.jpg").touch()
    found = image_files([tmp_path], recursive=True)
    assert [path.name for path in found.files] == ["deep.jpg"]
    found.files[0].unlink()
    for folder in reversed(folders[1:]):  # pytest's own removal calls functions as deep
        folder.rmdir()


def test_a_broken_link_is_left_to_its_reader(tree: Path) -> None:
    (tree / "gone.jpg").symlink_to(tree / "nowhere.jpg")
    assert names(tree, tree / "gone.jpg") == ["gone.jpg"]
    assert "gone.jpg" in names(tree, tree)


def test_special_files_are_not_opened(tree: Path) -> None:
    os.mkfifo(tree / "fifo.jpg")
    assert "fifo.jpg" in names(tree, tree)


def test_bytes_that_are_no_text_are_a_name_too(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg"))
    path.touch()
    assert image_files([tmp_path], recursive=False).files == [path]


@pytest.mark.parametrize(
    ("name", "why"),
    [("nowhere", "there is nothing there"), ("x" * 10_000, "too long"), ("b.jpg/a", "")],
)
def test_a_path_that_cannot_be_is_refused(tree: Path, name: str, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        image_files([tree, tree / name], recursive=False)
    assert why in caught.value.message
    assert len(caught.value.message) < 1000


def test_a_folder_that_cannot_be_listed_costs_itself_alone(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = os.scandir

    def refuse_deep(folder: Path) -> object:
        if Path(folder).name == "deep":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refuse_deep)  # root, who may run the tests, lists them all
    found = image_files([tree / "deep", tree], recursive=True)
    assert [path.name for path in found.files] == ["a.png", "b.jpg"]
    assert found.unread == [UnreadFolder(tree / "deep", "permission denied")] * 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_what_the_user_may_not_enter_is_named(tree: Path) -> None:
    for folder in (tree, *tree.parents):
        if folder.stat().st_uid == 0 and folder.is_relative_to(gettempdir()):
            folder.chmod(0o755)
    (tree / "deep").chmod(0o444)
    (tree / "shut").mkdir(mode=0o000)
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        found = image_files([tree, tree / "deep" / "c.jpg"], recursive=True)
        seen = {(one.path.relative_to(tree).as_posix(), one.why) for one in found.unread}
        expected = {
            ("deep", "it may be listed, but not entered"),
            ("shut", "permission denied"),
            ("deep/c.jpg", "permission denied"),
        }
        os._exit(0 if seen == expected and len(found.files) == 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


NO_IMAGES = {
    "Thumbs.db": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "form.pdf": b"%PDF-1.7",
    "list.csv": b"ref,name\n",
    "empty": b"",
}
IMAGES = {
    "scan": b"\xff\xd8\xff\xe0 whatever follows",
    "film.dat": b"\x00\x00\x00\x18ftypheic",
    "drawing.bin": b"GIF89a",
    "torn.JPG": b"no longer a photograph",
}


def test_inside_a_folder_what_is_surely_no_image_is_passed_over(tmp_path: Path) -> None:
    for name, content in {**NO_IMAGES, **IMAGES}.items():
        (tmp_path / name).write_bytes(content)
    found = image_files([tmp_path], recursive=False)
    assert {path.name for path in found.files} == set(IMAGES)
    assert found.passed_over == len(NO_IMAGES)


def test_a_file_that_was_named_is_never_passed_over(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in NO_IMAGES]
    for path in paths:
        path.write_bytes(NO_IMAGES[path.name])
    assert image_files(paths, recursive=False) == ImageFiles(paths, 0)


def test_what_cannot_be_opened_is_left_to_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked.dat").touch()

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", refuse)  # root, who may run the tests, opens them all
    assert [path.name for path in image_files([tmp_path], recursive=False).files] == ["locked.dat"]
