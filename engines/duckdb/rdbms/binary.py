"""Rows into PostgreSQL in COPY's own binary form, where each column has an exact one: the server need not read any text.

DuckDB writes the form (`FORMAT postgres_binary` of its extension). Where it has no exact form for a value, or the server refuses a row,
all goes again as text, which finds the row.
"""

from collections.abc import Callable, Sequence
from typing import Any

from engines.duckdb.pipe import draining, path_of
from engines.duckdb.rdbms import codes
from engines.duckdb.rdbms.cells import Target
from engines.duckdb.rdbms.source import load
from engines.duckdb.rows import Again, Counted
from engines.duckdb.session import Session
from engines.duckdb.types import ZONE_HOURS, Column, Kind, literal, text_of

_INTEGERS = {20: "BIGINT", 21: "SMALLINT", 23: "INTEGER"}
_FLOATS = {700: "FLOAT", 701: "DOUBLE"}
_TEXTS = (25, 1042, 1043)
_BOOL, _BYTEA, _DATE, _TIMESTAMP, _TIMESTAMPTZ, _NUMERIC = 16, 17, 1082, 1114, 1184, 1700
_WHOLE = ("BIGINT", "INTEGER", "SMALLINT", "UINTEGER", "UBIGINT")
_NO_FORM = "datax: no binary form"
# Beside the above, what DuckDB's writer says of a value that PostgreSQL cannot hold.
_REFUSED = (_NO_FORM, "is out of range for Postgres", "with a NULL-byte")
# Classes of SQLSTATE by which a relative of PostgreSQL says that it has no such COPY.
_NOT_SO_HERE = ("0A", "42")
# DuckDB keeps a number of at most so many digits in 2, 4, 8 and 16 bytes, and its writer needs room there for the fraction's digits,
# filled up to a multiple of four.
_DIGITS, _GROUP = (4, 9, 18, 38), 4
# What the server keeps with a numeric column's precision and scale: a header's length, and the scale in the lower bits.
_HEADER, _SCALE_BITS, _SCALE_MASK = 4, 16, 0x7FF


def select(rows: Counted, targets: Sequence[Target]) -> str | None:
    """DuckDB's SELECT of the values, or None where a column has no form of the target's type that is surely the same value."""
    if rows.ragged:
        return None
    made = [
        _value(column, f"c{number}", target)
        for number, (column, target) in enumerate(zip(rows.columns, targets, strict=True))
    ]
    if None in made:
        return None
    values = ", ".join(f"{each} AS c{number}" for number, each in enumerate(made))
    return f"SELECT {values} FROM ({rows.select}) AS passed"


def copy(session: Session, values: str, connection: Any, table: str, names: Sequence[str]) -> None:
    """All rows, inside the connection's transaction. Raises Again where one of them must go another way, and Failure."""
    import _duckdb
    import psycopg

    from engines.duckdb.rdbms.sending import copy_in

    load(session, "postgres_scanner")
    into = f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT binary)"
    try:
        with copy_in(connection.cursor(), into, watched=True) as taken, draining(taken.write) as descriptor:
            session.db.execute(
                f"COPY ({values}) TO {literal(path_of(descriptor))} (FORMAT postgres_binary, USE_TMP_FILE false)"
            )
    except psycopg.Error as error:
        if codes.refuses_a_row(error) or (error.sqlstate or "").startswith(_NOT_SO_HERE):
            raise Again from error
        raise codes.statement_failure(codes.WRITE, into, str(error)) from error
    except _duckdb.Error as error:
        if any(words in str(error) for words in _REFUSED):
            raise Again from error
        raise


def _value(column: Column, name: str, target: Target) -> str | None:
    oid = target.type_id
    if oid in _TEXTS:
        return text_of(column, name)
    make = _MAKE.get(column.kind)
    return make(column, name, target) if make else None


def _long(column: Column, name: str, target: Target) -> str | None:
    if column.sql_type not in _WHOLE:
        return None
    sql_type = _INTEGERS.get(target.type_id) or _FLOATS.get(target.type_id) or _decimal(target)
    return _cast(column, name, sql_type) if sql_type else None


def _double(column: Column, name: str, target: Target) -> str | None:
    sql_type = _FLOATS.get(target.type_id)
    if sql_type is None:
        sql_type = _decimal(target)
        return _cast(Column(Kind.DOUBLE), text_of(column, name), sql_type) if sql_type else None
    if column.sql_type != "VARCHAR":
        return name if column.sql_type == sql_type else None
    # The server refuses what is too small or too large for the type; DuckDB makes 0 and infinity of it.
    value = _cast(column, name, sql_type)
    lost = f"({value} = 0 AND regexp_matches({name}, '^[^eE]*[1-9]')) OR (isinf({value}) AND NOT contains({name}, 'n'))"
    return f"CASE WHEN {lost} THEN {_no_form(sql_type)} ELSE {value} END"


def _decimal(target: Target) -> str | None:
    """The type that DuckDB writes rightly for a numeric column, whose precision and scale the server sees to."""
    if target.type_id != _NUMERIC or target.modifier < 0:
        return None
    packed = target.modifier - _HEADER
    precision, scale = packed >> _SCALE_BITS, packed & _SCALE_MASK
    filled = -(-scale // _GROUP) * _GROUP
    wide = [digits for digits in _DIGITS if precision <= digits and filled <= digits]
    return f"DECIMAL({wide[0]}, {scale})" if scale <= precision and wide else None


def _bool(column: Column, name: str, target: Target) -> str | None:
    return name if target.type_id == _BOOL and column.sql_type == "BOOLEAN" else None


def _date(column: Column, name: str, target: Target) -> str | None:
    if column.sql_type not in ("DATE", "TIMESTAMP"):
        return None
    if target.type_id == _DATE:
        return f"CAST({name} AS DATE)"
    if target.type_id not in (_TIMESTAMP, _TIMESTAMPTZ):
        return None
    moment = _cast(column, name, "TIMESTAMP")
    if target.type_id == _TIMESTAMP:
        return moment
    shifted = f"coalesce(TRY({moment} - INTERVAL {ZONE_HOURS} HOUR), {_no_form('TIMESTAMP')})"
    return f"CASE WHEN isfinite({name}) THEN {shifted} ELSE {name} END"


def _bytes(column: Column, name: str, target: Target) -> str | None:
    return name if target.type_id == _BYTEA and column.sql_type == "BLOB" else None


_MAKE: dict[Kind, Callable[[Column, str, Target], str | None]] = {
    Kind.LONG: _long,
    Kind.DOUBLE: _double,
    Kind.BOOL: _bool,
    Kind.DATE: _date,
    Kind.BYTES: _bytes,
}


def _cast(column: Column, name: str, sql_type: str) -> str:
    if column.sql_type == sql_type:
        return name
    return f"coalesce(TRY_CAST({name} AS {sql_type}), CASE WHEN {name} IS NOT NULL THEN {_no_form(sql_type)} END)"


def _no_form(sql_type: str) -> str:
    return f"CAST(error({literal(_NO_FORM)}) AS {sql_type})"
