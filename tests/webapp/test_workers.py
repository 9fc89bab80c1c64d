"""Workers that announce themselves, and who is alive: as writes to their rows, on each database."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from engines import offers, registry
from engines.base import EngineStatus
from webapp import clock, signals
from webapp.extensions import db
from webapp.workers import service
from webapp.workers.models import Worker
from webapp.workers.offered import Announced
from webapp.workers.service import Memory

DATAX = EngineStatus("datax", True, "0.0.1", None, ("hdfsreader", "streamreader"), ("streamwriter",))


@pytest.fixture
def app(app_on_each_database: Flask) -> Flask:  # noqa: F811
    return app_on_each_database


def announced(name: str = "one", *, engines: tuple[EngineStatus, ...] = (DATAX,), **fields: Any) -> Worker:
    """A worker that has just signed on."""
    now = clock.now()
    row = {"host": "host", "pid": 1, "version": "1", "concurrency": 4, "queues": ["default"], "started_at": now}
    worker_id = fields.pop("id", name)
    worker = Worker(id=worker_id, name=name, engines=service.packed(engines), **{**row, **fields})
    service.sign_on(worker)
    return found(worker_id)


def found(worker_id: str) -> Worker:
    db.session.expire_all()
    worker = db.session.get(Worker, worker_id)
    assert worker is not None
    return worker


def silent_for(worker: Worker, time: timedelta) -> Worker:
    db.session.execute(update(Worker).where(Worker.id == worker.id).values(seen_at=clock.now() - time))
    db.session.commit()
    return found(worker.id)


def names() -> list[str]:
    return [worker.name for worker in service.known()]


def test_a_worker_that_has_announced_itself_is_alive(app: Flask) -> None:
    assert service.state(announced()) == "alive"


def test_a_silent_worker_counts_as_away_until_it_is_heard_of_again(app: Flask) -> None:
    worker = silent_for(announced(), service.AWAY_AFTER)
    assert service.state(worker) == "away"
    assert service.still_here(worker.id, Memory(), stopping=False, changed={})
    assert service.state(found(worker.id)) == "alive"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_machine_whose_clock_is_wrong_takes_nobody_for_gone_and_nobody_for_alive(
    app: Flask, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    right = clock.now
    with monkeypatch.context() as of_worker:
        of_worker.setattr(clock, "now", lambda: right() + timedelta(hours=hours))
        worker = announced()
        assert service.still_here(worker.id, Memory(), stopping=False, changed={})
        assert service.state(found(worker.id)) == "alive", "by its own clock"
    assert service.state(found(worker.id)) == "alive" and list(Announced()()) == [DATAX]
    silent_for(worker, service.AWAY_AFTER)
    monkeypatch.setattr(clock, "now", lambda: right() + timedelta(hours=hours))
    assert service.state(found(worker.id)) == "away", "by the clock of whoever looks"


def test_a_worker_that_is_being_stopped_is_alive_but_takes_no_task(app: Flask) -> None:
    worker = announced()
    service.still_here(worker.id, Memory(), stopping=True, changed={})
    worker = found(worker.id)
    assert service.state(worker) == "stopping"
    assert service.is_alive(worker) and not service.takes_tasks(worker)


def test_a_worker_that_signed_off_is_stopped_and_has_no_memory(app: Flask) -> None:
    worker = announced(own_bytes=7, engines_bytes=8)
    service.sign_off(worker.id)
    worker = found(worker.id)
    assert service.state(worker) == "stopped"
    assert (worker.own_bytes, worker.engines_bytes) == (None, None)


def test_a_sign_of_life_brings_memory_and_what_has_changed(app: Flask) -> None:
    worker = announced()
    service.still_here(worker.id, Memory(5_000_000_000, 7), stopping=False, changed={"queues": ["fast"]})
    worker = found(worker.id)
    assert (worker.own_bytes, worker.engines_bytes, worker.queues) == (5_000_000_000, 7, ["fast"])
    assert worker.engines == service.packed([DATAX])


def test_a_worker_whose_row_was_removed_learns_that_it_must_sign_on_again(app: Flask) -> None:
    assert not service.still_here("gone", Memory(), stopping=False, changed={})


def test_a_worker_that_is_started_anew_takes_the_place_of_its_earlier_life(app: Flask) -> None:
    service.sign_off(announced("one", id="first").id)
    announced("one", id="second")
    assert [worker.id for worker in service.known()] == ["second"]


def test_two_workers_of_one_name_that_are_both_alive_are_both_kept(app: Flask) -> None:
    announced("one", id="first")
    announced("one", id="second")
    assert names() == ["one", "one"]


def test_a_worker_that_was_silent_for_a_day_is_forgotten_when_another_signs_on(app: Flask) -> None:
    silent_for(announced("old"), service.FORGOTTEN_AFTER)
    silent_for(announced("recent"), service.AWAY_AFTER)
    announced("new")
    assert names() == ["new", "recent"]


def test_engines_come_back_from_the_database_as_they_went_in(app: Flask) -> None:
    assert service.unpacked(announced().engines) == [DATAX]


def test_a_field_that_only_another_version_knows_is_passed_over() -> None:
    (packed,) = service.packed([DATAX])
    assert service.unpacked([{**packed, "cores": 8}]) == [DATAX]


def test_what_workers_announced_is_offered_until_they_have_been_gone_for_long(app: Flask) -> None:
    worker = announced()
    assert list(Announced()()) == [DATAX]
    service.sign_off(worker.id)
    assert list(Announced()()) == [DATAX], "one that is being started anew is gone for a moment"
    silent_for(worker, service.OFFERED_FOR)
    assert list(Announced()()) == []


def test_an_engine_that_only_a_worker_has_is_offered_by_the_web(app: Flask) -> None:
    job = {"job": {"content": [{"reader": {"name": "hdfsreader"}, "writer": {"name": "streamwriter"}}]}}
    announced()
    engines = app.extensions["engines"]
    offered = offers.shared(engines, Announced())
    assert offered["datax"].status().readers == DATAX.readers
    assert registry.choose("auto", job, offered).name == "datax"
    assert engines["datax"].status().available is False


def test_a_queue_is_paused_by_somebody_and_resumed(app: Flask) -> None:
    service.pause("slow", "ann")
    service.pause("slow", "bob")
    assert {name: queue.paused_by for name, queue in service.paused().items()} == {"slow": "ann"}
    service.resume("slow", "bob")
    assert service.paused() == {}


def test_who_listens_hears_once_that_a_queue_was_paused_and_resumed(app: Flask) -> None:
    heard: list[tuple[str, str, str]] = []

    def hear(action: str, *, target: str, actor: str, detail: object) -> None:
        heard.append((action, target, actor))

    with signals.happened.connected_to(hear):
        for by in ("ann", "bob"):
            service.pause("slow", by)
        for by in ("bob", "ann"):
            service.resume("slow", by)
        service.resume("never paused", "ann")
    assert heard == [("queue.paused", "slow", "ann"), ("queue.resumed", "slow", "bob")]
