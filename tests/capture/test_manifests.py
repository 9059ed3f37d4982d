from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from facecli.capture import manifests
from facecli.errors.command_line import BadInput

HEADER = "ref,name,purpose,image,evidence,given,expires\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "manifest.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_row_has_its_cells_and_paths_beside_the_manifest(tmp_path: Path) -> None:
    text = HEADER + "A-1,Ana,gate,a.jpg,forms/a.pdf,2026-01-02,1y\nA-2,,gate,/b.jpg,,,\n"
    one, two = manifests.read(write(tmp_path, text))
    assert one == manifests.ManifestRow(
        number=1, ref="A-1", name="Ana", purpose="gate", image=tmp_path / "a.jpg",
        evidence=tmp_path / "forms/a.pdf", given="2026-01-02", expires="1y",
        cells=("A-1", "Ana", "gate", "a.jpg", "forms/a.pdf", "2026-01-02", "1y"),
    )  # fmt: skip
    assert (two.number, two.name, two.image) == (2, None, Path("/b.jpg"))
    assert (two.evidence, two.given, two.expires, two.problem) == (None, None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEADER + "A-1,,gate,a.jpg,f.pdf,,1y\n",
        HEADER.replace("\n", "\r\n") + "A-1,,gate,a.jpg,f.pdf,,1y\r\n",
        "Image, REF ,name,purpose,expires,given,evidence\na.jpg,A-1,,gate,1y,,f.pdf\n",
        HEADER + "\n" + ' A-1 ,,"gate",a.jpg,f.pdf,,1y',
        HEADER.replace(",", ";") + "A-1;;gate;a.jpg;f.pdf;;1y\n",
        HEADER.replace(",", "\t") + "A-1\t\tgate\ta.jpg\tf.pdf\t\t1y\n",
        "sep=;\r\n" + HEADER.replace(",", ";") + "A-1;;gate;a.jpg;f.pdf;;1y\r\n",
        HEADER.replace("\n", ",,\r\n") + "A-1,,gate,a.jpg,f.pdf,,1y,,\r\n",
        HEADER + "A-1,,gate,a.jpg,f.pdf,,1y\n,,,,,,\n ,,\n\n",
        (HEADER + "A-1,,gate,a.jpg,f.pdf,,1y\n").replace("\n", "\r"),
    ],
    ids=[
        "byte-order mark",
        "CRLF",
        "order and case of columns",
        "blanks and quotes",
        "semicolons",
        "tabs",
        "Excel's separator line",
        "blank last columns",
        "blank last rows",
        "CR",
    ],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, text: str) -> None:
    [row] = manifests.read(write(tmp_path, text))
    assert (row.ref, row.purpose, row.image, row.expires) == (
        "A-1",
        "gate",
        tmp_path / "a.jpg",
        "1y",
    )
    assert row.problem is None


def test_the_language_of_the_notice_is_a_further_column(tmp_path: Path) -> None:
    header = HEADER.replace("\n", ",notice_lang\n")
    lines = ["A-1,,gate,a.jpg,f.pdf,,1y,zh", "A-2,,gate,a.jpg,f.pdf,,1y,", "A-3,,gate,a.jpg,,,,zh"]
    one, two, three = manifests.read(write(tmp_path, header + "\n".join(lines)))
    assert (one.notice_lang, two.notice_lang, one.problem, two.problem) == ("zh", None, None, None)
    assert three.problem is not None
    assert "`expires` is empty" in three.problem


def test_exceptions_are_further_columns(tmp_path: Path) -> None:
    header = HEADER.replace("\n", ",distinct,allow_duplicate,allow_other_face\n")
    path = tmp_path / "m.csv"
    rows = ("yes,TRUE,grown a beard", "no,0,", ",,", "1,x,")
    path.write_text(header + "".join(f"A-1,,gate,a.jpg,,,,{row}\n" for row in rows))
    one, two, three, four = manifests.read(path)
    assert (one.distinct, one.allow_duplicate, one.allow_other_face) == (
        True, True, "grown a beard",
    )  # fmt: skip
    for row in (two, three):
        assert (row.distinct, row.allow_duplicate, row.allow_other_face) == (False, False, None)
        assert row.problem is None
    assert four.problem == "the cell `allow_duplicate` is neither yes nor no"


