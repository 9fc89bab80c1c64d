"""Where logs are kept is a setting; a bad one stops the start, and shows no secret."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from webapp import doctor
from webapp.config import ROOT, SettingError, load
from webapp.logs import store
from webapp.logs.local import LocalShelf
from webapp.logs.objects import ObjectShelf

GIB = 1024**3


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"VAR_DIR": "/srv/x"}, Path("/srv/x/logs")),
        ({"LOG_STORE": "/mnt/logs"}, Path("/mnt/logs")),
        ({"LOG_STORE": "file:///mnt/logs"}, Path("/mnt/logs")),
        ({"LOG_STORE": "var/other"}, ROOT / "var" / "other"),
        ({"LOG_STORE": "s3://bucket/folder"}, "s3://bucket/folder"),
        ({"LOG_STORE": "memory://x"}, "memory://x"),
    ],
)
def test_a_folder_or_a_url_says_where_logs_are_kept(given: dict[str, str], place: Path | str) -> None:
    settings = load(given)
    assert settings.log_place == place
    assert isinstance(store.of(settings).shelf, LocalShelf if isinstance(place, Path) else ObjectShelf)


def test_sizes_are_written_as_people_write_them() -> None:
    settings = load({"LOG_MAX_BYTES": "20MB", "LOG_RETENTION_BYTES": "3GiB", "LOG_RETENTION_DAYS": "0.5"})
    assert (settings.log_max_bytes, settings.log_retention_bytes) == (20_000_000, 3 * GIB)
    assert load({}).log_max_bytes == GIB
    assert (load({}).log_retention_bytes, load({}).log_retention_days) == (None, None)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOG_STORE", "nonsense://key:canary@host/x", "expected a folder, or a URL"),
        ("LOG_STORE", "s3://", "expected a folder, or a URL"),
        ("LOG_STORE_OPTIONS", '{"secret": "canary"', "expected a JSON object"),
        ("LOG_STORE_OPTIONS", '["canary"]', "expected a JSON object"),
        ("LOG_MAX_BYTES", "10", "at least 1048576 bytes"),
        ("LOG_RETENTION_DAYS", "0", "more than 0"),
    ],
)
def test_a_bad_value_is_named_without_its_secret(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError) as found:
        load({name: value})
    assert str(found.value).startswith(f"{name}: ") and said in str(found.value)
    assert "canary" not in str(found.value)


def test_the_doctor_tries_the_store(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    def looked(**settings: str) -> doctor.Finding:
        app = make_app(**settings)
        with app.app_context():
            [found] = [finding for finding in doctor.examine(app) if finding.name == "logs"]
        return found

    assert looked().ok and looked(LOG_STORE="memory://doctor").ok
    assert list((tmp_path / "var" / "logs").rglob("check")) == []
    (tmp_path / "in the way").write_text("a file")
    fault = looked(LOG_STORE=str(tmp_path / "in the way" / "logs"))
    assert not fault.ok and "Not a directory" in fault.detail and "LOG_STORE" in fault.mend
    away = looked(
        LOG_STORE="s3://logs/x",
        LOG_STORE_OPTIONS='{"endpoint_url": "http://127.0.0.1:1", "secret": "canary", "key": "k"}',
    )
    assert not away.ok and "canary" not in doctor.line(away)


def test_a_store_whose_package_is_missing_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(protocol: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("webapp.accepted.get_filesystem_class", missing)
    with pytest.raises(SettingError, match="Install s3fs"):
        load({"LOG_STORE": "s3://bucket/folder"})
