"""txtfilereader: what of a text arrives, and what is a bad record."""

import bz2
import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engines.duckdb.inprocess import content, run, text_reader, text_writer, through, written


def column(kind: str, **more: Any) -> dict[str, Any]:
    return {"index": 0, "type": kind, **more}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            column("long"),
            [
                ("1", "1"),
                ("-5", "-5"),
                ("+5", "5"),
                ("007", "7"),
                ("1.9", "1"),
                ("-0.5", "0"),
                ("-0", "0"),
                ("1.", "1"),
            ],
            ["", "x", "1_000", "1,5", "0x10", "--1", "1 2", "NaN", "true"],
        ),
        (
            column("long"),
            [
                ("1e3", "1000"),
                ("9223372036854775808", "9223372036854775808"),
                ("1" * 50, "1" * 50),
                (".5", "0"),
                ("１２", "12"),
            ],
            ["1e", ".", "e5", "1.2.3", "+"],
        ),
        (
            column("double"),
            [
                ("3.50", "3.50"),
                ("-0.25", "-0.25"),
                ("1e10", "1e10"),
                ("NaN", "NaN"),
                ("infinity", "infinity"),
                ("5.", "5."),
            ],
            ["", "x", "1_0", "inf", "1e", "--5", "0x1p3"],
        ),
        (column("boolean"), [("true", "true"), ("FALSE", "false"), ("True", "true")], ["", "1", "yes", "t"]),
        (
            column("date"),
            [
                ("2024-01-02", "2024-01-02 00:00:00"),
                ("2024-01-02 03:04:05.678", "2024-01-02 03:04:05"),
                ("2024-1-2", "2024-01-02 00:00:00"),
                ("2024-13-01", "2025-01-01 00:00:00"),
                ("12:34:56", "1970-01-01 12:34:56"),
                ("20240102", "2024-01-02 00:00:00"),
                ("0001-01-01 00:00:00", "0001-01-01 00:00:00"),
                ("9999-12-31 23:59:59", "9999-12-31 23:59:59"),
            ],
            ["", "x", "infinity", "-infinity", "epoch", "2024/01/02", "today"],
        ),
        (
            column("date", format="yyyy/MM/dd"),
            [("2024/01/02", "2024-01-02 00:00:00"), ("2024/1/2 rest", "2024-01-02 00:00:00")],
            ["", "2024-01-02", "x"],
        ),
        (column("date", format="yyyyMMddHHmmss"), [("20240102030405", "2024-01-02 03:04:05")], ["", "2024", "x"]),
        (column("date", format="MM/yyyy"), [("02/2024", "2024-02-01 00:00:00")], ["", "x"]),
        (column("string"), [("", ""), ("null", "null"), ("\\N", "\\N"), ("é😀", "é😀")], []),
        (column("int"), [], ["1", ""]),
    ],
)
def test_a_value_is_read_or_is_a_bad_record(
    kind: dict[str, Any], good: list[tuple[str, str]], bad: list[str], tmp_path: Path
) -> None:
    """The second column keeps lines from being blank, and tells which row it was."""
    lines = [text for text, _ in good] + bad
    outcome = through(
        "".join(f'"{text}",{number}\n' for number, text in enumerate(lines)),
        tmp_path,
        [kind, {"index": 1, "type": "string"}],
    )
    assert outcome.exit_code == 0, outcome.output
    assert written(tmp_path / "out")[0].decode() == "".join(
        f"{text},{number}\n" for number, (_, text) in enumerate(good)
    )
    assert (outcome.read, outcome.failed) == (len(lines), len(bad))


def test_the_first_ten_bad_records_are_logged_with_what_was_read_before_and_why(tmp_path: Path) -> None:
    columns = [{"index": 0, "type": "long"}, {"index": 1, "type": "long"}]
    outcome = through("1,2\n" + "3,x\n" * 12 + "4\n", tmp_path, columns)
    assert outcome.failed == 13
    assert len(outcome.dirty) == 10
    assert outcome.dirty[0] == {
        "record": [{"byteSize": 1, "index": 0, "rawData": 3, "type": "LONG"}],
        "type": "reader",
        "message": "类型转换错误, 无法将[x] 转换为[LONG]",
    }


def test_a_short_row_is_a_bad_record_and_a_long_one_is_not(tmp_path: Path) -> None:
    outcome = through("1,a,extra\n2\n3,c\n", tmp_path)
    assert (outcome.read, outcome.failed) == (3, 1)
    assert written(tmp_path / "out") == [b"1,a\n3,c\n"]
    assert "您尝试读取的列越界,源文件该行有 [1] 列,您尝试读取第 [2] 列, 数据详情[2]" in outcome.dirty[0]["message"]


