"""What is legal but known to hurt. Each rule has cases that it speaks to and cases that it lets be."""

from typing import Any

import pytest

from datax_job import advice
from datax_job.problem import Severity
from tests.datax_job.jobs import Object, job, mysql, postgresql, printed, said, stream, text_reader, text_writer

READER, WRITER = "/job/content/0/reader/parameter", "/job/content/0/writer/parameter"
CHANNEL = "/job/setting/speed/channel"
URL = "jdbc:mysql://h/db"


def channels(number: int, reader: Object, **setting: Any) -> Object:
    return job(reader, printed(), speed={"channel": number}, **setting)


def limited(unit: str, total: int, each: int, **speed: int) -> Object:
    document = job(speed={unit: total, **speed})
    return {**document, "core": {"transport": {"channel": {"speed": {unit: each}}}}}


def query(*queries: str) -> Object:
    return mysql(connection=[{"jdbcUrl": [URL + "?useSSL=false"], "querySql": list(queries)}])


def emptying(*statements: str) -> Object:
    return job(stream(), postgresql(column=["id"], preSql=list(statements)))


def to_postgresql(url: str) -> Object:
    return job(stream(), postgresql(url, column=["id"]))


# For each rule: jobs that it speaks to, with the place and a part of what it says, and jobs that it lets be.
CASES: dict[Any, tuple[list[tuple[Object, str, str]], list[Object]]] = {
    advice.channels.more_than_can_be_used: (
        [
            (channels(4, mysql()), CHANNEL, 'add "splitPk"'),
            (channels(4, query("select 1")), CHANNEL, "each query is read in one piece"),
            (channels(3, text_reader(path=["/a.csv", "/b.csv"])), CHANNEL, "only 2 can work"),
        ],
        [
            channels(1, mysql()),
            channels(4, mysql(splitPk="id")),
            channels(2, query("select 1", "select 2")),
            channels(2, text_reader(path=["/in/*.csv"])),
            channels(2, text_reader(path=["/in"])),
            channels(4, mysql(connection=[{"jdbcUrl": [URL], "table": ["t_[00-31]"]}])),
            channels(4, stream()),
        ],
    ),
    advice.channels.set_aside_by_a_limit: (
        [(limited("byte", 4000, 1000, channel=8), CHANNEL, "this job gets 4")],
        [limited("byte", 4000, 1000), channels(8, stream())],
    ),
    advice.channels.one_made_by_a_limit: (
        [(limited("record", 100, 1000), "/job/setting/speed/record", "to 100 or less")],
        [limited("record", 1000, 1000)],
    ),
    advice.split.by_a_text_column: (
        [(channels(2, mysql(splitPk="order_uuid")), f"{READER}/splitPk", "whole-number")],
        [channels(2, mysql(splitPk="order_id")), channels(2, mysql(splitPk="${column}"))],
    ),
    advice.split.without_channels: (
        [(job(mysql(splitPk="id"), text_writer()), f"{READER}/splitPk", "set speed.channel to 2")],
        [job(mysql(splitPk="id"), text_writer(), speed={"channel": 2})],
    ),
    advice.error_limit.missing: (
        [(job(errorLimit=None), "/job/setting/errorLimit", '"errorLimit": {"record": 0}')],
        [job(errorLimit={"record": 0}), job(errorLimit={"percentage": 0.1})],
    ),
    advice.columns.star: (
        [(job(mysql(column=["*"])), f"{READER}/column", "name them")],
        [job(mysql()), job(text_reader(column=["*"]))],
    ),
    advice.emptying.before_the_first_row: (
        [
            (emptying("select 1", "TRUNCATE TABLE t"), f"{WRITER}/preSql/1", "even when the job then fails"),
            (emptying("delete from t"), f"{WRITER}/preSql/0", "exchange"),
            (emptying("\n drop  table t"), f"{WRITER}/preSql/0", "exchange"),
        ],
        [emptying("delete from t where day = '1'"), emptying("delete from t\nWHERE a = 1"), emptying("create table t (a int)")],
    ),
    advice.text_quoting.delimiter_in_the_data: (
        [(job(None, text_writer(fileFormat="text")), f"{WRITER}/fileFormat", '"fileFormat": "csv"')],
        [job(None, text_writer()), job(None, text_writer(fileFormat="text", fieldDelimiter="\x01"))],
    ),
    advice.postgresql_url.slow_batches: (
        [
            (to_postgresql("jdbc:postgresql://h/d"), f"{WRITER}/connection/0/jdbcUrl", "?tcpNoDelay=true&reWriteBatchedInserts=true"),
            (to_postgresql("jdbc:postgresql://h/d?tcpNoDelay=true"), f"{WRITER}/connection/0/jdbcUrl", ": &reWriteBatchedInserts=true"),
        ],
        [to_postgresql("jdbc:postgresql://h/d?reWriteBatchedInserts=true&tcpNoDelay=true"), to_postgresql("${url}")],
    ),
    advice.mysql_url.tls_with_old_driver: (
        [
            (job(mysql(URL)), f"{READER}/connection/0/jdbcUrl/0", "add ?useSSL=false"),
            (job(mysql(URL + "?a=b")), f"{READER}/connection/0/jdbcUrl/0", "add &useSSL=false"),
        ],
        [job(mysql(URL + "?useSSL=false")), job(mysql(URL + "?a=b&useSSL=true"))],
    ),
    advice.mysql_url.names_of_the_newer_driver: (
        [
            (job(mysql(URL + "?useSSL=false&zeroDateTimeBehavior=CONVERT_TO_NULL")), f"{READER}/connection/0/jdbcUrl/0", "convertToNull"),
            (job(mysql(URL + "?characterEncoding=utf8mb4")), f"{READER}/connection/0/jdbcUrl/0", "UTF-8"),
            (job(mysql(URL + "?sslMode=REQUIRED")), f"{READER}/connection/0/jdbcUrl/0", "useSSL=true"),
        ],
        [job(mysql(URL + "?useSSL=false&zeroDateTimeBehavior=convertToNull&characterEncoding=utf8"))],
    ),
    advice.fetch_size.ignored: (
        [(job(mysql(fetchSize=1000)), f"{READER}/fetchSize", "remove this line")],
        [job(mysql())],
    ),
}  # fmt: skip


