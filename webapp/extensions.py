"""The Flask extensions, made once and bound to the app in `create_app`."""

import socket
from datetime import UTC, datetime
from typing import Any

from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import URL, DateTime, Dialect, MetaData, TypeDecorator, event
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement

# What a driver raises when the server cannot be reached, has gone away, takes no writes for now, or asks to try again.
DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)

# A machine that is gone in the midst of a change holds the row for no longer; nobody thinks about one for so long.
IDLE_SECONDS = 60

# A host that answers nothing at all must not hold up a worker's look at its engine for minutes.
CONNECT_SECONDS = 5

# Nor must one that fell silent, as after a failover or behind a firewall that forgot the connection: by default a system waits for it for
# a quarter of an hour, and for two hours where nothing was sent. One that computes answers for its system all the while.
SILENT_SECONDS, ASK_SECONDS, ASKED = 15, 5, 3
UNHEARD_SECONDS = SILENT_SECONDS + ASK_SECONDS * ASKED


class Base(DeclarativeBase):
    # Named constraints, so that a migration can drop them on every database.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[datetime]):
    """A UTC time with microseconds, aware in Python and naive in the database, on every database alike."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(mysql.DATETIME(fsp=6) if dialect.name == "mysql" else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class DatabaseNow(FunctionElement[datetime]):
    """The time of the database: the one clock that all machines can read alike, whatever their own say."""

    type = Moment()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _now_of_sqlite(*_: Any, **__: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(DatabaseNow, "postgresql")
def _now_of_postgresql(*_: Any, **__: Any) -> str:
    return "(clock_timestamp() AT TIME ZONE 'UTC')"


@compiles(DatabaseNow, "mysql")
@compiles(DatabaseNow, "mariadb")
def _now_of_mysql(*_: Any, **__: Any) -> str:
    return "utc_timestamp(6)"


def patience(database: URL) -> dict[str, int]:
    """How long a driver waits for the server, as arguments of its connect; what the URL itself says stays."""
    given = {"connect_timeout": CONNECT_SECONDS}
    if database.get_backend_name() == "postgresql":
        given |= {"keepalives_idle": SILENT_SECONDS, "keepalives_interval": ASK_SECONDS, "keepalives_count": ASKED}
        given["tcp_user_timeout"] = UNHEARD_SECONDS * 1000
    return {name: value for name, value in given.items() if name not in database.query}


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()


@event.listens_for(Engine, "connect")
def _tune(connection: Any, _: ConnectionPoolEntry) -> None:
    """SQLite: a write-ahead log and a long wait for the writer's turn, so that several processes share one file.

    Servers: an end of transactions whose client is silent. Of MySQL only MariaDB can do that.
    """
    driver = type(connection).__module__.partition(".")[0]
    if driver == "sqlite3":
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
    elif driver == "psycopg":
        connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        connection.commit()
    elif driver == "pymysql":
        _notice_silence(connection._sock)  # it has no arguments for it
        if "MariaDB" in connection.get_server_info():
            connection.query(f"SET SESSION idle_write_transaction_timeout = {IDLE_SECONDS}")


def _notice_silence(connected: socket.socket) -> None:
    """What `patience` asks of libpq, as far as the system has it. A socket of the machine itself is never silent."""
    if connected.family != socket.AF_UNIX:
        for name, value in (
            ("TCP_KEEPIDLE", SILENT_SECONDS),
            ("TCP_KEEPINTVL", ASK_SECONDS),
            ("TCP_KEEPCNT", ASKED),
            ("TCP_USER_TIMEOUT", UNHEARD_SECONDS * 1000),
        ):
            if hasattr(socket, name):
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
