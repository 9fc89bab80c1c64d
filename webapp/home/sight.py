"""One look for everybody who watches: a wall of open home pages asks the database no more than one does."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from webapp.home.queries import Sight

KEPT_SECONDS = 2.0
# A look that takes long, at very many tasks of one day, is kept for this many times as long as it took.
KEPT_TIMES = 20


class Sights:
    """What each project was seen to be lately. Threads share it, and one of them looks."""

    def __init__(self) -> None:
        self._kept: dict[int | None, tuple[float, Sight]] = {}
        self._lock = Lock()

    def of(self, project_id: int | None, look: Callable[[], Sight]) -> Sight:
        with self._lock:
            until, found = self._kept.get(project_id, (0.0, None))
            began = monotonic()
            if found is None or began >= until:
                found = look()
                taken = monotonic() - began
                self._kept[project_id] = (monotonic() + max(KEPT_SECONDS, KEPT_TIMES * taken), found)
            return found
