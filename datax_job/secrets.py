"""Which parts of a job document are secret: values of members named like one, and credentials inside URLs and SQL.

Nothing is known of a value itself; `column: ["password"]` names a column. A whole-string `${name}` is no secret
but the place of one. Nor are true, false, null and the empty text, which hide nothing.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from datax_job import pointers

# Compared without case and separators. An access id is half of a key pair, so it is hidden along with its key.
PARTS = (
    "password", "passwd", "passphrase", "pwd", "secret", "accesskey", "accessid", "token", "credential", "apikey", "appkey",
    "privatekey",
)  # fmt: skip
WHOLE = {"pass", "pw", "authorization", "cookie", "ak", "sk", "signature", "sig"}
_SEPARATORS = str.maketrans("", "", "-_. *")

PLACEHOLDER = re.compile(r"\$\{[^${}\r\n]+\}")
# A place of a parameter where it is not the whole of a secret.
PLACE = re.compile(r"\$\{([^${}\r\n]+)\}|\$([A-Za-z0-9_]+)")

# scheme://user:password@host; the password may hold @ and : but ends before the path.
_USER_INFO = re.compile(r"(?<=://)([^\s/@:?#'\"]*+:)([^\s/?#'\"]*)(?=@)")
_ORACLE = re.compile(r"(jdbc:oracle:[a-z0-9]{1,16}:[^\s/@:]*+/)([^\s@]++)(?=@)", re.IGNORECASE)
# name=value in a URL's query, or behind a semicolon as in the URLs of SQL Server and DB2.
_NAMED = r"(?<=[?&;:,])([\w.%-]{1,64}+)="
_QUERY = re.compile(_NAMED + r"([^&]*+)")
_LIST = re.compile(_NAMED + r"(\{[^}]*+\}|[^;]*+)")
_EMBEDDED = re.compile(_NAMED + r"([^&;\s'\"]*+)")
# (host=…,password=…), as MySQL's URLs have it.
_IN_PARENTHESES = re.compile(r"(?<=[(,])\s*+([\w.-]{1,64}+)\s*+=\s*+([^,()]++)")
# password="…", as a login of JAAS has it, anywhere; password=… only in a text that is nothing but such pairs, or SQL would look like it.
_QUOTED = re.compile(r"(?<![\w.-])((?:password|passwd|secret|token))\s*+=\s*+(\"[^\"]++\")", re.IGNORECASE)
_PAIRS = re.compile(r"\s*+\w[\w .-]{0,40}+=")
_PAIR = re.compile(r"(?<![\w.-])(password|passwd|pwd)=([^\s;,&'\"()]++)", re.IGNORECASE)
# CREATE USER … IDENTIFIED BY '…', ALTER ROLE … PASSWORD '…', password = '…'
_SQL = re.compile(
    r"\b(identified\s++(?:with\s++\S++\s++)?(?:by|as)|password)\s*+[=(]?+\s*+'((?:[^'\\]|''|\\.)*+)'",
    re.IGNORECASE | re.DOTALL,
)

Replace = Callable[[str], str]


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    plain = name.lower().translate(_SEPARATORS)
    return plain in WHOLE or any(part in plain for part in PARTS)


def named(text: str) -> set[str]:
    """The parameters that would be filled into a text, if they were given."""
    return {braced or bare for braced, bare in PLACE.findall(text)}


def is_secret_value(value: Any) -> bool:
    """Whether a plain value under a secret's name is worth hiding."""
    if isinstance(value, str):
        return value != "" and not PLACEHOLDER.fullmatch(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def found_in(value: Any) -> Iterator[tuple[str, Any, bool]]:
    """Every plain value with its pointer, and whether it is secret as a whole."""
    todo: list[tuple[str, Any, bool]] = [("", value, False)]
    while todo:
        pointer, item, secret = todo.pop()
        if isinstance(item, dict):
            todo += [(pointers.child(pointer, key), each, secret or is_secret_name(key)) for key, each in item.items()]
        elif isinstance(item, list):
            todo += [(pointers.child(pointer, index), each, secret) for index, each in enumerate(item)]
        else:
            yield pointer, item, secret and is_secret_value(item)


def credentials(text: str) -> list[str]:
    """The credentials inside a text: those in URLs and in SQL."""
    found: list[str] = []

    def note(part: str) -> str:
        found.append(part)
        return part

    _each(text, note)
    return found


def replaced(text: str, mask: str) -> str:
    """A text with a mask in place of each credential; the place of one, `${name}`, stays."""
    return _each(text, lambda part: part if PLACEHOLDER.fullmatch(part) else mask)


def marked(text: str, before: str, behind: str) -> str:
    """A text with marks around each of its credentials."""
    return _each(text, lambda part: f"{before}{part}{behind}")


def _each(text: str, replace: Replace) -> str:
    if "://" in text or "jdbc:" in text.lower():
        text = _USER_INFO.sub(lambda found: found[1] + replace(found[2]), text)
        text = _ORACLE.sub(lambda found: found[1] + replace(found[2]), text)
        text = _named_values(text).sub(lambda found: _if_secret(found, replace), text)
        text = _IN_PARENTHESES.sub(lambda found: _if_secret(found, replace), text)
    elif "=" in text:
        text = _QUOTED.sub(lambda found: _if_secret(found, replace), text)
        if _PAIRS.match(text):
            text = _PAIR.sub(lambda found: _if_secret(found, replace), text)
    return _SQL.sub(lambda found: found[0][: found.start(2) - found.start()] + replace(found[2]) + "'", text)


def _named_values(text: str) -> re.Pattern[str]:
    """In a text that is one URL a space or a quote belongs to the value, in any other text it does not."""
    if not text.lower().startswith("jdbc:"):
        return _EMBEDDED
    return _QUERY if "?" in text else _LIST


def _if_secret(found: re.Match[str], replace: Replace) -> str:
    """The value alone is replaced, without the quotes around it."""
    value = found[2]
    if not value or not is_secret_name(unquote(found[1])):
        return found[0]
    before, quote = found[0][: found.start(2) - found.start()], '"' if value[0] == value[-1] == '"' else ""
    return before + quote + replace(value.strip('"') if quote else value) + quote
