"""URLs of MySQL 8 with the driver that DataX brings, Connector/J 5.1.47."""

import re
from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.view import Job, unfilled

# What the newer driver accepts and 5.1.47 refuses or does not know, and what to write instead.
_NEWER = (
    (re.compile(r"[?&]zeroDateTimeBehavior=CONVERT_TO_NULL\b"), "zeroDateTimeBehavior=convertToNull"),
    (re.compile(r"[?&]characterEncoding=utf8mb4\b", re.IGNORECASE), "characterEncoding=UTF-8"),
    (re.compile(r"[?&]sslMode=DISABLED\b", re.IGNORECASE), "useSSL=false"),
    (re.compile(r"[?&]sslMode=(?!DISABLED)", re.IGNORECASE), "useSSL=true&enabledTLSProtocols=TLSv1.2"),
)


def tls_with_old_driver(job: Job) -> Iterator[Finding]:
    """Unless told otherwise 5.1.47 tries TLS 1.0 and 1.1, which newer Java and MySQL refuse: the job fails in the handshake."""
    for pointer, url in _urls(job):
        if not re.search(r"[?&](?:useSSL|sslMode)=", url, re.IGNORECASE):
            mark = "&" if "?" in url else "?"
            template = (
                "say whether to use TLS, as DataX's driver (5.1.47) tries an old kind that MySQL 8 refuses: "
                "add %(mark)suseSSL=false, or %(mark)suseSSL=true&enabledTLSProtocols=TLSv1.2"
            )
            yield Finding(pointer, Text(template, {"mark": mark}), Severity.ADVICE)


def names_of_the_newer_driver(job: Job) -> Iterator[Finding]:
    """URLs made for Connector/J 8 hold values that 5.1.47 refuses (checked by giving it them) or passes over."""
    for pointer, url in _urls(job):
        for pattern, right in _NEWER:
            if found := pattern.search(url):
                template = "DataX's driver (5.1.47) does not know %(wrong)s; write %(right)s"
                text = Text(template, {"wrong": found[0][1:].rstrip("="), "right": right})
                yield Finding(pointer, text, Severity.ADVICE)


def _urls(job: Job) -> Iterator[tuple[str, str]]:
    for part in job.parts:
        if part.name in ("mysqlreader", "mysqlwriter"):
            yield from (
                (pointer, url) for pointer, url in part.urls if url.startswith("jdbc:mysql:") and not unfilled(url)
            )
