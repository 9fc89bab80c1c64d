"""The `connection` list of a job, and opening what it names."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from engines.duckdb.failure import Failure
from engines.duckdb.parameters import Arguments
from engines.duckdb.rdbms import codes, jdbc
from engines.duckdb.rdbms.jdbc import Address
from engines.duckdb.rdbms.mysql import MySQL
from engines.duckdb.rdbms.postgresql import PostgreSQL
from engines.duckdb.rdbms.source import Database, Login


@dataclass(frozen=True, slots=True)
class Place:
    """A database that may be reached at several addresses."""

    addresses: tuple[Address, ...]
    login: Login

    def open(self) -> tuple[Database, Any]:
        """The first address that answers, connected. Raises the Failure of the first one that did not, when none does."""
        failures: list[Failure] = []
        for address in self.addresses:
            database = database_at(address, self.login)
            try:
                return database, database.connect()
            except Failure as failure:
                failures.append(failure)
        raise failures[0]


def database_at(address: Address, login: Login) -> Database:
    return PostgreSQL(address, login) if address.kind == "postgresql" else MySQL(address, login)


def run(database: Database, connection: Any, statement: str, code: str | None = None) -> None:
    """A statement of the job, whatever it is. `code` takes the place of what DataX would find in the error."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except Exception as error:
        failure = database.failure(statement, error)
        if code is not None:
            failure.code = code
        raise failure from error


def login(arguments: Arguments) -> Login:
    user = arguments.required_text("username")
    if arguments.raw("password") is None:
        arguments.refuse("password", "%(plugin)s needs the parameter password.", code=codes.REQUIRED)
    return Login(user, arguments.text("password") or "")


def entries(arguments: Arguments, names: Set[str]) -> list[tuple[int, Mapping[str, Any]]]:
    """The objects of `connection`; each parameter of theirs is one of `names`."""
    found = arguments.raw("connection")
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        arguments.refuse("connection", "connection must be a list of objects with jdbcUrl.", code=codes.REQUIRED)
        return []
    for number, each in enumerate(found):
        for name in each.keys() - names:
            arguments.refuse(f"connection/{number}/{name}", "This engine does not know %(name)s. Remove it.")
    return list(enumerate(found))


def all_of(arguments: Arguments, scheme: str) -> bool:
    """Whether every jdbcUrl begins so."""
    found = arguments.raw("connection")
    urls = [each.get("jdbcUrl") for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)]
    words = [url for each in urls for url in (each if isinstance(each, list) else [each])]
    return bool(words) and all(isinstance(url, str) and url.strip().startswith(scheme) for url in words)


def addresses(arguments: Arguments, entry: Mapping[str, Any], path: str, kinds: Sequence[str]) -> tuple[Address, ...]:
    urls = texts(arguments, entry, "jdbcUrl", path)
    if not any(url.strip() for url in urls):
        arguments.refuse(f"{path}/jdbcUrl", "The connection needs jdbcUrl.", code=codes.REQUIRED)
    found, nowhere = [], []
    for url in filter(str.strip, urls):
        try:
            address = jdbc.parse(url)
        except jdbc.HostError as error:
            nowhere.append(error.text)
            continue
        except jdbc.JdbcError as error:
            arguments.refuse(f"{path}/jdbcUrl", error.text.template, error.text.values, code=codes.CONFIG)
            continue
        if address.kind not in kinds:
            template = "%(plugin)s reads and writes %(kinds)s, not %(kind)s."
            arguments.refuse(
                f"{path}/jdbcUrl", template, {"kinds": " and ".join(kinds), "kind": address.kind}, codes.CONFIG
            )
        found.append(address)
    # One of several addresses that is none counts as one that does not answer.
    for text in nowhere if not found else ():
        arguments.refuse(f"{path}/jdbcUrl", text.template, text.values, code=codes.CONFIG)
    return tuple(found)


def texts(arguments: Arguments, entry: Mapping[str, Any], name: str, path: str) -> list[str]:
    """A list of strings, or one string, out of an entry."""
    value = entry.get(name)
    if value is None:
        return []
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        arguments.refuse(f"{path}/{name}", "This must be a list of strings.")
        return []
    return [each for each in found if each.strip()]
