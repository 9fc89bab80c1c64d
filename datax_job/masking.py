"""Secrets kept out of a stream of bytes, such as a log: found by value, in constant memory, wherever the stream is cut."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import quote, quote_plus

MASK = "******"

# A shorter secret stands in every other line by chance: masking it would spoil the log and tell the secret's value.
SHORTEST = 3
# A longer one, such as a key file, is looked for in pieces, which bounds the work of finding where one may begin.
_LONGEST_BYTES = 1024


class Masker:
    """Replaces each secret by `******`, as it is and as JSON and URLs write it. Of two that begin together the longer one wins.

    `mask` holds back only the end of a chunk that may be the beginning of a secret.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _pieces(secret)}
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile(b"|".join(map(re.escape, self._forms)))
        self._held = b""

    def mask(self, chunk: bytes) -> bytes:
        data = self._held + chunk if self._held else chunk
        if not self._forms:
            return data
        present = [form for form in self._forms if form in data]
        done, at = [], 0
        held_from = self._may_begin(data, 0)
        for found in self._pattern.finditer(data) if present else ():
            if found.start() >= held_from:
                break
            done += [data[at : found.start()], MASK.encode()]
            at = found.end()
            if at > held_from:
                held_from = self._may_begin(data, at)
        self._held = data[held_from:]
        return b"".join([*done, data[at:held_from]])

    def flush(self) -> bytes:
        """What is still held back, at the end of the stream."""
        rest, self._held = self._held, b""
        return self._pattern.sub(MASK.encode(), rest) if self._forms else rest

    def _may_begin(self, data: bytes, at: int) -> int:
        """Where the first secret may begin that the end of `data` would cut."""
        return min((_cut(data, form, at) for form in self._forms), default=len(data))


def _cut(data: bytes, form: bytes, at: int) -> int:
    start = data.find(form[:1], max(at, len(data) - len(form) + 1))
    while start >= 0:
        if form.startswith(data[start:]):
            return start
        start = data.find(form[:1], start + 1)
    return len(data)


def _pieces(secret: str) -> Iterator[bytes]:
    for form in _forms(secret):
        count = -(-len(form) // _LONGEST_BYTES)
        edges = [len(form) * number // count for number in range(count + 1)]
        yield from (form[start:end] for start, end in pairwise(edges))


def _forms(secret: str) -> set[bytes]:
    escaped = json.dumps(secret, ensure_ascii=False)[1:-1]
    texts = {
        secret,
        escaped,
        json.dumps(secret)[1:-1],
        json.dumps(escaped, ensure_ascii=False)[1:-1],
        quote(secret, safe="", errors="replace"),
        quote_plus(secret, errors="replace"),
    }
    texts |= {
        re.sub("%..", lambda found: found[0].lower(), text) for text in texts if text.startswith("%") or "%" in text
    }
    return {text.encode("utf-8", "replace") for text in texts}