@pytest.mark.parametrize("limit", [0, 1])
def test_one_bad_record_too_many_fails_the_job_and_leaves_no_file(limit: int, tmp_path: Path) -> None:
    setting = {"errorLimit": {"record": limit}}
    outcome = through("1\n" + "x\n" * (limit + 1) + "2\n", tmp_path, [column("long")], setting=setting)
    assert (outcome.exit_code, outcome.code) == (1, "Framework-14")
    assert len(outcome.dirty) == limit + 1
    assert written(tmp_path / "out") == []


@pytest.mark.parametrize(("share", "exit_code"), [(0.5, 0), (0.49, 1)])
def test_the_share_of_bad_records_is_looked_at_in_the_end(share: float, exit_code: int, tmp_path: Path) -> None:
    outcome = through("1\nx\n", tmp_path, [column("long")], setting={"errorLimit": {"percentage": share}})
    assert outcome.exit_code == exit_code


def test_a_number_of_bad_records_makes_the_share_count_for_nothing(tmp_path: Path) -> None:
    limit = {"errorLimit": {"record": 5, "percentage": 0.0}}
    assert through("1\nx\n", tmp_path, [column("long")], setting=limit).exit_code == 0


def test_nulls_are_what_null_format_says(tmp_path: Path) -> None:
    columns = [{"index": 0, "type": "long"}, {"index": 1, "type": "date"}, {"index": 2, "type": "boolean"}]
    outcome = through("\\N,\\N,\\N\n1,\\N,true\n", tmp_path, columns, nullFormat="\\N", writer={"nullFormat": "-"})
    assert written(tmp_path / "out") == [b"-,-,-\n1,-,true\n"]
    assert outcome.failed == 0


@pytest.mark.parametrize("odd", ["", "５,a\n"], ids=["fast", "exactly"])
def test_no_row_of_a_type_that_datax_does_not_know_is_good_not_even_a_null(odd: str, tmp_path: Path) -> None:
    columns = [{"index": 0, "type": "long"}, {"index": 1, "type": "bytes"}]
    outcome = through("1,\\N\n2,b\n" + odd, tmp_path, columns, nullFormat="\\N")
    assert outcome.failed == outcome.read == 2 + bool(odd)
    assert {dirty["message"] for dirty in outcome.dirty} == {"No enum constant Type.BYTES"}


def test_constants_stand_beside_columns(tmp_path: Path) -> None:
    columns = [{"type": "string", "value": "it's"}, {"index": 1, "type": "string"}, {"type": "long", "value": "5"}]
    through("1,a\n", tmp_path, columns)
    assert written(tmp_path / "out") == [b"it's,a,5\n"]


@pytest.mark.parametrize("columns", [["*"], [], "*"])
def test_without_columns_every_cell_arrives(columns: Any, tmp_path: Path) -> None:
    outcome = through("a,b\nc,d\n", tmp_path, columns)
    assert written(tmp_path / "out") == [b"a,b\nc,d\n"]
    assert outcome.read == 2


def test_without_columns_rows_may_differ_in_length(tmp_path: Path) -> None:
    outcome = through('a,b\nc\n"d,d",e,,\n', tmp_path, ["*"], nullFormat="c")
    assert written(tmp_path / "out") == [b"a,b\nnull\nd,d,e,,\n"]
    assert (outcome.read, outcome.failed) == (3, 0)


def test_an_empty_file_without_columns_gives_no_rows(tmp_path: Path) -> None:
    assert through("", tmp_path, ["*"]).read == 0
    assert written(tmp_path / "out") == [b""]


@pytest.mark.parametrize("text", ["\n,A", "\r\n,A\n", '\n"",A'])
def test_an_empty_line_at_the_start_is_a_record_where_empty_ones_are_not_skipped(text: str, tmp_path: Path) -> None:
    outcome = through(text, tmp_path, ["*"], csvReaderConfig={"skipEmptyRecords": False})
    assert outcome.read == 2
    assert written(tmp_path / "out") == [b"\n,A\n"]


