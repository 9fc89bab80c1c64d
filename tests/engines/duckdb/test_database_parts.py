"""The pure parts of database readers and writers: names of tables, ranges of keys, chunks of rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.duckdb.rdbms.chunks import Chunker, Loading, cells_of, last_row_end, rows_of
from engines.duckdb.rdbms.codes import mysql_connect_code, mysql_query_code
from engines.duckdb.rdbms.tables import expand, number_borders, text_borders

CELLS = st.lists(st.none() | st.text(st.sampled_from("ab'\n,\\\r\"0😀"), max_size=8), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("written", "tables"),
    [
        (["orders"], ["orders"]),
        (["a,b", " c "], ["a", "b", "c"]),
        (["t[0-2]"], ["t0", "t1", "t2"]),
        (["s.t[08-10]_x"], ["s.t08_x", "s.t09_x", "s.t10_x"]),
        (["t[3-1]"], ["t1", "t2", "t3"]),
        (["t[1-1]"], ["t1"]),
        (['"t[0-1]"'], ['"t[0-1]"']),
        (["", " , "], []),
    ],
)
def test_names_of_tables_are_expanded_as_datax_does(written: list[str], tables: list[str]) -> None:
    assert expand(written) == tables


@given(st.integers(-(2**63), 2**63), st.integers(1, 2**64), st.integers(2, 9))
def test_borders_of_numbers_lie_inside_and_ascend(least: int, width: int, parts: int) -> None:
    borders = number_borders(least, least + width, parts)
    assert borders == sorted(set(borders)) and len(borders) < parts
    assert all(least < border < least + width for border in borders)


@given(st.text(min_size=1), st.text(min_size=1), st.integers(2, 9))
def test_borders_of_texts_ascend_and_need_no_escape(one: str, other: str, parts: int) -> None:
    borders = text_borders(min(one, other), max(one, other), parts)
    assert borders == sorted(set(borders)) and len(borders) < parts
    assert all(border.isalnum() and border.isascii() for border in borders)


@given(st.lists(CELLS, min_size=1, max_size=30), st.integers(1, 40), st.integers(1, 60))
def test_chunks_end_where_rows_end_and_lose_nothing(rows: list[list[str | None]], block: int, size: int) -> None:
    data = b"".join(_line(row) for row in rows)
    chunker, chunks = Chunker(b"'", size), []
    for start in range(0, len(data), block):
        chunk = chunker.add(data[start : start + block])
        chunks += [chunk] if chunk else []
    chunks.append(chunker.rest())
    assert b"".join(chunks) == data
    found = [row for chunk in chunks for row in rows_of(chunk, b"'")]
    assert found == [_line(row)[:-1] for row in rows]


@given(CELLS)
def test_the_cells_of_a_row_are_found_again(row: list[str | None]) -> None:
    cells = cells_of(_line(row)[:-1], "'")
    assert [None if cell == ("NULL", False) else cell[0] for cell in cells] == row


def test_a_line_in_quotes_ends_no_row() -> None:
    assert last_row_end(b"1,'a\nb'\n2,'c\n", b"'") == 8
    assert last_row_end(b"1,'a\nb", b"'") == 0


def test_the_error_of_a_loader_reaches_the_one_who_feeds_it() -> None:
    def refuse(chunk: bytes, number: int) -> None:
        raise ValueError("full")

    loading = Loading([refuse], b"'")
    loading.take(b"1\n" * 3_000_000)
    with pytest.raises(ValueError, match="full"):
        loading.finish()


def test_an_aborted_load_takes_no_rest() -> None:
    taken: list[tuple[bytes, int]] = []
    loading = Loading([lambda *item: taken.append(item)], b"'")
    loading.take(b"1\n")
    loading.abort()
    assert taken == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(1045, "MYSQLErrCode-01"), (1049, "MYSQLErrCode-03"), (2003, "MYSQLErrCode-02"), (1130, "DBUtilErrorCode-10")],
)
def test_a_failed_connection_has_datax_code(number: int, code: str) -> None:
    assert mysql_connect_code(number) == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Table 'a.b' doesn't exist", "MYSQLErrCode-04"),
        ("Unknown column 'x' in 'field list'", "MYSQLErrCode-06"),
        ("Unknown column 'x' in 'where clause'", "MYSQLErrCode-05"),
        ("Unknown column 'x' in 'WHERE'", "DBUtilErrorCode-07"),
        ("SELECT command denied to user", "MYSQLErrCode-07"),
        ("You have an error in your SQL syntax", "DBUtilErrorCode-07"),
    ],
)
def test_a_failed_query_has_datax_code(message: str, code: str) -> None:
    assert mysql_query_code(message) == code


def _line(cells: list[str | None]) -> bytes:
    return ",".join("NULL" if cell is None else "'" + cell.replace("'", "''") + "'" for cell in cells).encode() + b"\n"
