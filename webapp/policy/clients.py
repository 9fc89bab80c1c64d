"""Options of client libraries inside plugins, such as Hadoop's and Kafka's, that run commands, open files or look objects up."""

import re
from collections.abc import Iterator

from datax_job import pointers
from datax_job.problem import Text
from webapp.policy.parts import Part, Refusal

# Options are dotted names: net.topology.script.file.name, hadoop.security.credential.provider.path.
_NAMES = re.compile(r"(?:.*\.)?(?:script|command|program|credential\.provider)(?:\..*)?")
# Hadoop's file systems that lie on the worker or stand for others.
_LOCAL = re.compile(r"org\.apache\.hadoop\.fs\.(?:\w*local|local\.|viewfs\.|har|checksum|filter)", re.I)
# Modules of JAAS that load objects from wherever the option points to.
_LOGIN = re.compile(r"\b(?:jndi|ldap)loginmodule\b", re.I)


def refused(parts: list[Part]) -> Iterator[Refusal]:
    for part in parts:
        for pointer, text in part.strings():
            name = pointers.split(pointer)[-1]
            if "." in name and _NAMES.fullmatch(name.lower()):
                template = "the option %(name)s can run commands or open files on the worker, so jobs may not set it"
                yield pointer, Text(template, {"name": name})
            elif found := _LOCAL.search(text) or _LOGIN.search(text):
                template = "%(name)s reaches files or code on the worker, so jobs may not name it"
                yield pointer, Text(template, {"name": found[0]})
