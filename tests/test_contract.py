"""The seed guide's contract and the public API, against the running product."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import stream
from tests.stack import ROOT, Stack

FOUR_KEYS = {"success", "exit_code", "stdout", "stderr"}


@pytest.fixture(scope="module")
def running(stack: Stack) -> Iterator[str]:
    """A task that runs until the tests are over."""
    task_id = stack.submit(endless(stack))
    wait_for_state(stack, task_id, "STARTED")
    yield task_id
    stack.call(f"/api/tasks/{task_id}/cancel", b"", method="POST")
    stack.finished(task_id)


@pytest.fixture(scope="module")
def succeeded(stack: Stack) -> str:
    return str(stack.finished(stack.submit(stream(3), engine="duckdb"))["id"])


@pytest.fixture(scope="module")
def failed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> str:
    missing = {
        "job": {
            "setting": {"speed": {"channel": 1}},
            "content": [{"reader": reader(stack.var_dir / "none.csv"), "writer": printing()}],
        }
    }
    return str(stack.finished(stack.submit(missing))["id"])


@pytest.fixture(scope="module")
def cancelled(stack: Stack) -> str:
    task_id = stack.submit(endless(stack))
    wait_for_state(stack, task_id, "STARTED")
    stack.call(f"/api/tasks/{task_id}/cancel", b"", method="POST")
    return str(stack.finished(task_id)["id"])


def endless(stack: Stack) -> dict[str, Any]:
    """Writes a row into a file, and then sleeps for an hour."""
    return stream(9, path=str(stack.var_dir.parent), fileName="endless", recordNumBeforeSleep=1, sleepTime=3600)


def reader(path: Path) -> dict[str, Any]:
    column = [{"index": 0, "type": "long"}]
    return {"name": "txtfilereader", "parameter": {"path": [str(path)], "column": column, "fieldDelimiter": ","}}


def printing() -> dict[str, Any]:
    return {"name": "streamwriter", "parameter": {"print": True}}


def wait_for_state(stack: Stack, task_id: str, state: str) -> None:
    until = time.monotonic() + 30
    while stack.call(f"/api/tasks/{task_id}").json()["state"] != state:
        assert time.monotonic() < until
        time.sleep(0.05)


def run_python(stack: Stack, code: str, *arguments: str) -> str:
    """What a program prints that has the product's settings and no Flask context."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=stack.env(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_task_that_succeeded_tells_all(stack: Stack, succeeded: str) -> None:
    task = stack.call(f"/api/tasks/{succeeded}").json()
    assert (task["state"], task["outcome"], task["ready"], task["successful"], task["failed"]) == (
        "SUCCESS",
        "succeeded",
        True,
        True,
        False,
    )
    assert task["result"].keys() == FOUR_KEYS
    assert task["result"]["success"] is True and task["result"]["exit_code"] == 0
    assert task["result"]["stdout"].count("hello\t7") == 3
    assert (
        task["progress"]["records_read"] == 3
        and task["progress"]["records_failed"] == 0
        and task["progress"]["percent"] == 100.0
    )
    assert task["engine"] == "duckdb" and task["attempt"] == 1 and task["error"] is None and task["worker"]
    assert task["duration"] > 0
    assert stack.call(task["links"]["result"]).json() == task["result"]


def test_a_task_that_failed_says_why(stack: Stack, failed: str) -> None:
    task = stack.call(f"/api/tasks/{failed}").json()
    assert (task["state"], task["outcome"], task["successful"]) == ("SUCCESS", "failed", True)
    assert task["result"]["success"] is False and task["result"]["exit_code"] == 1
    assert "TxtFileReader-04" in task["result"]["stderr"]
    assert task["error"]["code"] == "TxtFileReader-04" and task["error"]["message"] and task["error"]["hint"]


def test_a_running_task_was_cancelled_and_its_process_is_gone(stack: Stack, cancelled: str) -> None:
    task = stack.call(f"/api/tasks/{cancelled}").json()
    assert (task["state"], task["outcome"], task["failed"]) == ("REVOKED", "cancelled", False)
    assert task["result"].keys() == FOUR_KEYS and task["result"]["success"] is False
    assert task["error"]["code"] == "cancelled" and "admin" in task["error"]["message"]
    again = stack.call(f"/api/tasks/{cancelled}/cancel", b"", method="POST")
    assert again.status == 409 and again.headers["Content-Type"] == "application/problem+json"