def test_guardian_and_shared_form_are_further_columns(tmp_path: Path) -> None:
    header = HEADER.replace("\n", ",guardian,shared_form\n")
    lines = [
        "A-1,,gate,a.jpg,f.pdf,,1y,Ana,one sheet for a family",
        "A-2,,gate,a.jpg,f.pdf,,1y,,",
        "A-3,,gate,a.jpg,,2026-01-02,1y,,one sheet",
        "A-4,,gate,a.jpg,,,,Ana,",
    ]
    one, two, three, four = manifests.read(write(tmp_path, header + "\n".join(lines)))
    assert (one.guardian, one.shared_form, one.problem) == ("Ana", "one sheet for a family", None)
    assert (two.guardian, two.shared_form, two.problem) == (None, None, None)
    assert three.problem == "the cell `shared_form` needs a form in `evidence`"
    assert four.problem is not None
    assert "`expires` is empty" in four.problem


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the column `ref` is missing"),
        ("ref,name,purpose,image,evidence,given\n", "the column `expires` is missing"),
        ("A-1,Ana,gate,a.jpg,f.pdf,,1y\n", "the column `ref` is missing"),
        (HEADER.replace("\n", ",shoe size\n"), "the column `shoe size` is not known"),
        (HEADER.replace("\n", ",ref\n"), "a column appears twice"),
        (
            HEADER.encode() + b"A-1,M\xfcller,gate,a.jpg,f.pdf,,1y\n",
            "line 2 is not UTF-8",
        ),
        (HEADER.encode("utf-16"), "it is UTF-16 text; save it as"),
        (b"PK\x03\x04\x14\0", "it is a spreadsheet and not a CSV file"),
    ],
)
def test_a_manifest_that_is_none_is_refused_as_a_whole(
    tmp_path: Path, text: str | bytes, why: str
) -> None:
    with pytest.raises(BadInput) as caught:
        manifests.read(write(tmp_path, text))
    assert why in caught.value.message


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("A-1", "it has 1 cell instead of 7"),
        ("A-1,,gate,a.jpg,,1y", "it has 6 cells instead of 7"),
        ("A-1,,gate,a.jpg,f.pdf,,1y,,x", "it has 9 cells instead of 7"),
        (
            'A-1,"Jo "JJ" Doe",gate,a.jpg,f.pdf,,1y',
            "line 3 a quotation mark stands inside",
        ),
        ('A-1,"Ana,gate,a.jpg,f.pdf,,1y', "on line 3 a quotation mark is not closed"),
        ("A-1,," + "x" * 200_000 + ",a.jpg,,,", "on line 3 a cell is longer than 131,072"),
        ("A-1,,gate,photos\\a.jpg,f.pdf,,1y", "has back-slashes; write photos/a.jpg"),
        ("A-1,,gate,b.jpg,C:\\forms\\a.pdf,,1y", "in `evidence` has back-slashes"),
        (",,gate,a.jpg,f.pdf,,1y", "the cell `ref` is empty"),
        ("A-1,, ,a.jpg,f.pdf,,1y", "the cell `purpose` is empty"),
        ("A-1,,gate,,,,1y", "the cell `image` is empty"),
        ("A-1,,gate,a\0.jpg,,,1y", "it holds a NUL character"),
        ("A-1,,gate,a.jpg,f.pdf,,", "the cell `expires` is empty; a consent without an end is not"),
        ("A-1,,gate,a.jpg,,2026-01-02,", "the cell `expires` is empty; a consent without an end"),
        ("A-1,,gate,a.jpg,,,1y", "it has no form, so that the cell `given` must state the day"),
    ],
)
def test_a_bad_row_says_so_and_the_others_stay(tmp_path: Path, line: str, problem: str) -> None:
    good = "A-9,,gate,b.jpg,f.pdf,,1y"
    rows = list(manifests.read(write(tmp_path, f"{HEADER}{good}\n{line}\n{good}\n")))
    before, found, after = (row.problem for row in rows)
    assert (before, after) == (None, None)
    assert problem in str(found)
    assert [row.number for row in rows] == [1, 2, 3]


def test_a_row_without_an_image_has_no_path(tmp_path: Path) -> None:
    [row] = manifests.read(write(tmp_path, HEADER + "A-1,,gate,,,,1y\n"))
    assert (row.image, row.path) == (None, "")


def test_a_file_whose_name_has_a_back_slash_is_named_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a\\b.jpg").touch()
    [row] = manifests.read(write(tmp_path, HEADER + "A-1,,gate,a\\b.jpg,f.pdf,,1y\n"))
    assert row.problem is None


def test_rows_are_read_as_they_are_taken(tmp_path: Path) -> None:
    rows = 20_000
    path = write(tmp_path, HEADER + "A-1,Ana,gate,a.jpg,forms/a.pdf,2026-01-02,1y\n" * rows)
    tracemalloc.start()
    manifest = manifests.read(path)
    assert len(manifest) == rows
    assert sum(1 for row in manifest if row.ref == "A-1") == rows
    assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 2
    tracemalloc.stop()


def test_a_file_that_changes_after_its_check_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER)
    manifest = manifests.read(path)
    path.unlink()
    with pytest.raises(BadInput, match="no such file"):
        list(manifest)


def test_what_is_out_of_reach_is_refused(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.csv", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(BadInput, match=why):
            manifests.read(path)


def test_a_file_of_another_order_of_size_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifests, "LARGEST_FILE", len(HEADER))
    assert list(manifests.read(write(tmp_path, HEADER))) == []
    with pytest.raises(BadInput, match="larger"):
        manifests.read(write(tmp_path, HEADER + "\n"))
