"""What the scheduler sends at each look, how often and in which order, on each database."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.conftest import stream
from webapp import clock
from webapp.extensions import db
from webapp.tasks import broker_queues, publishing, service, sweep
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission


@pytest.fixture
def app(app_on_each_database: Flask) -> Flask:  # noqa: F811
    return app_on_each_database


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of tasks whose messages were sent."""
    found: list[str] = []
    monkeypatch.setattr(publishing, "_send", lambda celery, task_id, *_: found.append(task_id))
    return found


def waiting(**fields: object) -> str:
    return service.submit(Submission(job=stream(1), **fields), None).id  # type: ignore[arg-type]


def test_what_is_sent_in_one_look_is_read_in_one_query(app: Flask, sent: list[str]) -> None:
    """And each is written once, however many there are."""
    ids = [waiting() for _ in range(20)]
    db.session.execute(db.update(Task).values(created_at=clock.now() - timedelta(minutes=1)))
    db.session.commit()
    asked: list[tuple[str, Any]] = []
    listen = partial(_note, asked)
    event.listen(db.engine, "before_cursor_execute", listen)
    assert sweep._publish(sweep._unsent()) == len(ids)
    event.remove(db.engine, "before_cursor_execute", listen)
    assert sorted(sent) == sorted(ids) and len(asked) == 1 + len(ids)


def test_waiting_tasks_are_counted_without_a_look_at_their_rows(app: Flask) -> None:
    """A hundred thousand may wait, and each scheduler counts them every second."""
    if db.engine.dialect.name != "sqlite":
        return  # the plans of servers depend on how much there is
    asked: list[tuple[str, Any]] = []
    listen = partial(_note, asked)
    event.listen(db.engine, "before_cursor_execute", listen)
    list(broker_queues.missing())
    sweep._unsent()
    event.remove(db.engine, "before_cursor_execute", listen)
    plans = [
        db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all() for said, given in asked
    ]
    found = [row[3] for plan in plans for row in plan if "task" in row[3]]
    assert len(found) == 2 and "COVERING INDEX ix_task_published" in found[0] and "ix_task_published" in found[1]


def _note(asked: list[tuple[str, Any]], *said: Any) -> None:
    asked.append((said[2], said[3]))


def test_what_nobody_heard_of_is_sent_the_urgent_first_and_then_the_oldest(app: Flask, sent: list[str]) -> None:
    late, old, young, urgent = (waiting(priority=priority) for priority in (1, 5, 5, 9))
    long_ago = clock.now() - timedelta(hours=1)
    for minutes, task_id in enumerate((late, old, young, urgent)):
        created = long_ago + timedelta(minutes=minutes)
        db.session.execute(db.update(Task).where(Task.id == task_id).values(created_at=created))
    db.session.commit()
    sweep._publish(sweep._unsent())
    assert sent == [urgent, old, young, late]


def test_two_schedulers_that_saw_the_same_send_one_message(
    app: Flask, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "PATIENCE", timedelta(minutes=5))
    task_id = waiting()
    assert sweep._unsent() == [], "the request that made it is about to send it"
    db.session.execute(db.update(Task).values(created_at=clock.now() - timedelta(minutes=6)))
    db.session.commit()
    one, other = sweep._unsent(), sweep._unsent()
    for tasks in (one, other):
        sweep._publish(tasks)
    assert sent == [task_id]


@pytest.mark.parametrize(
    ("messages", "again"), [({"default": 1}, 2), ({"default": 3}, 0), ({"default": 9}, 0), ({}, 0)], ids=str
)
def test_as_many_are_sent_again_as_messages_are_missing_and_none_that_was_sent_just_now(
    app: Flask, monkeypatch: pytest.MonkeyPatch, messages: dict[str, int], again: int
) -> None:
    ids = [waiting() for _ in range(3)]
    for minutes, task_id in enumerate(ids):
        published = clock.now() - timedelta(minutes=10 * (2 - minutes))
        db.session.execute(db.update(Task).where(Task.id == task_id).values(published_at=published))
    db.session.commit()
    monkeypatch.setattr(sweep, "REPUBLISH_AFTER", timedelta(minutes=5))
    monkeypatch.setattr(broker_queues, "depths", lambda queues: messages)
    assert [task.id for task in sweep._lost_messages()] == ids[:again]
    monkeypatch.setattr(broker_queues, "depths", lambda queues: {"default": 0})
    assert [task.id for task in sweep._lost_messages()] == ids[:2]
