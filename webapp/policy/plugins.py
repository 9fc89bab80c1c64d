"""Which plugins and transformers jobs may use."""

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from datax_job.problem import Text
from webapp.policy.parts import Part, Refusal


def refused_plugins(parts: list[Part], allowed: Collection[str], denied: Collection[str]) -> Iterator[Refusal]:
    for part in parts:
        if part.side == "transformer":
            continue
        if any(fnmatchcase(part.name.lower(), pattern.lower()) for pattern in denied):
            template = "jobs may not use %(name)s; the setting DENIED_PLUGINS says so"
            yield f"{part.pointer}/name", Text(template, {"name": part.name})
        elif not any(fnmatchcase(part.name.lower(), pattern.lower()) for pattern in allowed):
            template = "jobs may not use %(name)s; the setting ALLOWED_PLUGINS names those that they may"
            yield f"{part.pointer}/name", Text(template, {"name": part.name})


def refused_transformers(parts: list[Part], allowed: Collection[str]) -> Iterator[Refusal]:
    """dx_groovy runs any code as the worker's user, so it is not among those that are allowed by default."""
    for part in parts:
        if part.side == "transformer" and not any(fnmatchcase(part.name, pattern) for pattern in allowed):
            template = (
                "jobs may not use the transformer %(name)s; add it to the setting ALLOWED_TRANSFORMERS to allow it"
            )
            if part.name == "dx_groovy":
                template = (
                    "dx_groovy runs code on the worker, so jobs may not use it;"
                    " add it to the setting ALLOWED_TRANSFORMERS to allow it"
                )
            yield f"{part.pointer}/name", Text(template, {"name": part.name})
