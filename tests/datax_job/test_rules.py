"""What the check calls wrong. Each rule has its cases; each case is a job with one mistake, and where it is found."""

import copy
import json
import time
from typing import Any

import pytest

from datax_job import rules
from datax_job.check import check
from datax_job.document import parse
from datax_job.problem import Severity
from tests.datax_job.jobs import (
    Object,
    found,
    job,
    mysql,
    postgresql,
    printed,
    said,
    stream,
    text_reader,
    text_writer,
    without,
)

READER, WRITER = "/job/content/0/reader", "/job/content/0/writer"
CONNECTION = "/job/content/0/reader/parameter/connection/0"
STEP = "/job/content/0/transformer/0"
QUERY = [{"jdbcUrl": ["jdbc:mysql:"], "querySql": ["q"]}]


def with_connection(**connection: Any) -> Object:
    return mysql(connection=[{"jdbcUrl": ["jdbc:mysql://h/db?useSSL=false"], **connection}])


def step(name: str, **parameter: Any) -> Object:
    return {"name": name, "parameter": parameter}


ERRORS: dict[Any, list[tuple[Object, str, str]]] = {
    rules.shape.top_level: [
        ({}, "", '"job" is missing'),
        ({"job": []}, "/job", "must be an object"),
        ({"job": {"setting": [], "content": []}}, "/job/setting", "must be an object"),
        (job(speed=3), "/job/setting/speed", "must be an object"),
    ],
    rules.shape.contents: [
        ({"job": {"setting": {}}}, "/job", "must hold a reader and a writer"),
        ({"job": {"content": []}}, "/job/content", "must hold a reader and a writer"),
        ({"job": {"content": ["x"]}}, "/job/content/0", "must be an object"),
        ({"job": {"content": [{"reader": stream()}]}}, "/job/content/0", "writer is missing"),
        ({"job": {"content": [{"reader": [], "writer": printed()}]}}, READER, "must be an object"),
        (job({"parameter": {}}), READER, "the name of the plugin is missing"),
        (job({"name": "streamreader"}), READER, "parameter is missing"),
        (job({"name": 7, "parameter": {}}), f"{READER}/name", "must be text"),
        ({"job": {"content": [{"reader": stream(), "writer": printed(), "transformer": {}}]}}, "/job/content/0/transformer", "list"),
    ],
    rules.names.known_plugins: [
        (job({"name": "mysqlreder", "parameter": {}}), f"{READER}/name", "did you mean 'mysqlreader'?"),
        (job({"name": "MySQLReader", "parameter": {}}), f"{READER}/name", "did you mean 'mysqlreader'?"),
        (job({"name": "nosuchreader", "parameter": {}}), f"{READER}/name", "there is no reader 'nosuchreader'"),
        (job({"name": "mysqlwriter", "parameter": {}}), f"{READER}/name", "is a writer"),
        (job(None, None, step("dx_filtr")), STEP + "/name", "did you mean 'dx_filter'?"),
    ],
    rules.parameters.required: [
        (job(without(text_reader(), "path")), f"{READER}/parameter", "path is missing"),
        (job(text_reader(path=None)), f"{READER}/parameter/path", "path is missing"),
        (job(with_connection(jdbcUrl=None, table=["t"])), f"{CONNECTION}/jdbcUrl", "jdbcUrl is missing"),
        (job(None, without(text_writer(), "writeMode")), f"{WRITER}/parameter", "writeMode is missing"),
    ],
    rules.parameters.usable: [
        (job(with_connection(jdbcUrl="jdbc:mysql://h", table=["t"])), f"{CONNECTION}/jdbcUrl", "must be a list"),
        (job(stream(), postgresql(["jdbc:postgresql://h"], column=["id"])), f"{WRITER}/parameter/connection/0/jdbcUrl", "not a list"),  # type: ignore[arg-type]
        (job(mysql(column="id,name")), f"{READER}/parameter/column", "must be a list"),
        (job(mysql(connection={})), f"{READER}/parameter/connection", "must be a list"),
        (job(stream(sliceRecordCount="many")), f"{READER}/parameter/sliceRecordCount", "a whole number"),
        (job(None, printed(print="yes")), f"{WRITER}/parameter/print", "true or false"),
        (job(None, text_writer(writeMode="overwrite")), f"{WRITER}/parameter/writeMode", "truncate, append, nonConflict"),
    ],
    rules.speed.given: [
        (job(speed=None), "/job/setting/speed", '"speed": {"channel": 1}'),
        (job(speed={"channel": 0}), "/job/setting/speed", "how fast"),
        (job(speed={"channel": "many"}), "/job/setting/speed/channel", "whole number"),
    ],
    rules.speed.limit_of_a_channel: [
        (job(speed={"byte": 1048576}), "/job/setting/speed/byte", '"core": {"transport"'),
        (job(speed={"channel": 2, "record": 1000}), "/job/setting/speed/record", '"record": 500'),
    ],
    rules.error_limit.usable: [
        (job(errorLimit={"record": -1}), "/job/setting/errorLimit/record", "0 or more"),
        (job(errorLimit={"percentage": 2}), "/job/setting/errorLimit/percentage", "0.02 for 2 percent"),
    ],
    rules.query.table_or_query: [
        (job(with_connection()), CONNECTION, "table is missing"),
        (job(with_connection(table=["t"], querySql=["q"])), f"{CONNECTION}/querySql", "cannot stand beside table"),
        (job(without(mysql(), "column")), f"{READER}/parameter", "column is missing"),
    ],
    rules.urls.of_its_own_database: [
        (job(mysql("jdbc:postgresql://u:canary@h/db")), f"{CONNECTION}/jdbcUrl/0", "not jdbc:postgresql:"),
    ],
    rules.write_mode.not_where_there_is_one_way: [
        (job(stream(), postgresql(column=["id"], writeMode="insert")), f"{WRITER}/parameter/writeMode", "remove this line"),
    ],
    rules.counts.at_least_one: [
        (job(stream(sliceRecordCount=0)), f"{READER}/parameter/sliceRecordCount", "1 or more"),
        (job(stream(), postgresql(column=["id"], batchSize="0")), f"{WRITER}/parameter/batchSize", "1 or more"),
    ],
    rules.columns.text_columns: [
        (job(text_reader(column=[{"index": 0}])), f"{READER}/parameter/column/0", "needs a type"),
        (job(text_reader(column=[{"type": "long"}])), f"{READER}/parameter/column/0", "index"),
        (job(text_reader(column=[{"type": "long", "index": 0, "value": 1}])), f"{READER}/parameter/column/0", "either"),
    ],
    rules.columns.stream_columns: [
        (job(stream(column=[{"type": "long"}])), f"{READER}/parameter/column/0", "either value or random"),
    ],
    rules.columns.as_many_as_are_read: [
        (job(mysql(), postgresql(column=["id"])), f"{WRITER}/parameter/column", "gives 2 columns, but 1"),
    ],
    rules.transformers.arguments: [
        (job(None, None, step("dx_substr", columnIndex=0, paras=["1"])), STEP + "/parameter/paras", "start, length"),
        (job(None, None, step("dx_substr", columnIndex=0, paras=[1, "2"])), STEP + "/parameter/paras/0", "in quotes"),
        (job(None, None, step("dx_filter", columnIndex=0, paras=["~", "x"])), STEP + "/parameter/paras/0", "no such operator"),
    ],
}  # fmt: skip

