"""The list of tasks, and the page of one."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app

from datax_job.diagnosis import explain
from tests.conftest import stream
from tests.webapp.test_workers import announced
from tests.webapp.visitor import Visitor, one, seen
from webapp import clock
from webapp.extensions import db
from webapp.states import Outcome, State
from webapp.tasks import attempts, queries, service, wording
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission
from webapp.workers.service import pause

EVIL = "\"><script>alert('x')</script>\u202e<b>&amp;"


def submitted(name: str | None = None, **fields: Any) -> Task:
    return service.submit(Submission(**{"job": stream(1), "name": name, **fields}), None)


def running(name: str | None = None, **fields: Any) -> Task:
    task = attempts.claim(submitted(name, **fields).id, "worker@here")
    assert task is not None
    return task


def finished(name: str | None = None, outcome: Outcome = Outcome.SUCCEEDED, **ending: Any) -> Task:
    task = running(name)
    result = {"success": outcome is Outcome.SUCCEEDED, "exit_code": 0, "stdout": "all of it", "stderr": ""}
    attempts.finish(task, Ending(State.SUCCESS, outcome, ending.pop("result", result), **ending))
    return queries.get(task.id)


def test_an_empty_list_says_what_to_do_first(visitor: Visitor) -> None:
    page = visitor.get("/tasks").text
    assert "No task yet" in page
    assert 'href="/tasks/new?example=hello"' in page


def test_the_list_shows_state_name_and_cause(visitor: Visitor) -> None:
    finished("good one")
    error = {"code": "Framework-14", "message": "Too many dirty rows.", "hint": None}
    finished("bad one", Outcome.FAILED, error=error)
    running("busy one")
    page = seen(visitor.get("/tasks").text)
    assert page.index("busy one") < page.index("bad one") < page.index("good one")
    assert "running busy one" in page
    assert "failed bad one Too many dirty rows." in page
    assert "succeeded good one" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"one", "two", "three"}),
        ("state=&outcome=&type=&name=", {"one", "two", "three"}),
        ("state=STARTED", {"three"}),
        ("outcome=failed", {"two"}),
        ("outcome=failed&state=STARTED", set()),
        ("name=one", {"one"}),
        ("type=validate", set()),
    ],
)
def test_the_address_narrows_the_list(visitor: Visitor, query: str, expected: set[str]) -> None:
    finished("one")
    finished("two", Outcome.FAILED)
    running("three")
    page = visitor.get(f"/tasks?{query}").text
    assert {name for name in ("one", "two", "three") if f"<bdi>{name}</bdi>" in page} == expected
    assert ("No task matches." in page) == (not expected)


@pytest.mark.parametrize("query", ["state=NONSENSE", "cursor=xx", "name=" + "x" * 201, "unknown=1", "since=yesterday"])
def test_an_address_that_asks_for_nonsense_is_refused(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"/tasks?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.text


def test_the_older_link_goes_through_all_pages_and_keeps_the_filter(visitor: Visitor) -> None:
    for number in range(120):
        task = service.create(Submission(job=stream(1), name="odd" if number % 2 else "even"), None)
        task.created_at = clock.now() - timedelta(minutes=number)
    db.session.commit()
    found, path = [], "/tasks?name=odd"
    while path:
        page = visitor.get(path).text
        found.append(page.count("<bdi>odd</bdi></a>"))
        assert "<bdi>even</bdi>" not in page
        path = one(r'rel="next" href="([^"]+)"', page) if 'rel="next"' in page else ""
    assert found == [50, 10]


def test_the_rows_come_alone_for_the_refresh(visitor: Visitor) -> None:
    finished("good one")
    part = visitor.get("/tasks/rows?state=SUCCESS").text
    assert part.lstrip().startswith('<div id="rows"')
    assert 'data-rows="/tasks/rows?state=SUCCESS"' in part and 'data-live="/tasks/news?state=SUCCESS&amp;than=' in part
    assert "good one" in part and "<html" not in part


def test_a_waiting_task_says_what_it_waits_for(visitor: Visitor) -> None:
    task = submitted(queue="night")
    assert "The broker is away." in visitor.get(f"/tasks/{task.id}").text
    task.published_at = clock.now()
    db.session.commit()
    assert "No worker that is alive serves the queue night." in seen(visitor.get(f"/tasks/{task.id}").text)
    announced("owl", queues=["night"])
    assert "Waiting for a worker of the queue night." in seen(visitor.get(f"/tasks/{task.id}").text)
    pause("night", "ann")
    assert "The queue night is paused." in seen(visitor.get(f"/tasks/{task.id}").text)


def test_a_running_task_is_followed_and_can_be_cancelled(visitor: Visitor) -> None:
    task = running("busy one", retries=2, timeout=5400)
    attempts.beat(
        task.id, task.attempt, {"records_read": 1234567, "records_failed": 3, "bytes_read": 5 << 20}, "duckdb"
    )
    page = visitor.get(f"/tasks/{task.id}").text
    assert f'data-live="/tasks/{task.id}/live?last=none"' in page
    for expected in (
        "1,234,567",
        "5 MiB",
        "1 of at most 3",
        "1 h 30 min",
        "duckdb chosen automatically",
        "worker@here",
    ):
        assert expected in seen(page)
    assert "Run again" not in page
    assert visitor.post(f"/tasks/{task.id}/cancel").location == f"/tasks/{task.id}"
    assert "stopping" in seen(visitor.get(f"/tasks/{task.id}/live").text)


def test_a_waiting_task_is_cancelled_at_once_by_name(visitor: Visitor) -> None:
    task = submitted()
    visitor.post(f"/tasks/{task.id}/cancel")
    page = seen(visitor.get(f"/tasks/{task.id}").text)
    assert "cancelled" in page and "Cancelled by admin." in page


def test_a_finished_task_cannot_be_cancelled(visitor: Visitor) -> None:
    task = finished()
    answer = visitor.post(f"/tasks/{task.id}/cancel")
    assert answer.status_code == 409
    assert "already finished" in answer.text


def test_a_finished_task_is_not_asked_for_again(visitor: Visitor) -> None:
    task = finished()
    for path in (f"/tasks/{task.id}", f"/tasks/{task.id}/live"):
        assert "data-live" not in visitor.get(path).text


def test_a_task_runs_again_as_a_new_one(visitor: Visitor) -> None:
    task = finished("twice")
    location = visitor.post(f"/tasks/{task.id}/rerun").location
    assert location != f"/tasks/{task.id}"
    assert "twice" in visitor.get(location).text


def test_the_result_is_what_a_program_gets(visitor: Visitor, token: str) -> None:
    task = finished()
    page = visitor.get(f"/tasks/{task.id}").text
    shown = json.loads(one(r'<pre class="result"[^>]*>(.*?)</pre>', page))
    assert shown == visitor.get(f"/api/tasks/{task.id}/result").json
    assert f"/api/tasks/{task.id}/result?wait=30" in page
    assert f"get_task_result_by_id(&#39;{task.id}&#39;, &#34;execute&#34;)" in page


def test_the_python_lines_print_the_result(visitor: Visitor, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    task = finished()
    page = visitor.get(f"/tasks/{task.id}").text
    monkeypatch.setenv("VAR_DIR", str(current_app.config["SETTINGS"].var_dir))
    exec(one(r'aria-label="Python">(.*?)</pre>', page), {})
    assert "all of it" in capsys.readouterr().out


def test_a_failure_shows_its_code_cause_and_hint(visitor: Visitor) -> None:
    error = {"code": "Framework-14", "message": "Too many dirty rows.", "hint": "Raise errorLimit."}
    page = seen(visitor.get(f"/tasks/{finished(outcome=Outcome.FAILED, error=error).id}").text)
    assert "Framework-14 Too many dirty rows. Raise errorLimit." in page


def test_a_known_cause_is_explained_in_the_readers_language(app: Flask, visitor: Visitor) -> None:
    message = 'FATAL: password authentication failed for user "reader"'
    known = explain("DBUtilErrorCode-10", message, 1)
    error = {"code": "DBUtilErrorCode-10", "message": message, "hint": known.hint["en"]}
    result = {"success": False, "exit_code": 1, "stdout": "", "stderr": message}
    path = f"/tasks/{finished(outcome=Outcome.FAILED, error=error, result=result).id}"
    assert f"{known.cause['en']} {message} {known.hint['en']}" in seen(visitor.get(path).text)
    assert known.cause["en"] in visitor.get("/tasks").text
    chinese = Visitor(app, "zh-CN")
    chinese.log_in()
    assert f"{known.cause['zh']} {message} {known.hint['zh']}" in seen(chinese.get(path).text)
    assert known.cause["zh"] in chinese.get("/tasks").text


def test_a_check_shows_its_problems_with_their_places(visitor: Visitor) -> None:
    task = running(type="validate")
    problem = {"pointer": "/job/setting", "line": 7, "column": 3, "severity": "warning", "message": "mind this"}
    attempts.finish(task, Ending(State.SUCCESS, Outcome.VALID, True, problems=[problem]))
    page = visitor.get(f"/tasks/{task.id}").text
    assert "warning line 7, column 3 mind this /job/setting" in seen(page)
    assert 'href="#L7"' in page
    assert one(r'<pre class="result"[^>]*>(.*?)</pre>', page) == "true"


def test_secrets_of_the_document_and_the_parameters_are_masked(visitor: Visitor) -> None:
    job = stream(1, password="hunter2", jdbcUrl="jdbc:mysql://u:hunter3@db/x?password=hunter4")
    task = submitted(job=job, params={"db_password": "hunter5", "day": "2026-01-31"})
    page = visitor.get(f"/tasks/{task.id}").text
    assert "streamreader" in page and "2026-01-31" in page
    assert "hunter" not in page


def test_secrets_of_a_broken_document_are_masked(visitor: Visitor) -> None:
    task = submitted(job='{"job": {"password": "hunter2", "x": [', type="validate")
    page = visitor.get(f"/tasks/{task.id}").text
    assert "hunter2" not in page


def test_a_page_brings_the_end_of_a_log_and_says_where_it_begins(app: Flask, visitor: Visitor) -> None:
    task = running()
    with app.extensions["logs"].writer(task.id, task.attempt) as log:
        for number in range(20_000):
            log.line(f"line {number} 行")
    page = visitor.get(f"/tasks/{task.id}").text
    size = app.extensions["logs"].state(task.id, task.attempt).size
    assert int(one(r'data-next="(\d+)"', page)) == size
    assert 0 < int(one(r'data-start="(\d+)"', page)) <= size - 60_000
    assert "line 19999 行" in page and "line 0 行" not in page


def test_the_whole_log_is_downloaded(app: Flask, visitor: Visitor) -> None:
    task = running()
    with app.extensions["logs"].writer(task.id, task.attempt) as log:
        for number in range(50_000):
            log.line(f"line {number} 行")
    answer = visitor.get(f"/tasks/{task.id}/log.txt")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={task.id}.log"
    assert answer.mimetype == "text/plain"
    assert answer.text.splitlines() == [f"line {number} 行" for number in range(50_000)]


@pytest.mark.parametrize("path", ["/tasks/none", "/tasks/none/live", "/tasks/none/log.txt", "/nowhere"])
def test_what_is_not_there_has_a_page_of_its_own(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_whatever_a_task_holds_is_shown_as_text(app: Flask, visitor: Visitor) -> None:
    error = {"code": EVIL, "message": EVIL * 10, "hint": EVIL}
    problem = {"pointer": EVIL, "line": 1, "column": 1, "severity": "error", "message": EVIL}
    result = {"success": False, "exit_code": 1, "stdout": EVIL, "stderr": EVIL}
    job = json.dumps({"job": {"content": [{"reader": {"name": EVIL}, "writer": {EVIL: EVIL}}]}})
    task = service.submit(Submission(job=job, name=EVIL, params={EVIL: EVIL}), None)
    attempts.claim(task.id, EVIL)
    attempts.beat(task.id, 1, None, "e<b>")
    with app.extensions["logs"].writer(task.id, task.attempt) as log:
        log.line(EVIL)
    ending = Ending(State.FAILURE, Outcome.FAILED, result, error, problems=[problem])
    attempts.finish(queries.get(task.id), ending)
    for path in ("/tasks", "/tasks/rows", f"/tasks/{task.id}", f"/tasks/{task.id}/live"):
        page = visitor.get(path).text
        assert "alert(" in page
        assert "<script>alert" not in page and "<b>" not in page


def test_values_of_100_kilobytes_do_no_harm(visitor: Visitor) -> None:
    long = "x" * 100_000
    error = {"code": "long", "message": long, "hint": long}
    task = finished("n" * 200, Outcome.FAILED, error=error)
    assert len(visitor.get("/tasks").data) < 50_000
    assert visitor.get(f"/tasks/{task.id}").status_code == 200


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.0042, "4 ms"),
        (0.9996, "1 s"),
        (1, "1 s"),
        (59.94, "59.9 s"),
        (60, "1 min"),
        (61.4, "1 min 1 s"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (3601, "1 h"),
        (90_000, "1 d 1 h"),
        (86_400 * 400, "400 d"),
    ],
)
def test_a_duration_is_said_with_its_two_largest_units(app: Flask, seconds: float | None, expected: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert wording.seconds(seconds) == expected


@pytest.mark.parametrize(
    ("size", "expected"), [(None, "–"), (0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (3 << 50, "3,072 TiB")]
)
def test_a_size_is_said_in_binary_units(app: Flask, size: int | None, expected: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert wording.size(size) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("a lone ` stays", "a lone ` stays"),
        ("`<b>` & <i>", "<code>&lt;b&gt;</code> &amp; &lt;i&gt;"),
    ],
)
def test_backticks_become_code(text: str, expected: str) -> None:
    assert str(wording.code_marks(text)) == expected
