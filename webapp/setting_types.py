"""Kinds of settings that need more than a line, and defaults that are lists."""

import pwd
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


def _names(value: Any) -> Any:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _none(names: tuple[str, ...]) -> tuple[str, ...]:
    return () if names == ("none",) else names


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
EncryptionKeys = Annotated[SecretStr, AfterValidator(_keys)]
EngineLimits = Annotated[Confinement, BeforeValidator(_confinement)]
