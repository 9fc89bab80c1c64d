"""gunicorn's configuration, for `make run` and for production alike."""

import gc as _gc
from typing import Any as _Any

from webapp.config import load_or_exit as _load

_settings = _load()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_workers
# A long poll holds a thread, and only that: threads are cheap where processes are not.
worker_class = "gthread"
threads = _settings.web_threads
worker_connections = 4000
keepalive = 75
graceful_timeout = 5
# Which proxies are believed is decided by TRUSTED_PROXIES alone.
forwarded_allow_ips = ""
control_socket_disable = True  # it would lie in the home folder


# The application is loaded once and forked: its import takes longer than the rest of the start, and its memory is shared.
preload_app = True


def when_ready(server: _Any) -> None:
    """What was loaded stays for good: the collector need not walk through it again and again, nor write into shared pages."""
    _gc.collect()
    _gc.freeze()
