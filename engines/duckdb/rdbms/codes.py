"""DataX's error codes for databases, and which of them a driver's error means."""

from typing import Any

from engines.duckdb.failure import Failure
from engines.duckdb.parameters import Codes

CONFIG = "DBUtilErrorCode-00"
COLUMN_INFO = "DBUtilErrorCode-01"
ILLEGAL = "DBUtilErrorCode-02"
REQUIRED = "DBUtilErrorCode-03"
SPLIT_KEY = "DBUtilErrorCode-04"
WRITE = "DBUtilErrorCode-05"
EXECUTE = "DBUtilErrorCode-06"
READ = "DBUtilErrorCode-07"
MIXED = "DBUtilErrorCode-08"
MISSING = "DBUtilErrorCode-09"
CONNECT = "DBUtilErrorCode-10"
UNSUPPORTED_TYPE = "DBUtilErrorCode-12"
SESSION = "DBUtilErrorCode-14"
DOCUMENT, CONVERSION = "Common-00", "Common-01"

CODES = Codes(required=REQUIRED, illegal=ILLEGAL)

# Classes of PostgreSQL's SQLSTATE that speak of a row: data, integrity, a view's check, a trigger's word.
_ROW_CLASSES = ("22", "23", "44", "P0")

# MySQL's own numbers.
_CONNECT = {1045: "MYSQLErrCode-01", 1044: "MYSQLErrCode-01", 1698: "MYSQLErrCode-01", 1049: "MYSQLErrCode-03"}
_HINTS = {
    "MYSQLErrCode-01": "Check username and password, and that the user may connect from this machine.",
    "MYSQLErrCode-02": "Check host and port, and that the server runs and can be reached from here.",
    "MYSQLErrCode-03": "Check the name of the database.",
}


def refuses_a_row(error: Any) -> bool:
    """Whether psycopg's error is about what one of the rows holds."""
    return (error.sqlstate or "").startswith(_ROW_CLASSES)


def mysql_connect_code(number: int) -> str:
    return _CONNECT.get(number, "MYSQLErrCode-02" if 2000 <= number < 2100 else CONNECT)


def mysql_query_code(message: str) -> str:
    """By the words, as DataX does; MariaDB has others than MySQL for an unknown column, which DataX does not know either."""
    if "Table" in message and "doesn't exist" in message:
        return "MYSQLErrCode-04"
    if "SELECT command denied to user" in message:
        return "MYSQLErrCode-07"
    if "Unknown column" in message and "field list" in message:
        return "MYSQLErrCode-06"
    return "MYSQLErrCode-05" if "where clause" in message else READ


def connect_failure(code: str, where: str, user: str, reason: str) -> Failure:
    values = {
        "where": where,
        "user": user,
        "reason": reason.strip(),
        "hint": _HINTS.get(code, _HINTS["MYSQLErrCode-02"]),
    }
    return Failure(code, "Cannot connect to %(where)s as %(user)s: %(reason)s. %(hint)s", values)


def statement_failure(code: str, statement: str, reason: str) -> Failure:
    return Failure(code, "%(statement)s: %(reason)s", {"statement": statement, "reason": reason.strip()})


class StatementError(Failure):
    """A statement of a writer failed for something that is not a row's fault. `number` is MySQL's."""

    def __init__(self, number: int, statement: str, reason: str) -> None:
        super().__init__(WRITE, "%(statement)s: %(reason)s", {"statement": statement, "reason": reason.strip()})
        self.number = number
