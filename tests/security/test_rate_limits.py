"""Too many requests are refused, for each token, each session and each address of strangers."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest
from flask import Flask

from tests.databases import Server
from tests.webapp.visitor import Visitor
from webapp.accounts import service, tokens
from webapp.config import load
from webapp.limits.counting import BrokerCounter
from webapp.limits.window import WINDOW_SECONDS, Limiter


class Shared:
    """Counts for several processes, and how often it was asked."""

    def __init__(self) -> None:
        self.sums: dict[tuple[str, int], int] = {}
        self.asked = 0

    def __call__(self, key: str, window: int, amount: int) -> int:
        self.asked += 1
        self.sums[key, window] = self.sums.get((key, window), 0) + amount
        return self.sums[key, window]


def granted(limiter: Limiter, tries: int, limit: int, key: str = "a") -> int:
    return sum(limiter.take(key, limit) is None for _ in range(tries))


@pytest.mark.parametrize("limit", [1, 7, 49, 50, 120, 1000])
def test_as_many_as_the_limit_says_go_on(limit: int) -> None:
    assert granted(Limiter(Shared(), lambda: 30.0), limit + 200, limit) == limit


def test_several_processes_share_one_limit() -> None:
    shared = Shared()
    processes = [Limiter(shared, lambda: 30.0) for _ in range(3)]
    assert sum(granted(process, 300, 100) for process in processes) == 100


def test_most_requests_ask_nobody() -> None:
    shared = Shared()
    granted(Limiter(shared, lambda: 30.0), 60_000, 60_000)
    assert shared.asked <= 50


def test_many_threads_at_once_take_one_share_not_one_each() -> None:
    everybody = Barrier(50)

    class Slow(Shared):
        def __call__(self, key: str, window: int, amount: int) -> int:
            sleep(0.01)
            return super().__call__(key, window, amount)

    def one(limiter: Limiter) -> int | None:
        everybody.wait(20)
        return limiter.take("a", 5000)

    shared = Slow()
    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(one, [Limiter(shared, lambda: 30.0)] * 50)) == {None}
    assert shared.sums == {("a", 0): 100}


def test_a_new_minute_begins_anew_and_says_when() -> None:
    now = [30.0]
    limiter = Limiter(Shared(), lambda: now[0])
    assert granted(limiter, 10, 5) == 5
    assert limiter.take("a", 5) == limiter.spent("a") == 30
    now[0] = float(WINDOW_SECONDS)
    assert limiter.spent("a") is None and granted(limiter, 10, 5) == 5


def test_one_who_comes_too_often_hinders_no_other() -> None:
    limiter = Limiter(Shared(), lambda: 30.0)
    assert granted(limiter, 10, 5, "a") == 5 and granted(limiter, 10, 5, "b") == 5


def test_threads_share_a_limit_exactly() -> None:
    limiter = Limiter(BrokerCounter(load({"REDIS_URL": "redis://127.0.0.1:1/0"})), lambda: 30.0)
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: granted(limiter, 50, 200), range(8))) == 200


def test_a_broker_that_is_away_is_told_once_and_closes_nothing(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    counter = BrokerCounter(load({"REDIS_URL": "redis://127.0.0.1:1/0"}))
    with caplog.at_level(logging.WARNING):
        assert [counter("a", 0, 1) for _ in range(3)] == [1, 2, 3]
    assert caplog.text.count("the broker is away") == 1


def test_the_broker_counts_for_all_processes(valkey: Server) -> None:
    settings = load({"REDIS_URL": valkey.url})
    first, second = BrokerCounter(settings), BrokerCounter(settings)
    assert [first("both", 0, 2), second("both", 0, 3), first("other", 0, 1)] == [2, 5, 1]


def test_a_token_that_comes_too_often_is_told_when_to_come_again(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATE_LIMIT="5")
    with app.app_context():
        made = [tokens.create(service.account_named("admin"), name) for name in ("first", "second")]
    first, second = ({"Authorization": f"Bearer {token}"} for token in made)
    statuses = [Visitor(app).get("/api/tasks", headers=first).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    refused = Visitor(app).get("/api/tasks", headers=first)
    assert refused.content_type == "application/problem+json" and 1 <= int(refused.headers["Retry-After"]) <= 60
    assert Visitor(app).get("/api/tasks", headers=second).status_code == 200


def test_wrong_tokens_are_counted_by_address(make_app: Callable[..., Flask]) -> None:
    app = make_app(ADDRESS_RATE_LIMIT="5")
    tries = [{"Authorization": f"Bearer dxc_{number}"} for number in range(7)]
    statuses = [Visitor(app).get("/api/tasks", headers=headers).status_code for headers in tries]
    assert statuses == [401] * 6 + [429]
    assert Visitor(app).get("/healthz").status_code == 200


def test_no_limit_means_none(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATE_LIMIT="0", ADDRESS_RATE_LIMIT="0")
    assert {Visitor(app).get("/api/tasks").status_code for _ in range(20)} == {401}
