"""txtfilewriter: what stands in its files, and which files there are."""

import bz2
import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from tests.engines.duckdb.inprocess import content, made, run, text_writer, through, written

DATE = {"type": "date", "value": "2024-01-02 03:04:05"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["a", "b"], b"a,b\n"),
        (["a,b", "c"], b'"a,b",c\n'),
        (['say "hi"', "c"], b'"say ""hi""",c\n'),
        (["a\nb", "c"], b'"a\nb",c\n'),
        (["a\rb", "c"], b"a\rb,c\n"),
        (["", ""], b'"",\n'),
        (["#a", "#b"], b'"#a",#b\n'),
        ([" a ", "\tb\n"], b"a,b\n"),
        (["  ", " x\x01"], b'"",x\n'),
        (["\u3000a", "é😀"], "\u3000a,é😀\n".encode()),
        (["\\N", "null"], b"\\N,null\n"),
    ],
)
def test_csv_cells_are_quoted_as_datax_quotes_them(cells: list[str], expected: bytes, tmp_path: Path) -> None:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    through(quoted + "\n", tmp_path, writer={"fileFormat": "csv"})
    assert written(tmp_path / "out") == [expected]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, b"a b,x;y\n"),
        ({"fieldDelimiter": "||"}, b"a b||x;y\n"),
        ({"fieldDelimiter": ""}, b"a bx;y\n"),
        ({"fieldDelimiter": None}, b"a b,x;y\n"),
        ({"lineDelimiter": "\r\n"}, b"a b,x;y\r\n"),
        ({"lineDelimiter": ";"}, b"a b,x;y;"),
        ({"lineDelimiter": ""}, b"a b,x;y"),
        ({"header": ["h,1", "h2"]}, b"h,1,h2\na b,x;y\n"),
        ({"header": ["h,1", ""], "fileFormat": "csv"}, b'"h,1",\na b,x;y\n'),
        ({"header": ["h1"], "lineDelimiter": "$"}, b"h1$a b,x;y$"),
        ({"fileFormat": "csv", "fieldDelimiter": ";"}, b'a b;"x;y"\n'),
        ({"fileFormat": "csv", "lineDelimiter": "; "}, b'a b,"x;y";'),
        ({"fileFormat": "csv", "csvWriterConfig": {"forceQualifier": True}}, b'"a b","x;y"\n'),
        ({"fileFormat": "csv", "fieldDelimiter": ";", "csvWriterConfig": {"useTextQualifier": False}}, b"a b;x;y\n"),
        ({"encoding": "UTF-16"}, "\ufeffa b,x;y\n".encode("utf-16-be")),
        ({"encoding": "UTF-32", "header": ["é"]}, "é\na b,x;y\n".encode("utf-32-be")),
        ({"encoding": "GBK", "header": ["€中😀ö"]}, b"\xa2\xe3\xd6\xd0??\na b,x;y\n"),
        ({"encoding": "US-ASCII", "nullFormat": "n"}, b"a b,x;y\n"),
    ],
)
def test_the_parameters_of_the_writer(settings: dict[str, Any], expected: bytes, tmp_path: Path) -> None:
    through("a b,x;y\n", tmp_path, writer=settings)
    assert written(tmp_path / "out") == [expected]


@pytest.mark.parametrize(
    ("compress", "unpack"), [("gzip", gzip.decompress), ("bzip2", bz2.decompress), ("GZIP", gzip.decompress)]
)
def test_packed_files_hold_the_text_in_its_character_set(compress: str, unpack: Any, tmp_path: Path) -> None:
    through("1,中\n" * 1000, tmp_path, writer={"compress": compress, "encoding": "GBK", "header": ["头"]})
    assert unpack(written(tmp_path / "out")[0]).decode("gbk") == "头\n" + "1,中\n" * 1000


def test_what_a_character_set_lacks_becomes_a_question_mark(tmp_path: Path) -> None:
    through("1,中😀\n", tmp_path, writer={"encoding": "ISO-8859-1"})
    assert written(tmp_path / "out") == [b"1,??\n"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, b"2024-01-02 03:04:05\n"),
        ({"dateFormat": "yyyy/MM/dd"}, b"2024/01/02\n"),
        ({"format": "yyyy"}, b"2024\n"),
        ({"format": "yyyy", "dateFormat": "HH:mm"}, b"03:04\n"),
        ({"dateFormat": " "}, b"2024-01-02 03:04:05\n"),
    ],
)
def test_dates_are_printed_as_asked(settings: dict[str, Any], expected: bytes, tmp_path: Path) -> None:
    run(content(made(DATE), text_writer(tmp_path / "out", **settings)), tmp_path)
    assert written(tmp_path / "out") == [expected]


def test_bytes_may_be_written_in_base64(tmp_path: Path) -> None:
    bytes_column = {"type": "bytes", "value": "hé"}
    run(content(made(bytes_column), text_writer(tmp_path / "out", byteEncoding="base64")), tmp_path)
    assert written(tmp_path / "out") == [b"aMOp\n"]


def old_files(folder: Path) -> None:
    folder.mkdir()
    for name in ("out__old", "outer", "other"):
        (folder / name).write_text(name)


@pytest.mark.parametrize(("mode", "left"), [("truncate", {"other"}), ("append", {"other", "outer", "out__old"})])
def test_what_was_there_goes_or_stays(mode: str, left: set[str], tmp_path: Path) -> None:
    old_files(tmp_path / "out")
    through("1,a\n", tmp_path, writer={"writeMode": mode})
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {name for name in names if not name.startswith("out__") or name == "out__old"} == left
    assert len(names - left) == 1


def test_non_conflict_fails_where_a_name_is_taken(tmp_path: Path) -> None:
    old_files(tmp_path / "out")
    outcome = through("1,a\n", tmp_path, writer={"writeMode": "nonConflict"})
    assert (outcome.exit_code, outcome.code) == (1, "TxtFileWriter-02")
    assert "out__old" in outcome.output


def test_a_failed_job_leaves_the_old_files(tmp_path: Path) -> None:
    old_files(tmp_path / "out")
    setting = {"errorLimit": {"record": 0}}
    outcome = through("x\n", tmp_path, [{"index": 0, "type": "long"}], setting=setting)
    assert outcome.exit_code == 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"out__old", "outer", "other"}


def test_what_a_killed_run_left_goes_with_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    gone = tmp_path / "out" / ".out__aa_bb.4194305.part"
    alive = tmp_path / "out" / f".out__aa_cc.{os.getppid()}.part"
    for path in (gone, alive):
        path.write_text("half")
    through("1,a\n", tmp_path)
    assert not gone.exists()
    assert alive.exists()


def test_a_folder_that_is_a_file_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    outcome = through("1,a\n", tmp_path)
    assert outcome.code == "TxtFileWriter-02"


def test_a_full_disk_fails_with_datax_code_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: object, chunk: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engines.duckdb.parts._all", full)
    outcome = through("1,a\n" * 100_000, tmp_path)
    assert outcome.code == "UnstructuredStorageWriter-02"
    assert "No space left on device" in outcome.output
    assert written(tmp_path / "out") == []


def test_each_channel_of_a_stream_writes_a_file(tmp_path: Path) -> None:
    job = content(made({"type": "string", "value": "z"}, rows=4), text_writer(tmp_path / "out"), speed={"channel": 3})
    assert run(job, tmp_path).read == 12
    assert written(tmp_path / "out") == [b"z\nz\nz\nz\n"] * 3
