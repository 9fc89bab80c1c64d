"""PostgreSQL: connections, and what its types become."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engines.duckdb.failure import Failure
from engines.duckdb.rdbms import codes
from engines.duckdb.rdbms.jdbc import Address
from engines.duckdb.rdbms.source import CANCEL_SECONDS, Described, Login, load
from engines.duckdb.types import ZONE_HOURS, Column, DatePart, Kind, identifier, literal

if TYPE_CHECKING:
    from engines.duckdb.session import Session

# What pgjdbc tells the server of Java's time zone; a POSIX name counts westwards.
TIME_ZONE = f"<+{ZONE_HOURS:02d}>-{ZONE_HOURS:02d}"
# The server looks this often, in milliseconds, whether its client is still there, and does not compute on for one that is gone.
_LOOK = "client_connection_check_interval"
_LOOK_MILLISECONDS = 1000
_SESSIONS = {"primary": "read-write", "master": "read-write", "secondary": "standby", "slave": "standby"}
_SESSIONS |= {"preferSecondary": "prefer-standby", "preferSlave": "prefer-standby"}

_TEXT = "CAST({} AS text)"
_TYPES = {
    16: (Column(Kind.BOOL, "BOOLEAN"), "{}"),
    17: (Column(Kind.BYTES, "BLOB"), "{}"),
    20: (Column(Kind.LONG, "BIGINT"), "{}"),
    21: (Column(Kind.LONG, "SMALLINT"), "{}"),
    23: (Column(Kind.LONG, "INTEGER"), "{}"),
    26: (Column(Kind.LONG, "UINTEGER"), "{}"),
    # As PostgreSQL writes it: DataX keeps those digits.
    700: (Column(Kind.DOUBLE), _TEXT),
    701: (Column(Kind.DOUBLE), _TEXT),
    # DuckDB would make a DOUBLE of one without precision, and takes long over 38 digits.
    1700: (Column(Kind.DOUBLE), _TEXT),
    25: (Column(Kind.STRING), "{}"),
    # As the server shows it, with the blanks that fill it up: a cast to text would take them away, and so does DuckDB's scanner.
    1042: (Column(Kind.STRING), "textin(bpcharout({}))"),
    # A cast would show the length of the network that the server leaves out.
    869: (Column(Kind.STRING), "textin(inet_out({}))"),
    1043: (Column(Kind.STRING), "{}"),
    1082: (Column(Kind.DATE, "DATE", DatePart.DATE), "{}"),
    1083: (Column(Kind.DATE, "VARCHAR", DatePart.TIME), _TEXT),
    1266: (
        Column(Kind.DATE, "VARCHAR", DatePart.TIME),
        f"CAST(timezone(interval '{ZONE_HOURS} hours', {{}}) AS text)",
    ),
    1114: (Column(Kind.DATE, "TIMESTAMP"), "{}"),
    # The wall clock of DataX's zone: an offset that never changes, so that the instant is not lost.
    1184: (Column(Kind.DATE, "TIMESTAMP"), f"timezone(interval '{ZONE_HOURS} hours', {{}})"),
}
_BIT = 1560
# Whatever else there is goes by its text: uuid, json, intervals, arrays, enums.
_OTHER = (Column(Kind.STRING), _TEXT)


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """`unlooking` holds something once the server has said that it cannot look for its client: older than 14, or not on Linux."""

    address: Address
    login: Login
    unlooking: list[bool] = field(default_factory=list, compare=False, repr=False)

    def settings(self) -> dict[str, str]:
        """libpq's parameters, the password apart."""
        address, options = self.address, self.address.options
        found = {
            "host": ",".join(host for host, _ in address.hosts),
            "port": ",".join(str(port) for _, port in address.hosts),
            "dbname": address.database,
            "user": self.login.user,
            "connect_timeout": str(max(address.connect_timeout, 2)),
            "sslmode": address.tls.mode,
            "application_name": options.get("ApplicationName", "DataX"),
            "client_encoding": "UTF8",
            "options": self._session(),
        }
        files = {"sslrootcert": address.tls.ca, "sslcert": address.tls.cert, "sslkey": address.tls.key}
        found |= {name: file for name, file in files.items() if file}
        if options.get("targetServerType", "any") != "any":
            found["target_session_attrs"] = _SESSIONS.get(options["targetServerType"], options["targetServerType"])
        return found | self._keepalive()

    def _keepalive(self) -> dict[str, str]:
        seconds = self.address.socket_timeout
        return {"tcp_user_timeout": str(seconds * 1000)} if seconds else {}

    def _session(self) -> str:
        schema = self.address.options.get("currentSchema")
        words = [self.address.options.get("options", ""), f"-c TimeZone={TIME_ZONE}"]
        if not self.unlooking:
            words.append(f"-c {_LOOK}={_LOOK_MILLISECONDS}")
        if schema:
            words.append("-c search_path=" + schema.replace("\\", "\\\\").replace(" ", "\\ "))
        return " ".join(filter(None, words))

    def connect(self) -> Any:
        import psycopg

        try:
            return psycopg.connect(**self.settings(), password=self.login.password, autocommit=True)  # type: ignore[arg-type]
        except psycopg.Error as error:
            if _LOOK in str(error) and not self.unlooking:
                self.unlooking.append(True)
                return self.connect()
            raise codes.connect_failure(codes.CONNECT, self.address.shown, self.login.user, str(error)) from error

    def describe(self, connection: Any, query: str) -> Sequence[Described]:
        from psycopg.pq import ExecStatus

        for result in (connection.pgconn.prepare(b"", query.encode()), connection.pgconn.describe_prepared(b"")):
            if result.status != ExecStatus.COMMAND_OK:
                raise codes.statement_failure(codes.EXECUTE, query, result.error_message.decode("utf-8", "replace"))
        return [_described(result, number) for number in range(result.nfields)]

    def wrapped(self, query: str, described: Sequence[Described]) -> str:
        names = [f"c{number}" for number in range(len(described))]
        selected = ", ".join(
            f"{each.outer.format('q.' + name)} AS {name}" for each, name in zip(described, names, strict=True)
        )
        return f"SELECT {selected} FROM ({query}\n) AS q({', '.join(names)})"

    def with_real_dates(self, described: Sequence[Described]) -> Sequence[Described]:
        return described

    def attach(self, session: "Session") -> None:
        db = session.db
        load(session, "postgres_scanner")
        db.execute(
            f"CREATE OR REPLACE TEMPORARY SECRET {self.alias} (TYPE postgres, PASSWORD {literal(self.login.password)})"
        )
        words = " ".join(f"{name}={_conninfo(value)}" for name, value in self.settings().items())
        db.execute(
            f"ATTACH OR REPLACE {literal(words)} AS {self.alias} (TYPE postgres, SECRET {self.alias}, READ_ONLY)"
        )

    @property
    def alias(self) -> str:
        return "datax_pg"

    def scan(self, query: str) -> str:
        return f"postgres_query({literal(self.alias)}, {literal(query)})"

    def cancel(self, connection: Any) -> None:
        import psycopg

        with suppress(psycopg.Error):
            connection.cancel_safe(timeout=CANCEL_SECONDS)

    def failure(self, statement: str, error: Exception) -> Failure:
        return codes.statement_failure(codes.EXECUTE, statement, str(error))


def _described(result: Any, number: int) -> Described:
    oid, name = result.ftype(number), result.fname(number).decode("utf-8", "replace")
    if oid == _BIT and result.fmod(number) == 1:
        return Described(name, Column(Kind.BOOL, "BOOLEAN"), "({} = B'1')", oid)
    column, outer = _TYPES.get(oid, _OTHER)
    return Described(name, column, outer, oid)


def _conninfo(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quoted(name: str) -> str:
    return identifier(name)
