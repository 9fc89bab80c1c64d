"""The broker, for those who must not be kept waiting: it has a moment to answer, and one that did not is left alone for a while.

A broker that is frozen, or whose machine is gone, takes every connection and answers nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from celery import Celery
from flask import current_app
from kombu import Connection, Producer
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.pools import connections, producers
from redis.exceptions import RedisError

ANSWER_SECONDS = 0.4
AWAY_SECONDS = 2.0


class BrokerAway(OSError):
    """It did not answer lately, so it was not asked."""


# What is raised by asking it.
AWAY = (OperationalError, RedisError, OSError, LimitExceeded)


class Broker:
    """One process's way to the broker. Threads share it."""

    def __init__(self, celery: Celery) -> None:
        self.address: Connection = celery.connection_for_write(transport_options={"socket_timeout": ANSWER_SECONDS})
        self._away_until = 0.0

    @contextmanager
    def producer(self) -> Iterator[Producer]:
        with self._asked(), producers[self.address].acquire(block=True, timeout=ANSWER_SECONDS) as producer:
            self._look()
            yield producer

    @contextmanager
    def channel(self) -> Iterator[Any]:
        with self._asked(), connections[self.address].acquire(block=True, timeout=ANSWER_SECONDS) as connection:
            self._look()
            yield connection.default_channel

    @contextmanager
    def _asked(self) -> Iterator[None]:
        self._look()
        try:
            yield
        except BrokerAway:
            raise
        except AWAY:
            self._away_until = monotonic() + AWAY_SECONDS
            raise

    def _look(self) -> None:
        if monotonic() < self._away_until:
            raise BrokerAway("the broker did not answer a moment ago")


def broker() -> Broker:
    found: Broker = current_app.extensions["broker"]
    return found
