"""When a running task counts as standing still."""

import pytest

from webapp.tasks import stall
from webapp.tasks.stall import Stall


class Clock:
    now = 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(stall, "monotonic", lambda: clock.now)
    return clock


def test_it_is_told_after_the_warning_time_and_over_after_the_time_out(clock: Clock) -> None:
    watch = Stall(10, 30)
    for now, told, over in ((9, False, False), (10, True, False), (29, True, False), (30, True, True)):
        clock.now = now
        watch.look(None)
        assert (watch.since is not None, watch.too_long) == (told, over), now


@pytest.mark.parametrize("figure", ["records_read", "records_failed", "bytes_read"])
def test_any_figure_that_moves_begins_the_count_anew(clock: Clock, figure: str) -> None:
    watch = Stall(10, None)
    clock.now = 9
    watch.look({figure: 1})
    clock.now = 18
    watch.look({figure: 1, "percent": 50.0})
    assert watch.since is None and not watch.too_long
    clock.now = 19
    assert watch.since is not None


def test_a_time_out_shorter_than_the_warning_time_is_told_when_it_is_over(clock: Clock) -> None:
    watch = Stall(600, 5)
    clock.now = 5
    assert watch.since is not None and watch.too_long
