"""Settings: typed, and loud about what is wrong."""

from pathlib import Path

import pytest

from webapp.config import SettingError, load


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "PORT: 'http'"),
        ("PORT", "70000", "PORT: '70000'"),
        ("DATABASE_URL", "oracle://scott:tiger@db", "DATABASE_URL: (hidden)"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL: (hidden)"),
        ("REDIS_URL", "amqp://guest@mq", "REDIS_URL: (hidden)"),
        ("SECRET_KEY", "short", "SECRET_KEY: (hidden)"),
        ("API_TOKEN", "short", "API_TOKEN: (hidden)"),
        ("ADMIN_PASSWORD", "1234", "ADMIN_PASSWORD: (hidden)"),
        ("TIMEZONE", "Peking", "TIMEZONE: 'Peking'"),
        ("WORKER_CONCURRENCY", "0", "WORKER_CONCURRENCY: '0'"),
        ("PORT", "http", "PORT: 'http' is not usable: expected a whole number, at least 1 and at most 65535"),
        ("LOST_AFTER", "soon", "LOST_AFTER: 'soon' is not usable: expected a number, at least 5 and at most 86400"),
        (
            "LOG_MAX_BYTES",
            "5",
            "LOG_MAX_BYTES: '5' is not usable: expected a size, such as 8GiB, at least 1048576 bytes",
        ),
        (
            "ADMIN_USERNAME",
            "a" * 81,
            f"ADMIN_USERNAME: '{'a' * 81}' is not usable: expected a text, at least 1 and at most 80 characters",
        ),
        ("SECRET_KEY", "short", "SECRET_KEY: (hidden) is not usable: expected a text, at least 16 characters"),
        ("REDIS_URL", "redis://host:port", "REDIS_URL: (hidden) is not usable: expected redis://"),
        (
            "DATABASE_URL",
            "postgresql+asyncpg://u:p@h/x",
            "DATABASE_URL: (hidden) is not usable: expected sqlite:///PATH",
        ),
        ("DATABASE_URL", "postgresql://u:p@h:port/x", "DATABASE_URL: (hidden) is not usable: expected sqlite:///PATH"),
        ("WORKER_NAME", " ", "WORKER_NAME: ' ' is not usable: expected a name"),
        ("JVM_OPTIONS", "Xmx4g", "JVM_OPTIONS: 'Xmx4g' is not usable: expected options of Java that begin with -"),
        ("FILE_ROOTS", ":", "FILE_ROOTS: ':' is not usable: expected folders"),
        ("OIDC_ISSUER", "https://id.example.com", "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: needed with OIDC_ISSUER"),
    ],
)
def test_a_bad_value_is_named_in_one_line_and_a_secret_is_not_shown(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError) as raised:
        load({name: value})
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)
    if "(hidden)" in said:
        assert value not in str(raised.value)


@pytest.mark.parametrize("rule", ["10.0.0.0/33", "300.0.0.0/8", "10.0.0.1:3306", "10.0.0", "db example!", "http://db"])
@pytest.mark.parametrize("name", ["DENIED_HOSTS", "ALLOWED_HOSTS"])
def test_a_rule_for_hosts_that_would_never_hold_is_refused(name: str, rule: str) -> None:
    with pytest.raises(SettingError, match=f"{name}: .* expected host names"):
        load({name: f"db.example,{rule}"})


def test_rules_for_hosts_are_names_addresses_and_networks() -> None:
    rules = "db.example, *.internal 10.0.0.0/8,fd00::/8,::1,169.254.1.1,none.example"
    assert len(load({"DENIED_HOSTS": rules}).denied_hosts) == 7
    assert load({"DENIED_HOSTS": "none"}).denied_hosts == ()


def test_a_kind_of_sql_may_be_written_in_any_case_but_must_be_one() -> None:
    assert load({"DENIED_SQL": "presql,POSTSQL"}).denied_sql == ("preSql", "postSql")
    with pytest.raises(SettingError, match="DENIED_SQL"):
        load({"DENIED_SQL": "preSlq"})


def test_an_empty_value_counts_as_unset() -> None:
    assert load({"PORT": "", "DATAX_HOME": ""}).port == 8000


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a-long-enough-secret-key\n")
    assert load({"SECRET_KEY_FILE": str(tmp_path / "key")}).signing_key == "a-long-enough-secret-key"


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("none", "bytes", "."):
        with pytest.raises(SettingError, match="SECRET_KEY_FILE: .* cannot be read: "):
            load({"SECRET_KEY_FILE": str(tmp_path / name)})


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("mysql://u:p@h/d", "mysql+pymysql"),
        ("mariadb://u:p@h/d", "mysql+pymysql"),
    ],
)
def test_the_short_names_of_databases_mean_the_installed_drivers(given: str, driver: str) -> None:
    assert load({"DATABASE_URL": given}).database.drivername == driver


def test_the_signing_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = load({"VAR_DIR": str(tmp_path)}).signing_key
    assert load({"VAR_DIR": str(tmp_path)}).signing_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert len(first) >= 32
