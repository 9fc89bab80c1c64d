"""JDBC URLs, and what each of their parameters means outside of Java. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from datax_job.problem import Text

PORTS = {"postgresql": 5432, "mysql": 3306}
HIGHEST_PORT = 65535
# Seconds. DataX gives up after one to four minutes.
CONNECT_TIMEOUT = 10

_URL = re.compile(
    r"jdbc:(?P<kind>postgresql|mysql|mariadb)://(?P<hosts>[^/?]*)(/(?P<database>[^?]*))?(\?(?P<query>.*))?", re.S
)
# A name of letters, digits, hyphens, dots and underscores: with anything else others might read another host out of the URL.
_HOST = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]*)(:(?P<port>\d{1,5}))?")
_UTF8 = {"utf8", "utf-8", "utf8mb4"}
_TRUE = {"true", "yes", "1", ""}


class JdbcError(ValueError):
    """The URL cannot be used; `text` says why, and never shows the URL, which may hold a password."""

    def __init__(self, template: str, values: Mapping[str, object] | None = None) -> None:
        self.text = Text(template, values or {})
        super().__init__(str(self.text))


class HostError(JdbcError):
    """No host can be made out: nothing there could ever answer."""


@dataclass(frozen=True, slots=True)
class Tls:
    """`mode` is libpq's word: disable, prefer, require, verify-ca, verify-full. The files are PEM."""

    mode: str = "prefer"
    ca: str | None = None
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, and what its URL asks for. `options` are the parameters that count, by their JDBC names."""

    kind: str
    hosts: tuple[tuple[str, int], ...]
    database: str
    tls: Tls = Tls()
    connect_timeout: int = CONNECT_TIMEOUT
    socket_timeout: int | None = None
    options: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def shown(self) -> str:
        """How messages name it."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{self.kind}://{hosts}/{self.database}"


# What these say is done: about the connection, the session, or what a value becomes.
HONOURED = {
    "postgresql": {
        "ssl", "sslmode", "sslfactory", "sslrootcert", "sslcert", "sslkey", "currentSchema", "connectTimeout", "loginTimeout",
        "socketTimeout", "ApplicationName", "options", "targetServerType", "readOnly", "useSSL",
    },
    "mysql": {
        "useSSL", "requireSSL", "verifyServerCertificate", "sslMode", "serverSslCert", "connectTimeout", "socketTimeout",
        "characterEncoding", "zeroDateTimeBehavior", "tinyInt1isBit", "yearIsDateType", "sessionVariables", "jdbcCompliantTruncation",
    },
}  # fmt: skip