WARNINGS: dict[Any, list[tuple[Object, str, str]]] = {
    rules.shape.top_level: [
        ({**job(), "jobs": {}}, "/jobs", "did you mean 'job'?"),
        (job(speed={"channel": 1, "chanel": 2}), "/job/setting/speed/chanel", "did you mean 'channel'?"),
        (job(errorlimit={}), "/job/setting/errorlimit", "did you mean 'errorLimit'?"),
    ],
    rules.shape.one_content: [
        ({"job": {**job()["job"], "content": job()["job"]["content"] * 2}}, "/job/content/1", "only the first"),
    ],
    rules.names.known_plugins: [
        (job(None, None, step("my_own")), STEP + "/name", "there is no transformer"),
    ],
    rules.parameters.known: [
        (job(mysql(splitPK="id")), f"{READER}/parameter/splitPK", "did you mean 'splitPk'?"),
        (job(mysql(colum=[])), f"{READER}/parameter/colum", "did you mean 'column'?"),
        (job(mysql(quite_another=1)), f"{READER}/parameter/quite_another", "has no effect"),
        (job(with_connection(table=["t"], jdbcurl=[])), f"{CONNECTION}/jdbcurl", "did you mean 'jdbcUrl'?"),
    ],
    rules.error_limit.one_of_two: [
        (job(errorLimit={"record": 1, "percentage": 0.1}), "/job/setting/errorLimit/percentage", "no effect beside record"),
    ],
    rules.query.nothing_beside_a_query: [
        (job(with_connection(querySql=["q"])), f"{READER}/parameter/column", "no effect beside querySql"),
        (job(mysql(connection=QUERY, where="x")), f"{READER}/parameter/where", "into the query"),
        (job(mysql(connection=QUERY, splitPk="id")), f"{READER}/parameter/splitPk", "no effect"),
    ],
    rules.query.inside_the_connection: [
        (job(mysql(querySql="q")), f"{READER}/parameter/querySql", "belongs into connection"),
        (job(mysql(table=["t"])), f"{READER}/parameter/table", "belongs into connection"),
    ],
    rules.urls.escaped_for_html: [
        (job(mysql("jdbc:mysql://h/d?useSSL=false&amp;a=b")), f"{CONNECTION}/jdbcUrl/0", "&amp;"),
    ],
}  # fmt: skip