def test_a_time_out_ends_a_task(stack: Stack) -> None:
    task = stack.finished(stack.submit(endless(stack), timeout=1))
    assert (task["state"], task["outcome"]) == ("SUCCESS", "timed_out")
    assert "1 s" in task["error"]["message"] and task["result"]["success"] is False


def test_a_running_task_has_no_result_yet(stack: Stack, running: str) -> None:
    answer = stack.call(f"/api/tasks/{running}/result")
    assert answer.status == 202 and answer.json() == {"state": "STARTED"}
    began = time.monotonic()
    assert stack.call(f"/api/tasks/{running}/result?wait=1").status == 202
    assert 0.9 < time.monotonic() - began < 3


def test_a_log_is_read_piece_by_piece_to_its_end(stack: Stack, succeeded: str) -> None:
    text, offset, complete = b"", 0, "false"
    while complete == "false":
        piece = stack.call(f"/api/tasks/{succeeded}/log?offset={offset}&limit=500")
        assert piece.headers["Content-Type"] == "text/plain; charset=utf-8" and len(piece.body) <= 500
        text += piece.body
        offset, complete = int(piece.headers["X-Log-Next-Offset"]), piece.headers["X-Log-Complete"]
    assert "读出记录总数" in text.decode()
    assert text == stack.call(f"/api/tasks/{succeeded}/log").body


def test_a_log_is_held_until_something_new_arrives(stack: Stack, running: str) -> None:
    offset = int(stack.call(f"/api/tasks/{running}/log").headers["X-Log-Next-Offset"])
    answer = stack.call(f"/api/tasks/{running}/log?offset={offset}&wait=15")
    assert answer.body and answer.headers["X-Log-Complete"] == "false"


def test_a_rerun_is_a_new_task(stack: Stack, succeeded: str) -> None:
    answer = stack.call(f"/api/tasks/{succeeded}/rerun", b"", method="POST")
    assert answer.status == 202 and answer.json()["id"] != succeeded
    assert answer.headers["Location"].endswith(answer.json()["id"])
    assert stack.finished(answer.json()["id"])["outcome"] == "succeeded"


def test_a_validate_task_answers_true_or_false(stack: Stack) -> None:
    good = stack.finished(stack.submit(stream(1), type="validate"))
    assert (good["state"], good["outcome"], good["result"]) == ("SUCCESS", "valid", True)
    bad = stack.finished(stack.submit("{ not json", type="validate"))
    assert (bad["state"], bad["outcome"], bad["result"]) == ("SUCCESS", "invalid", False)
    assert bad["problems"][0]["line"] == 1 and bad["problems"][0]["severity"] == "error"
    assert stack.call(bad["links"]["result"]).body.strip() == b"false"


@pytest.mark.parametrize("path", ["", "/result", "/log"])
def test_an_unknown_id_is_not_found(stack: Stack, path: str) -> None:
    answer = stack.call(f"/api/tasks/{uuid.uuid4()}{path}")
    assert answer.status == 404 and answer.headers["Content-Type"] == "application/problem+json"


def test_the_list_carries_the_results(stack: Stack, succeeded: str) -> None:
    items = stack.call("/api/tasks?limit=200").json()["items"]
    listed = next(task for task in items if task["id"] == succeeded)
    assert listed["result"].keys() == FOUR_KEYS and listed["result"]["success"] is True


def test_the_probes_tell_what_is_there(stack: Stack) -> None:
    assert stack.call("/healthz", headers={"Authorization": ""}).status == 200
    ready = stack.call("/readyz", headers={"Authorization": ""})
    assert ready.status == 200 and ready.json() == {"database": "ok", "broker": "ok", "workers": 1}


