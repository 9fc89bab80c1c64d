"""Plugins, transformers, SQL and configuration that jobs may bring."""

import pytest
from flask.testing import FlaskClient

from tests.security.jobs import STREAM_WRITER, database, job, refusals

GROOVY = {"name": "dx_groovy", "parameter": {"code": "record"}}


def test_groovy_is_refused_until_a_setting_allows_it() -> None:
    document = job(transformer=[GROOVY])
    ((pointer, sentence),) = refusals(document)
    assert pointer == "/job/content/0/transformer/0/name"
    assert "runs code on the worker" in sentence and "ALLOWED_TRANSFORMERS" in sentence
    assert refusals(document, ALLOWED_TRANSFORMERS="dx_groovy") == []


def test_a_transformer_that_nobody_knows_is_refused() -> None:
    ((_, sentence),) = refusals(job(transformer=[{"name": "my_own"}]))
    assert "my_own" in sentence
    assert refusals(job(transformer=[{"name": "dx_substr", "parameter": {}}])) == []


def test_a_transformer_that_is_no_list_does_not_slip_through() -> None:
    assert len(refusals(job(transformer=GROOVY))) == 1


def test_plugins_can_be_denied_and_can_be_listed() -> None:
    assert refusals(job()) == []
    assert [pointer for pointer, _ in refusals(job(), DENIED_PLUGINS="StreamReader")] == ["/job/content/0/reader/name"]
    ((pointer, sentence),) = refusals(job(), ALLOWED_PLUGINS="streamreader,mysql*")
    assert pointer == "/job/content/0/writer/name" and "ALLOWED_PLUGINS" in sentence


def test_sql_can_be_denied_wherever_it_stands() -> None:
    document = database("jdbc:mysql://127.0.0.1/x", preSql=["drop table t"], postSql=[])
    document["job"]["content"][0]["reader"]["parameter"]["connection"][0]["querySql"] = ["select 1"]
    assert refusals(document) == []
    found = refusals(document, DENIED_SQL="preSql,postSql,querySql")
    place = "/job/content/0/reader/parameter"
    assert sorted(pointer for pointer, _ in found) == [f"{place}/connection/0/querySql", f"{place}/preSql"]


def test_a_job_may_not_bring_plugins_or_classes() -> None:
    evil = job() | {"plugin": {"reader": {"x": {"path": "/tmp/evil", "class": "Evil"}}}}
    evil["core"] = {"transport": {"channel": {"class": "Evil", "speed": {"byte": 5}}}}
    assert sorted(pointer for pointer, _ in refusals(evil)) == ["/core/transport/channel/class", "/plugin"]
    evil = job() | {"core": {"transport": {"record": {"class": ["Evil"]}}}}
    assert [pointer for pointer, _ in refusals(evil)] == ["/core/transport/record/class/0"]
    assert refusals(job() | {"core": {"transport": {"channel": {"speed": {"byte": 5}}}}}) == []


@pytest.mark.parametrize("name", ["$ref", "@type"])
def test_a_document_gives_the_parser_no_instructions(name: str) -> None:
    """Older versions of DataX put in the place of `$ref` what no rule has looked at, and make an object of the class `@type`."""
    evil = database("jdbc:mysql://127.0.0.1/x")
    evil["job"]["content"][0]["reader"]["parameter"]["connection"] = [{name: "$.hidden"}]
    ((pointer, _),) = refusals(evil)
    assert pointer == f"/job/content/0/reader/parameter/connection/0/{name}"


@pytest.mark.parametrize(
    "options",
    [
        {"net.topology.script.file.name": "/bin/sh"},
        {"hadoop.security.credential.provider.path": "localjceks://file/etc/x"},
        {"fs.hdfs.impl": "org.apache.hadoop.fs.LocalFileSystem"},
        {"fs.hdfs.impl": "org.apache.hadoop.fs.RawLocalFileSystem"},
        {"fs.AbstractFileSystem.hdfs.impl": "org.apache.hadoop.fs.local.LocalFs"},
        {
            "sasl.jaas.config": 'com.sun.security.auth.module.JndiLoginModule required user.provider.url="ldap://evil/x";'
        },
        {"sasl.jaas.config": "com.sun.security.auth.module.LdapLoginModule required;"},
    ],
)
def test_options_of_client_libraries_reach_no_code_and_no_files(options: dict[str, str]) -> None:
    ((pointer, _),) = refusals(job(reader={"name": "anyreader", "parameter": {"hadoopConfig": options}}))
    assert pointer == f"/job/content/0/reader/parameter/hadoopConfig/{next(iter(options))}"


def test_ordinary_options_of_client_libraries_pass() -> None:
    options = {
        "fs.hdfs.impl": "org.apache.hadoop.hdfs.DistributedFileSystem",
        "dfs.client.failover.proxy.provider.ns": "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider",
        "sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required username=u password=p;",
    }
    reader = {
        "name": "anyreader",
        "parameter": {"hadoopConfig": options, "script": "a member without a dot is no option"},
    }
    assert refusals(job(reader=reader)) == []


def test_a_refused_job_makes_no_task_and_says_where(api: FlaskClient) -> None:
    answer = api.post("/api/tasks", json={"job": job(transformer=[GROOVY])})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/job/content/0/transformer/0/name"
    assert api.get("/api/tasks").json["items"] == []


def test_a_job_without_any_of_this_needs_no_setting(api: FlaskClient) -> None:
    assert api.post("/api/tasks", json={"job": job(writer=STREAM_WRITER)}).status_code == 202