GOOD = [
    job(),
    job(mysql()),
    job(mysql(), postgresql()),
    job(mysql(column=["*"]), postgresql()),
    job(text_reader(), postgresql()),
    job(text_reader(path="/in/*.csv", column=["*"], skipHeader="true"), text_writer(compress="")),
    job(with_connection(querySql=["select 1"], table=None)["name"] and without(with_connection(querySql=["q"]), "column")),
    job(None, None, step("dx_filter", columnIndex=0, paras=["LIKE", "x.*"]), step("dx_groovy", code="return record;")),
    job(speed={"channel": "2"}, errorLimit={"percentage": "0.02"}),
    {**job(speed={"byte": 100}), "core": {"transport": {"channel": {"speed": {"byte": 50}}}}},
    {**job(), "_comment": "ours", "core": {"container": {"job": {"sleepInterval": 100}}}},
    job({"name": "odpsreader", "parameter": {
        "accessId": "a", "accessKey": "b", "project": "p", "table": "t", "column": ["*"], "odpsServer": "s", "whoKnows": 1}}),
]  # fmt: skip


def cases(table: dict[Any, list[tuple[Object, str, str]]]) -> list[Any]:
    return [
        pytest.param(*case, id=f"{rule.__module__.split('.')[-1]}-{rule.__name__}-{number}")
        for rule, listed in table.items()
        for number, case in enumerate(listed)
    ]


def test_every_rule_has_a_case_and_a_reason() -> None:
    assert {*ERRORS, *WARNINGS} == set(rules.ALL)
    assert all(rule.__doc__ for rule in rules.ALL)


@pytest.mark.parametrize(("document", "pointer", "message"), cases(ERRORS))
def test_a_mistake_is_an_error_at_its_place(document: Object, pointer: str, message: str) -> None:
    assert [text for place, text in said(document, Severity.ERROR) if place == pointer and message in text]


@pytest.mark.parametrize(("document", "pointer", "message"), cases(WARNINGS))
def test_what_surprises_is_a_warning_at_its_place(document: Object, pointer: str, message: str) -> None:
    assert [text for place, text in said(document, Severity.WARNING) if place == pointer and message in text]


@pytest.mark.parametrize("document", GOOD, ids=range(len(GOOD)))
def test_a_good_job_has_neither(document: Object) -> None:
    assert [problem.as_dict() for problem in found(document) if problem.severity is not Severity.ADVICE] == []


def test_an_installed_plugin_may_be_unknown_here() -> None:
    document = parse(job({"name": "excelreader", "parameter": {"anything": 1}}))
    assert check(document, {}, frozenset({"excelreader"})) == []
    assert [problem.pointer for problem in check(document, {})] == [f"{READER}/name"]


def test_the_shapes_of_addax_are_no_mistake_in_its_dialect() -> None:
    connection = {"jdbcUrl": "jdbc:mysql://h/db?useSSL=false", "table": ["t"]}
    document = parse(job(mysql(connection=connection, autoPk=True), speed={"channel": 1}))
    assert {p.pointer for p in check(document, {})} >= {f"{READER}/parameter/connection", f"{READER}/parameter/autoPk"}
    assert check(document, {}, dialect="addax") == []
    misspelt = parse(job({"name": "mysqlreder", "parameter": {}}))
    assert [p.pointer for p in check(misspelt, {}, dialect="addax")] == [f"{READER}/name"]


def test_a_place_not_filled_yet_is_no_mistake() -> None:
    document = parse(
        job(stream(sliceRecordCount="${rows}"), text_writer(writeMode="${mode}"), speed={"channel": "${n}"})
    )
    assert [p for p in check(document) if p.severity is not Severity.ADVICE] == []
    assert {p.message for p in check(document, {"rows": 5}) if p.severity is Severity.ERROR} == {
        f"no value is given for the parameter ${{{name}}}" for name in ("mode", "n")
    }


def test_the_filled_value_is_what_is_checked() -> None:
    document = parse(job(stream(sliceRecordCount="${rows}")))
    assert check(document, {"rows": 5}) == []
    assert [p.pointer for p in check(document, {"rows": "x"})] == [f"{READER}/parameter/sliceRecordCount"]


