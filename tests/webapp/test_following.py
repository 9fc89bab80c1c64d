"""How a run is stopped that its worker must leave."""

import sys
from pathlib import Path

import pytest
from flask import Flask

from engines.base import Launch
from tests.conftest import stream
from webapp.config import Settings
from webapp.states import Outcome, State
from webapp.tasks import attempts, following, outcome, service
from webapp.tasks.following import Follower
from webapp.tasks.models import Task
from webapp.tasks.stopping import Stopping
from webapp.tasks.submission import Submission

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)


def running(retries: int) -> Task:
    task = attempts.claim(service.submit(Submission(job=stream(1), retries=retries), None).id, "w")
    assert task is not None
    return task


@pytest.mark.parametrize(("retries", "state"), [(1, State.RETRY), (0, State.FAILURE)])
def test_a_run_that_takes_its_time_to_stop_is_put_back_if_it_may_run_again(
    app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, retries: int, state: State
) -> None:
    """It is looked at more than once while it stops."""
    stopping, task = Stopping(), running(retries)
    stopping.over.set()
    monkeypatch.setattr(following, "stopping", stopping)
    monkeypatch.setattr(following, "BEAT_SECONDS", 0.1)
    patient = settings.model_copy(update={"kill_grace": 0.5})
    with app.extensions["logs"].writer(task.id, 1) as writer:
        follower = Follower(task, patient, writer, frozenset())
        followed = follower.follow(Launch((sys.executable, "-S", "-c", STUBBORN), tmp_path, {}))
    assert (followed.put_back, followed.stopped, followed.exit_code) == (True, Outcome.LOST, -9)
    assert attempts.finish(task, outcome.of_run(followed, None, None)) is state
    if state is State.RETRY:
        assert attempts.claim(task.id, "another") is not None, "it need not wait"
