"""How a run went over time: a series that stays small, and is stored by the worker alone that holds the claim."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datax_job.summary import OutputReader
from tests.conftest import stream
from tests.webapp.visitor import Visitor
from webapp.extensions import db
from webapp.states import Outcome, State
from webapp.tasks import attempts, samples, service
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task, TaskSamples
from webapp.tasks.samples import MOST_POINTS, Samples, Series
from webapp.tasks.submission import Submission


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def report(records: int, **more: float) -> dict[str, float]:
    return {"records_read": records, "bytes_read": records * 10, "records_failed": 0, **more}


def points_of(series: Series) -> list[list[float]]:
    whole = series.whole()
    assert whole is not None
    return whole.points


def test_a_million_reports_stay_a_small_series_with_both_ends() -> None:
    clock = Clock()
    series = Series(clock)
    for second in range(1, 1_000_001):
        clock.now += 1
        series.add(report(second))
    series.add(report(1_000_001), last=True)
    points = points_of(series)
    assert MOST_POINTS // 3 < len(points) <= MOST_POINTS
    assert (points[0][0], points[-1][1]) == (0.0, 1_000_001)
    assert [point[0] for point in points] == sorted({point[0] for point in points} | {points[-1][0]})


def test_a_report_that_was_seen_before_adds_no_point() -> None:
    clock = Clock()
    series, same = Series(clock), report(5)
    for _ in range(10):
        clock.now += 1
        series.add(same)
    clock.now += 1
    series.add(report(6))
    assert [point[:2] for point in points_of(series)] == [[0.0, 0.0], [1.0, 5], [11.0, 6]]


def test_totals_never_go_back_and_may_be_huge() -> None:
    clock = Clock()
    series = Series(clock)
    for records in (10**12, 5, 10**12 + 1):
        clock.now += 1
        series.add(report(records))
    assert [point[1] for point in points_of(series)] == [0, 10**12, 10**12, 10**12 + 1]


def test_a_run_that_said_nothing_twice_is_no_series() -> None:
    clock = Clock()
    series = Series(clock)
    series.add(None)
    clock.now += 20
    series.add({"records_read": 3}, last=True)
    assert series.whole() is None


def test_the_series_is_due_every_few_seconds_and_only_when_it_grew() -> None:
    clock = Clock()
    series, due = Series(clock), 0
    for second in range(20):
        clock.now += 1
        series.add(report(second))
        if series.due() is not None:
            series.written()
            due += 1
    clock.now += 100
    assert (due, series.due()) == (4, None)


@pytest.mark.parametrize(
    ("reader", "writer", "channels", "bottleneck"),
    [
        (0.1, 8.3, 1, "writer"),
        (16.6, 0.2, 2, "reader"),
        (5.0, 5.0, 1, None),
        (0.5, 0.9, 1, None),
        (900.0, 1.0, 1, "reader"),
    ],
)
def test_the_side_that_is_waited_for_is_the_bottleneck(
    reader: float, writer: float, channels: int, bottleneck: str | None
) -> None:
    waits = samples.waits([[0.0] * 6, [10.0, 1, 1, 0, reader, writer]], channels)
    assert waits is not None
    assert waits.bottleneck == bottleneck
    assert waits.for_reader + waits.for_writer <= 1


@pytest.mark.parametrize(("waited", "channels"), [(0.0, 1), (5.0, 0)])
def test_what_an_engine_does_not_say_is_not_guessed(waited: float, channels: int) -> None:
    assert samples.waits([[0.0] * 6, [10.0, 1, 1, 0, 0.0, waited]], channels) is None
    assert samples.waits([], channels) is None


def test_the_channels_of_all_task_groups_are_counted() -> None:
    reader = OutputReader()
    for group, channels in ((0, 5), (1, 3)):
        reader.feed(
            f"INFO  TaskGroupContainer - taskGroupId=[{group}] start [{channels}] channels for [9] tasks.\n".encode()
        )
    assert reader.channels == 8


def running() -> Task:
    task = attempts.claim(service.submit(Submission(job=stream(1), retries=1), None).id, "w")
    assert task is not None
    return task


def kept(task: Task, number: int) -> TaskSamples | None:
    db.session.expire_all()
    return db.session.get(TaskSamples, (task.id, number))


def test_only_the_worker_that_holds_the_claim_stores_samples(app_on_each_database: Flask) -> None:
    task = running()
    first, second = Samples([[0.0] * 6], 1), Samples([[0.0] * 6, [1.0, 10**12, 2, 0, 0.5, 0.25]], 2)
    assert attempts.beat(task.id, 1, None, samples=first).ours
    assert attempts.beat(task.id, 1, None, samples=second).ours
    assert attempts.finish(task, Ending(State.FAILURE, Outcome.LOST, {}, at_once=True, samples=second)) is State.RETRY
    assert attempts.claim(task.id, "another") is not None
    assert not attempts.beat(task.id, 1, None, samples=first).ours
    late = kept(task, 1)
    assert late is not None
    assert (late.points, late.channels, kept(task, 2)) == (second.points, 2, None)


def test_a_program_reads_the_course_of_a_run(app: Flask, api: FlaskClient) -> None:
    task = running()
    points = [[0.0] * 6, [5.0, 10, 100, 1, 0.0, 1.0], [10.0, 20, 200, 1, 0.1, 8.3]]
    attempts.beat(task.id, 1, None, samples=Samples(points, 1))
    answer = api.get(f"/api/tasks/{task.id}/progress").get_json()
    assert answer["points"][-1] == {
        "seconds": 10.0, "records": 20, "bytes": 200, "failed": 1, "wait_reader": 0.1, "wait_writer": 8.3
    }  # fmt: skip
    assert (answer["attempt"], answer["channels"], answer["waits"]["bottleneck"]) == (1, 1, "writer")
    assert "83 %" in answer["waits"]["sentence"]


def test_a_task_without_a_course_has_no_points_and_a_later_attempt_is_not_found(app: Flask, api: FlaskClient) -> None:
    task = running()
    answer = api.get(f"/api/tasks/{task.id}/progress").get_json()
    assert (answer["points"], answer["waits"], answer["channels"]) == ([], None, None)
    assert api.get(f"/api/tasks/{task.id}/progress?attempt=2").status_code == 404
    assert api.get("/api/tasks/nothing/progress").status_code == 404


@pytest.mark.parametrize(("language", "said"), [("en", "On average {rows} rows"), ("zh", "平均每秒 {rows} 行")])
def test_the_page_has_a_place_for_the_course_in_both_languages(app: Flask, language: str, said: str) -> None:
    task, visitor = running(), Visitor(app, language)
    visitor.log_in()
    assert said in visitor.get(f"/tasks/{task.id}").text
