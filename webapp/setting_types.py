"""Kinds of settings that need more than a line, and defaults that are lists."""

from typing import Annotated, Any

from cryptography.fernet import Fernet
from pydantic import AfterValidator, BeforeValidator, SecretStr

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


# Separated by commas or blanks; `none` is how an empty list is written, as an empty value counts as unset.
Names = Annotated[tuple[str, ...], BeforeValidator(_names), AfterValidator(_none)]
EncryptionKeys = Annotated[SecretStr, AfterValidator(_keys)]
