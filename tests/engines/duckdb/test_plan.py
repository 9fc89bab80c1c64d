"""What the plan refuses, where and with which code; and that it needs nothing heavy for it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from datax_job.problem import Problem
from engines.base import EngineSettings
from engines.duckdb import DuckDBEngine, Plan, plan
from engines.duckdb.plugins import Plugin
from engines.duckdb.readers import READERS
from engines.duckdb.transformers import TRANSFORMERS
from engines.duckdb.writers import WRITERS
from tests.engines.duckdb.inprocess import content, made, text_reader, text_writer

ROOT = Path(__file__).resolve().parents[3]
READER, WRITER = text_reader(Path("/in.txt")), text_writer(Path("/out"))


def problems(document: dict[str, Any]) -> list[Problem]:
    found = plan(document)
    assert not isinstance(found, Plan)
    return found


def changed(part: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    kept = {name: value for name, value in {**part["parameter"], **parameters}.items() if value is not None}
    return {"name": part["name"], "parameter": kept}


def test_a_good_document_has_a_plan() -> None:
    found = plan(content(READER, WRITER, errorLimit={"record": 5}))
    assert isinstance(found, Plan)
    assert found.setting.error_records == 5


@pytest.mark.parametrize(
    ("reader", "writer", "pointer", "code"),
    [
        ({"name": "nosuchreader"}, WRITER, "reader/name", "Framework-12"),
        (READER, {"name": "nosuchwriter"}, "writer/name", "Framework-12"),
        ({}, WRITER, "reader/name", "Framework-12"),
        (changed(READER, colunm=[]), WRITER, "reader/parameter/colunm", "Framework-03"),
        (changed(READER, path=None), WRITER, "reader/parameter/path", "TxtFileReader-00"),
        (changed(READER, path=[""]), WRITER, "reader/parameter/path", "TxtFileReader-00"),
        (changed(READER, path={"a": 1}), WRITER, "reader/parameter/path", "TxtFileReader-01"),
        (
            changed(READER, fieldDelimiter="||"),
            WRITER,
            "reader/parameter/fieldDelimiter",
            "UnstructuredStorageReader-03",
        ),
        (
            changed(READER, fieldDelimiter="😀"),
            WRITER,
            "reader/parameter/fieldDelimiter",
            "UnstructuredStorageReader-03",
        ),
        (changed(READER, compress="lzo"), WRITER, "reader/parameter/compress", "TxtFileReader-01"),
        (changed(READER, encoding="nope"), WRITER, "reader/parameter/encoding", "TxtFileReader-01"),
        (changed(READER, skipHeader="maybe"), WRITER, "reader/parameter/skipHeader", "Common-00"),
        (changed(READER, column=[{"type": "long"}]), WRITER, "reader/parameter/column/0", "TxtFileReader-03"),
        (changed(READER, column=[{"index": 0}]), WRITER, "reader/parameter/column/0/type", "TxtFileReader-00"),
        (
            changed(READER, column=[{"index": 0, "value": "x", "type": "long"}]),
            WRITER,
            "reader/parameter/column/0",
            "TxtFileReader-02",
        ),
        (
            changed(READER, column=[{"index": -1, "type": "long"}]),
            WRITER,
            "reader/parameter/column/0/index",
            "TxtFileReader-01",
        ),
        (
            changed(READER, column=[{"index": 0, "type": "date", "format": "EEE"}]),
            WRITER,
            "reader/parameter/column/0/format",
            "TxtFileReader-01",
        ),
        (
            changed(READER, csvReaderConfig={"escapeMode": 3}),
            WRITER,
            "reader/parameter/csvReaderConfig/escapeMode",
            "TxtFileReader-01",
        ),
        (READER, changed(WRITER, fileName=None), "writer/parameter/fileName", "TxtFileWriter-01"),
        (READER, changed(WRITER, path=" "), "writer/parameter/path", "TxtFileWriter-01"),
        (READER, changed(WRITER, writeMode=None), "writer/parameter/writeMode", "UnstructuredStorageWriter-04"),
        (READER, changed(WRITER, writeMode="overwrite"), "writer/parameter/writeMode", "UnstructuredStorageWriter-00"),
        (READER, changed(WRITER, writeMode="TRUNCATE"), "writer/parameter/writeMode", "UnstructuredStorageWriter-00"),
        (READER, changed(WRITER, fileFormat="sql"), "writer/parameter/fileFormat", "UnstructuredStorageWriter-00"),
        (READER, changed(WRITER, fileName="../x"), "writer/parameter/fileName", "TxtFileWriter-02"),
        (
            READER,
            changed(WRITER, fileFormat="csv", fieldDelimiter="||"),
            "writer/parameter/fieldDelimiter",
            "UnstructuredStorageWriter-00",
        ),
        (READER, changed(WRITER, dateFormat="MMM"), "writer/parameter/dateFormat", "UnstructuredStorageWriter-00"),
        (READER, changed(WRITER, quoteChar="'"), "writer/parameter/quoteChar", "Framework-03"),
    ],
)
def test_a_refusal_names_the_place_and_datax_code(
    reader: dict[str, Any], writer: dict[str, Any], pointer: str, code: str
) -> None:
    found = problems(content(reader, writer))
    assert [(problem.pointer, getattr(problem, "code", None)) for problem in found] == [
        (f"/job/content/0/{pointer}", code)
    ]
    assert pointer.rpartition("/")[2] in found[0].message or found[0].message[-1] == "."


@pytest.mark.parametrize(
    ("setting", "pointer", "code"),
    [
        ({"speed": {}}, "/job/setting/speed", "Framework-03"),
        ({"speed": {"channel": 0}}, "/job/setting/speed", "Framework-03"),
        ({"speed": {"channel": "x"}}, "/job/setting/speed/channel", "Common-00"),
        ({"speed": {"channel": 1.5}}, "/job/setting/speed/channel", "Common-00"),
        ({"speed": {"channel": 1, "bytes": 5}}, "/job/setting/speed/bytes", "Framework-03"),
        ({"speed": {"byte": 1000}}, "/job/setting/speed/byte", "Framework-03"),
        ({"errorLimit": {"record": -1}}, "/job/setting/errorLimit/record", "Framework-02"),
        ({"errorLimit": {"percentage": 2}}, "/job/setting/errorLimit/percentage", "Framework-02"),
        ({"errorLimit": {"percent": 0.1}}, "/job/setting/errorLimit/percent", "Framework-03"),
        ({"retry": 3}, "/job/setting/retry", "Framework-03"),
    ],
)
def test_a_setting_that_is_not_known_or_not_possible_is_refused(
    setting: dict[str, Any], pointer: str, code: str
) -> None:
    found = problems(content(READER, WRITER, **setting))
    assert (found[0].pointer, getattr(found[0], "code", None)) == (pointer, code)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"job": None},
        {"job": []},
        {"job": {"content": {}}},
        {"job": {"content": []}},
        {"job": {"content": [1]}},
        {"job": {"setting": 5, "content": [{}]}},
        {"job": {"setting": {"speed": "fast"}, "content": [{"reader": 1, "writer": None, "transformer": 7}]}},
        {
            "job": {
                "setting": {"speed": {"channel": [1]}},
                "content": [{"reader": {"name": []}, "writer": {"name": {}}}],
            }
        },
    ],
)
def test_any_document_gets_an_answer(document: dict[str, Any]) -> None:
    assert problems(document)


def test_every_problem_is_told_at_once() -> None:
    document = content(changed(READER, path=None, no=1), changed(WRITER, writeMode=None), speed={})
    assert len(problems(document)) == 4


def test_a_document_of_two_contents_is_refused_rather_than_half_done() -> None:
    document = content(READER, WRITER)
    document["job"]["content"] *= 2
    assert problems(document)[0].pointer == "/job/content"


def test_planning_imports_nothing_heavy() -> None:
    code = "import sys, engines.duckdb; print(sorted({'duckdb', 'numpy', 'pymysql', 'psycopg'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_engine_says_what_it_has_and_how_to_start_it(tmp_path: Path) -> None:
    engine = DuckDBEngine(EngineSettings(var_dir=tmp_path, timezone="Asia/Shanghai"))
    status = engine.status()
    assert status.available
    assert {"streamreader", "txtfilereader", "sqlitereader"} <= set(status.readers)
    assert {"streamwriter", "txtfilewriter", "sqlitewriter"} <= set(status.writers)
    assert {"dx_substr", "dx_pad", "dx_replace", "dx_filter", "dx_digest"} == set(status.transformers)
    job = content(made({"value": "a"}), {"name": "streamwriter", "parameter": {}})
    assert engine.refusals(job) == []
    launch = engine.launch(job, tmp_path)
    assert (tmp_path / "job.json").stat().st_mode & 0o777 == 0o600
    argv = list(launch.argv)
    # Its parent, were the engine started by this test's process.
    done = subprocess.run(argv, cwd=launch.cwd, env=launch.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\na\n" in done.stdout


@pytest.mark.parametrize("plugins", [READERS, WRITERS, TRANSFORMERS], ids=["readers", "writers", "transformers"])
def test_every_plugin_is_found_under_its_own_name(plugins: Mapping[str, Plugin[Any]]) -> None:
    assert [plugin.name for plugin in plugins.values()] == list(plugins)
