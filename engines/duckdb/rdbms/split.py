"""A table cut into ranges of its key, which together hold every row: also those whose key is NULL."""

from typing import Any

from engines.duckdb.failure import Failure
from engines.duckdb.rdbms import codes
from engines.duckdb.rdbms.source import Database
from engines.duckdb.rdbms.tables import number_borders, text_borders
from engines.duckdb.types import Kind, literal


def ranges(database: Database, connection: Any, table: str, key: str, where: str | None, parts: int) -> list[str]:
    """Conditions, one for each range. The outer ones are open, so that no row falls outside."""
    query = f"SELECT MIN({key}),MAX({key}) FROM {table}"
    if where:
        query += f" WHERE ({where} AND {key} IS NOT NULL)"
    least, most, kind = _ends(database, connection, query)
    if parts < 2 or least is None or most is None or least == most:
        return [""]
    if kind is Kind.LONG:
        return _conditions(key, [str(each) for each in number_borders(int(least), int(most), parts)], key)
    # The order of code points, which the borders are made in, whatever order the column has.
    compared = f'({key}) COLLATE "C"' if database.address.kind == "postgresql" else f"BINARY {key}"
    low, high = sorted((str(least), str(most)))
    borders = text_borders(low, high, parts)
    return _conditions(compared, [literal(each) for each in borders], key)


def _ends(database: Database, connection: Any, query: str) -> tuple[Any, Any, Kind]:
    try:
        kind = database.describe(connection, query)[0].column.kind
    except Failure as failure:
        failure.code = codes.SPLIT_KEY
        raise
    if kind not in (Kind.LONG, Kind.STRING):
        template = "splitPk must be one column of whole numbers or of text; its values are of the kind %(kind)s."
        raise Failure(codes.SPLIT_KEY, template, {"kind": kind.value})
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            least, most = cursor.fetchone()
    except Exception as error:
        raise database.failure(query, error) from error
    return least, most, kind


def _conditions(compared: str, borders: list[str], key: str) -> list[str]:
    if not borders:
        return [""]
    middle = [f"({compared} >= {low} AND {compared} < {high})" for low, high in zip(borders, borders[1:], strict=False)]
    return [f"({compared} < {borders[0]} OR {key} IS NULL)", *middle, f"({compared} >= {borders[-1]})"]