@pytest.mark.parametrize(
    ("text", "settings_", "expected"),
    [
        ("h1,h2\n1,a\n", {"skipHeader": True}, b"1,a\n"),
        ("h1\r\n1,a\r\n", {"skipHeader": "true"}, b"1,a\n"),
        ("header", {"skipHeader": True}, b""),
        ("1;a\n", {"fieldDelimiter": ";"}, b"1,a\n"),
        ("1\ta\n", {"fieldDelimiter": "\t"}, b"1,a\n"),
        ("1\x01a\n", {"fieldDelimiter": "\x01"}, b"1,a\n"),
        ("1,a\n", {"fieldDelimiter": None}, b"1,a\n"),
        (" 1 , a \n", {"csvReaderConfig": {"trimWhitespace": False}}, b" 1 , a \n"),
        ('"1","a"\n', {"csvReaderConfig": {"useTextQualifier": False}}, b'"1","a"\n'),
        ("1;a,b\n", {"csvReaderConfig": {"delimiter": ";", "escapeMode": 1}}, b"1,a,b\n"),
        ("3132,3a3\n", {"csvReaderConfig": {"textQualifier": 39}}, b"1,a\n"),
        ("'1','a'\n", {"csvReaderConfig": '{"textQualifier": "\'", "safetySwitch": false}'}, b"1,a\n"),
        ("1,a\n\n", {"csvReaderConfig": {"skipEmptyRecords": False}}, b"1,a\n"),
        ("#1,a\n2,b\n", {"csvReaderConfig": {"useComments": True}}, b"2,b\n"),
        ('"a\\"b","\\t\\u0041\\x42\\103\\d068"\n', {"csvReaderConfig": {"escapeMode": 2}}, b'a"b,\tABCD\n'),
        ('a\\tb,"\\\\"\n', {"csvReaderConfig": {"escapeMode": "2"}}, b"a\\tb,\\\n"),
        ('"a\\\nb","c"junk\\,d\n', {"csvReaderConfig": {"escapeMode": 2}}, b"a\nb,c\n"),
        ('"a"\\b,"c"\\n\n', {"csvReaderConfig": {"escapeMode": 2}}, b"a\b,c\n\n"),
        ('"\\ud83d\\ude00","\\ud83d"\n', {"csvReaderConfig": {"escapeMode": 2}}, "😀,?\n".encode()),
        (
            "a\\,b\\n ,\\x4\\\\1c \t\n",
            {"csvReaderConfig": {"escapeMode": 2, "useTextQualifier": False}},
            b"a,b\n,Ac \t\n",
        ),
        ("1\\", {"column": ["*"], "csvReaderConfig": {"escapeMode": 2, "useTextQualifier": False}}, b"1\n"),
    ],
)
def test_the_parameters_of_the_reader(text: str, settings_: dict[str, Any], expected: bytes, tmp_path: Path) -> None:
    through(text, tmp_path, **{name: value for name, value in settings_.items() if value is not None})
    assert written(tmp_path / "out") == [expected]


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("GBK", "gbk"),
        ("gb18030", "gb18030"),
        ("UTF-16", "utf-16"),
        ("UTF-32", "utf-32-be"),
        ("UTF-16LE", "utf-16-le"),
        ("Big5", "big5"),
        ("ISO-8859-1", "latin-1"),
        ("", "utf-8"),
    ],
)
def test_character_sets(encoding: str, codec: str, tmp_path: Path) -> None:
    text = "1,é\n" if codec == "latin-1" else "1,中文\n"
    through(text.encode(codec), tmp_path, encoding=encoding)
    assert written(tmp_path / "out") == [text.encode()]


def test_gbk_has_the_euro_sign_as_in_java(tmp_path: Path) -> None:
    through(b"1,\xa2\xe3\xd6\xd0\xff\n", tmp_path, encoding="GBK")
    assert written(tmp_path / "out") == ["1,€中\ufffd\n".encode()]


def test_a_character_set_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert through("1,a\n", tmp_path, encoding="KLINGON").code == "TxtFileReader-01"


