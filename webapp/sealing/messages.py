"""Arguments of Celery messages: a job that is sent straight through Celery crosses the broker as ciphertext."""

from collections.abc import Mapping, Sequence
from typing import Any

from kombu.utils.json import dumps, loads

from webapp.sealing.keys import CannotOpen, Keyring

KEY = "sealed"
# What was sealed for another place, such as a stored document, is no message.
_PURPOSE = "message"


def sealed(keys: Keyring, args: Sequence[Any] | None, kwargs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The only argument that is sent; none where there is nothing to send."""
    if not args and not kwargs:
        return {}
    text = dumps({_PURPOSE: [list(args or ()), dict(kwargs or {})]})  # type: ignore[no-untyped-call]
    return {KEY: keys.seal(text)}


def opened(keys: Keyring, job: Any, options: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The job and the options that were given; those of a message that was sent by its name alone come in plain. Raises CannotOpen."""
    token = options.get(KEY)
    if not isinstance(token, str):
        return job, dict(options)
    found = _loaded(keys.open(token))
    if not isinstance(found, dict) or _PURPOSE not in found:
        raise CannotOpen
    args, kwargs = found[_PURPOSE]
    kwargs = dict(kwargs)
    return (args[0] if args else kwargs.pop("job", None)), kwargs


def _loaded(text: str) -> Any:
    try:
        return loads(text)  # type: ignore[no-untyped-call]
    except ValueError:
        return None
