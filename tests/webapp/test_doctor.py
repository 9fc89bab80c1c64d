"""What the doctor finds, and the mend that it names; a start on one machine stops at what a setting names and is not there."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.stack import ROOT
from webapp import doctor
from webapp.config import load
from webapp.extensions import db
from webapp.local import supervisor

Make = Callable[..., Flask]


def faults(app: Flask, **how: bool) -> dict[str, doctor.Finding]:
    with app.app_context():
        return {finding.name: finding for finding in doctor.examine(app, **how) if not finding.ok}


def test_a_broker_that_is_down_is_a_fault_with_its_mend(make_app: Make) -> None:
    found = faults(make_app())["broker"]
    assert found.needed and found.mend == "start it with 'make run'"
    other = faults(make_app(REDIS_URL="redis://:hidden@127.0.0.1:1/0"))["broker"]
    assert other.mend == "start it, or correct REDIS_URL" and "hidden" not in doctor.line(other)


@pytest.mark.parametrize(
    "url", ["postgresql://u:hidden@127.0.0.1:1/x", "mysql://u:hidden@127.0.0.1:1/x", "sqlite:////proc/none/x.db"]
)
def test_a_database_that_cannot_be_reached_is_a_fault_in_one_line(make_app: Make, url: str) -> None:
    found = faults(make_app(DATABASE_URL=url))["database"]
    assert found.needed and "DATABASE_URL" in found.mend
    assert "hidden" not in doctor.line(found) and "\n" not in doctor.line(found)


def test_migrations_that_are_behind_are_a_fault(make_app: Make) -> None:
    app = make_app()
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'old'"))
        db.session.commit()
    assert faults(app)["migrations"].mend.startswith("run 'flask setup'")


def test_a_folder_that_cannot_be_written_is_a_fault(make_app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    app, real = make_app(), os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **how: not mode & os.W_OK and real(path, mode, **how))
    var = app.config["SETTINGS"].var_dir
    assert "VAR_DIR" in faults(app)[f"folder {var}"].mend


def test_a_disk_that_is_nearly_full_is_noted(make_app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 2**62)
    found = faults(app)["disk"]
    assert not found.needed and "free some room" in doctor.line(found)


def test_a_datax_without_plugins_and_one_that_is_none_are_told_apart(make_app: Make, tmp_path: Path) -> None:
    empty, bare = tmp_path / "empty", tmp_path / "bare"
    empty.mkdir()
    (bare / "lib").mkdir(parents=True)
    (bare / "lib" / "datax-core-1.jar").write_bytes(b"")
    none = faults(make_app(DATAX_HOME=str(empty)))["engine datax"]
    assert none.needed and str(empty) in none.detail and "set DATAX_HOME to an unpacked DataX" in none.mend
    without = faults(make_app(DATAX_HOME=str(bare)))["engine datax"]
    assert not without.needed and "0 readers" in without.detail and "plugin" in without.mend


def test_a_java_that_is_not_there_is_a_fault_where_one_is_asked_for(make_app: Make, tmp_path: Path) -> None:
    assert "java" not in faults(make_app())
    found = faults(make_app(JAVA_HOME=str(tmp_path)))["java"]
    assert found.needed and str(tmp_path) in found.detail and "JAVA_HOME" in found.mend


@pytest.mark.parametrize("name", ["DATAX_HOME", "ADDAX_HOME", "JAVA_HOME", "FILE_ROOTS"])
def test_a_start_stops_at_a_folder_that_a_setting_names_and_is_not_there(name: str, tmp_path: Path) -> None:
    settings = load({"VAR_DIR": str(tmp_path / "var"), "PORT": "1", "HOST": "127.0.0.1", name: "/none/here"})
    with pytest.raises(supervisor.CannotStart) as raised:
        supervisor._prepare(settings)
    assert name in str(raised.value) and "/none/here" in str(raised.value) and "\n" not in str(raised.value)


def test_what_nobody_has_set_stops_nothing(tmp_path: Path) -> None:
    settings = load({"VAR_DIR": str(tmp_path / "var"), "FILE_ROOTS": str(ROOT / "examples")})
    assert [finding for finding in doctor._roots(settings) if not finding.ok] == []
    assert list(doctor._roots(load({"VAR_DIR": str(tmp_path / "var")}))) == []
