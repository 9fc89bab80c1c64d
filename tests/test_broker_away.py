"""The broker goes away and comes back, empty: every submitted task still gets its id at once, and runs."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.conftest import stream
from tests.stack import Stack, new_stack


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def product(broker: Broker, tmp_path: Path) -> Iterator[Stack]:
    stack = new_stack(tmp_path, REDIS_URL=broker.url)
    stack.start()
    yield stack
    stack.stop()


def test_tasks_submitted_while_the_broker_is_away_run_when_it_is_back(product: Stack, broker: Broker) -> None:
    before = product.submit(stream(1))
    assert product.finished(before)["outcome"] == "succeeded"
    broker.kill()

    taken, waiting = [], []
    for _ in range(5):
        began = time.monotonic()
        waiting.append(product.submit(stream(1)))
        taken.append(time.monotonic() - began)
    assert max(taken) < 1
    assert product.call(f"/api/tasks/{waiting[0]}").json()["state"] == "PENDING"
    assert product.call(f"/api/tasks/{before}/result").json()["success"] is True, "results do not need the broker"
    ready = product.call("/readyz")
    assert ready.status == 503 and "unreachable" in ready.json()["broker"]

    broker.start()
    assert [product.finished(task_id)["outcome"] for task_id in waiting] == ["succeeded"] * 5
    assert [product.call(f"/api/tasks/{task_id}").json()["attempt"] for task_id in waiting] == [1] * 5
    assert product.stop() in {0, 143}
    assert "Unrecoverable" not in product.output and "worker stopped (rc=0)" in product.output, product.output[-3000:]