# How Java talks to the server, or what it logs: these mean nothing here. Both drivers pass over each other's.
UNNEEDED = {
    "postgresql": {
        "adaptiveFetch", "adaptiveFetchMaximum", "adaptiveFetchMinimum", "allowEncodingChanges", "assumeMinServerVersion", "autosave",
        "binaryTransfer", "binaryTransferDisable", "binaryTransferEnable", "cleanupSavepoints", "databaseMetadataCacheFields",
        "databaseMetadataCacheFieldsMiB", "defaultRowFetchSize", "disableColumnSanitiser", "escapeSyntaxCallMode", "gssEncMode",
        "hideUnprivilegedObjects", "hostRecheckSeconds", "loadBalanceHosts", "logServerErrorDetail", "logUnclosedConnections",
        "loggerFile", "loggerLevel", "maxResultBuffer", "preferQueryMode", "prepareThreshold", "preparedStatementCacheQueries",
        "preparedStatementCacheSizeMiB", "protocolVersion", "quoteReturningIdentifiers", "reWriteBatchedInserts", "readOnlyMode",
        "receiveBufferSize", "sendBufferSize", "stringtype", "tcpKeepAlive", "tcpNoDelay", "unknownLength", "useUnicode",
        "characterEncoding", "charSet", "rewriteBatchedStatements", "serverTimezone", "zeroDateTimeBehavior", "autoReconnect",
        "allowMultiQueries", "allowPublicKeyRetrieval", "nullCatalogMeansCurrent", "tinyInt1isBit", "yearIsDateType",
    },
    "mysql": {
        "allowLoadLocalInfile", "allowMultiQueries", "allowPublicKeyRetrieval", "allowUrlInLocalInfile", "autoReconnect",
        "autoReconnectForPools", "blobSendChunkSize", "cacheCallableStmts", "cachePrepStmts", "cacheResultSetMetadata",
        "cacheServerConfiguration", "characterSetResults", "clobCharacterEncoding", "connectionCollation", "connectionTimeZone",
        "defaultFetchSize", "dontTrackOpenResources", "dumpQueriesOnException", "elideSetAutoCommits", "enabledSSLCipherSuites",
        "enabledTLSProtocols", "enableQueryTimeouts", "failOverReadOnly", "forceConnectionTimeZoneToSession", "initialTimeout",
        "interactiveClient", "largeRowSizeThreshold", "loadBalanceStrategy", "logger", "logSlowQueries", "maintainTimeStats",
        "maxAllowedPacket", "maxReconnects", "maxRows", "metadataCacheSize", "netTimeoutForStreamingResults",
        "noAccessToProcedureBodies", "noDatetimeStringSync", "nullCatalogMeansCurrent", "nullDatabaseMeansCurrent",
        "nullNamePatternMatchesAll", "paranoid", "prepStmtCacheSize", "prepStmtCacheSqlLimit", "profileSQL",
        "queryTimeoutKillsConnection", "reWriteBatchedInserts", "readFromMasterWhenNoSlaves", "resultSetSizeThreshold",
        "rewriteBatchedStatements", "roundRobinLoadBalance", "secondsBeforeRetryMaster", "serverTimezone", "slowQueryThresholdMillis",
        "tcpKeepAlive", "tcpNoDelay", "tcpRcvBuf", "tcpSndBuf", "tcpTrafficClass", "traceProtocol", "transformedBitIsBoolean",
        "ultraDevHack", "useAffectedRows", "useBulkStmts", "useColumnNamesInFindColumn", "useCompression", "useConfigs",
        "useCursorFetch", "useDynamicCharsetInfo", "useInformationSchema", "useJDBCCompliantTimezoneShift", "useLegacyDatetimeCode",
        "useLocalSessionState", "useLocalTransactionState", "useOldAliasMetadataBehavior", "useReadAheadInput",
        "useServerPrepStmts", "useStreamLengthsInPrepStmts", "useTimezone", "useUnbufferedInput", "useUnicode",
        "useUsageAdvisor",
    },
}  # fmt: skip


def parse(url: str) -> Address:
    """Raises JdbcError."""
    match = _URL.fullmatch(url.strip())
    if match is None:
        raise JdbcError(
            "jdbcUrl must look like jdbc:postgresql://HOST:PORT/DATABASE or jdbc:mysql://HOST:PORT/DATABASE."
        )
    kind = "postgresql" if match["kind"] == "postgresql" else "mysql"
    options = _options(kind, match["query"] or "")
    if not match["database"]:
        raise JdbcError(
            "jdbcUrl names no database: write it after the host, jdbc:%(kind)s://HOST:PORT/DATABASE.", {"kind": kind}
        )
    return Address(
        kind,
        tuple(_host(each, kind) for each in match["hosts"].split(",")),
        unquote(match["database"]),
        tls=_postgresql_tls(options) if kind == "postgresql" else _mysql_tls(options),
        connect_timeout=_connect_timeout(kind, options),
        socket_timeout=_seconds(kind, options, "socketTimeout"),
        options=options,
    )


def _host(text: str, kind: str) -> tuple[str, int]:
    match = _HOST.fullmatch(text.strip())
    if match is None or int(match["port"] or 0) > HIGHEST_PORT:
        raise HostError("jdbcUrl holds a host that is not of the form HOST:PORT.")
    return (match["host"].strip("[]") or "localhost", int(match["port"] or PORTS[kind]))


