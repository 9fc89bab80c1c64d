"""The catalogue as editors read it, and the engine that a checked document would get."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datax_job import catalogue
from engines.base import EngineSettings, EngineStatus
from tests.conftest import stream
from tests.webapp.visitor import Visitor
from webapp.plugins import service

SETTINGS = EngineSettings(Path("/nowhere"))


def by_name(answer: Any) -> dict[str, Any]:
    return {plugin["name"]: plugin for plugin in answer["plugins"]}


def test_every_plugin_of_the_catalogue_is_told_with_its_parameters(api: FlaskClient) -> None:
    answer = api.get("/api/plugins").get_json()
    plugins = by_name(answer)
    assert set(plugins) >= set(catalogue.plugins())
    reader = plugins["mysqlreader"]
    parameters = {parameter["name"]: parameter for parameter in reader["parameters"]}
    assert reader["kind"] == "reader" and reader["description"] == "Reads MySQL and MariaDB"
    assert parameters["username"]["required"] and not parameters["where"]["required"]
    assert parameters["fetchSize"]["default"] == 1024
    assert {member["name"] for member in parameters["connection"]["members"]} == {"jdbcUrl", "table", "querySql"}
    assert reader["template"]["parameter"]["password"] == "${password}"
    assert "duckdb" in reader["engines"] and plugins["hdfsreader"]["engines"] == []


def test_it_tells_what_a_document_says_above_its_plugins(api: FlaskClient) -> None:
    job = next(key for key in api.get("/api/plugins").get_json()["document"] if key["name"] == "job")
    setting = next(key for key in job["members"] if key["name"] == "setting")
    speed = next(key for key in setting["members"] if key["name"] == "speed")
    assert [key["name"] for key in speed["members"]] == ["channel", "byte", "record"]


def test_it_speaks_the_language_of_the_page(app: Flask) -> None:
    visitor = Visitor(app, "zh-CN")
    visitor.log_in()
    assert by_name(visitor.get("/api/plugins").json)["mysqlreader"]["description"] == "读取 MySQL 与 MariaDB"


def test_it_is_sent_again_only_when_it_has_changed(visitor: Visitor) -> None:
    first = visitor.get("/api/plugins")
    same = visitor.get("/api/plugins", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304 and same.data == b""
    other = visitor.get("/api/plugins", headers={"If-None-Match": first.headers["ETag"], "Accept-Language": "zh"})
    assert other.status_code == 200


def test_a_plugin_of_ones_own_has_the_parameters_of_the_template_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "plugin" / "reader" / "ourreader"
    folder.mkdir(parents=True)
    (folder / "plugin.json").write_text('{"name": "ourreader"}')
    parameter = {"url": "", "depth": 3, "columns": [], "deep": True, "more": {}}
    (folder / "plugin_job_template.json").write_text(json.dumps({"name": "ourreader", "parameter": parameter}))
    status = EngineStatus("datax", True, readers=("ourreader", "mysqlreader"))
    found = service.known([status], EngineSettings(tmp_path, datax_home=tmp_path), "en")
    own = next(plugin for plugin in found.plugins if plugin.name == "ourreader")
    assert own.open and own.engines == ["datax"] and own.template["parameter"] == parameter
    types = {parameter.name: parameter.types for parameter in own.parameters}
    assert types == {
        "url": ["string"],
        "depth": ["number"],
        "columns": ["array"],
        "deep": ["boolean"],
        "more": ["object"],
    }


def test_a_plugin_without_any_template_is_still_named() -> None:
    found = service.known([EngineStatus("datax", True, writers=("ourwriter",))], SETTINGS, "en")
    own = next(plugin for plugin in found.plugins if plugin.name == "ourwriter")
    assert own.parameters == [] and own.template == {"name": "ourwriter", "parameter": {}}


def test_an_engine_that_is_not_there_has_no_plugins() -> None:
    found = service.known([EngineStatus("datax", False, reason="not set", readers=("mysqlreader",))], SETTINGS, "en")
    assert all(plugin.engines == [] for plugin in found.plugins)


def test_the_check_says_which_engine_auto_takes_and_why_not_the_others(api: FlaskClient) -> None:
    engine = api.post("/api/check", json={"job": stream(1)}).get_json()["engine"]
    assert engine["name"] == "duckdb"
    assert engine["reason"] == "DataX is not installed, and the embedded engine can do the whole job exactly"
    assert {other["name"]: other["reasons"] for other in engine["others"]} == {
        "datax": ["DATAX_HOME is not set"],
        "addax": ["ADDAX_HOME is not set"],
    }


def test_where_no_engine_can_run_it_the_check_says_what_stands_in_the_way(api: FlaskClient) -> None:
    job = stream(1)
    job["job"]["content"][0]["reader"] = dict(catalogue.plugin("hdfsreader").template())
    engine = api.post("/api/check", json={"job": job}).get_json()["engine"]
    assert engine["name"] is None and "DATAX_HOME" in engine["reason"]
    duckdb = next(other for other in engine["others"] if other["name"] == "duckdb")
    assert "hdfsreader" in duckdb["reasons"][0] and "/job/content/0/reader" in duckdb["reasons"][0]


@pytest.mark.parametrize("job", ["{", "[]", {"job": {"content": [{"reader": 1}]}}])
def test_a_document_with_errors_has_no_engine_yet(api: FlaskClient, job: Any) -> None:
    answer = api.post("/api/check", json={"job": job}).get_json()
    assert not answer["valid"] and answer["engine"] is None


def test_the_check_of_a_document_for_addax_uses_its_dialect(api: FlaskClient) -> None:
    job, reader = stream(1), dict(catalogue.plugin("mysqlreader").template())
    reader["parameter"] |= {"connection": {"jdbcUrl": "jdbc:mysql://db.example.com/shop?useSSL=false", "table": ["t"]}}
    job["job"]["content"][0]["reader"] = reader
    valid = {
        engine: api.post("/api/check", json={"job": job, "engine": engine}).get_json()["valid"]
        for engine in ("auto", "addax")
    }
    assert valid == {"auto": False, "addax": True}
