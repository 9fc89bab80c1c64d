"""Workers, broker, database and web server die, freeze and come back: every accepted task ends, and runs once an attempt."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.databases import Server
from tests.faults.cluster import Cluster, body
from tests.processes import gone


@pytest.fixture(scope="module")
def running(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    database = postgres.database()
    cluster = Cluster(
        tmp_path_factory.mktemp("cluster"),
        database.sqlalchemy_url,
        VISIBILITY_TIMEOUT="5",
        STOP_GRACE="2",
        STALL_WARNING="1",
    )
    cluster.start()
    yield cluster
    cluster.stop()
    database.drop()


@pytest.fixture
def cluster(running: Cluster) -> Iterator[Cluster]:
    """With every process in its place again after a test that took some away."""
    yield running
    for name in ("w0", "w1", "w2", "w3"):
        if name not in running.processes or running.processes[name].poll() is not None:
            running.start_worker(name)


def test_a_worker_killed_in_a_run_takes_its_engine_along_and_the_task_is_lost(cluster: Cluster) -> None:
    task_id = cluster.submit("killed", seconds=600, children=1)
    worker = cluster.started(task_id)["worker"]
    pids = cluster.pids("killed")
    cluster.kill(worker)
    assert gone(*pids), "the engine and its child die with the worker"
    task = cluster.finished(task_id)
    assert (task["state"], task["outcome"], task["result"]["success"]) == ("FAILURE", "lost", False)
    assert worker in task["error"]["message"]
    assert cluster.ledger("start")["killed"] == 1


def test_a_lost_task_with_retries_runs_again_on_another_worker(cluster: Cluster) -> None:
    task_id = cluster.submit("again", seconds=4, options={"retries": 1})
    worker = cluster.started(task_id)["worker"]
    cluster.pids("again")
    cluster.kill(worker)
    task = cluster.finished(task_id, 60)
    assert (task["outcome"], task["attempt"]) == ("succeeded", 2) and task["worker"] != worker
    attempts = cluster.stack.call(f"/api/tasks/{task_id}/attempts").json()
    assert [(each["number"], each["outcome"]) for each in attempts] == [(1, "lost"), (2, "succeeded")]
    assert (cluster.ledger("start")["again"], cluster.ledger("end")["again"]) == (2, 1)


def test_a_frozen_worker_that_comes_back_cannot_touch_what_went_on_without_it(cluster: Cluster) -> None:
    task_id = cluster.submit("frozen", seconds=9, options={"retries": 1})
    worker = cluster.started(task_id)["worker"]
    first = cluster.pids("frozen")
    cluster.kill(worker, signal.SIGSTOP)
    cluster.wait_for(lambda: cluster.task(task_id)["attempt"] == 2, 60)
    cluster.kill(worker, signal.SIGCONT)
    task = cluster.finished(task_id, 60)
    assert (task["outcome"], task["attempt"]) == ("succeeded", 2) and task["worker"] != worker
    assert gone(*first)
    log = cluster.stack.call(f"/api/tasks/{task_id}/log?attempt=1").body.decode()
    assert "taken from it" in log or "frozen" not in log


def test_a_broker_that_is_killed_and_comes_back_empty_loses_nothing(cluster: Cluster) -> None:
    running = [cluster.submit(f"run{number}", seconds=8) for number in range(4)]
    for task_id in running:
        cluster.started(task_id)
    queued = [cluster.submit(f"queued{number}", type="validate") for number in range(196)]
    queued += [cluster.submit(f"queued{number}") for number in range(196, 200)]
    cluster.broker.kill()
    time.sleep(1)
    cluster.broker.start()
    for task_id in (*running, *queued):
        assert cluster.finished(task_id, 120)["outcome"] in {"succeeded", "valid"}
        assert cluster.task(task_id)["attempt"] == 1
    assert all(cluster.ledger("start")[f"run{number}"] == 1 for number in range(4))


def test_one_message_delivered_twenty_times_runs_the_task_once(cluster: Cluster) -> None:
    task_id = cluster.submit("twenty", seconds=1)
    client = redis.Redis(port=cluster.broker.port)
    message = {"id": task_id, "task": "execute_datax_job"}
    from celery import Celery

    celery = Celery(broker=cluster.stack.environment["REDIS_URL"])
    for _ in range(20):
        celery.send_task(message["task"], task_id=task_id, queue="default", ignore_result=True)
    assert cluster.finished(task_id)["outcome"] == "succeeded"
    cluster.wait_for(lambda: client.llen("default") == 0, 30)
    time.sleep(1)
    assert cluster.ledger("start")["twenty"] == 1 and cluster.task(task_id)["attempt"] == 1


def test_a_run_five_times_as_long_as_the_visibility_time_runs_once(cluster: Cluster) -> None:
    task_id = cluster.submit("long", seconds=26)
    task = cluster.finished(task_id, 90)
    assert (task["outcome"], task["attempt"], cluster.ledger("start")["long"]) == ("succeeded", 1, 1)


def test_an_engine_that_ignores_sigterm_is_killed_with_proof(cluster: Cluster) -> None:
    task_id = cluster.submit("stubborn", seconds=600, stubborn=True, children=2)
    cluster.started(task_id)
    cluster.wait_for(lambda: len(cluster.pids("stubborn")) == 3, 30)
    pids = cluster.pids("stubborn")
    assert cluster.stack.call(f"/api/tasks/{task_id}/cancel", method="POST").status == 202
    task = cluster.finished(task_id)
    assert (task["state"], task["outcome"]) == ("REVOKED", "cancelled") and gone(*pids, seconds=0.1)
    (attempt,) = cluster.stack.call(f"/api/tasks/{task_id}/attempts").json()
    assert {each["pid"] for each in attempt["processes"]["ended"]} == set(pids)
    assert attempt["processes"]["left"] == [] and attempt["processes"]["asked_at"] is not None


def test_a_run_that_moves_no_record_is_told_of_and_stopped_where_it_says_so(cluster: Cluster) -> None:
    task_id = cluster.submit("stalls", seconds=600, options={"stall_timeout": 5})
    cluster.wait_for(lambda: cluster.task(task_id)["stalled_since"] is not None, 30)
    assert cluster.task(task_id)["state"] == "STARTED"
    task = cluster.finished(task_id)
    assert (task["state"], task["outcome"]) == ("SUCCESS", "timed_out") and "no record moved" in task["error"][
        "message"
    ]
    assert task["stalled_since"] is None and gone(*cluster.pids("stalls"), seconds=0.1)
    log = cluster.stack.call(f"/api/tasks/{task_id}/log").body.decode()
    assert "[stalled] No record has moved" in log


def test_an_engine_that_forks_and_ends_leaves_nobody_behind(cluster: Cluster) -> None:
    task_id = cluster.submit("forks", children=3)
    assert cluster.finished(task_id)["outcome"] == "succeeded"
    assert gone(*cluster.pids("forks"))


def test_a_stopped_worker_takes_nothing_new_and_puts_back_what_may_run_again(cluster: Cluster) -> None:
    again = cluster.submit("put-back", seconds=7, stubborn=True, options={"retries": 1})
    worker = cluster.started(again)["worker"]
    cluster.kill(worker, signal.SIGTERM)
    assert cluster.processes[worker].wait(30) == 0
    task = cluster.finished(again)
    assert (task["outcome"], task["attempt"]) == ("succeeded", 2) and task["worker"] != worker
    first = cluster.stack.call(f"/api/tasks/{again}/attempts").json()[0]
    assert first["outcome"] == "lost" and "told to stop" in first["error"]["message"]


def test_a_stopped_worker_lets_a_short_run_finish_and_ends_one_that_may_not_run_again(cluster: Cluster) -> None:
    short, long = cluster.submit("short", seconds=1), cluster.submit("long-stop", seconds=600)
    workers = {cluster.started(task_id)["worker"] for task_id in (short, long)}
    for worker in workers:
        cluster.kill(worker, signal.SIGTERM)
    assert [cluster.processes[worker].wait(30) for worker in workers] == [0] * len(workers)
    assert cluster.finished(short)["outcome"] == "succeeded"
    ended = cluster.finished(long)
    assert (ended["state"], ended["outcome"]) == ("FAILURE", "lost") and "told to stop" in ended["error"]["message"]
    assert gone(*cluster.pids("long-stop"), seconds=0.1)


def test_a_web_server_killed_in_a_submit_makes_one_task_of_it_and_its_repeat(cluster: Cluster) -> None:
    key, wanted = {"Idempotency-Key": "only once"}, json.dumps(body("once")).encode()
    with socket.create_connection(("127.0.0.1", cluster.stack.port)) as connection:
        head = (
            f"POST /api/tasks HTTP/1.1\r\nHost: 127.0.0.1:{cluster.stack.port}\r\nAuthorization: Bearer {cluster.stack.token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: only once\r\nContent-Length: {len(wanted)}\r\n\r\n"
        )
        connection.sendall(head.encode() + wanted)
        cluster.kill("web")
    cluster.start_web()
    cluster.wait_for(cluster.ready, 60)
    first = cluster.post("once", headers=key).json()["id"]
    assert cluster.post("once", headers=key).json()["id"] == first
    assert cluster.finished(first)["outcome"] == "succeeded"
    assert len(cluster.stack.call("/api/tasks?name=once").json()["items"]) == 1
    assert cluster.ledger("start")["once"] == 1


def test_two_schedulers_at_once_send_and_declare_once(cluster: Cluster) -> None:
    cluster.start_scheduler("second-scheduler")
    cluster.broker.kill()
    ids = [cluster.submit(f"two{number}") for number in range(8)]
    cluster.broker.start()
    assert [cluster.finished(task_id)["attempt"] for task_id in ids] == [1] * 8
    assert all(cluster.ledger("start")[f"two{number}"] == 1 for number in range(8))
    cluster.kill("second-scheduler")


def test_a_worker_outlives_its_parent(cluster: Cluster) -> None:
    """A supervisor that was killed leaves its worker running, and the worker its engine: nothing is lost."""
    code = "import subprocess, sys, time; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); time.sleep(3600)"
    worker = [
        "celery",
        "--quiet",
        "--app",
        "celery_app",
        "worker",
        "--hostname",
        "orphan",
        "--without-gossip",
        "--queues",
        "lonely",
    ]
    environment = {**cluster.stack.env(), "WORKER_NAME": "orphan", "WORKER_QUEUES": "lonely"}
    import sys

    with (
        (cluster.folder / "orphan.out").open("ab") as output,
        subprocess.Popen(
            [sys.executable, "-c", code, sys.executable, "-m", *worker],
            env=environment,
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            stderr=output,
        ) as parent,
    ):
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        task_id = cluster.submit("orphan", seconds=3, options={"queue": "lonely"})
        cluster.started(task_id, 60)
        parent.kill()
    assert cluster.finished(task_id)["outcome"] == "succeeded"
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
