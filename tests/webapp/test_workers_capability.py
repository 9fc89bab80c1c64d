"""Who can run a task, and what one waits for that nobody takes."""

import pytest
from flask import Flask

from engines.base import EngineStatus
from engines.needs import Needs
from tests.webapp.test_workers import DATAX, announced, silent_for
from webapp.workers import capability, service, wording
from webapp.workers.capability import Fleet, Serving, Wish

EMBEDDED = EngineStatus("duckdb", True, "1.5.5", None, ("streamreader",), ("streamwriter",))
HDFS = Needs(("datax",), ("hdfsreader",), ("streamwriter",))
ANY = Needs(("datax", "duckdb"), ("streamreader",), ("streamwriter",))

PLAIN = Serving("plain", ["default"], [EMBEDDED])
BIG = Serving("big", ["default", "big"], [EMBEDDED, DATAX], concurrency=2)
FLEET = Fleet([PLAIN, BIG], frozenset())


@pytest.mark.parametrize(
    "fleet, wish, code",
    [
        (FLEET, Wish("default", ANY), None),
        (FLEET, Wish("default", HDFS), None),
        (FLEET, Wish("default", None), None),
        (FLEET, Wish("big", HDFS), None),
        (FLEET, Wish("slow", ANY), "no-worker"),
        (Fleet([], frozenset()), Wish("default", ANY), "no-worker"),
        (Fleet([PLAIN], frozenset()), Wish("default", HDFS), "no-capable-worker"),
        (Fleet([PLAIN, BIG], {"default"}), Wish("default", ANY), "queue-paused"),
        (Fleet([], {"default"}), Wish("default", HDFS), "queue-paused"),
        (Fleet([PLAIN, BIG], {"other"}), Wish("default", ANY), None),
    ],
)
def test_a_task_waits_for_the_first_thing_that_keeps_every_worker_from_it(
    fleet: Fleet, wish: Wish, code: str | None
) -> None:
    found = fleet.obstacle(wish)
    assert (found and found["code"]) == code


def test_only_those_who_can_run_a_task_and_serve_its_queue_are_capable() -> None:
    assert FLEET.capable(Wish("default", HDFS)) == [BIG]
    assert FLEET.capable(Wish("big", ANY)) == [BIG]
    assert FLEET.all_can(Wish("default", ANY)) and not FLEET.all_can(Wish("default", HDFS))
    assert FLEET.all_can(Wish("big", HDFS))


@pytest.mark.parametrize("running, free", [({}, BIG), ({"big": 1}, BIG), ({"big": 2}, None), ({"plain": 9}, BIG)])
def test_a_task_goes_to_a_capable_worker_that_has_room(running: dict[str, int], free: Serving | None) -> None:
    assert FLEET.free(Wish("default", HDFS), running) == free


def test_the_worker_with_the_most_room_is_taken() -> None:
    assert FLEET.free(Wish("default", ANY), {"big": 0}) == BIG
    assert FLEET.free(Wish("default", ANY), {"big": 2}) == PLAIN


def test_a_worker_refuses_what_it_cannot_run_and_says_what_that_takes(app: Flask) -> None:
    assert capability.refusal(Wish("default", HDFS), [EMBEDDED, DATAX]) is None
    assert capability.refusal(Wish("default", None), []) is None
    assert capability.refusal(Wish("default", HDFS), [EMBEDDED]) == {
        "code": "another-worker",
        "engines": "datax",
        "plugins": "hdfsreader, streamwriter",
    }


def test_a_worker_refuses_every_task_of_a_paused_queue_until_it_is_resumed(app_on_each_database: Flask) -> None:
    service.pause("default", "ann")
    assert capability.refusal(Wish("default", ANY), [EMBEDDED]) == {"code": "queue-paused", "queue": "default"}
    assert capability.refusal(Wish("other", ANY), [EMBEDDED]) is None
    service.resume("default", "ann")
    assert capability.refusal(Wish("default", ANY), [EMBEDDED]) is None


def test_the_fleet_is_those_who_take_tasks(app_on_each_database: Flask) -> None:
    announced("alive", engines=(EMBEDDED, DATAX), queues=["a", "b"])
    silent_for(announced("silent"), service.AWAY_AFTER)
    service.sign_off(announced("stopped").id)
    service.still_here(announced("stopping").id, service.Memory(), stopping=True, changed={})
    service.pause("b", "ann")
    found = capability.fleet()
    assert found == Fleet([Serving("alive", ["a", "b"], [EMBEDDED, DATAX], 4)], frozenset({"b"}))


def test_every_obstacle_has_its_sentence(app: Flask) -> None:
    obstacles = [
        Fleet([PLAIN], {"q"}).obstacle(Wish("q", HDFS)),
        Fleet([], ()).obstacle(Wish("q", HDFS)),
        Fleet([PLAIN], ()).obstacle(Wish("default", HDFS)),
        capability.refusal(Wish("default", HDFS), []),
        capability.busy(Wish("default", HDFS)),
    ]
    with app.test_request_context():
        sentences = {found["code"]: wording.sentence(found) for found in obstacles if found}
    assert sentences.keys() == capability.CODES
    assert sentences["queue-paused"] == "The queue q is paused."
    assert sentences["no-worker"] == "No worker that is alive serves the queue q."
    assert "serves the queue default has datax with hdfsreader, streamwriter" in str(sentences["no-capable-worker"])
    assert wording.sentence({"code": "exclusive"}) is None
