"""What happened, told to whoever wants to know. Rooms tell; who listens is none of their business."""

from typing import Any

from blinker import Namespace

happened = Namespace().signal("happened")


def tell(action: str, target: str | None = None, *, actor: str | None = None, **detail: Any) -> None:
    """Tell of something that is done and committed. `actor` is said where it is not the caller of the request."""
    happened.send(action, target=target, actor=actor, detail={name: str(value) for name, value in detail.items()})
