"""How long a run will still take: judged by the last run of the same job, and by no other."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.conftest import stream
from tests.webapp.test_pages_tasks import finished, running, submitted
from tests.webapp.visitor import Visitor, seen
from webapp import clock
from webapp.extensions import db
from webapp.states import Outcome
from webapp.tasks import forecast, queries, wording
from webapp.tasks.models import Task


def ran(
    name: str | None = None, seconds: float = 100, records: int = 1000, outcome: Outcome = Outcome.SUCCEEDED
) -> Task:
    """A task that has run for so long and moved so many records."""
    task = finished(name, outcome)
    task.started_at = clock.now() - timedelta(seconds=seconds)
    task.finished_at = clock.now()
    task.progress = {"records_read": records}
    db.session.commit()
    return task


def runs(name: str | None = None, elapsed: float = 50, records: int = 0, **fields: Any) -> Task:
    task = queries.get(running(name, **fields).id)
    task.started_at = clock.now() - timedelta(seconds=elapsed)
    task.progress = {"records_read": records, "percent": 0.0}
    db.session.commit()
    return task


@pytest.mark.parametrize(
    ("elapsed", "records", "percent", "left"),
    [(50, 0, 50, 50), (50, 250, 25, 150), (10, 500, 50, 10), (150, 0, 99, None), (50, 1000, 99, None)],
)
def test_a_run_is_judged_by_its_records_and_before_they_come_by_time(
    app: Flask, elapsed: float, records: int, percent: float, left: float | None
) -> None:
    last = ran("nightly")
    found = forecast.of(runs("nightly", elapsed, records))
    assert found is not None and found.last.id == last.id
    assert found.percent == pytest.approx(percent, abs=0.5)
    assert found.seconds_left == (None if left is None else pytest.approx(left, abs=1))


def test_only_the_newest_run_that_succeeded_counts(app: Flask) -> None:
    ran("nightly", seconds=1000)
    last = ran("nightly", seconds=100)
    ran("nightly", seconds=3, outcome=Outcome.FAILED)
    ran("weekly", seconds=7)
    found = forecast.of(runs("nightly"))
    assert found is not None and found.last.id == last.id


def test_a_job_without_a_name_is_known_by_its_document(app: Flask) -> None:
    last = ran()
    other = runs(job=stream(77))
    assert forecast.of(other) is None
    found = forecast.of(runs())
    assert found is not None and found.last.id == last.id


def test_a_document_is_known_though_its_secrets_are_sealed_anew(app: Flask) -> None:
    secret = finished()
    db.session.delete(queries.get(secret.id))
    db.session.commit()
    first = submitted(job=stream(1, password="hunter2"))
    first.outcome, first.started_at, first.finished_at = (
        Outcome.SUCCEEDED,
        clock.now() - timedelta(seconds=9),
        clock.now(),
    )
    db.session.commit()
    found = forecast.of(runs(job=stream(1, password="hunter2")))
    assert found is not None and found.last.id == first.id


def test_a_task_that_does_not_run_and_a_check_have_no_forecast(app: Flask) -> None:
    last = ran("nightly")
    assert forecast.of(last) is None and forecast.of(submitted("nightly")) is None
    assert forecast.of(runs("nightly", type="validate")) is None
    assert forecast.of(runs("never before")) is None


def test_the_page_says_how_long_it_will_take_and_by_what_it_judges(visitor: Visitor) -> None:
    last = ran("nightly", seconds=100)
    task = runs("nightly", elapsed=25, records=250)
    page = visitor.get(f"/tasks/{task.id}").text
    assert 'max="100" value="25' in page
    assert "About 1 min left, judged by the last run of this job, which took 1 min 40 s." in seen(page)
    assert f'href="/tasks/{last.id}"' in page
    live = visitor.get(f"/tasks/{task.id}/live?last={last.id}").text
    assert "left, judged by" in live and f"live?last={last.id}" in live
    assert "judged by" not in visitor.get(f"/tasks/{task.id}/live?last=none").text


def test_a_run_that_takes_longer_says_so(visitor: Visitor) -> None:
    ran("nightly", seconds=10)
    task = runs("nightly", elapsed=60)
    page = seen(visitor.get(f"/tasks/{task.id}").text)
    assert "It takes longer than the last run of this job, which took 10 s." in page


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (12.6, "13 s"), (59.9, "1 min"), (100, "2 min"), (7000, "1 h 57 min")]
)
def test_what_nobody_knows_exactly_is_said_roughly(app: Flask, seconds: float, words: str) -> None:
    with app.test_request_context():
        assert wording.roughly(seconds) == words
