"""Kinds of settings that need more than a line, and defaults that are lists."""

import pwd
import re
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Annotated, Any

from cryptography.fernet import Fernet
from pydantic import AfterValidator, BeforeValidator, ByteSize, SecretStr, TypeAdapter, ValidationError

from engines.confinement import Confinement

# Where clouds keep the credentials of their machines, and what is link-local. Loopback is not among them: people run their
# databases beside the worker.
DENIED_HOSTS = (
    "169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200", "192.0.0.192", "168.63.129.16", "metadata.google.internal",
)  # fmt: skip
# Not dx_groovy, which runs any code as the worker's user.
ALLOWED_TRANSFORMERS = ("dx_substr", "dx_pad", "dx_replace", "dx_filter", "dx_digest")


# By which DataX looks for SQL in the parameters.
KINDS_OF_SQL = ("preSql", "postSql", "querySql", "session", "where")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tasks may run at once for each name; `*` holds for every name that is not listed. None: any number."""

    most: dict[str, int]

    def of(self, name: str) -> int | None:
        return self.most.get(name, self.most.get("*"))


def _limits(value: Any) -> Limits:
    if isinstance(value, Limits):
        return value
    pairs = [part.rpartition("=") for part in str(value).replace(" ", "").split(",") if part]
    if not all(name and most.isascii() and most.isdecimal() for name, _, most in pairs):
        raise ValueError("expected NAME=NUMBER, separated by commas, * for all other names, such as slow=1,*=8")
    return Limits({name.lower(): int(most) for name, _, most in pairs})


def _names(value: Any) -> Any:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _none(names: tuple[str, ...]) -> tuple[str, ...]:
    return () if names == ("none",) else names


def _host_rules(rules: tuple[str, ...]) -> tuple[str, ...]:
    """A rule that means nothing would let through what it was to stop."""
    for rule in rules:
        numeric = "/" in rule or ":" in rule or re.fullmatch(r"[0-9.]+", rule)
        try:
            if numeric:
                ip_network(rule, strict=False)
        except ValueError as error:
            raise ValueError(f"{_HOSTS}; {rule!r} is none of them") from error
        if not numeric and not re.fullmatch(r"[\w.*?-]+", rule):
            raise ValueError(f"{_HOSTS}; {rule!r} is none of them")
    return rules


_HOSTS = "expected host names (with * for any part), addresses and networks such as 10.0.0.0/8, without ports"


def _kinds_of_sql(names: tuple[str, ...]) -> tuple[str, ...]:
    known = {kind.lower(): kind for kind in KINDS_OF_SQL}
    if not all(name.lower() in known for name in names):
        raise ValueError(f"expected some of {', '.join(KINDS_OF_SQL)}, separated by commas")
    return tuple(known[name.lower()] for name in names)


def _keys(value: SecretStr) -> SecretStr:
    try:
        for key in value.get_secret_value().replace(",", " ").split():
            Fernet(key)
    except ValueError as error:
        raise ValueError("expected 32 bytes in URL-safe base64, several separated by commas") from error
    return value


_BYTES = TypeAdapter(ByteSize)
_LIMITS = {
    "cpu": "cpu_seconds",
    "memory": "memory",
    "file_size": "file_bytes",
    "open_files": "open_files",
    "user": "user",
}


def _confinement(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    given = dict(part.partition("=")[::2] for part in value.replace(" ", "").split(",") if part)
    try:
        limits: dict[str, Any] = {_LIMITS[name]: _limit(name, text) for name, text in given.items()}
        return Confinement(**limits)
    except (KeyError, ValueError, ValidationError) as error:
        raise ValueError(
            "expected some of cpu=SECONDS, memory=SIZE, file_size=SIZE, open_files=NUMBER and user=NAME, an account of this"
            " machine, separated by commas, such as cpu=86400,memory=8GiB"
        ) from error


def _limit(name: str, text: str) -> int | str:
    if name == "user":
        return pwd.getpwnam(text).pw_name
    number = int(_BYTES.validate_python(text)) if name in ("memory", "file_size") else int(text)
    if number <= 0:
        raise ValueError(text)
    return number


# Separated by commas or blanks; `none` is how an empty list is written, as an empty value counts as unset.
Names = Annotated[tuple[str, ...], BeforeValidator(_names), AfterValidator(_none)]
LimitsByName = Annotated[Limits, BeforeValidator(_limits)]
HostRules = Annotated[Names, AfterValidator(_host_rules)]
KindsOfSql = Annotated[Names, AfterValidator(_kinds_of_sql)]
EncryptionKeys = Annotated[SecretStr, AfterValidator(_keys)]
EngineLimits = Annotated[Confinement, BeforeValidator(_confinement)]