def speaks() -> list[Any]:
    return [pytest.param(*case, id=rule.__name__) for rule, (spoken, _) in CASES.items() for case in spoken]


def test_every_rule_has_a_case_and_a_reason() -> None:
    assert {*CASES, advice.split.by_several_columns} == set(advice.ALL)
    assert all(rule.__doc__ for rule in advice.ALL)


@pytest.mark.parametrize(("document", "pointer", "message"), speaks())
def test_advice_is_given_at_the_line_to_change(document: Object, pointer: str, message: str) -> None:
    assert [text for place, text in said(document, Severity.ADVICE) if place == pointer and message in text]


@pytest.mark.parametrize(
    ("rule", "document"),
    [pytest.param(rule, document, id=rule.__name__) for rule, (_, quiet) in CASES.items() for document in quiet],
)
def test_advice_is_not_given_where_nothing_hurts(rule: Any, document: Object) -> None:
    from datax_job.view import Job

    assert list(rule(Job(document))) == []


def test_a_split_by_two_columns_is_more_than_advice() -> None:
    document = channels(2, mysql(splitPk="id,name"))
    assert said(document, Severity.WARNING) == [
        (f"{READER}/splitPk", "splitPk takes one column; choose the one with most values")
    ]


def test_advice_stops_no_job() -> None:
    documents = [case[0] for spoken, _ in CASES.values() for case in spoken]
    assert [said(document, Severity.ERROR) for document in documents] == [[]] * len(documents)
