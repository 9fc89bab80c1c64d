"""Sentences that are kept in English are said in the language of whoever reads them."""

import pytest
from flask import Flask
from flask_babel import force_locale

from datax_job.problem import Text
from tests.conftest import stream
from tests.webapp.test_pages_tasks import finished, submitted
from tests.webapp.visitor import Visitor, seen
from webapp.retold import Sentence, retold
from webapp.states import Outcome
from webapp.tasks import service


@pytest.fixture
def chinese(app: Flask) -> Visitor:
    visitor = Visitor(app, "zh-CN")
    visitor.log_in()
    return visitor


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("ADDAX_HOME is not set", "未设置 ADDAX_HOME"),
        ("Cancelled by admin while it ran.", "运行中由 admin 取消。"),
        ("Cancelled by admin before its engine was started.", "引擎启动前由 admin 取消。"),
        ("Cancelled by 100% <b>.", "已由 100% <b> 取消。"),
        ("Stopped: it ran longer than its time-out of 30 s.", "已停止：运行时间超过 30 秒的超时限制。"),
        (
            "there is no reader 'mysqlreadr'; did you mean 'mysqlreader'?",
            "没有名为 'mysqlreadr' 的 reader；是否想写 'mysqlreader'？",
        ),
        ("This worker was declared lost, and the task taken from it.", "该 worker 已被判定为失联，任务已被收回。"),
        ("ORA-00942: table or view does not exist", "ORA-00942: table or view does not exist"),
        ("100% %(by)s", "100% %(by)s"),
        ("", ""),
    ],
)
def test_a_sentence_of_ours_is_known_and_another_one_stays(app: Flask, kept: str, said: str) -> None:
    with app.test_request_context(), force_locale("zh"):
        assert retold(kept) == said
    with app.test_request_context(), force_locale("en"):
        assert retold(kept) == kept


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a 1 b 2 c", {"x": "1", "y": "2"}),
        ("a  b  c", {"x": "", "y": ""}),
        ("a 1 b 2 b 3 c", {"x": "1", "y": "2 b 3"}),
        ("a b c", None),
        ("a 1 2 c", None),
    ],
)
def test_values_are_taken_out_of_a_sentence(text: str, values: dict[str, str] | None) -> None:
    assert Sentence(("a ", " b ", " c"), ("x", "y"), "").values(text) == values


def test_a_cancelled_task_says_so_in_the_readers_language(chinese: Visitor) -> None:
    task = submitted("not wanted")
    service.cancel(task.id, by="admin")
    for path in ("/tasks", f"/tasks/{task.id}"):
        assert "已由 admin 取消。" in seen(chinese.get(path).text)


def test_what_a_check_found_is_said_in_the_readers_language(chinese: Visitor) -> None:
    problem = {
        "pointer": "/job",
        "line": 1,
        "column": 1,
        "severity": "error",
        "message": "there is no reader 'a'; did you mean 'b'?",
    }
    task = finished("check", Outcome.INVALID, problems=[problem])
    assert "没有名为 'a' 的 reader；是否想写 'b'？" in seen(chinese.get(f"/tasks/{task.id}").text)


@pytest.mark.parametrize("path", ["/tasks/new", "/plugins"])
def test_why_an_engine_is_away_is_said_in_the_readers_language(chinese: Visitor, path: str) -> None:
    assert "未设置 ADDAX_HOME" in chinese.get(path).text


def test_what_keeps_an_engine_from_a_document_is_said_in_the_readers_language(chinese: Visitor) -> None:
    answer = chinese.send("POST", "/api/check", json={"job": stream(1)}, headers={"X-CSRFToken": chinese.token()})
    assert {"name": "addax", "reasons": ["未设置 ADDAX_HOME"]} in answer.get_json()["engine"]["others"]


def test_a_sentence_in_a_sentence_is_translated_too() -> None:
    inner = Text("%(name)s is away", {"name": "it"})
    outer = Text("%(place)s: %(why)s", {"place": "/job", "why": inner})
    assert str(outer) == "/job: it is away"
    words = {"%(name)s is away": "%(name)s 不在"}
    assert outer.translated(lambda template: words.get(template, template)) == "/job: it 不在"
