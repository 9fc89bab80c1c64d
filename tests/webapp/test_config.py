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
    ],
)
def test_a_bad_value_is_named_in_one_line_and_a_secret_is_not_shown(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError) as raised:
        load({name: value})
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)
    if "(hidden)" in said:
        assert value not in str(raised.value)


def test_an_empty_value_counts_as_unset() -> None:
    assert load({"PORT": "", "DATAX_HOME": ""}).port == 8000


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a-long-enough-secret-key\n")
    assert load({"SECRET_KEY_FILE": str(tmp_path / "key")}).signing_key == "a-long-enough-secret-key"


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="SECRET_KEY_FILE"):
        load({"SECRET_KEY_FILE": str(tmp_path / "none")})


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