def _options(kind: str, query: str) -> dict[str, str]:
    """The parameters that count. Of one given twice Java's drivers take the last."""
    found: dict[str, str] = {}
    names = {name.lower(): name for name in HONOURED[kind]}
    unneeded = {name.lower() for name in UNNEEDED[kind]}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        name = unquote(name).strip()
        if name.lower() in ("user", "password"):
            raise JdbcError(
                "jdbcUrl must not hold %(name)s: give it as the parameter username or password.", {"name": name}
            )
        if name.lower() in names:
            found[names[name.lower()]] = unquote(value)
        elif name.lower() not in unneeded:
            # Behind a question mark in a password comes what is no name.
            said = {"name": "******" if "@" in name else name}
            raise JdbcError("jdbcUrl has the parameter %(name)s, which this engine does not know. Remove it.", said)
    return found


def _connect_timeout(kind: str, options: Mapping[str, str]) -> int:
    asked = _seconds(kind, options, "connectTimeout") or _seconds(kind, options, "loginTimeout")
    return asked or CONNECT_TIMEOUT


def _seconds(kind: str, options: Mapping[str, str], name: str) -> int | None:
    """A time-out: seconds for PostgreSQL, milliseconds for MySQL; 0 is none."""
    value = options.get(name, "0").strip()
    if not value.isdecimal():
        raise JdbcError("jdbcUrl's %(name)s must be a whole number.", {"name": name})
    number = int(value)
    return (number if kind == "postgresql" else -(-number // 1000)) or None


def _true(options: Mapping[str, str], name: str) -> bool:
    return name in options and options[name].strip().lower() in _TRUE


def _postgresql_tls(options: Mapping[str, str]) -> Tls:
    """As pgjdbc: `ssl=true` alone verifies the server fully, unless a factory is named that does not look."""
    if "useSSL" in options and _true(options, "useSSL"):
        raise JdbcError(
            "jdbcUrl's useSSL is MySQL's word, which PostgreSQL's driver passes over: write sslmode=require."
        )
    mode = options.get("sslmode", "").strip().lower()
    factory = options.get("sslfactory", "")
    if factory and not factory.endswith(("NonValidatingFactory", "LibPQFactory", "DefaultJavaSSLFactory")):
        raise JdbcError("jdbcUrl's sslfactory is a Java class; write sslmode and sslrootcert instead.")
    if mode not in ("", "disable", "allow", "prefer", "require", "verify-ca", "verify-full"):
        raise JdbcError("jdbcUrl's sslmode must be disable, allow, prefer, require, verify-ca or verify-full.")
    if not mode:
        mode = (
            "prefer"
            if not _true(options, "ssl")
            else "require"
            if factory.endswith("NonValidatingFactory")
            else "verify-full"
        )
    return Tls(mode, options.get("sslrootcert"), options.get("sslcert"), options.get("sslkey"))


def _mysql_tls(options: Mapping[str, str]) -> Tls:
    """As Connector/J: `sslMode` speaks first, then `useSSL` with its companions."""
    words = {
        "disabled": "disable",
        "preferred": "prefer",
        "required": "require",
        "verify_ca": "verify-ca",
        "trust": "require",
    }
    words |= {
        "verify_identity": "verify-full",
        "disable": "disable",
        "verify-ca": "verify-ca",
        "verify-full": "verify-full",
    }
    ca = options.get("serverSslCert")
    if "sslMode" in options:
        mode = words.get(options["sslMode"].strip().lower())
        if mode is None:
            raise JdbcError("jdbcUrl's sslMode must be DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY.")
        return Tls(mode, ca)
    if "useSSL" in options and not _true(options, "useSSL"):
        return Tls("disable")
    if _true(options, "verifyServerCertificate"):
        return Tls("verify-ca", ca)
    return Tls("require" if _true(options, "requireSSL") or _true(options, "useSSL") else "prefer", ca)
