"""What would keep jobs from running, and the mend for each fault."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from engines import inspection
from webapp import clock
from webapp.config import ROOT, Settings
from webapp.extensions import db
from webapp.local import broker
from webapp.tasks import sealed

LEAST_FREE_BYTES = 1024**3
LARGEST_CLOCK_GAP = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One look. Without what is `needed` nothing runs; the rest is only missed by some jobs. A fault has its `mend`."""

    name: str
    ok: bool
    detail: str
    mend: str = ""
    needed: bool = True


def examine(app: Flask, *, running: bool = True) -> list[Finding]:
    """Every look there is, inside an app context. With `running` false the broker need not be up yet."""
    settings: Settings = app.config["SETTINGS"]
    return [
        _python(),
        *_folders(settings),
        _disk(settings),
        _logs(app, settings),
        *_database(settings),
        *(_broker(settings) if running or not settings.embedded_broker else [_broker_binary()]),
        *_engines(settings),
    ]


def before_setup(settings: Settings) -> list[Finding]:
    """The looks of a start on one machine that need no migrated database."""
    return [_python(), *_folders(settings), *_roots(settings), _connection()]


def line(finding: Finding) -> str:
    mark = "ok   " if finding.ok else "FAULT" if finding.needed else "note "
    return f"{mark} {sentence(finding)}"


def sentence(finding: Finding) -> str:
    mend = f" -> {finding.mend}" if finding.mend and not finding.ok else ""
    return f"{finding.name}: {finding.detail}{mend}"


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), version, "use Python 3.11 or newer")


def _folders(settings: Settings) -> Iterator[Finding]:
    for path in (settings.var_dir, *settings.roots):
        nearest = next(parent for parent in (path, *path.parents) if parent.exists())
        ok = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
        needed = path == settings.var_dir
        detail = "writable" if ok else f"not writable for the user with the id {os.getuid()}"
        yield Finding(
            f"folder {path}",
            ok,
            detail,
            "change its owner or rights, or choose another by VAR_DIR or FILE_ROOTS",
            needed,
        )


def _roots(settings: Settings) -> Iterator[Finding]:
    """Folders that somebody has named. Elsewhere they may be those of other machines, which run the jobs."""
    for path in settings.roots if settings.file_roots is not None else ():
        yield Finding(
            "FILE_ROOTS", path.is_dir(), f"{str(path)!r} is not a folder", "make it, or name one that is there"
        )


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(_existing(settings.var_dir)).free
    return Finding(
        "disk",
        free >= LEAST_FREE_BYTES,
        f"{free / 1024**3:.1f} GiB free",
        "free some room: logs and results go there",
        False,
    )


def _logs(app: Flask, settings: Settings) -> Finding:
    """The store's address may hold a secret and is not shown."""
    place = settings.log_place
    kind = "a folder" if isinstance(place, Path) else place.partition("://")[0]
    try:
        app.extensions["logs"].check()
    except OSError as error:
        detail = f"{kind}: {error.strerror or error}"
        return Finding("logs", False, detail, "correct LOG_STORE and LOG_STORE_OPTIONS, or the store's rights", False)
    return Finding("logs", True, f"{kind}: can be written and read")


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())


def _connection() -> Finding:
    try:
        db.engine.connect().close()
    except DBAPIError as error:
        detail = f"cannot be reached ({str(error.orig).splitlines()[0]})"
        return Finding("database", False, detail, "start it, or correct DATABASE_URL")
    return Finding("database", True, db.engine.url.render_as_string(hide_password=True))


def _database(settings: Settings) -> Iterator[Finding]:
    reached = _connection()
    yield reached
    if not reached.ok:
        return
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        there = connection.scalar(select(func.now()))
    newest = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    yield Finding("migrations", current == newest, f"at {current or 'none'}", f"run 'flask setup' to come to {newest}")
    if db.engine.dialect.name != "sqlite" and there is not None and there.tzinfo is not None:
        gap = abs(clock.now() - there)
        detail = f"{gap.total_seconds():.1f} s from the database's"
        yield Finding("clock", gap <= LARGEST_CLOCK_GAP, detail, "keep the clocks with NTP")
    if current == newest:
        yield from _secrets(settings)


def _secrets(settings: Settings) -> Iterator[Finding]:
    """Silent where there is nothing to say: a machine alone needs no setting."""
    mend = "give ENCRYPTION_KEYS the same value on every machine"
    if not sealed.newest_can_be_opened():
        yield Finding("secrets", False, "the newest task was sealed with a key that is not here", mend, needed=False)
    elif settings.redis_url is not None and settings.encryption_keys is None:
        detail = f"sealed with {settings.var_dir / 'encryption_keys'}, which other machines may lack"
        yield Finding("secrets", False, detail, mend, needed=False)


def _broker_binary() -> Finding:
    try:
        return Finding("broker", True, broker.server_binary())
    except broker.NoBroker as error:
        return Finding("broker", False, str(error))


def _broker(settings: Settings) -> Iterator[Finding]:
    ok = broker.answers(settings)
    mend = "start it with 'make run'" if settings.embedded_broker else "start it, or correct REDIS_URL"
    yield Finding("broker", ok, "answers" if ok else "does not answer; tasks wait in the database meanwhile", mend)
    if ok:
        yield _broker_memory(settings)


def _broker_memory(settings: Settings) -> Finding:
    try:
        with Redis.from_url(settings.broker_url, socket_timeout=1) as client:
            policy = str(client.config_get("maxmemory-policy").get("maxmemory-policy"))
    except RedisError:
        return Finding("broker memory", True, "its policy cannot be read", needed=False)
    return Finding(
        "broker memory", policy == "noeviction", policy, "set maxmemory-policy noeviction, or messages get lost", False
    )


def _engines(settings: Settings) -> Iterator[Finding]:
    for found in inspection.findings(settings.engines):
        yield Finding(found.name, found.ok, str(found.detail), str(found.mend or ""), found.needed)
