"""What the settings accept. Each raises ValueError, which says what was expected."""

import json
import os
import re
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fsspec.registry import get_filesystem_class
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

# What the names that people write stand for, with the drivers that are installed.
DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}
QUEUE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except Exception as error:
        raise ValueError("expected a zone of the IANA list, such as Asia/Shanghai or UTC") from error
    return value


def database(value: SecretStr) -> SecretStr:
    try:
        known = make_url(value.get_secret_value()).drivername in DRIVERS
    except (ArgumentError, ValueError):  # a port that is none
        known = False
    if not known:
        raise ValueError("expected sqlite:///PATH, postgresql://USER:PASSWORD@HOST:PORT/NAME or mysql://…")
    return value


def broker(value: SecretStr) -> SecretStr:
    address = value.get_secret_value()
    try:
        usable = (
            address.startswith(("redis://", "rediss://", "redis+socket://", "unix://")) and urlsplit(address).port != 0
        )
    except ValueError:  # a port that is none
        usable = False
    if not usable:
        raise ValueError("expected redis://:PASSWORD@HOST:PORT/0, rediss://… or redis+socket://PATH")
    return value


def log_store(value: SecretStr) -> SecretStr:
    protocol, _, path = value.get_secret_value().rpartition("://")
    try:
        if protocol:
            get_filesystem_class(protocol)
    except (ValueError, ImportError) as error:
        raise ValueError(f"expected a folder, or a URL such as s3://BUCKET/FOLDER: {error}") from error
    if not path:
        raise ValueError("expected a folder, or a URL such as s3://BUCKET/FOLDER")
    return value


def json_object(value: SecretStr) -> SecretStr:
    try:
        read = json.loads(value.get_secret_value())
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ValueError('expected a JSON object, such as {"endpoint_url": "https://s3.example.com"}')
    return value


def queues(value: str) -> str:
    if not all(QUEUE_NAME.fullmatch(name.strip()) for name in value.split(",")):
        raise ValueError("expected names of queues, separated by commas, each of at most 64 letters, digits and _.-")
    return value


def worker_name(value: str) -> str:
    if not re.fullmatch(r"\S{1,200}", value):
        raise ValueError("expected a name without blanks, at most 200 characters, such as worker2@host")
    return value


def folders(value: str) -> str:
    if not any(value.split(os.pathsep)):
        raise ValueError(f"expected folders, separated by {os.pathsep}")
    return value


def jvm_options(value: str) -> str:
    if not all(option.startswith("-") for option in value.split()):
        raise ValueError("expected options of Java that begin with -, separated by blanks, such as -Xmx4g")
    return value


def host_names(value: str) -> str:
    if not all(
        re.fullmatch(r"\.?[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}|\[[0-9a-fA-F:.]{2,45}\]", name.strip())
        for name in value.split(",")
    ):
        raise ValueError("expected host names without ports, separated by commas, such as datax.example.com,.internal")
    return value


def issuer(value: str) -> str:
    if not re.match(r"https://.|http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/|$)", value):
        raise ValueError("expected the https:// address of an OpenID provider")
    return value


def roles(value: str) -> str:
    if not all(re.fullmatch(r"[^=]+=\s*(viewer|operator|admin)\s*", pair) for pair in value.split(",") if pair):
        raise ValueError("expected GROUP=ROLE, separated by commas, * for everybody, such as etl=operator,*=viewer")
    return value


# The kinds of value that pydantic explains in its own words.
_EXPECTED = {int: "a whole number", float: "a number", str: "a text"}


def sentence(error: Any, field: FieldInfo) -> str:
    """What would have been accepted: a validator's own words, else the kind of value and its bounds."""
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    if error["type"].startswith("byte_size") or "ByteSize" in str(field.annotation):
        return "expected a size, such as 8GiB" + _bounds(field, "bytes")
    kinds = [kind for kind in _EXPECTED if kind.__name__ in re.findall(r"\w+", str(field.annotation))]
    if kinds and kinds[0] is not str:
        return f"expected {_EXPECTED[kinds[0]]}{_bounds(field)}"
    return f"expected a text{_bounds(field, 'characters')}"


def _bounds(field: FieldInfo, unit: str = "") -> str:
    """`, 1 to 65535`; of a text how long it may be."""
    found = {
        name: bound for each in field.metadata for name in _BOUNDS if (bound := getattr(each, name, None)) is not None
    }
    words = [f"{_BOUNDS[name]} {bound}" for name, bound in found.items()]
    return ", " + " and ".join(words) + (f" {unit}" if unit else "") if words else ""


_BOUNDS = {"gt": "more than", "ge": "at least", "le": "at most", "min_length": "at least", "max_length": "at most"}