def test_the_engines_say_what_they_can_do_or_why_not(stack: Stack) -> None:
    engines = {engine["name"]: engine for engine in stack.call("/api/engines").json()}
    assert (
        engines["duckdb"]["available"]
        and "streamreader" in engines["duckdb"]["readers"]
        and engines["duckdb"]["reason"] is None
    )
    assert not engines["datax"]["available"] and "DATAX_HOME" in engines["datax"]["reason"]


SEED_4_1 = """
import sys
from tasks_scheduler import DataXTaskScheduler

scheduler = DataXTaskScheduler()
task_id = sys.argv[1]

result = scheduler.get_execute_datax_job_result(task_id)

print(f"任务状态: {result.state}")

if result.ready():
    execution_result = result.result
    if execution_result.get('success', False):
        print("DataX作业执行成功！")
        print(f"退出码: {execution_result.get('exit_code')}")
        print(f"输出: {execution_result.get('stdout')}")
    else:
        print("DataX作业执行失败！")
        print(f"错误信息: {execution_result.get('stderr')}")
else:
    print("任务仍在执行中...")
"""

SEED_4_2 = """
import sys
from tasks_scheduler import DataXTaskScheduler

scheduler = DataXTaskScheduler()
task_id = sys.argv[1]

result = scheduler.get_validate_datax_job_result(task_id)

print(f"任务状态: {result.state}")

if result.ready():
    is_valid = result.result
    print(f"作业配置验证结果: {'有效' if is_valid else '无效'}")
else:
    print("任务仍在执行中...")
"""


def test_the_guides_first_example_for_a_job_that_succeeds(stack: Stack, succeeded: str) -> None:
    said = run_python(stack, SEED_4_1, succeeded)
    assert said.startswith("任务状态: SUCCESS\nDataX作业执行成功！\n退出码: 0\n输出: ") and "hello\t7" in said


def test_the_guides_first_example_for_a_job_that_fails(stack: Stack, failed: str) -> None:
    said = run_python(stack, SEED_4_1, failed)
    assert said.startswith("任务状态: SUCCESS\nDataX作业执行失败！\n错误信息: ") and "TxtFileReader-04" in said


def test_the_guides_first_example_for_a_job_that_runs(stack: Stack, running: str) -> None:
    assert run_python(stack, SEED_4_1, running) == "任务状态: STARTED\n任务仍在执行中...\n"


def test_the_guides_first_example_for_a_job_that_was_cancelled(stack: Stack, cancelled: str) -> None:
    said = run_python(stack, SEED_4_1, cancelled)
    assert said.startswith("任务状态: REVOKED\nDataX作业执行失败！\n错误信息: ") and "ancelled" in said


def test_the_guides_second_example(stack: Stack) -> None:
    good, bad = (stack.submit(job, type="validate") for job in (stream(1), "{}"))
    stack.finished(good)
    stack.finished(bad)
    assert run_python(stack, SEED_4_2, good) == "任务状态: SUCCESS\n作业配置验证结果: 有效\n"
    assert run_python(stack, SEED_4_2, bad) == "任务状态: SUCCESS\n作业配置验证结果: 无效\n"


def test_python_submits_and_reads_without_a_flask_context(stack: Stack) -> None:
    code = """
import json, sys, time
from tasks_scheduler import DataXTaskScheduler, TaskTypeMismatch
scheduler = DataXTaskScheduler()
task_id = scheduler.execute_datax_job(json.loads(sys.argv[1]), name="from Python", engine="duckdb")
while not (result := scheduler.get_task_result(task_id)).ready():
    time.sleep(0.05)
unknown = scheduler.get_task_result("00000000-0000-0000-0000-000000000000")
try:
    scheduler.get_task_result_by_id(task_id, "validate")
    mismatch = False
except TaskTypeMismatch:
    mismatch = True
print(json.dumps([result.state, result.successful(), result.failed(), result.result["success"], unknown.state, unknown.ready(),
                  unknown.result, mismatch, scheduler.get_task_result_by_id(task_id, "execute").result == result.result]))
"""
    said = json.loads(run_python(stack, code, json.dumps(stream(1))))
    assert said == ["SUCCESS", True, False, True, "PENDING", False, None, True, True]


