"""Scripts, style sheets and the catalogue go over the wire packed.

Pages do not: one that repeats what somebody sent beside a secret of its reader's would tell the secret by its length.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

PACKED = {"static", "plugins_api.plugins"}
KINDS = {"text/javascript", "application/javascript", "text/css", "application/json", "image/svg+xml"}

# Less than this is one packet either way.
SMALLEST_BYTES = 1024


def init_app(app: Flask) -> None:
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if request.endpoint not in PACKED or response.mimetype not in KINDS:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or not request.accept_encodings["gzip"] or request.method != "GET":
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) >= SMALLEST_BYTES:
        response.set_data(_packed(content))
        response.headers["Content-Encoding"] = "gzip"
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)  # the same content in other bytes
    return response


@lru_cache(maxsize=128)
def _packed(content: bytes) -> bytes:
    """Each file is packed once by each process."""
    return gzip.compress(content, mtime=0)
