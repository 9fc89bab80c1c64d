"""The listener: what rooms tell becomes an entry, with who asked for it and from where."""

from typing import Any

from flask import g, has_request_context, request

from webapp.audit import chain


def write_down(action: str, *, target: str | None, actor: str | None, detail: dict[str, Any]) -> None:
    caller = g.get("caller") if has_request_context() else None
    who = actor or (caller.username if caller else None)
    if caller and caller.token_id:
        detail = {**detail, "token": str(caller.token_id)}
    chain.append(action, target, who, request.remote_addr if has_request_context() else None, detail)
