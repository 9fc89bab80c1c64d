"""Hosts that jobs may not reach, in every spelling."""

import time

import pytest

from tests.security.jobs import database, job, refusals
from webapp.policy import hosts

METADATA = [
    "169.254.169.254",
    "169.254.0.1",
    "2852039166",
    "0xA9FEA9FE",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "0169.0254.0169.0254",
    "169.254.43518",
    "169.16689662",
    "169.254.169.254.",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[::169.254.169.254]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "\uff11\uff16\uff19.254.169.254",
    "169%2e254%2e169%2e254",
    "metadata.google.internal",
    "METADATA.google.internal.",
]


@pytest.mark.parametrize("host", METADATA)
def test_no_spelling_of_a_denied_address_passes(host: str) -> None:
    for url in (
        f"jdbc:mysql://{host}:3306/x",
        f"jdbc:postgresql://good,{host}/x",
        f"jdbc:mysql://(host={host.strip('[]')},port=1)/x",
    ):
        found = refusals(database(url), ALLOWED_HOSTS="*")
        assert [pointer for pointer, _ in found] == ["/job/content/0/reader/parameter/connection/0/jdbcUrl/0"], url
        assert "DENIED_HOSTS" in found[0][1]


@pytest.mark.parametrize(
    "authority",
    [
        "{}:5,x@good",
        "u:p@{}:5,x@good",
        "good#,{}:5",
        "good;,{}:5",
        "good ,{}:5",
        "good\t,{}:5",
        "good\\,{}:5",
        "good%2F,{}:5",
        "good%3F,{}:5",
        "good%252F,{}:5",
    ],
)
@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "[::ffff:169.254.169.254]", "metadata.google.internal"]
)
@pytest.mark.parametrize("kind", ["mysql", "postgresql", "postgresql+x"])
def test_a_denied_host_hides_behind_no_other(authority: str, host: str, kind: str) -> None:
    found = refusals(database(f"jdbc:{kind}://{authority.format(host)}/d"), ALLOWED_HOSTS="*")
    assert any("DENIED_HOSTS" in text for _, text in found)


def test_every_url_of_a_list_is_looked_at() -> None:
    reader = {"name": "x", "parameter": {"metastoreUris": "thrift://good:9083,thrift://169.254.169.254:9083"}}
    found = refusals(job(reader), ALLOWED_HOSTS="*", ALLOWED_PLUGINS="*")
    assert len(found) == 1


@pytest.mark.parametrize(
    "parameter",
    [
        {"endpoint": "http://169.254.169.254/latest/meta-data"},
        {"endpoint": "169.254.169.254:80"},
        {"address": ["10.0.0.1:27017", "169.254.169.254:27017"]},
        {"host": "169.254.169.254", "port": 22},
        {"loadUrl": ["169.254.169.254:8030"]},
        {"defaultFS": "hdfs://169.254.169.254:8020"},
        {"hadoopConfig": {"dfs.namenode.rpc-address.a": "x", "proxy": "169.254.169.254"}},
        {"jdbcUrl": "jdbc:oracle:thin:@169.254.169.254:1521:x"},
        {"jdbcUrl": "jdbc:oracle:thin:@//169.254.169.254/x"},
        {"jdbcUrl": "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=169.254.169.254)))"},
        {"jdbcUrl": "jdbc:sqlserver://;serverName=169.254.169.254"},
        {"jdbcUrl": "jdbc:mysql://user:p%40ss@169.254.169.254/x"},
        {"jdbcUrl": "jdbc:mysql:// 169.254.169.254/x"},
        {"jdbcUrl": "jdbc:postgresql://127.0.0.1/x?PGHOST=169.254.169.254"},
        {"jdbcUrl": "jdbc:mysql://127.0.0.1/x?socksProxyHost=169.254.169.254"},
        {"jdbcUrl": "jdbc:mysql://127.0.0.1/x?ldapServerHostname=169.254.169.254"},
        {"jdbcUrl": "jdbc:db2://127.0.0.1/x:clientRerouteAlternateServerName=127.0.0.2,169.254.169.254;"},
        {"jdbcUrl": "jdbc:oracle:thin:@tcps:169.254.169.254:1/x"},
        {"jdbcUrl": "jdbc:sybase:Tds:169.254.169.254:80/x"},
        {"jdbcUrl": "jdbc:sybase:Tds:2852039166:80/x"},
        {"jdbcUrl": "jdbc:phoenix:127.0.0.1,169.254.169.254:2181"},
        {"jdbcUrl": "||_dsc_ob10_dsc_||a:b||_dsc_ob10_dsc_||jdbc:mysql://169.254.169.254/x"},
        {"hbaseConfig": {"hbase.zookeeper.quorum": "169.254.169.254"}},
        {"hadoopConfig": {"dfs.namenode.rpc-address.ns.nn1": "169.254.169.254:8020"}},
        {"kuduConfig": {"kudu.master_addresses": "169.254.169.254:7051"}},
        {"brokerList": "169.254.169.254:9092"},
        {"bootstrapServers": "169.254.169.254:9092"},
        {"feLoadUrl": ["127.0.0.1:8030", "169.254.169.254:8030"]},
        {"obConfigUrl": "169.254.169.254"},
    ],
)
def test_a_denied_address_is_found_in_any_parameter(parameter: dict[str, object]) -> None:
    found = refusals(job(reader={"name": "anyreader", "parameter": parameter}))
    assert len(found) == 1 and "DENIED_HOSTS" in found[0][1]


