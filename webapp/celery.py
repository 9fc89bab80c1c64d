"""The Celery app that belongs to a Flask app, and the base class that gives each task its context."""

from typing import Any

from celery import Celery, Task, signals
from flask import Flask
from kombu import Queue
from kombu.transport import redis

from webapp.broker import Broker
from webapp.config import Settings
from webapp.extensions import db
from webapp.sealing import messages
from webapp.states import DEFAULT_QUEUE

# Redis serves its lists from 0 up.
PRIORITIES = tuple(range(10))


class Channel(redis.Channel):
    """A channel that can be closed after its connection was lost.

    kombu gives the messages that are still unacknowledged back to the broker then, finds no connection to do so, and the
    AttributeError ends the worker (kombu 5.7). They need not be given back: the sweep sends the task's message again.
    """

    def close(self) -> None:
        if self.connection is None or self.connection.client is None:
            self.do_restore = False
        super().close()  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    Channel = Channel


class DataXTask(Task):
    """Runs its body in an app context with a session that ends with it."""

    abstract = True
    flask_app: Flask

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """What `delay` calls: the broker gets the arguments sealed."""
        return super().apply_async((), messages.sealed(self.flask_app.extensions["keys"], args, kwargs), **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self.flask_app.app_context():
            try:
                return self.run(*args, **kwargs)
            finally:
                db.session.remove()


def make(app: Flask) -> Celery:
    """A Celery app for the settings of a Flask app. Nothing is connected yet."""
    settings: Settings = app.config["SETTINGS"]
    base = type("AppTask", (DataXTask,), {"flask_app": app, "abstract": True})
    celery = Celery("datax_celery", task_cls=base, broker=settings.broker_url, backend=settings.broker_url)
    celery.conf.update(
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_default_queue=DEFAULT_QUEUE,
        task_queues=[Queue(name) for name in settings.queues],  # type: ignore[no-untyped-call]
        task_create_missing_queues=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_track_started=True,
        worker_prefetch_multiplier=1,
        worker_concurrency=settings.worker_concurrency,
        worker_pool="threads",
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_transport="webapp.celery:Transport",
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            # A message not acknowledged for so long is delivered again. It does no harm: the row is won once.
            "visibility_timeout": settings.visibility_timeout,
            # Those are looked for at each tenth second, not at each tenth of these.
            "unacked_restore_throttle": 1,
            "queue_order_strategy": "priority",
            "priority_steps": list(PRIORITIES),
            "socket_connect_timeout": 0.5,
            "socket_timeout": 5,
            "max_retries": 0,
        },
        result_backend_transport_options={"retry_policy": {"max_retries": 1}, "socket_connect_timeout": 0.5},
        redis_socket_connect_timeout=0.5,
        redis_socket_timeout=5,
        result_extended=False,
    )
    celery.set_default()
    app.extensions["celery"], app.extensions["broker"] = celery, Broker(celery)
    return celery


def survive_forks(app: Flask) -> None:
    """Where somebody chose a pool that forks, no process of it may speak over the connections of the one that it came from."""

    @signals.worker_process_init.connect(weak=False)
    def forget_connections(**_: Any) -> None:
        with app.app_context():
            db.engine.dispose(close=False)
