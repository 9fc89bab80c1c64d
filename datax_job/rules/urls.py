"""JDBC URLs."""

from collections.abc import Iterator

from datax_job.finding import Finding, shown
from datax_job.problem import Severity, Text
from datax_job.view import Job, unfilled

# How the URLs of a plugin's own driver begin. Plugins for any database are not here.
PREFIXES = {
    "mysql": ("jdbc:mysql:", "jdbc:mariadb:"),
    "postgresql": ("jdbc:postgresql:",),
    "oracle": ("jdbc:oracle:",),
    "sqlserver": ("jdbc:sqlserver:", "jdbc:jtds:sqlserver:"),
    "clickhouse": ("jdbc:clickhouse:", "jdbc:ch:"),
    "sqlite": ("jdbc:sqlite:",),
}


def of_its_own_database(job: Job) -> Iterator[Finding]:
    """Each plugin brings the driver of its database, and a driver takes its own URLs only."""
    for part in job.parts:
        prefixes = PREFIXES.get(part.name.removesuffix("reader").removesuffix("writer"))
        for pointer, url in part.urls if prefixes else ():
            given = url.strip().lower()
            if prefixes and not unfilled(url[:20]) and not given.startswith(prefixes):
                values = {"url": shown(_scheme(url)), "prefix": prefixes[0], "name": part.name}
                yield Finding(pointer, Text("%(name)s needs a URL that begins with %(prefix)s, not %(url)s", values))


def escaped_for_html(job: Job) -> Iterator[Finding]:
    """A URL copied out of XML or a web page has `&amp;` for `&`; the driver then sees parameters named `amp;…`."""
    for part in job.parts:
        for pointer, url in part.urls:
            if "&amp;" in url:
                yield Finding(pointer, Text("&amp; in a URL is written &"), Severity.WARNING)


def _scheme(url: str) -> str:
    """Only the beginning: what follows may hold a password."""
    return ":".join(url.split(":")[:2]) + ":"
