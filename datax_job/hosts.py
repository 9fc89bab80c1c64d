"""The database servers that a document names, as `host:port`: what a limit a host counts."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from datax_job import document as documents
from datax_job import parameters
from datax_job.problem import DocumentError
from datax_job.view import Job

# The ports that the drivers take where a URL names none.
PORTS = {
    "mysql": 3306,
    "mariadb": 3306,
    "postgresql": 5432,
    "oracle": 1521,
    "sqlserver": 1433,
    "clickhouse": 8123,
    "db2": 50000,
}

_AUTHORITY = re.compile(r"jdbc:(?:jtds:)?([a-z0-9]+):[^/@]{0,100}(?://|@(?://)?)([^/;?\\]{1,1000})", re.I)
_ADDRESS = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:,()]+)(?::(\d{1,5}))?", re.I)


def named(job: dict[str, Any] | str | bytes, params: dict[str, Any]) -> tuple[str, ...]:
    """The servers of a document, sorted, in lower case. Nothing for a document that cannot be read, and for files."""
    try:
        document = documents.parse(job)
        value = parameters.fill(document.value, params)
    except DocumentError:
        return ()
    return tuple(sorted(set(of_urls(url for part in Job(value).parts for _, url in part.urls))))


def of_urls(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        found = _AUTHORITY.match(url.strip())
        if found is None:
            continue
        scheme, authority = found[1].lower(), found[2].rpartition("@")[2]
        for address in authority.split(","):
            at = _ADDRESS.match(address.strip())
            if at is not None:
                yield f"{at[1].lower()}:{at[2] or PORTS.get(scheme, 0)}"
