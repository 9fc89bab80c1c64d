"""Dark or light: as the system wishes, or as chosen in the page. The server writes it into the page, so none flashes up in the other."""

from flask import Blueprint, Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webapp.accounts.guard import public
from webapp.addresses import local, page_here

THEMES = {"system": _l("System"), "light": _l("Light"), "dark": _l("Dark")}
COOKIE = "theme"
COOKIE_SECONDS = 365 * 86400

blueprint = Blueprint("theme", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.context_processor(lambda: {"themes": THEMES, "theme": _current(), "page_here": page_here})


@blueprint.post("/theme")
@public
def choose() -> ResponseReturnValue:
    answer = redirect(local(request.form.get("next", "")) or url_for("home.index"))
    chosen = request.form.get("theme", "")
    if chosen in THEMES:
        answer.set_cookie(
            COOKIE, chosen, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure
        )
    return answer


def _current() -> str:
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in THEMES else "system"