def packed_zip(*texts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("folder/", b"")
        for number, text in enumerate(texts):
            archive.writestr(f"part{number}", text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("compress", "data"),
    [
        ("gzip", gzip.compress(b"1,a\n", mtime=0) + gzip.compress(b"2,b\n", mtime=0)),
        ("GZIP", gzip.compress(b"1,a\n2,b\n", mtime=0)),
        ("bzip2", bz2.compress(b"1,a\n2,b\n")),
        ("zip", packed_zip(b"1,a\n", b"2,b\n")),
    ],
)
def test_packed_files(compress: str, data: bytes, tmp_path: Path) -> None:
    through(data, tmp_path, compress=compress)
    assert written(tmp_path / "out") == [b"1,a\n2,b\n"]


@pytest.mark.parametrize("compress", ["gzip", "bzip2", "zip"])
@pytest.mark.parametrize("data", [b"no such thing", gzip.compress(b"1,a\n" * 1000, mtime=0)[:-20]])
def test_a_file_that_is_not_what_it_should_be_fails_and_leaves_nothing(
    compress: str, data: bytes, tmp_path: Path
) -> None:
    outcome = through(data, tmp_path, compress=compress)
    assert (outcome.exit_code, outcome.code) == (1, "UnstructuredStorageReader-09")
    assert "in.txt" in outcome.output
    assert written(tmp_path / "out") == []


def test_paths_may_be_files_folders_and_patterns_and_each_file_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "deep"
    folder.mkdir(parents=True)
    for name in ("a1.txt", "a2.txt", "b.csv", ".a.txt.77.part"):
        (folder / name).write_text(f"{name},x\n")
    paths = [str(folder / "a?.txt"), str(folder / "a1.txt"), str(tmp_path / "in" / "*.csv")]
    reader = text_reader(folder)
    reader["parameter"]["path"] = paths
    outcome = run(content(reader, text_writer(tmp_path / "out")), tmp_path)
    assert sorted(written(tmp_path / "out")) == [b"a1.txt,x\n", b"a2.txt,x\n", b"b.csv,x\n"]
    assert run(content(text_reader(tmp_path / "in"), text_writer(tmp_path / "out")), tmp_path).read == outcome.read == 3


@pytest.mark.parametrize(
    ("path", "code"),
    [("missing.txt", "TxtFileReader-04"), ("none/*.txt", "TxtFileReader-04"), ("*.none", "TxtFileReader-11")],
)
def test_what_cannot_be_found_fails_before_the_target_is_touched(path: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "out__old").write_text("old\n")
    outcome = run(content(text_reader(tmp_path / path), text_writer(tmp_path / "out")), tmp_path)
    assert (outcome.exit_code, outcome.code) == (1, code)
    assert written(tmp_path / "out") == [b"old\n"]


def test_names_of_files_may_hold_quotes_and_blanks(tmp_path: Path) -> None:
    source = tmp_path / 'it\'s a "file".txt'
    source.write_text("1,a\n")
    run(content(text_reader(source), text_writer(tmp_path / "o'u\"t", fileName="out")), tmp_path)
    assert written(tmp_path / "o'u\"t") == [b"1,a\n"]


def test_a_cell_of_many_megabytes_arrives(tmp_path: Path) -> None:
    wide = "x" * 5_000_000
    outcome = through(f'1,a\n2,{wide}\n3,"{wide}\n"\n', tmp_path)
    assert outcome.exit_code == 0, outcome.output[:2000]
    assert written(tmp_path / "out") == [f"1,a\n2,{wide}\n3,{wide}\n\n".encode()]


def test_rows_of_many_columns_find_the_room_they_need(tmp_path: Path) -> None:
    columns = [{"index": number, "type": "long"} for number in range(800)]
    text = "".join(",".join(str(row * number) for number in range(800)) + "\n" for row in range(5000))
    outcome = through(text, tmp_path, columns)
    assert outcome.exit_code == 0, outcome.output[-2000:]
    assert written(tmp_path / "out") == [text.encode()]


NUMBERS = st.one_of(st.integers().map(str), st.floats().map(str), st.text("0123456789.eE+- x_", max_size=6))
DATES = st.one_of(st.datetimes().map(str), st.dates().map(str), st.text("0123456789-: ", max_size=12))
TYPED = [
    {"index": 0, "type": "long"},
    {"index": 1, "type": "double"},
    {"index": 2, "type": "date"},
    {"index": 3, "type": "boolean"},
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(NUMBERS, NUMBERS, DATES, st.sampled_from(["true", "FALSE", "", "1"])), min_size=1, max_size=8
    )
)
def test_the_fast_way_and_the_exact_way_agree(rows: list[tuple[str, ...]], tmp_path: Path) -> None:
    """A number in exponents at the end sends the whole file the exact way; without it most rows go the fast one."""
    lines = "".join(",".join(row) + "\n" for row in rows)
    sure = "1e1,1,2024-01-01,true\n"
    fast = through(lines, tmp_path, TYPED)
    fast_rows = written(tmp_path / "out")[0]
    exact = through(lines + sure, tmp_path, TYPED)
    assert "the exact way" in exact.output
    assert written(tmp_path / "out")[0].split(b"\n") == [
        *fast_rows.split(b"\n")[:-1],
        b"10,1,2024-01-01 00:00:00,true",
        b"",
    ]
    assert (exact.read, exact.failed) == (fast.read + 1, fast.failed)
