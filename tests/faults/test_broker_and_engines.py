"""The broker freezes or is full, and engines misbehave in ways that a well-meant program does not; the tasks are in MariaDB."""

import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import redis

from tests.databases import Server
from tests.faults.cluster import Cluster
from tests.processes import gone

STORM = 40


@pytest.fixture(scope="module")
def running(mariadb: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    database = mariadb.database()
    cluster = Cluster(
        tmp_path_factory.mktemp("cluster"), database.sqlalchemy_url, WORKER_CONCURRENCY="4", STOP_GRACE="2"
    )
    cluster.start(2)
    yield cluster
    cluster.stop()
    database.drop()


@pytest.fixture
def cluster(running: Cluster) -> Iterator[Cluster]:
    yield running
    for name in ("w0", "w1"):
        if name not in running.processes or running.processes[name].poll() is not None:
            running.start_worker(name)


def timed(cluster: Cluster, key: str) -> tuple[str, float]:
    """A submit, and the seconds that it took."""
    began = time.monotonic()
    return cluster.submit(key), time.monotonic() - began


def test_a_broker_that_is_frozen_keeps_no_submit_waiting_and_no_lost_worker_hidden(cluster: Cluster) -> None:
    running = cluster.submit("over-it", seconds=8)
    lost = cluster.submit("lost-meanwhile", seconds=600)
    cluster.started(running)
    worker = cluster.started(lost)["worker"]
    if cluster.task(running)["worker"] == worker:
        cluster.stack.call(f"/api/tasks/{running}/cancel", method="POST")
    cluster.broker.process.send_signal(signal.SIGSTOP)
    try:
        cluster.kill(worker)
        asked = [timed(cluster, f"frozen{number}") for number in range(8)]
        assert cluster.finished(lost, 30)["outcome"] == "lost"
        ready = cluster.stack.call("/readyz")
    finally:
        cluster.broker.process.send_signal(signal.SIGCONT)
    assert ready.status == 503 and "unreachable" in ready.json()["broker"]
    # The first one finds out. A machine that is busy with other tests may hold up one more.
    assert sorted(seconds for _, seconds in asked)[-3] < 0.5 and max(seconds for _, seconds in asked) < 3
    assert [cluster.finished(task_id)["outcome"] for task_id, _ in asked] == ["succeeded"] * len(asked)
    assert {cluster.ledger("start")[f"frozen{number}"] for number in range(len(asked))} == {1}
    assert cluster.finished(running)["attempt"] == 1


def test_a_broker_that_is_full_loses_nothing(cluster: Cluster) -> None:
    with redis.Redis(port=cluster.broker.port) as client:
        client.config_set("maxmemory", "1mb")
        asked = [timed(cluster, f"full{number}") for number in range(5)]
        running = cluster.task(asked[0][0])["state"]
        client.config_set("maxmemory", "0")
    assert running == "PENDING" and max(seconds for _, seconds in asked) < 3
    assert [cluster.finished(task_id)["outcome"] for task_id, _ in asked] == ["succeeded"] * len(asked)


def test_a_daemon_that_an_engine_leaves_behind_ends_with_it(cluster: Cluster) -> None:
    assert cluster.finished(cluster.submit("daemon", daemon=True))["outcome"] == "succeeded"
    assert len(cluster.pids("daemon")) == 2 and gone(*cluster.pids("daemon"), seconds=0.1)


def test_four_runs_and_their_daemons_end_with_a_worker_that_is_killed_and_run_again(cluster: Cluster) -> None:
    keys = [f"oom{number}" for number in range(4)]
    ids = [cluster.submit(key, seconds=600, daemon=True, options={"retries": 1}) for key in keys]
    cluster.wait_for(lambda: all(len(cluster.pids(key)) == 2 for key in keys), 30)
    first = [pid for key in keys for pid in cluster.pids(key)]
    for worker in {cluster.task(task_id)["worker"] for task_id in ids}:
        cluster.kill(worker)
        cluster.start_worker(worker)
    assert gone(*first)
    cluster.wait_for(lambda: all(cluster.task(task_id)["attempt"] == 2 for task_id in ids), 60)
    for task_id in ids:
        cluster.stack.call(f"/api/tasks/{task_id}/cancel", method="POST")
    assert {cluster.finished(task_id)["outcome"] for task_id in ids} == {"cancelled"}
    assert gone(*[pid for key in keys for pid in cluster.pids(key)], seconds=1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_twice_to_stop_leaves_nobody_behind(cluster: Cluster, number: signal.Signals) -> None:
    key = f"twice{number}"
    task_id = cluster.submit(key, seconds=600, children=1)
    worker = cluster.started(task_id)["worker"]
    cluster.wait_for(lambda: len(cluster.pids(key)) == 2, 30)
    for _ in range(2):
        cluster.kill(worker, number)
        time.sleep(0.3)
    cluster.processes[worker].wait(30)
    assert gone(*cluster.pids(key))
    assert cluster.finished(task_id)["outcome"] == "lost"


def test_a_storm_of_cancels_right_at_the_start_leaves_every_task_in_one_final_state(cluster: Cluster) -> None:
    ids = []
    for number in range(STORM):
        ids.append(cluster.submit(f"storm{number}", seconds=1.5, options={"retries": number % 2}))
        time.sleep((number % 5) * 0.02)
        assert cluster.stack.call(f"/api/tasks/{ids[-1]}/cancel", method="POST").status == 202
    ended = Counter(cluster.finished(task_id, 90)["outcome"] for task_id in ids)
    assert ended["cancelled"] + ended["succeeded"] == STORM and ended["cancelled"] > STORM / 2
    assert max(cluster.ledger("start")[f"storm{number}"] for number in range(STORM)) <= 1


@pytest.mark.parametrize(
    ("does", "outcome", "code"),
    [
        ({"closes": True, "seconds": 1.5}, "succeeded", 0),
        ({"drips": True}, "succeeded", 0),
        ({"shouts": True, "code": 3}, "failed", 3),
        ({"signal": 9}, "failed", -9),
        ({"signal": 11}, "failed", -11),
    ],
    ids=["closes its output and works on", "a byte each tenth of a second", "only on stderr", "SIGKILL", "SIGSEGV"],
)
def test_an_odd_engine_ends_as_it_ended(cluster: Cluster, does: dict[str, int], outcome: str, code: int) -> None:
    task = cluster.finished(cluster.submit("odd", **does))
    assert (task["outcome"], task["result"]["exit_code"]) == (outcome, code)


def test_a_run_that_is_over_its_time_out_is_stopped_and_tried_as_often_as_it_may(cluster: Cluster) -> None:
    task_id = cluster.submit("slow", seconds=600, children=1, options={"timeout": 1, "retries": 1})
    task = cluster.finished(task_id)
    assert (task["state"], task["outcome"], task["attempt"]) == ("SUCCESS", "timed_out", 2)
    assert "time-out of 1 s" in task["error"]["message"] and gone(*cluster.pids("slow"), seconds=0.1)
    attempts = cluster.stack.call(f"/api/tasks/{task_id}/attempts").json()
    assert [each["outcome"] for each in attempts] == ["timed_out"] * 2


def test_two_workers_of_one_name_run_each_task_once(cluster: Cluster) -> None:
    cluster.start_worker("double", WORKER_NAME="w0")
    cluster.wait_for(lambda: len([each for each in workers(cluster) if each == "w0"]) == 2, 30)
    ids = [cluster.submit(f"double{number}", seconds=0.5) for number in range(12)]
    assert {cluster.finished(task_id)["outcome"] for task_id in ids} == {"succeeded"}
    assert {cluster.ledger("start")[f"double{number}"] for number in range(12)} == {1}
    cluster.kill("double")


def workers(cluster: Cluster) -> list[str]:
    return [each["name"] for each in cluster.stack.call("/api/workers").json() if each["state"] == "alive"]