def test_a_task_sent_straight_through_celery_is_recorded_under_its_id(stack: Stack) -> None:
    code = """
import json, sys
from celery_app import execute_datax_job, validate_datax_job
job = json.loads(sys.argv[1])
sent, checked, broken = execute_datax_job.delay(job), validate_datax_job.delay(job), execute_datax_job.delay({"job": 1})
print(json.dumps([sent.id, sent.get(timeout=30), checked.id, checked.get(timeout=30), broken.id, broken.get(timeout=30)]))
"""
    sent, result, checked, valid, broken, refused = json.loads(run_python(stack, code, json.dumps(stream(1))))
    assert result["success"] is True and stack.call(f"/api/tasks/{sent}/result").json() == result
    assert valid is True and stack.call(f"/api/tasks/{checked}").json()["type"] == "validate"
    assert refused["success"] is False and refused["stderr"]
    assert stack.call(f"/api/tasks/{broken}").json()["outcome"] == "failed"


def test_celerys_own_result_is_the_same(stack: Stack, succeeded: str) -> None:
    code = "import json, sys; from celery_app import celery_app as app; "
    code += "print(json.dumps(app.AsyncResult(sys.argv[1]).get(timeout=10)))"
    assert json.loads(run_python(stack, code, succeeded)) == stack.call(f"/api/tasks/{succeeded}/result").json()


def test_the_example_script_prints_the_results_of_ids_on_its_command_line(
    stack: Stack, succeeded: str, running: str
) -> None:
    done = subprocess.run(
        [sys.executable, "get_task_result_example.py", succeeded, running],
        cwd=ROOT,
        env=stack.env(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "success=True exit_code=0" in done.stdout and "not there yet" in done.stdout


def test_an_idempotency_key_makes_one_task_of_twenty_requests_at_once(stack: Stack) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: stack.call("/api/tasks", {"job": stream(1)}, headers=headers), range(20)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_a_result_is_stored_when_the_broker_has_forgotten_everything(stack: Stack, succeeded: str) -> None:
    code = "from webapp.config import load; from redis import Redis; print(Redis.from_url(load().broker_url).dbsize() >= 0)"
    assert run_python(stack, code).strip() == "True"
    unreachable = {**stack.env(), "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-c", SEED_4_1, succeeded], cwd=ROOT, env=unreachable, capture_output=True, text=True
    )
    assert "DataX作业执行成功！" in done.stdout, done.stderr


def test_a_deep_validate_task_looks_at_the_files_and_moves_nothing(stack: Stack) -> None:
    source, target = stack.var_dir.parent / "deep.csv", stack.var_dir.parent / "deep out"
    writer = {"name": "txtfilewriter", "parameter": {"path": str(target), "fileName": "x", "writeMode": "truncate"}}
    checked = {"setting": {"speed": {"channel": 1}}, "content": [{"reader": reader(source), "writer": writer}]}

    missing = stack.finished(stack.submit({"job": checked}, type="validate", deep=True))
    assert (missing["outcome"], missing["result"]) == ("invalid", False)
    assert [problem["pointer"] for problem in missing["problems"] if problem["severity"] == "error"] == [
        "/job/content/0/reader/parameter/path/0"
    ]
    assert all(problem["line"] for problem in missing["problems"])

    source.write_text("1\n")
    right = stack.finished(stack.submit({"job": checked}, type="validate", deep=True))
    assert (right["outcome"], right["result"]) == ("valid", True), right["problems"]
    assert not target.exists()


def test_a_deep_validate_task_says_what_it_could_not_look_at(stack: Stack) -> None:
    connection = [{"jdbcUrl": ["jdbc:oracle:thin:@db:1521/x"], "table": ["t"]}]
    parameter = {"username": "u", "password": "p", "column": ["a"], "connection": connection}
    content = [{"reader": {"name": "oraclereader", "parameter": parameter}, "writer": printing()}]
    task = stack.finished(
        stack.submit({"job": {"setting": {"speed": {"channel": 1}}, "content": content}}, type="validate", deep=True)
    )
    assert task["result"] is True, task["problems"]
    warned = {problem["pointer"] for problem in task["problems"] if problem["severity"] == "warning"}
    assert "/job/content/0/reader/name" in warned