def test_errors_come_first_and_each_kind_in_the_order_of_the_text() -> None:
    document = job(mysql(splitPK="id", where="x"), postgresql(column=["id"], writeMode="x", hmm=1), errorLimit=None)
    problems = found(document)
    ranks = [list(Severity).index(problem.severity) for problem in problems]
    assert ranks == sorted(ranks) and set(ranks) == {0, 1, 2}
    for rank in set(ranks):
        places = [(p.line, p.column) for p, own in zip(problems, ranks, strict=True) if own == rank]
        assert places == sorted(places)  # type: ignore[type-var]
    assert found(document) == problems


def test_every_problem_knows_its_line_and_column() -> None:
    for table in (ERRORS, WARNINGS):
        for document, _, _ in (case for listed in table.values() for case in listed):
            for problem in found(document):
                assert problem.line and problem.column and problem.message


def test_no_message_holds_a_password() -> None:
    reader = mysql("jdbc:oracle:thin:u/canary@h?password=canary", password=["canary"], paswort="canary")
    for problem in found(job(reader, postgresql("jdbc:mysql://u:canary@h", password={"a": "canary"}))):
        assert "canary" not in problem.message


@pytest.mark.parametrize(
    "junk", [None, True, 7, "x", [], {}, [[]], [{}], {"a": 1}, [None], "${x}", {"name": {}}, 1e300]
)
def test_no_shape_of_document_breaks_it(junk: Any) -> None:
    """Each member of a job in turn is replaced by junk; the check answers all the same."""
    good = job(
        mysql(splitPk="id"), postgresql(preSql=["delete from t"]), step("dx_filter", columnIndex=0, paras=["=", "x"])
    )
    good["core"] = {"transport": {"channel": {"speed": {"byte": 1}}}}
    for path in _paths(good):
        broken = copy.deepcopy(good)
        inner: Any = broken
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = junk
        for params in (None, {}, {"x": "y"}):
            for problem in check(parse(json.dumps(broken)), params):
                assert problem.message


def _paths(value: Any) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, each in members for path in [(key,), *((key, *rest) for rest in _paths(each))]]


def test_a_job_of_usual_size_is_checked_in_a_moment() -> None:
    text = json.dumps(
        job(mysql(column=[f"c{n}" for n in range(40)]), postgresql(column=[f"c{n}" for n in range(40)])), indent=2
    )
    assert text.count("\n") > 100
    check(parse(text), {})
    began = time.process_time()
    for _ in range(50):
        check(parse(text), {})
    # Half a millisecond each on an idle machine; 3 is the goal.
    assert (time.process_time() - began) / 50 < 0.01


def test_a_document_made_to_keep_it_busy_is_checked_all_the_same() -> None:
    names = ",".join(f'"k{number}":1' for number in range(100_000))
    text = '{"job":{"content":[{"reader":{"name":"mysqlreader","parameter":{' + names + '}},"writer":{}}]}}'
    began = time.process_time()
    assert len(found(text)) < 1000
    assert time.process_time() - began < 10


def test_no_number_of_warnings_leaves_an_error_out() -> None:
    document = parse(json.dumps({f"unknown{number}": number for number in range(300)}))
    problems = check(document)
    assert problems[0].severity is Severity.ERROR and '"job" is missing' in str(problems[0].text)
    assert len(problems) < 300


CLOUD = {"endpoint": "h", "accessId": "a", "accessKey": "k"}


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        # Parquet and ORC go by path and fileName, by way of the HDFS writer.
        ("osswriter", {"bucket": "b", "fileFormat": "parquet", "path": "/a", "fileName": "f", "writeMode": "append"}),
        # Several versions of a cell come with their columns' names.
        ("otswriter", {"instanceName": "i", "table": "t", "mode": "multiVersion"}),
    ],
)
def test_a_writer_needs_only_what_it_needs_in_each_of_its_ways(name: str, parameter: dict[str, Any]) -> None:
    writer = {"name": name, "parameter": {**CLOUD, **parameter}}
    errors = [problem for problem in check(parse(job(stream(), writer))) if problem.severity is Severity.ERROR]
    assert errors == []


def test_obhbasereader_takes_ranges_as_a_list() -> None:
    reader = {"name": "obhbasereader", "parameter": {"range": [{"startRowkey": "a", "endRowkey": "c"}]}}
    assert [each for each in check(parse(job(reader, printed()))) if each.pointer.endswith("/range")] == []


def test_a_limit_of_the_job_is_enough_where_the_installation_limits_a_channel() -> None:
    document = parse(job(speed={"byte": 1048576}))
    (problem,) = [each for each in check(document) if each.severity is Severity.ERROR]
    assert problem.pointer == "/job/setting/speed/byte"
    assert [each for each in check(document, channel_limits=["byte"]) if each.severity is Severity.ERROR] == []
    assert [each for each in check(document, channel_limits=["record"]) if each.severity is Severity.ERROR] != []
