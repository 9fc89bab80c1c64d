"""JDBC URLs: where they lead, what their parameters do, and which are refused."""

import pytest

from engines.duckdb.rdbms.jdbc import Address, HostError, JdbcError, Tls, parse

PG, MY = "jdbc:postgresql://h:1/d", "jdbc:mysql://h:1/d"


@pytest.mark.parametrize(
    ("url", "hosts", "database"),
    [
        ("jdbc:postgresql://db.example:6432/sales", (("db.example", 6432),), "sales"),
        ("jdbc:postgresql://db.example/sales", (("db.example", 5432),), "sales"),
        ("jdbc:postgresql://a:1,b:2/sales", (("a", 1), ("b", 2)), "sales"),
        ("jdbc:postgresql://[::1]:5433/a%20b", (("::1", 5433),), "a b"),
        ("jdbc:mysql://127.0.0.1/shop?useUnicode=true", (("127.0.0.1", 3306),), "shop"),
        (" jdbc:mariadb://db/shop ", (("db", 3306),), "shop"),
        ("jdbc:postgresql:///local", (("localhost", 5432),), "local"),
    ],
)
def test_a_url_leads_to_hosts_and_a_database(url: str, hosts: tuple[tuple[str, int], ...], database: str) -> None:
    address = parse(url)
    assert (address.hosts, address.database) == (hosts, database)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/d",
        "jdbc:oracle:thin:@h:1521:x",
        "jdbc:mysql:loadbalance://a,b/d",
        "jdbc:mysql://h:1/",
        "jdbc:mysql://h",
        "jdbc:mysql://h:port/d",
        "jdbc:mysql://h:65536/d",
        "jdbc:mysql://address=(host=h)/d",
        "||_dsc_ob10_dsc_||x||_dsc_ob10_dsc_||jdbc:mysql://h/d",
    ],
)
def test_a_url_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(JdbcError):
        parse(url)


@pytest.mark.parametrize("name", ["user", "password", "PASSWORD"])
def test_a_login_in_the_url_is_refused_without_showing_it(name: str) -> None:
    with pytest.raises(JdbcError) as refusal:
        parse(f"{PG}?{name}=s3cret")
    assert "s3cret" not in str(refusal.value) and name in str(refusal.value)


@pytest.mark.parametrize("url", [f"{PG}?surprise=1", f"{MY}?surprise=1", f"{MY}?currentSchema=x", f"{PG}?useSSL=true"])
def test_an_unknown_parameter_is_refused_by_name(url: str) -> None:
    with pytest.raises(JdbcError, match=url.split("?")[1].split("=")[0]):
        parse(url)


@pytest.mark.parametrize(
    "url",
    [
        f"{PG}?tcpNoDelay=true&reWriteBatchedInserts=true&stringtype=unspecified&prepareThreshold=0&loggerLevel=OFF",
        f"{PG}?useUnicode=true&characterEncoding=utf8&useSSL=false&serverTimezone=GMT%2B8&allowPublicKeyRetrieval=true",
        f"{MY}?useUnicode=true&characterEncoding=utf8&rewriteBatchedStatements=true&allowPublicKeyRetrieval=true"
        "&serverTimezone=Asia/Shanghai&useCursorFetch=true&autoReconnect=true&zeroDateTimeBehavior=convertToNull",
    ],
)
def test_what_means_nothing_outside_of_java_is_let_through(url: str) -> None:
    assert parse(url).tls.mode == "prefer"


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        (PG, Tls("prefer")),
        (f"{PG}?sslmode=verify-ca&sslrootcert=/ca.pem", Tls("verify-ca", "/ca.pem")),
        (f"{PG}?ssl=true", Tls("verify-full")),
        (f"{PG}?ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory", Tls("require")),
        (f"{PG}?ssl=false", Tls("prefer")),
        (f"{PG}?sslmode=disable", Tls("disable")),
        (MY, Tls("prefer")),
        (f"{MY}?useSSL=false", Tls("disable")),
        (f"{MY}?useSSL=true", Tls("require")),
        (f"{MY}?useSSL=true&verifyServerCertificate=true&serverSslCert=/ca.pem", Tls("verify-ca", "/ca.pem")),
        (f"{MY}?sslMode=VERIFY_IDENTITY", Tls("verify-full")),
        (f"{MY}?sslMode=DISABLED&useSSL=true", Tls("disable")),
    ],
)
def test_tls_is_what_the_drivers_make_of_the_url(url: str, tls: Tls) -> None:
    assert parse(url).tls == tls


@pytest.mark.parametrize(("kind", "seconds"), [("postgresql", 7), ("mysql", 7)])
def test_time_outs_are_seconds_for_the_one_and_milliseconds_for_the_other(kind: str, seconds: int) -> None:
    factor = 1000 if kind == "mysql" else 1
    address = parse(f"jdbc:{kind}://h/d?connectTimeout={seconds * factor}&socketTimeout={2 * seconds * factor}")
    assert (address.connect_timeout, address.socket_timeout) == (seconds, 2 * seconds)


def test_without_a_time_out_a_connection_may_take_ten_seconds() -> None:
    assert parse(PG).connect_timeout == 10
    assert parse(f"{PG}?connectTimeout=0&socketTimeout=0") == Address(
        "postgresql", (("h", 1),), "d", options={"connectTimeout": "0", "socketTimeout": "0"}
    )


def test_of_a_parameter_given_twice_the_last_counts() -> None:
    assert parse(f"{PG}?currentSchema=a&currentSchema=b%2Cc").options == {"currentSchema": "b,c"}


@pytest.mark.parametrize("query", ["connectTimeout=soon", "sslmode=maybe", "sslfactory=com.example.Mine"])
def test_a_value_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(JdbcError, match=query.split("=")[0]):
        parse(f"{PG}?{query}")


@pytest.mark.parametrize("odd", ["a#", "a;", "a b", "a%2F", "x@a", "a\\", "a\tb", "a|b"])
@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_a_host_is_a_name_and_nothing_beside_it(kind: str, odd: str) -> None:
    for hosts in (f"{odd}:1", f"{odd},b", f"b,{odd}"):
        with pytest.raises(HostError, match="HOST:PORT"):
            parse(f"jdbc:{kind}://{hosts}/d")
