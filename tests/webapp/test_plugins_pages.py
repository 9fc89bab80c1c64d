"""The pages of engines and plugins."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datax_job import catalogue
from engines import registry
from engines.duckdb.readers import READERS
from engines.duckdb.writers import WRITERS
from tests.webapp.visitor import Visitor


def test_the_list_names_every_plugin_and_every_engine(visitor: Visitor, api: FlaskClient) -> None:
    page = visitor.get("/plugins").text
    for plugin in catalogue.plugins().values():
        assert f'href="/plugins/{plugin.kind}/{plugin.name}"' in page
    for engine in api.get("/api/engines").get_json():
        assert engine["name"] in page and (engine["available"] or engine["reason"] in page)


def test_a_search_shows_what_has_the_words_in_its_name_or_parameters(visitor: Visitor) -> None:
    page = visitor.get("/plugins?q=splitPk mysql").text
    shown = [row for row in page.split("<li data-words=")[1:] if " hidden>" not in row.split("\n")[0]]
    assert any("/reader/mysqlreader" in row for row in shown)
    assert not any("/writer/mysqlwriter" in row or "/reader/txtfilereader" in row for row in shown)
    nothing = visitor.get("/plugins?q=<b>nothing").text
    assert "No plugin or parameter has that in its name." in nothing and "<b>nothing" not in nothing


def test_a_plugin_shows_what_the_embedded_engine_does_with_each_parameter(visitor: Visitor) -> None:
    page = visitor.get("/plugins/reader/mysqlreader").text
    rows = {row.split("</code>")[0].removeprefix("<code>"): row for row in page.split('<th scope="row">')[1:]}
    assert "required" in rows["username"] and "as DataX" in rows["username"]
    assert "refused" in rows["dryRun"]
    assert "jdbcUrl" in rows["connection[].jdbcUrl"] and "refused" not in rows["connection[].jdbcUrl"]
    assert "1024" in rows["fetchSize"]


def test_a_plugin_that_only_datax_has_says_nothing_of_the_embedded_engine(visitor: Visitor) -> None:
    page = visitor.get("/plugins/reader/hdfsreader").text
    assert "Embedded engine" not in page and "DATAX_HOME" in page


def test_every_plugin_has_a_page_in_both_languages(app: Flask, visitor: Visitor) -> None:
    chinese = Visitor(app, "zh-CN")
    chinese.log_in()
    for plugin in catalogue.plugins().values():
        path = f"/plugins/{plugin.kind}/{plugin.name}"
        assert visitor.get(path).status_code == 200
        assert plugin.doc("zh") in chinese.get(path).text.replace("&#39;", "'").replace("&amp;", "&")


@pytest.mark.parametrize("path", ["/plugins/reader/nothing", "/plugins/writer/mysqlreader", "/plugins/engine/duckdb"])
def test_there_is_no_page_of_what_is_not_known(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_the_embedded_engine_runs_what_the_templates_of_its_plugins_say(app: Flask) -> None:
    engine = registry.engines(app.config["SETTINGS"].engines)["duckdb"]
    whole = {kind: catalogue.plugin(f"stream{kind}").template() for kind in ("reader", "writer")}
    for name in {*READERS, *WRITERS} - {
        "rdbmsreader",
        "rdbmswriter",
    }:  # whose example is a database of their own driver
        plugin = catalogue.plugin(name)
        content = {**whole, plugin.kind: plugin.template()}
        assert engine.refusals({"job": {"setting": {"speed": {"channel": 1}}, "content": [content]}}) == [], name


def test_a_new_task_begins_with_the_template_of_a_plugin(visitor: Visitor) -> None:
    page = visitor.get("/tasks/new?reader=mysqlreader").text
    assert "mysqlreader" in page and "streamwriter" in page and "${password}" in page
    assert "&lt;script" in visitor.get("/tasks/new?writer=<script>").text
