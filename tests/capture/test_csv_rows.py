from __future__ import annotations

import io

import pytest

from facecli.capture.csv_rows import CsvRow, NotCsv, check_encoding, csv_rows


def rows(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """The rows that could be split, with the numbers of their lines."""
    return [(row.line, row.cells) for row in read(text) if row.problem is None]


def problems(text: str) -> list[tuple[int, str]]:
    return [(row.line, row.problem) for row in read(text) if row.problem is not None]


def read(text: str) -> list[CsvRow]:
    return list(csv_rows(io.StringIO(text, newline="")))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_header_tells_the_separator(separator: str) -> None:
    text = "a,b\n1,x\n".replace(",", separator) + f'2{separator}"x{separator},;"\n'
    assert rows(text) == [(1, ("a", "b")), (2, ("1", "x")), (3, ("2", f"x{separator},;"))]


def test_a_stated_separator_counts() -> None:
    assert rows("sep=|\r\na|b,c\r\n") == [(2, ("a", "b,c"))]
    assert rows('"sep=;"\na;b\n') == [(2, ("a", "b"))]


def test_blank_rows_are_left_out_and_lines_counted() -> None:
    assert rows("\n , \na,b\n\n,\n1,2\n") == [(3, ("a", "b")), (6, ("1", "2"))]


def test_blank_cells_at_the_end_are_left_out_beyond_the_header() -> None:
    assert rows("a,b,,\n1,,,\n1,,x\n") == [(1, ("a", "b")), (2, ("1", "")), (3, ("1", "", "x"))]


def test_a_cell_may_have_several_lines() -> None:
    assert rows('a,b\r\n1,"x\r\ny"\r\n2,z\r\n') == [
        (1, ("a", "b")), (2, ("1", "x\r\ny")), (4, ("2", "z")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ('1,"Jo "JJ" Doe"', "stands inside a cell"),
        ('1,"open', "is not closed"),
        ('"1,open', "is not closed"),
        ("1," + "x" * 140_000, "is longer than 131,072 characters"),
    ],
)
@pytest.mark.parametrize(
    "after", ["2,y\n", '2,"y"\n', '2,"y ""z"""\n', "2,y\n" * 200, '2,"y\nz"\n', ""]
)
def test_a_row_that_cannot_be_split_costs_itself(bad: str, why: str, after: str) -> None:
    good = rows(f"a,b\n{after}")[1:]
    found = rows(f"a,b\n{bad}\n{after}")[1:]
    assert [cells for _, cells in found] == [cells for _, cells in good]
    [(line, problem)] = problems(f"a,b\n{bad}\n{after}")
    assert line == 2
    assert problem.startswith("on line 2 ")
    assert why in problem


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Müller", "Windows-1252"),
        ("\N{LEFT DOUBLE QUOTATION MARK}Jo\N{RIGHT DOUBLE QUOTATION MARK}", "Windows-1252"),
        ("王小明", "GB18030"),
        ("Jo 李", "GB18030"),
    ],
)
def test_a_line_that_is_not_utf_8_is_named(name: str, encoding: str) -> None:
    data = io.BytesIO(f"a,b\n{name},1\n".encode(encoding))
    with pytest.raises(NotCsv, match=f"line 2 is not UTF-8, but perhaps {encoding};") as caught:
        list(csv_rows(io.TextIOWrapper(data, "utf-8", "surrogateescape")))
    assert f"`iconv -f {encoding.upper()} -t UTF-8`" in str(caught.value)


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("a,b".encode("utf-16"), "UTF-16"),
        ("a,b".encode("utf-16-le"), "UTF-16"),
        ("a,b".encode("utf-16-be"), "UTF-16"),
        ("a,b".encode("utf-32"), "UTF-32"),
        ("a,b".encode("utf-32-be"), "UTF-32"),
        (b"PK\x03\x04", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "spreadsheet"),
    ],
)
def test_other_encodings_are_named_with_the_remedy(start: bytes, why: str) -> None:
    with pytest.raises(NotCsv, match=why) as caught:
        check_encoding(io.BytesIO(start))
    assert 'save it as "CSV UTF-8"' in str(caught.value)


def test_utf_8_is_no_other_encoding() -> None:
    for start in (b"", b"a", b"a,b\n", "\ufeffä,b".encode()):
        check_encoding(io.BytesIO(start))