def test_a_name_is_judged_by_what_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    address = (2, 1, 6, "", ("169.254.169.254", 0))
    monkeypatch.setattr(hosts.socket, "getaddrinfo", lambda *_, **__: [address])
    ((_, sentence),) = refusals(database("jdbc:mysql://innocent.example/x"))
    assert sentence.startswith("jobs may not connect to innocent.example;")


def test_loopback_is_allowed_unless_it_is_denied() -> None:
    url = "jdbc:mysql://127.0.0.1:3306/x"
    assert refusals(database(url)) == []
    assert len(refusals(database(url), DENIED_HOSTS="127.0.0.0/8")) == 1
    assert len(refusals(database("jdbc:mysql://localhost/x"), DENIED_HOSTS="127.0.0.0/8,::1")) == 1


def test_only_hosts_that_are_allowed_pass_where_they_are_listed() -> None:
    allowed = "10.1.0.0/16, *.db.example"
    assert refusals(database("jdbc:mysql://10.1.2.3/x"), ALLOWED_HOSTS=allowed) == []
    assert refusals(database("jdbc:mysql://a.db.example/x"), ALLOWED_HOSTS=allowed) == []
    ((_, sentence),) = refusals(database("jdbc:mysql://10.2.0.1/x"), ALLOWED_HOSTS=allowed)
    assert "ALLOWED_HOSTS" in sentence


@pytest.mark.parametrize(
    "url",
    [
        "jdbc:mysql://a.db.example:3306/20240101?useSSL=false&connectTimeout=600000&serverVersion=5.7",
        "jdbc:mysql://address=(host=a.db.example)(port=1)/x",
        "jdbc:oracle:thin:@a.db.example:1521:orcl",
        "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=a.db.example)(PORT=1521))(CONNECT_DATA=(SERVER=DEDICATED)))",
        "jdbc:sqlserver://a.db.example:1433;databaseName=x;encrypt=true",
        "jdbc:sybase:Tds:a.db.example:5000/x",
        "jdbc:hive2://a.db.example:10000/default;principal=hive/_HOST@REALM",
    ],
)
def test_nothing_but_its_host_is_taken_for_one(url: str) -> None:
    assert refusals(database(url, "rdbmsreader"), ALLOWED_HOSTS="*.db.example") == []


def test_the_names_of_hadoops_nodes_are_no_hosts() -> None:
    options = {
        "dfs.nameservices": "ns", "dfs.ha.namenodes.ns": "nn1,nn2", "dfs.namenode.rpc-address.ns.nn1": "a.db.example:8020",
        "dfs.client.failover.proxy.provider.ns": "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider",
    }  # fmt: skip
    reader = {"name": "hdfsreader", "parameter": {"defaultFS": "hdfs://a.db.example", "hadoopConfig": options}}
    assert refusals(job(reader=reader), ALLOWED_HOSTS="*.db.example") == []


def test_a_job_of_more_hosts_than_can_be_looked_at_is_refused() -> None:
    many = ",".join(f"10.0.0.{number}" for number in range(1, 100))
    ((_, sentence),) = refusals(database(f"jdbc:mysql://{many}/x"))
    assert sentence == "the job names more hosts than can be looked at"


def test_many_names_that_nobody_answers_take_no_longer_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check is a web request: it must not hold its thread for minutes."""
    monkeypatch.setattr(hosts, "LOOK_UP_SECONDS", 0.3)
    monkeypatch.setattr(hosts.socket, "getaddrinfo", lambda *_, **__: time.sleep(0.5) or [])
    many = ",".join(f"silent{number}.example" for number in range(40))
    began = time.monotonic()
    assert refusals(database(f"jdbc:mysql://{many}/x")) == []
    assert time.monotonic() - began < 3
