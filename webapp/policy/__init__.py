"""What submitted jobs may touch: one module a rule, each checked when a job is submitted and again by the worker that runs it."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from datax_job.document import Document
from datax_job.problem import Problem
from webapp.config import Settings
from webapp.policy import clients, files, hosts, overrides, parts, plugins, statements, urls
from webapp.policy.files import FileRoots


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force. Names of plugins, transformers and hosts may hold `*`."""

    roots: FileRoots
    allowed_plugins: tuple[str, ...]
    denied_plugins: tuple[str, ...]
    allowed_transformers: tuple[str, ...]
    allowed_url_parameters: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    denied_hosts: tuple[str, ...]
    denied_sql: tuple[str, ...]

    def problems(self, document: Document, job: dict[str, Any]) -> list[Problem]:
        """Every rule that a job breaks. `job` is the document's value with its parameters filled."""
        each = list(parts.of(job))
        found = [
            *plugins.refused_plugins(each, self.allowed_plugins, self.denied_plugins),
            *plugins.refused_transformers(each, self.allowed_transformers),
            *urls.refused(each, self.allowed_url_parameters),
            *statements.refused(each, self.denied_sql),
            *clients.refused(each),
            *overrides.refused(job),
            *files.refused(each, self.roots),
        ]
        # Names are looked up only for a job that breaks no other rule.
        found = found or list(hosts.refused(each, self.allowed_hosts, self.denied_hosts))
        return [document.problem(pointer, text) for pointer, text in found]


def init_app(app: Flask) -> None:
    app.extensions["policy"] = of_settings(app.config["SETTINGS"])


def of_settings(settings: Settings) -> Policy:
    return Policy(
        roots=settings.roots,
        allowed_plugins=settings.allowed_plugins,
        denied_plugins=settings.denied_plugins,
        allowed_transformers=settings.allowed_transformers,
        allowed_url_parameters=settings.allowed_url_parameters,
        allowed_hosts=settings.allowed_hosts,
        denied_hosts=settings.denied_hosts,
        denied_sql=settings.denied_sql,
    )
