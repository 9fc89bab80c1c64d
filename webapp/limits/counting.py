"""The counts that all web processes share, in the broker. While it is away each process counts alone."""

import logging
from threading import Lock
from time import monotonic

from redis import Redis
from redis.exceptions import RedisError

from webapp.config import Settings
from webapp.limits.window import WINDOW_SECONDS

log = logging.getLogger(__name__)

# A request waits no longer than this for a count, and a broker that is away is not asked again for so long.
ANSWER_SECONDS = 0.2
AWAY_SECONDS = 10.0


class BrokerCounter:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Redis | None = None
        self._away_until = 0.0
        self._lock = Lock()
        self._window = 0
        self._own: dict[str, int] = {}

    def __call__(self, key: str, window: int, amount: int) -> int:
        """The sum in this window. Never fails: limits are not worth an answer that does not come."""
        if monotonic() >= self._away_until:
            try:
                return self._shared(key, window, amount)
            except (RedisError, OSError) as error:
                self._client = None
                self._away_until = monotonic() + AWAY_SECONDS
                log.warning("rate limits are counted in each process alone: the broker is away (%s)", error)
        return self._alone(key, window, amount)

    def _shared(self, key: str, window: int, amount: int) -> int:
        if self._client is None:
            self._client = self._connected()
        name = f"datax-celery:rate:{key}:{window}"
        with self._client.pipeline(transaction=False) as pipeline:
            pipeline.incrby(name, amount)
            pipeline.expire(name, 2 * WINDOW_SECONDS)
            return int(pipeline.execute()[0])

    def _connected(self) -> Redis:
        url = self._settings.broker_url.replace("redis+socket://", "unix://", 1)
        return Redis.from_url(url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)

    def _alone(self, key: str, window: int, amount: int) -> int:
        with self._lock:
            if window != self._window:
                self._window = window
                self._own.clear()
            self._own[key] = self._own.get(key, 0) + amount
            return self._own[key]
